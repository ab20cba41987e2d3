"""Measurements of the running service; each is a command, none is a test."""
