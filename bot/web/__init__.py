"""What the bot serves over HTTP: webhook, health, metrics."""
