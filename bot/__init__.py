"""Kinogram's conversation: from a chat message to the clip that answers it."""
