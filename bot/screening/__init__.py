"""What may not be asked for: the operator's lists, and how they see through disguises. Pure."""
