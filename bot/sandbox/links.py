"""What Telegram takes for a link."""

import re
from urllib.parse import parse_qs, urlsplit

from bot.sandbox.people import BOT_ID, PEOPLE

_HOST = re.compile(r"(?:[\w-]+\.)+[^\W\d_]{2,}|localhost|\d{1,3}(?:\.\d{1,3}){3}")


def mentioned_user_id(address: str) -> int | None:
    """The user that a tg://user?id=... address names, if the sandbox knows one."""
    parts = urlsplit(address)
    if parts.scheme != "tg" or parts.netloc != "user":
        return None
    number = parse_qs(parts.query).get("id", [""])[0]
    known = number.isdecimal() and (int(number) in PEOPLE or int(number) == BOT_ID)
    return int(number) if known else None


def checked_link(address: str) -> str:
    """The address as Telegram keeps it, or "" when it is no link (its entity is dropped)."""
    address = address.strip()
    try:
        parts = urlsplit(address if "://" in address else f"http://{address}")
        host = parts.hostname or ""
    except ValueError:
        return ""
    if parts.scheme in {"tg", "ton", "tonsite"}:
        return address
    if parts.scheme not in {"http", "https"} or not _HOST.fullmatch(host):
        return ""
    if not parts.path and not parts.query:
        parts = parts._replace(path="/")
    return parts.geturl()
