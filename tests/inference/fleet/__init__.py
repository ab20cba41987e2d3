"""Tests of the fleet: real Ray, real processes, a tiny model."""
