"""Telegram's updates and calls, by python-telegram-bot."""

import os

# PTB's own switch to timedeltas; without it every RetryAfter warns of a deprecation.
os.environ.setdefault("PTB_TIMEDELTA", "true")
