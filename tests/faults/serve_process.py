"""The service in a process of its own, to be killed: settings from the environment, local fleet."""

import asyncio
import os
import signal

from bot.app import open_app
from bot.log import configure_logging
from bot.settings import load_settings
from tests.fleets import LocalFleet, open_gate, small_jpeg

STEP_SECONDS = "TEST_STEP_SECONDS"
PICTURE = "TEST_PICTURE"


async def main() -> None:
    settings = load_settings()
    configure_logging("warning")
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    fleet = LocalFleet(
        steps=6,
        step_seconds=float(os.environ.get(STEP_SECONDS, "0.05")),
        picture=small_jpeg(99) if PICTURE in os.environ else None,
        gate=open_gate(),
    )
    async with open_app(settings, open_fleet=fleet.open) as app:
        await app.run(stop)


if __name__ == "__main__":
    asyncio.run(main())
