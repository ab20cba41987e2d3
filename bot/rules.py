"""What the operator allows, as the settings say it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.access import Access
from bot.data_folder import people_key
from bot.screening.screen import Screen
from bot.settings import Settings
from inference import catalog
from inference.catalog import LEVELS, level
from inference.entry import ModelEntry
from inference.values import Request

SECONDS_A_CREDIT = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What the operator allows.

    waiting_a_person, waiting_a_chat: how many unfinished jobs each may have at once.
    keep_clips_days, keep_updates_days: how long things are kept, 0 for ever.
    people_key: hashes the ids of people who were forgotten.
    model: the one that is served, or the first of them. others: that are served beside it.
    models: all that are known, by name, for what jobs say of theirs.
    """

    model: ModelEntry
    daily_tenths: int
    waiting_a_person: int
    waiting_a_chat: int
    admins: frozenset[int]
    screen: Screen
    keep_clips_days: int = 30
    keep_updates_days: int = 7
    people_key: bytes = field(default=b"", repr=False)
    access: Access = Access.OPEN
    models: Mapping[str, ModelEntry] = field(default_factory=catalog.shipped)
    others: tuple[ModelEntry, ...] = ()

    @property
    def served(self) -> Mapping[str, ModelEntry]:
        """The models that people choose from, by name; the first is everybody's usual one."""
        return {entry.name: entry for entry in (self.model, *self.others)}

    @property
    def has_choice(self) -> bool:
        """Whether there is more than one to choose from."""
        return bool(self.others)

    def is_admin(self, user_id: int) -> bool:
        """Whether the operator made this person an admin."""
        return user_id in self.admins

    def cost_tenths(self, request: Request) -> int:
        """What the clip costs, by its seconds and denoising steps, in tenths of a credit.

        request: of a model that is served.
        """
        pieces = max(1, math.ceil(request.seconds / SECONDS_A_CREDIT - 1e-9))
        return pieces * LEVELS[level(self.served[request.model], request.steps)]

    @property
    def usual_cost_tenths(self) -> int:
        """What a clip costs when the person asks for nothing special."""
        seconds = self.model.default_seconds
        return self.cost_tenths(Request(prompt="", seed=0, model=self.model.name, seconds=seconds))


def rules_of(settings: Settings) -> Rules:
    """The rules that those settings make.

    Raises: ScreenListError; DataFolderError; inference.values.ModelUnavailable, for an unknown
    model or a wrong file of an operator's own.
    """
    known = catalog.entries(settings.models_dir)
    first, *others = (
        catalog.find(name, settings.models_dir).at(settings.quality, settings.compiled_dir)
        for name in settings.models
    )
    return Rules(
        model=first,
        others=tuple(others),
        models={**known, **{entry.name: entry for entry in (first, *others)}},
        daily_tenths=settings.daily_tenths,
        waiting_a_person=settings.waiting_a_person,
        waiting_a_chat=settings.waiting_a_chat,
        admins=settings.admins,
        screen=Screen.from_files(settings.screen_words, settings.screen_allow),
        access=settings.access,
        keep_clips_days=settings.keep_clips_days,
        keep_updates_days=settings.keep_updates_days,
        people_key=people_key(settings.data_dir),
    )
