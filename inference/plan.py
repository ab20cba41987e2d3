"""How a model is held and run on a device: chosen from what it needs and what is there.

Standard library only: values and arithmetic, which `placement` puts into effect.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

GIB = 2**30
# Of the free memory: torch's allocator and the libraries' own buffers take the rest (an estimate,
# not measured).
USABLE = 0.95
# What a render needs besides weights when its decoder works tile by tile, of what it needs
# otherwise; and what passes through the device of weights that are streamed, of their size (both
# estimates, not measured).
TILED = 0.5
PASSING = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What a model takes of a device's memory, in GiB.

    weights: by the component's name, as diffusers names it. working: the most that a render needs
    besides.
    """

    weights: Mapping[str, float]
    working: float

    @property
    def texts(self) -> tuple[str, ...]:
        """The components that read prompts; they work once a render, and only on new words."""
        return tuple(name for name in self.weights if "text_encoder" in name)

    @property
    def transformers(self) -> tuple[str, ...]:
        """The components that denoise."""
        return tuple(name for name in self.weights if name.startswith("transformer"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How a model is held and run on one device.

    streamed: components whose weights stay in main memory, and pass through the device layer by
        layer when they are used. The clip is the same.
    tiled: whether the decoder makes the picture tile by tile, blended where they meet.
    """

    streamed: tuple[str, ...] = ()
    tiled: bool = False

    def __str__(self) -> str:
        """For logs and people: what is not as usual."""
        said = []
        if self.streamed:
            said.append(f"{' and '.join(self.streamed)} streamed from main memory")
        if self.tiled:
            said.append("decoded in tiles")
        return ", ".join(said) or "all on the device"


def holdings(needs: Needs) -> tuple[Plan, ...]:
    """The ways to hold a model, from the one that takes most memory to the one that takes least."""
    found = [Plan()]
    if needs.texts:
        found.append(Plan(streamed=needs.texts))
    found.append(replace(found[-1], tiled=True))
    found.append(Plan(streamed=needs.texts + needs.transformers, tiled=True))
    return tuple(found)


def memory(needs: Needs, plan: Plan) -> float:
    """GiB of the device that a render takes."""
    weights = sum(
        size * (PASSING if name in plan.streamed else 1.0) for name, size in needs.weights.items()
    )
    return weights + needs.working * (TILED if plan.tiled else 1.0)


def choose(needs: Needs, free: float) -> Plan:
    """The fastest way to hold the model in `free` GiB; the one that takes least if none fits."""
    ways = holdings(needs)
    return next((way for way in ways if memory(needs, way) <= free * USABLE), ways[-1])


def gentler(needs: Needs, plan: Plan) -> Plan:
    """A way that takes less memory than `plan`, for a clip that did not fit; itself if none does.

    The transformers stay where they are unless all else is done already: they work in every step.
    """
    ways = holdings(needs)
    patient = [way for way in ways if way.tiled and memory(needs, way) < memory(needs, plan)]
    return patient[0] if patient else plan


def working(memory_gib: float, weights: Mapping[str, float]) -> float:
    """GiB that a render needs besides weights, of an entry's whole; a tenth of it at least."""
    return max(memory_gib - math.fsum(weights.values()), memory_gib / 10)
