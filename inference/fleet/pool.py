"""The fleet: its seats, and the lines of those who wait for one of their workers."""

import asyncio
import logging
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from inference.entry import ModelEntry
from inference.fleet.cluster import Connection
from inference.fleet.remote import ActorMaker
from inference.fleet.scaling import plan
from inference.fleet.seat import Seat
from inference.fleet.slot import Slot
from inference.values import InferenceError, ModelUnavailable, WorkerLost, WorkerStatus

_START_SECONDS = 300.0
_LONGEST_LOOK_SECONDS = 10.0
log = logging.getLogger(__name__)


class Fleet:
    """Workers that each hold one of several models. All methods belong to one event loop."""

    def __init__(
        self,
        entries: Sequence[ModelEntry],
        connection: Connection,
        *,
        workers: int,
        fewest: int,
        idle_seconds: float,
        maker: ActorMaker,
        ranks: Mapping[str, int],
        silence_seconds: float,
        retry_seconds: float,
    ) -> None:
        """Begin to fill the seats; made by open()."""
        self._entries = {entry.name: entry for entry in entries}
        self._usual = entries[0].name
        self._connection = connection
        self._fewest = fewest
        self._idle_seconds = idle_seconds
        self._retry_seconds = retry_seconds
        self._clock = asyncio.get_running_loop().time

        def make_actor(entry: ModelEntry) -> Any:
            return maker.make(entry, ranks.get(entry.name, 1))

        self._seats = [
            Seat(
                number,
                make_actor=make_actor,
                kill_actor=maker.kill,
                on_idle=self._look,
                clock=self._clock,
                start_seconds=_START_SECONDS if connection.local else None,
                silence_seconds=silence_seconds,
                retry_seconds=retry_seconds,
            )
            for number in range(1, workers + 1)
        ]
        self._waiting: dict[str, deque[asyncio.Future[Slot]]] = {
            name: deque() for name in self._entries
        }
        self._unfinished: Mapping[str, int] = {}
        self._had_seat_at = dict.fromkeys(self._entries, 0.0)
        self._to_renew: deque[Seat] = deque()
        self._renewing: Seat | None = None
        self._closed = ""  # why, as soon as it is
        self._tasks: list[asyncio.Task[None]] = []
        self._keep()
        self._watch = asyncio.create_task(self._watch_ray())
        self._watch.add_done_callback(self._end_watch)

    @classmethod
    async def open(
        cls,
        entries: Sequence[ModelEntry],
        *,
        address: str | None,
        workers: int,
        fewest: int | None = None,
        idle_seconds: float = 600.0,
        models_folder: Path | None = None,
        marked: bool = True,
        ranks: Mapping[str, int] | None = None,
        silence_seconds: float = 120.0,
        retry_seconds: float = 2.0,
    ) -> Self:
        """Return a fleet whose workers are only beginning to load their models.

        entries: the models; the first is the usual one.
        address: of a Ray cluster; None starts Ray on this machine, unless this process is
        connected to one already.
        workers: the most there are. fewest: those that are kept though nobody needs them, with
        the usual model; None for all.
        idle_seconds: after which the others end when nobody needs them.
        marked: whether clips bear the mark (inference/mark.py).
        ranks: by model, processes of a worker that share the work of one clip, each with the
        entry's GPUs; 1 where none is named.
        silence_seconds: a render without a word for so long is lost, and so is its worker.
        retry_seconds: pause after the first failure to have a worker; doubles up to 5 minutes.
        Raises: ModelUnavailable, when this machine lacks the GPUs; InferenceError without Ray.
        """
        ranks = ranks or {}
        connection = Connection(address)
        await connection.open()
        for entry in entries:
            needed = entry.gpus * ranks.get(entry.name, 1)
            present = connection.gpus() if connection.local and needed else 0.0
            if connection.local and present < needed * workers:
                await connection.close()
                raise ModelUnavailable(
                    f"{entry.title} needs {needed} GPU for each of {workers} workers; "
                    f"this machine has {present:g}."
                )
        return cls(
            entries,
            connection,
            workers=workers,
            fewest=workers if fewest is None else min(fewest, workers),
            idle_seconds=idle_seconds,
            maker=ActorMaker(
                models_folder=models_folder and models_folder.resolve(),  # noqa: ASYNC240
                marked=marked,
                local=connection.local,
                workers=workers,
            ),
            ranks=ranks,
            silence_seconds=silence_seconds,
            retry_seconds=retry_seconds,
        )

    def workers(self) -> list[WorkerStatus]:
        """One status a worker, by number."""
        return [seat.status() for seat in self._seats]

    def want(self, unfinished: Mapping[str, int], /) -> None:
        """Grow, shrink and change for so many jobs of each model, waiting or rendering now."""
        self._unfinished = dict(unfinished)
        self._look()

    def renew(self) -> None:
        """Replace every worker by a fresh one, one after the other, each once it has no job."""
        present = (seat for seat in self._seats if seat.entry is not None)
        self._to_renew = deque(seat for seat in present if seat is not self._renewing)
        self._renew_next()

    def _renew_next(self) -> None:
        if self._renewing is not None and not self._renewing.is_fresh():
            return
        self._renewing = self._to_renew.popleft() if self._to_renew else None
        if self._renewing is not None:
            self._renewing.renew()

    async def acquire(self, model: str, /) -> Slot:
        """Wait until a worker of the model can denoise another job; first come, first served.

        Raises: WorkerLost, when the fleet is closed.
        """
        if self._closed:
            raise WorkerLost(self._closed)
        waiter: asyncio.Future[Slot] = asyncio.get_running_loop().create_future()
        self._waiting[model].append(waiter)
        self._hand_out()
        try:
            return await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled() and not waiter.exception():
                waiter.result().release()
            raise

    def _look(self) -> None:
        """Give each seat the model that it should have, and whoever waits a worker."""
        if self._closed:
            return
        now = self._clock()
        places = [seat.place() for seat in self._seats]
        for place in places:
            if place.model is not None:
                self._had_seat_at[place.model] = now
        demands = sorted(self._unfinished.items(), key=lambda item: self._had_seat_at[item[0]])
        models = plan(
            places,
            dict(demands),
            usual=self._usual,
            fewest=self._fewest,
            idle_seconds=self._idle_seconds,
            now=now,
        )
        for seat, model in zip(self._seats, models, strict=True):
            seat.assign(None if model is None else self._entries[model])
        self._renew_next()
        self._hand_out()

    def _hand_out(self) -> None:
        for seat in self._seats:
            waiting = self._waiting[seat.entry.name] if seat.entry else None
            while waiting and waiting[0].done():
                waiting.popleft()
            if waiting and seat.take():
                waiting.popleft().set_result(Slot(seat))

    def _keep(self) -> None:
        self._look()
        self._tasks = [asyncio.create_task(seat.keep()) for seat in self._seats]
        self._tasks.append(asyncio.create_task(self._keep_looking()))

    async def _keep_looking(self) -> None:
        """Look again and again: idle times and turns end without anything happening."""
        while True:
            await asyncio.sleep(min(_LONGEST_LOOK_SECONDS, max(self._idle_seconds / 4, 0.01)))
            self._look()

    async def _stop_keeping(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _watch_ray(self) -> None:
        """Never return: whenever Ray is lost, start or wait for the next, and begin anew there."""
        while True:
            why = await self._connection.lost()
            log.warning("all workers are lost: %s", why)
            await self._stop_keeping()
            for seat in self._seats:
                seat.fail(why)
                seat.abandon()
            await self._connection.drop()
            while True:
                try:
                    await self._connection.open()
                    break
                except InferenceError as error:
                    log.info("%s", error)
                    await asyncio.sleep(self._retry_seconds)
            log.warning("Ray is back")
            self._keep()

    def _end_watch(self, watch: asyncio.Task[None]) -> None:
        """Tell whoever waits, or will: without a watch they might do so for ever."""
        if not watch.cancelled() and (error := watch.exception()):
            log.critical("Ray is not to be had again", exc_info=error)
            self._turn_away(f"Ray is not to be had again: {error}")

    def _turn_away(self, why: str) -> None:
        self._closed = why
        for waiting in self._waiting.values():
            for waiter in waiting:
                if not waiter.done():
                    waiter.set_exception(WorkerLost(why))
            waiting.clear()

    async def close(self) -> None:
        """End every worker, and Ray where open() started it. Whoever waits for a slot is told."""
        self._turn_away("The fleet is closed.")
        self._watch.cancel()
        await asyncio.gather(self._watch, return_exceptions=True)
        await self._stop_keeping()
        for seat in self._seats:
            seat.fail("The fleet is closed.")
            seat.empty()
        await self._connection.close()
