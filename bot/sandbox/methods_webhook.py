"""Where updates go: setWebhook, deleteWebhook, getWebhookInfo."""

import ipaddress
import re
from typing import Any
from urllib.parse import urlsplit

from bot.sandbox import updates
from bot.sandbox.errors import bad_request
from bot.sandbox.parameters import Parameters
from bot.sandbox.state import State

_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")


def set_webhook(state: State, parameters: Parameters) -> Any:
    """Telegram's setWebhook; an empty url deletes it.

    As with a local Bot API server http is allowed. Only this machine is posted to.
    """
    url = parameters.text("url").strip()
    if not url:
        return delete_webhook(state, parameters)
    if not _is_loopback(url):
        raise bad_request("bad webhook: the sandbox posts to this machine's own addresses only")
    secret = parameters.text("secret_token")
    if len(secret) > 256:
        raise bad_request("secret token is too long")
    if secret and not _SECRET.fullmatch(secret):
        raise bad_request("secret token contains unallowed characters")
    updates.allow(state, parameters.structure("allowed_updates"))
    if parameters.boolean("drop_pending_updates"):
        updates.drop_pending(state)
    webhook = {
        "url": url,
        "secret_token": secret,
        "max_connections": parameters.number("max_connections", 40, 1, 100),
    }
    state.set_setting("webhook", webhook)
    state.set_setting("webhook_error", None)
    return True


def delete_webhook(state: State, parameters: Parameters) -> Any:
    """Telegram's deleteWebhook."""
    if parameters.boolean("drop_pending_updates"):
        updates.drop_pending(state)
    state.set_setting("webhook", None)
    state.set_setting("webhook_error", None)
    return True


def get_webhook_info(state: State, parameters: Parameters) -> Any:  # noqa: ARG001
    """Telegram's getWebhookInfo."""
    webhook = state.setting("webhook")
    info: dict[str, Any] = {
        "url": webhook["url"] if webhook else "",
        "has_custom_certificate": False,
        "pending_update_count": updates.count_pending(state),
    }
    if webhook:
        info["max_connections"] = webhook["max_connections"]
        info.update(state.setting("webhook_error") or {})
    if state.setting("allowed_updates"):
        info["allowed_updates"] = state.setting("allowed_updates")
    return info


def _is_loopback(url: str) -> bool:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
        if parts.scheme not in {"http", "https"} or not host:
            return False
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
