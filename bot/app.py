"""The composition root: builds every part of the service and closes them in reverse."""

import asyncio
import contextlib
import hashlib
import hmac
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from typing import Any

import structlog
from aiohttp import web
from telegram.error import TelegramError

from bot.clips_folder import ClipsFolder
from bot.crash_points import crash_at
from bot.data_folder import DATABASE_FILE, only_process_in, probe_disk
from bot.delivery import Delivery
from bot.dispatcher import Dispatcher
from bot.housekeeping import Housekeeping
from bot.messages import Messages
from bot.outbox import Reconciler
from bot.ray_fleet import OpenFleet, ray_fleet
from bot.rules import Rules, rules_of
from bot.screening import frames
from bot.settings import Settings
from bot.shell_link import ShellLink
from bot.telegram.application import add_handlers, build_application
from bot.telegram.connection import TokenRefused, connect
from bot.telegram.desk import Desk
from bot.telegram.feeder import Feeder
from bot.telegram.inbox import Poller
from bot.telegram.inline import InlineQueries
from bot.telegram.pacing import Pacing
from bot.web.metrics import Metrics
from bot.web.server import build_web
from bot.workers import Fleet, WorkerState, cannot_render, count_ready
from storage import inbox, jobs
from storage.database import Database
from storage.errors import StorageUnavailable

PROBE_SECONDS = 5.0
FLEET_CLOSE_SECONDS = 4.0
log = structlog.get_logger(__name__)


class AppError(Exception):
    """The service cannot start; the text says why."""


@contextlib.asynccontextmanager
async def open_app(
    settings: Settings,
    *,
    open_fleet: OpenFleet | None = None,
    clock: Callable[[], float] = time.time,
) -> AsyncIterator["App"]:
    """The whole service, ready to run.

    open_fleet: makes the workers; by default those of inference.fleet, on Ray.
    Raises: AppError; DataFolderError; ScreenListError; inference.values.ModelUnavailable, for an
    unknown model or a wrong file of an operator's own.
    """
    rules = rules_of(settings)
    with only_process_in(settings.data_dir):
        crash = crash_at(settings.crash_point) if settings.crash_point else None
        database = await Database.open(settings.data_dir / DATABASE_FILE, at_commit=crash)
        try:
            pacing = Pacing(clock, crash)
            yield App(
                settings, rules, database, pacing, open_fleet or ray_fleet(settings, rules), clock
            )
        finally:
            await database.close()


