"""Tests of how the built-in model is made and measured."""
