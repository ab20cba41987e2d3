"""The tiny model's entry, without torch, for processes that only hand requests on."""

from dataclasses import replace
from typing import Any

from inference.catalog import find
from inference.values import Request

PIXELS = 32
# Latent width -> what goes wrong in the autoencoder; the tiny model's own clips are 2 wide.
MEMORY, SILENCE, GPU, NUMBERS, BUG, TIGHT, GPU_LATER = 3, 4, 5, 6, 7, 8, 9

TINY = replace(
    find("builtin"),
    name="tiny",
    title="A tiny random model",
    source="tiny",
    shapes={
        "1:1": (64, 64),
        "large": (320, 320),
        "memory": (MEMORY * PIXELS, 64),
        "silence": (SILENCE * PIXELS, 64),
        "gpu": (GPU * PIXELS, 64),
        "numbers": (NUMBERS * PIXELS, 64),
        "bug": (BUG * PIXELS, 64),
        "tight": (TIGHT * PIXELS, 64),
        "gpu later": (GPU_LATER * PIXELS, 64),
    },
    frames_per_second=8,
    frame_step=8,
    fewest_frames=9,
    most_frames=33,
    steps=3,
    guidance_scale=3.0,
    modules=("tests.inference.faulty",),
    pipeline="LTXPipeline",
    picture_pipeline="",
    options={"frame_rate": 8},
)

TINY_CONDITION = replace(
    TINY,
    name="tiny-condition",
    source="tiny-condition",
    pipeline="LTXConditionPipeline",
    picture_pipeline="LTXConditionPipeline",
)
TINY_WAN = replace(
    TINY,
    name="tiny-wan",
    source="tiny-wan",
    pipeline="WanPipeline",
    shapes={"1:1": (32, 32)},
    frame_step=4,
    modules=(),
    options={"max_sequence_length": 32},
)


def tiny_request(**changes: Any) -> Request:
    """A request that the tiny model can do in well under a second."""
    fields: dict[str, Any] = {"prompt": "a cat", "seed": 1, "model": "tiny", "seconds": 1.0}
    return Request(**(fields | changes))
