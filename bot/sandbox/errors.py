"""What the sandbox refuses, in Telegram's words or in ours.

SandboxError
├── BotApiError         an answer of the Bot API with "ok": false
│   ├── FloodError      429, with the seconds to wait
│   └── GroupUpgraded   400, with the id that the group has now
└── PageError           a page API request that makes no sense; the text is a sentence
"""


class SandboxError(Exception):
    """The sandbox refuses a request."""


class BotApiError(SandboxError):
    """An answer of the Bot API with "ok": false.

    error_code: also the HTTP status.
    costs: whether Telegram counts the refused call as a message in its flood limits.
    """

    def __init__(self, error_code: int, description: str, *, costs: bool = False) -> None:
        super().__init__(error_code, description)
        self.error_code = error_code
        self.description = description
        self.costs = costs

    def answer(self) -> dict[str, object]:
        """The JSON body of the refusal."""
        return {"ok": False, "error_code": self.error_code, "description": self.description}


class FloodError(BotApiError):
    """Too many messages: the bot has to wait.

    retry_after: whole seconds.
    """

    def __init__(self, retry_after: int) -> None:
        super().__init__(429, f"Too Many Requests: retry after {retry_after}")
        self.retry_after = retry_after

    def answer(self) -> dict[str, object]:
        """The JSON body, with the seconds to wait where python-telegram-bot looks for them."""
        return {**super().answer(), "parameters": {"retry_after": self.retry_after}}


class GroupUpgraded(BotApiError):
    """The group became a supergroup and has another id now."""

    def __init__(self, chat_id: int) -> None:
        super().__init__(400, "Bad Request: group chat was upgraded to a supergroup chat")
        self.chat_id = chat_id

    def answer(self) -> dict[str, object]:
        """The JSON body, with the new id where python-telegram-bot looks for it."""
        return {**super().answer(), "parameters": {"migrate_to_chat_id": self.chat_id}}


class PageError(SandboxError):
    """A page API request that makes no sense; the text is a sentence for a person."""

    def __init__(self, sentence: str, status: int = 400) -> None:
        super().__init__(sentence, status)
        self.sentence = sentence
        self.status = status


def bad_request(description: str) -> BotApiError:
    """The 400 answer with Telegram's prefix."""
    return BotApiError(400, f"Bad Request: {description}")


def forbidden(description: str) -> BotApiError:
    """The 403 answer with Telegram's prefix."""
    return BotApiError(403, f"Forbidden: {description}")
