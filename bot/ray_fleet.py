"""Workers on Ray, opened as the settings say."""

import asyncio
from collections.abc import Awaitable, Callable

from bot.model_weights import prepare
from bot.rules import Rules
from bot.settings import Settings
from bot.workers import Fleet

OpenFleet = Callable[[], Awaitable[Fleet]]


def ray_fleet(settings: Settings, rules: Rules) -> OpenFleet:
    """What opens the workers, once the bot has started."""

    async def open_fleet() -> Fleet:
        # Ray takes seconds to import; the bot accepts prompts meanwhile.
        from inference.fleet import Fleet as RayFleet

        entries = [
            await asyncio.to_thread(prepare, entry, settings) for entry in rules.served.values()
        ]
        fleet: Fleet = await RayFleet.open(
            entries,
            address=settings.ray_address,
            workers=settings.workers,
            fewest=settings.fewest_workers,
            idle_seconds=settings.idle_minutes * 60,
            models_folder=settings.models_dir,
            marked=settings.mark,
            ranks={entry.name: settings.gpus_a_worker for entry in entries if entry.gpus},
        )
        return fleet

    return open_fleet
