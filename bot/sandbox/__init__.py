"""A local Telegram: a Bot API server and a chat page for one person who plays several.

A process of its own (`python -m bot.sandbox`). It knows the Bot API and nothing of the bot.
"""
