"""One worker's promise to denoise one request now."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable
from uuid import uuid4

from ray.exceptions import RayError, RayTaskError

from inference.fleet.cluster import cause, reason
from inference.fleet.seat import Seat
from inference.values import (
    Clip,
    InferenceError,
    Progress,
    RenderCancelled,
    Request,
    Stage,
    WorkerLost,
)

_CONTROL_SECONDS = 10.0


class Slot:
    """The right to have one request denoised by one worker, now. Made by Fleet.acquire()."""

    def __init__(self, seat: Seat) -> None:
        """Hold the worker that sits in `seat` at this moment."""
        self._seat = seat
        self._actor = seat.actor
        self._gone = seat.gone
        self._silence_seconds = seat.silence_seconds
        self._key = ""
        self._released = False
        self._ended = False
        self._cancelled = False
        self._cancel_heard = False

    @property
    def worker(self) -> int:
        """The worker's number."""
        return self._seat.number

    def release(self) -> None:
        """Let the worker take the next job; render() does it as soon as it denoises no more."""
        self._free()
        if not self._key:
            self._end()

    def _free(self) -> None:
        if not self._released:
            self._released = True
            self._seat.free(self._actor)

    def _end(self) -> None:
        if not self._ended:
            self._ended = True
            self._seat.leave(self._actor)

    async def cancel(self) -> None:
        """Stop within one denoising step, or when the running decode ends."""
        self._cancelled = True
        if self._key and not self._cancel_heard:
            with contextlib.suppress(RayError, TimeoutError):
                self._cancel_heard = await asyncio.wait_for(
                    self._actor.cancel.remote(self._key), _CONTROL_SECONDS
                )

    async def render(self, request: Request, *, key: str) -> AsyncIterator[Progress | Clip]:
        """Any number of Progress, then one Clip. The slot is free when Stage.ENCODE begins.

        key: names this render in the worker. Leaving the iteration early cancels it.
        Raises: RequestRejected, RenderCancelled, OutOfMemory, EncodeError, WorkerLost,
        InferenceError.
        """
        under_way = False
        try:
            self._stop_if_cancelled()
            # A retry may reach the worker before the attempt it follows has quite ended there.
            self._key = f"{key} {uuid4().hex}"
            stream = self._actor.render.remote(request, self._key)
            under_way = True
            clip = None
            while clip is None:
                item = await self._next(stream)
                if self._cancelled:
                    await self.cancel()  # the render may not have begun when it was told before
                elif isinstance(item, Clip):
                    clip = item
                else:
                    if item.stage is Stage.ENCODE:
                        self._free()
                    yield item
            under_way = False
            self._stop_if_cancelled()
            self._seat.made_clip()
            self._free()
            self._end()
            yield clip
        except InferenceError:
            under_way = False
            raise
        finally:
            try:
                if under_way:
                    await self.cancel()
            finally:
                self._free()
                self._end()

    def _stop_if_cancelled(self) -> None:
        if self._cancelled:
            raise RenderCancelled("The render was told to stop.")

    async def _next(self, stream: AsyncIterator[Awaitable[Progress | Clip]]) -> Progress | Clip:
        """The next item of a stream of Ray, in time, or an InferenceError."""
        heard = asyncio.ensure_future(_resolve(stream))
        heard.add_done_callback(lambda heard: heard.cancelled() or heard.exception())
        try:
            await asyncio.wait(
                (heard, self._gone),
                timeout=self._silence_seconds,
                return_when=asyncio.FIRST_COMPLETED,
            )
            if heard.done():
                return heard.result()
            gone = self._gone.done()
            silent = f"The worker said nothing for {self._silence_seconds:g} s."
            lost: InferenceError = WorkerLost(self._seat.status().error if gone else silent)
        except RayTaskError as error:
            lost = cause(error)
        except _End:
            lost = InferenceError("The worker made no clip.")
        except RayError as error:
            lost = WorkerLost(reason(error))
        finally:
            heard.cancel()
        if isinstance(lost, WorkerLost):
            self._seat.fail(str(lost), self._actor)
        raise lost


class _End(Exception):
    """A stream is over; a StopAsyncIteration cannot leave a task."""


async def _resolve(stream: AsyncIterator[Awaitable[Progress | Clip]]) -> Progress | Clip:
    try:
        item = await anext(stream)
    except StopAsyncIteration:
        raise _End from None
    return await item