class App:
    """The parts, wired. `run` is the service's whole life."""

    def __init__(
        self,
        settings: Settings,
        rules: Rules,
        database: Database,
        pacing: Pacing,
        open_fleet: OpenFleet,
        clock: Callable[[], float],
    ) -> None:
        if settings.telegram_token is None:
            raise AppError("KINOGRAM_TELEGRAM_TOKEN is not set")
        token = settings.telegram_token.get_secret_value()
        self.database = database
        self.bot_id = settings.bot_id
        self.http_port = settings.http_port
        self._settings = settings
        self._clock = clock
        self._rules = rules
        self._open_fleet = open_fleet
        self._fleet: Fleet | None = None
        self._connected = False
        self.webhook_secret = hmac.digest(token.encode(), b"webhook", hashlib.sha256).hex()
        self._clips = ClipsFolder(settings.data_dir)
        self._telegram = build_application(
            token, str(settings.telegram_api_url).rstrip("/"), pacing
        )
        self._metrics = Metrics(database, self.bot_id, tuple(rules.served), self.workers)
        self._dispatcher = Dispatcher(
            database=database,
            bot_id=self.bot_id,
            models=tuple(rules.served),
            clips=self._clips,
            clock=clock,
            changed=self._wake_reconciler,
            rendered=self._metrics.rendered,
            frame_screen=frames.load(settings.screen_frames),
        )
        messages = Messages(self._telegram.bot, self._clips)
        self._reconciler = Reconciler(
            database=database,
            bot_id=self.bot_id,
            messages=messages,
            delivery=Delivery(database, messages, self._clips),
            pacing=pacing,
            live=self._dispatcher.live,
            abandon=self._dispatcher.cancel,
            workers=self._workers_of,
            rules=rules,
            clock=clock,
        )
        self._feeder = Feeder(
            self._telegram, database, self.bot_id, clock, answered=self._wake_reconciler
        )
        self._inline = InlineQueries(
            self._telegram.bot, database, self.bot_id, clock, rules.people_key
        )
        self._poller = Poller(
            self._telegram,
            database,
            self.bot_id,
            clock,
            received=self._feeder.wake,
            take_inline=self._inline.take,
        )
        self._shell_link = ShellLink(
            *(database, self.bot_id, clock, self.workers, self._dispatcher.live),
            *(self._wake, self._dispatcher.cancel),
        )
        self._housekeeping = Housekeeping(
            database=database,
            bot_id=self.bot_id,
            clips=self._clips,
            clock=clock,
            keep_clips_days=settings.keep_clips_days,
            keep_updates_days=settings.keep_updates_days,
        )
        add_handlers(
            self._telegram,
            Desk(
                database=database,
                bot_id=self.bot_id,
                rules=rules,
                clock=clock,
                wake=self._wake,
                done=self._feeder.note_done,
                cancel_running=self._dispatcher.cancel,
                workers=self.workers,
                live=self._dispatcher.live,
            ),
            self._clips,
        )

    def workers(self) -> Sequence[WorkerState]:
        """Every worker that there should be, as far as the fleet has been opened."""
        return self._fleet.workers() if self._fleet else ()

    def _workers_of(self, model: str) -> int:
        return count_ready(self.workers(), model)

    def _wake_reconciler(self) -> None:
        self._reconciler.wake()

    def _wake(self) -> None:
        self._reconciler.wake()
        self._dispatcher.wake()

    async def run(self, stop: asyncio.Event, *, started: asyncio.Event | None = None) -> None:
        """Serve until `stop` is set; then accept nothing new and leave every job durable.

        started: set once Telegram is reached.
        Raises: AppError, when the service cannot start or a part of it ends by itself.
        """
        await self._housekeeping.tidy(tuple(self._rules.served))
        runner = await self._serve_http()
        tasks: list[asyncio.Task[None]] = []
        stopping = asyncio.create_task(stop.wait())
        try:
            connecting = asyncio.create_task(
                connect(
                    *(self._telegram, self._settings, self.webhook_secret),
                    *(self.database, self.bot_id),
                )
            )
            await asyncio.wait([connecting, stopping], return_when=asyncio.FIRST_COMPLETED)
            if not connecting.done():
                connecting.cancel()
                return
            try:
                await connecting
            except TokenRefused as error:
                raise AppError(str(error)) from None
            self._connected = True
            tasks = [asyncio.create_task(work) for work in self._work()]
            if started is not None:
                started.set()
            log.info("serving", models=list(self._rules.served), workers=self._settings.workers)
            done, _ = await asyncio.wait([*tasks, stopping], return_when=asyncio.FIRST_COMPLETED)
            for task in done - {stopping}:
                task.result()
                raise AppError("a part of the service ended by itself")
        finally:
            stopping.cancel()
            await runner.cleanup()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self._close()

    def _work(self) -> list[Coroutine[Any, Any, None]]:
        beside = self._shell_link.run(self._telegram.bot.username)
        work = [beside, self._reconciler.run(), self._feeder.run(), self._inline.run()]
        work.append(self._housekeeping.run())
        if self._settings.workers:
            work.append(self._dispatcher.run(self._open_workers))
        if self._settings.webhook_url is None:
            work.append(self._poller.run())
        return work

    async def _open_workers(self) -> Fleet:
        self._fleet = await self._open_fleet()
        return self._fleet

    async def _receive(self, update: dict[str, object]) -> None:
        if self._inline.take(update):
            return
        await self.database.run(
            inbox.record, bot_id=self.bot_id, updates=[update], now=self._clock()
        )
        self._feeder.wake()

    async def _serve_http(self) -> web.AppRunner:
        application = build_web(
            metrics=self._metrics,
            not_ready=self.not_ready,
            receive=self._receive if self._settings.webhook_url else None,
            secret=self.webhook_secret,
        )
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        host, port = self._settings.http_host, self._settings.http_port
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            await runner.cleanup()
            raise AppError(
                f"KINOGRAM_HTTP_HOST={host!r}, KINOGRAM_HTTP_PORT={port!r}: cannot listen there: "
                f"{error.strerror}"
            ) from error
        self.http_port = int(runner.addresses[0][1])
        return runner

    async def not_ready(self) -> str:
        """Why a prompt sent now could not be accepted durably and rendered, or ""."""
        if not self._connected:
            return "Telegram is not reached yet"
        try:
            async with asyncio.timeout(PROBE_SECONDS):
                await asyncio.to_thread(probe_disk, self._settings.data_dir)
                await self.database.check_writable()
        except (OSError, StorageUnavailable, TimeoutError) as error:
            return f"the data folder takes no writes: {error}"
        if self._settings.workers:
            return cannot_render(self.workers(), self._settings.fewest_workers)
        return ""

    async def _close(self) -> None:
        with contextlib.suppress(StorageUnavailable):
            await self.database.run(jobs.requeue_running, bot_id=self.bot_id)
        await self._shell_link.close()
        if self._fleet is not None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(FLEET_CLOSE_SECONDS):
                    await self._fleet.close()
        with contextlib.suppress(TelegramError, RuntimeError):
            await self._telegram.shutdown()
