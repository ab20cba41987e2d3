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

        fleet: Fleet = await RayFleet.open(
            await asyncio.to_thread(prepare, rules.model, settings),
            address=settings.ray_address,
            workers=settings.workers,
            models_folder=settings.models_dir,
            marked=settings.mark,
            ranks=settings.gpus_a_worker if rules.model.gpus else 1,
        )
        return fleet

    return open_fleet
