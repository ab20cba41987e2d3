"""Faults on demand: the next calls of a method fail in a chosen way."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.sandbox.errors import PageError

KINDS = ("413", "429", "500", "no_photos", "too_old", "lose_answer", "delay")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """How one call goes wrong.

    kind: "413", "429", "500", "no_photos" (400, as in a group whose members may send none) and
        "too_old" (400, as for deleting what is older than 48 hours) refuse the call and do nothing;
        "lose_answer" does the work and cuts the connection; "delay" does the work and answers late.
    retry_after: seconds named by a 429. seconds: length of a delay.
    """

    kind: str
    retry_after: int = 3
    seconds: float = 1.0


class Misbehaviour:
    """The faults still to come, in the order asked for. Forgotten when the process ends."""

    def __init__(self) -> None:
        self._coming: list[tuple[str, Fault]] = []

    def plan(self, wanted: Mapping[str, Any], known_methods: Mapping[str, object]) -> None:
        """Add faults, as `POST /sandbox/misbehave` describes them. Raises: PageError."""
        method = str(wanted.get("method", "*")).lower()
        if method != "*" and method not in known_methods:
            raise PageError("method must be a method of the Bot API that the sandbox knows, or *.")
        if wanted.get("kind") == "none":
            self._coming.clear()
            return
        if wanted.get("kind") not in KINDS:
            raise PageError(f"kind must be one of {', '.join(KINDS)}, or none to behave again.")
        count = wanted.get("count", 1)
        if not isinstance(count, int) or isinstance(count, bool) or not 0 <= count <= 10_000:
            raise PageError("count must be a whole number from 0 to 10000.")
        retry_after, seconds = wanted.get("retry_after", 3), wanted.get("seconds", 1.0)
        if not isinstance(retry_after, int) or not 1 <= retry_after <= 86_400:
            raise PageError("retry_after must be whole seconds from 1 to 86400.")
        if not isinstance(seconds, int | float) or not 0 <= seconds <= 600:
            raise PageError("seconds must be a number from 0 to 600.")
        fault = Fault(kind=wanted["kind"], retry_after=retry_after, seconds=float(seconds))
        self._coming.extend([(method, fault)] * count)

    def take(self, method: str) -> Fault | None:
        """The fault for a call of this method now. `*` spares getUpdates, which never rests."""
        method = method.lower()
        for index, (planned, _) in enumerate(self._coming):
            if planned == method or (planned == "*" and method != "getupdates"):
                return self._coming.pop(index)[1]
        return None
