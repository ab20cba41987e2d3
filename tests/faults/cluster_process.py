"""The service in a process of its own, with one tiny worker on a cluster; settings as always."""

import asyncio
import os
import signal
from dataclasses import replace

from bot.app import open_app
from bot.log import configure_logging
from bot.settings import load_settings
from bot.workers import Fleet
from inference.fleet import Fleet as RayFleet
from tests.inference.entries import GATED, PIXELS, TINY

# In the place of the built-in model, whose clips last 5 seconds. A clip of 16:9 waits at the gate.
ENTRY = replace(
    TINY,
    name="builtin",
    shapes={"1:1": (64, 64), "16:9": (GATED * PIXELS, 64)},
    most_frames=65,
)


async def main() -> None:
    settings = load_settings()
    configure_logging("warning")
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)

    async def open_fleet() -> Fleet:
        return await RayFleet.open(
            [ENTRY],
            address=settings.ray_address,
            workers=1,
            models_folder=settings.models_dir,
            retry_seconds=0.2,
        )

    async with open_app(settings, open_fleet=open_fleet) as app:
        await app.run(stop)
    os._exit(0)  # as the command line does: Ray's exit handlers can take 20 s more


if __name__ == "__main__":
    asyncio.run(main())
