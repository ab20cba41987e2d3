"""The fleet: its seats, and the line of those who wait for one of their workers."""

import asyncio
import dataclasses
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from inference.entry import ModelEntry
from inference.fleet.cluster import Connection
from inference.fleet.seat import Seat
from inference.fleet.slot import Slot
from inference.values import ModelUnavailable, WorkerLost, WorkerStatus

_START_SECONDS = 300.0


class Fleet:
    """Workers that hold one model. All methods belong to one event loop."""

    def __init__(
        self,
        entry: ModelEntry,
        connection: Connection,
        *,
        workers: int,
        models_folder: Path | None,
        marked: bool,
        ranks: int,
        silence_seconds: float,
        retry_seconds: float,
    ) -> None:
        """Begin to fill the seats; made by open()."""
        self.entry = entry
        self._connection = connection
        self._seats = [
            Seat(
                number,
                make_actor=lambda: connection.make_actor(
                    entry, models_folder, workers, marked=marked, ranks=ranks
                ),
                on_idle=self._hand_out,
                start_seconds=_START_SECONDS if connection.local else None,
                silence_seconds=silence_seconds,
                retry_seconds=retry_seconds,
            )
            for number in range(1, workers + 1)
        ]
        self._waiting: deque[asyncio.Future[Slot]] = deque()
        self._closed = False
        self._keepers = [asyncio.create_task(seat.keep()) for seat in self._seats]

    @classmethod
    async def open(
        cls,
        entry: ModelEntry,
        *,
        address: str | None,
        workers: int,
        models_folder: Path | None = None,
        marked: bool = True,
        ranks: int = 1,
        silence_seconds: float = 120.0,
        retry_seconds: float = 2.0,
    ) -> Self:
        """Return a fleet whose workers are only beginning to load the model.

        address: of a Ray cluster; None starts Ray on this machine, unless this process is
        connected to one already.
        marked: whether clips bear the mark (inference/mark.py).
        ranks: processes of a worker that share the work of one clip, each with the entry's GPUs.
        silence_seconds: a render without a word for so long is lost, and so is its worker.
        retry_seconds: pause after the first failure to have a worker; doubles up to 5 minutes.
        Raises: ModelUnavailable, when this machine lacks the GPUs; InferenceError without Ray.
        """
        connection = Connection(address)
        await connection.open()
        if connection.local and connection.gpus() < entry.gpus * ranks * workers:
            present = connection.gpus()
            await connection.close()
            raise ModelUnavailable(
                f"{entry.title} needs {entry.gpus * ranks} GPU for each of {workers} workers; "
                f"this machine has {present:g}."
            )
        return cls(
            entry,
            connection,
            workers=workers,
            models_folder=models_folder and models_folder.resolve(),  # noqa: ASYNC240
            marked=marked,
            ranks=ranks,
            silence_seconds=silence_seconds,
            retry_seconds=retry_seconds,
        )

    def workers(self) -> list[WorkerStatus]:
        """One status a worker, by number."""
        name = self.entry.name
        return [dataclasses.replace(seat.status(), model=name) for seat in self._seats]

    def want(self, _unfinished: Mapping[str, int], /) -> None:
        """Take note of how many jobs of each model there are; this fleet stays as it is."""

    def renew(self) -> None:
        """Nothing yet."""

    async def acquire(self, _model: str = "", /) -> Slot:
        """Wait until a loaded worker can denoise another job; first come, first served.

        Raises: WorkerLost, when the fleet is closed.
        """
        if self._closed:
            raise WorkerLost("The fleet is closed.")
        waiter: asyncio.Future[Slot] = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        self._hand_out()
        try:
            return await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled() and not waiter.exception():
                waiter.result().release()
            raise

    def _hand_out(self) -> None:
        for seat in self._seats:
            while self._waiting and self._waiting[0].done():
                self._waiting.popleft()
            if self._waiting and seat.take():
                self._waiting.popleft().set_result(Slot(seat))

    async def close(self) -> None:
        """End every worker, and Ray where open() started it. Whoever waits for a slot is told."""
        self._closed = True
        for keeper in self._keepers:
            keeper.cancel()
        await asyncio.gather(*self._keepers, return_exceptions=True)
        for seat in self._seats:
            seat.fail("The fleet is closed.")
            seat.empty()
        for waiter in self._waiting:
            if not waiter.done():
                waiter.set_exception(WorkerLost("The fleet is closed."))
        self._waiting.clear()
        await self._connection.close()
