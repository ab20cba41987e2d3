"""getUpdates: waits for updates; only one call at a time, and none beside a webhook."""

import asyncio
from typing import Any

from bot.sandbox import updates
from bot.sandbox.errors import BotApiError
from bot.sandbox.parameters import Parameters
from bot.sandbox.state import State

LONGEST_WAIT_SECONDS = 50
MOST_UPDATES = 100


class LongPoll:
    """The one getUpdates call that may wait; a newer one ends it."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._generation = 0
        self._ended_by = ""

    def check_webhook(self) -> None:
        """End the waiting call if a webhook is set now."""
        if self._state.setting("webhook"):
            self._end_waiting("Conflict: terminated by setWebhook request")

    async def get_updates(self, parameters: Parameters) -> list[dict[str, Any]]:
        """The pending updates, after confirming those below `offset`.

        Raises: BotApiError 409, when a webhook is set or a newer call takes over.
        """
        if self._state.setting("webhook"):
            raise BotApiError(
                409,
                "Conflict: can't use getUpdates method while webhook is active; "
                "use deleteWebhook to delete the webhook first",
            )
        offset = parameters.integer("offset", 0) or 0
        most = parameters.number("limit", MOST_UPDATES, 1, MOST_UPDATES)
        seconds = parameters.number("timeout", 0, 0, LONGEST_WAIT_SECONDS)
        self._end_waiting(
            "Conflict: terminated by other getUpdates request; "
            "make sure that only one bot instance is running"
        )
        generation = self._generation
        with self._state.transaction():
            updates.allow(self._state, parameters.structure("allowed_updates"))
            if offset > 0:
                updates.confirm_before(self._state, offset)
            elif offset < 0:
                updates.keep_last(self._state, -offset)
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        while True:
            # A call that is over must not take updates that the newer one will hand out.
            if generation != self._generation:
                raise BotApiError(409, self._ended_by)
            found = updates.pending(self._state, most)
            if found:
                updates.mark_sent(self._state, found)
            left = deadline - loop.time()
            if found or left <= 0 or self._state.closing:
                return found
            await self._state.changed.wait(left)

    def _end_waiting(self, reason: str) -> None:
        self._generation += 1
        self._ended_by = reason
        self._state.changed.wake()
