"""Kinogram's memory: what must survive the death of any process."""
