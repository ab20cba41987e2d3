"""Storage: what survives, and what it costs to look at it."""
