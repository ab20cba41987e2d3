"""The tiny model's entry, without torch, for processes that only hand requests on."""

from dataclasses import replace
from typing import Any

from inference.catalog import find
from inference.values import Request

PIXELS = 32
# Latent width -> what goes wrong in the autoencoder; the tiny model's own clips are 2 wide.
MEMORY, SILENCE, GPU, NUMBERS, BUG, TIGHT, GPU_LATER, GATED = 3, 4, 5, 6, 7, 8, 9, 11

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
TINY_WAN_OF_TWO = replace(
    TINY_WAN,
    name="tiny-wan-of-two",
    source="tiny-wan-of-two",
    options={"max_sequence_length": 32, "guidance_scale_2": 2.0},
)
TINY_WAN_OF_PICTURES = replace(
    TINY_WAN,
    name="tiny-wan-of-pictures",
    source="tiny-wan-of-pictures",
    picture_pipeline="WanImageToVideoPipeline",
    shapes={"1:1": (64, 64)},
)
TINY_COGVIDEOX = replace(
    TINY_WAN,
    name="tiny-cogvideox",
    source="tiny-cogvideox",
    pipeline="CogVideoXPipeline",
    frame_step=8,  # its autoencoder takes them in pairs of four
)
TINY_HUNYUAN = replace(
    TINY_WAN,
    name="tiny-hunyuan",
    source="tiny-hunyuan",
    pipeline="HunyuanVideo15Pipeline",
    options={},
)
TINY_LTX2 = replace(
    TINY,
    name="tiny-ltx2",
    source="tiny-ltx2",
    pipeline="LTX2Pipeline",
    picture_pipeline="LTX2ImageToVideoPipeline",
    makes_sound=True,
    modules=(),
    options={
        "frame_rate": 8,
        "max_sequence_length": 32,
        "use_cross_timestep": False,
        "stg_scale": 0.0,
        "modality_scale": 1.0,
    },
)
ARCHITECTURES = (
    TINY,
    TINY_CONDITION,
    TINY_WAN,
    TINY_WAN_OF_TWO,
    TINY_WAN_OF_PICTURES,
    TINY_COGVIDEOX,
    TINY_HUNYUAN,
    TINY_LTX2,
)


def tiny_request(**changes: Any) -> Request:
    """A request that the tiny model can do in well under a second."""
    fields: dict[str, Any] = {"prompt": "a cat", "seed": 1, "model": "tiny", "seconds": 1.0}
    return Request(**(fields | changes))
