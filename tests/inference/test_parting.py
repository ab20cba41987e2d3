"""Tests that tokens parted between two processes make the clip that one process makes.

diffusers parts them on a GPU alone; told that this machine has one, it does so over gloo as well.
"""

import multiprocessing
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from inference.mp4 import as_png
from inference.values import ModelUnavailable
from tests.inference.entries import (
    ARCHITECTURES,
    TINY_COGVIDEOX,
    TINY_CONDITION,
    TINY_HUNYUAN,
    TINY_LTX2,
    TINY_WAN_OF_PICTURES,
    tiny_request,
)

SHARED = (TINY_CONDITION, TINY_WAN_OF_PICTURES, TINY_LTX2)
REFUSED = (TINY_COGVIDEOX, TINY_HUNYUAN)
Frames = dict[str, Any]


@pytest.fixture(scope="module")
def frames(models_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Frames, Frames]:
    """Clips by what they are of, of one process and of two."""
    folder = tmp_path_factory.mktemp("parted")
    new = multiprocessing.get_context("spawn")
    both = [new.Process(target=_render, args=(rank, models_folder, folder)) for rank in (0, 1)]
    for process in both:
        process.start()
    for process in both:
        process.join()
        assert process.exitcode == 0
    alone, parted = (dict(np.load(folder / f"{name}.npz")) for name in ("alone", "parted"))
    return alone, parted


@pytest.mark.parametrize("entry", SHARED, ids=lambda entry: entry.name)
@pytest.mark.parametrize("start", ["words", "picture"])
def test_two_processes_make_the_clip_that_one_makes(frames, entry, start):
    alone, parted = (one[f"{entry.name} {start}"].astype(int) for one in frames)
    assert alone.std() > 1
    assert abs(alone - parted).max() <= 1, "but for rounding"


def test_a_model_that_diffusers_cannot_part_is_refused_by_name(frames):
    said = [str(frames[1][entry.name]) for entry in REFUSED]
    assert said == [
        f"The work of {kind} cannot be shared by 2 GPUs: diffusers has no plan for it."
        for kind in ("CogVideoXTransformer3DModel", "HunyuanVideo15Transformer3DModel")
    ]


def _render(rank: int, models_folder: Path, folder: Path) -> None:
    import torch

    from inference import loading, parting
    from inference.pipeline import Pipeline

    os.environ["GLOO_SOCKET_IFNAME"] = "lo"
    torch.set_num_threads(1)
    torch.accelerator.device_count = lambda: 1  # type: ignore[assignment]
    torch.distributed.init_process_group(
        "cpu:gloo", init_method=f"file://{folder}/meet", rank=rank, world_size=2
    )
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    alone: Frames = {}
    parted: Frames = {}
    for entry in ARCHITECTURES:
        if entry not in SHARED + REFUSED:
            continue
        diffusion = loading.load(entry, models_folder)
        pipeline = Pipeline(entry, diffusion)
        words = tiny_request(model=entry.name, seed=3)
        picture = tiny_request(model=entry.name, seed=3, image=as_png(noise))
        for kept in (alone, parted):
            try:
                if kept is parted:
                    parting.part(diffusion.words, ["transformer"], 2)
            except ModelUnavailable as error:
                kept[entry.name] = np.array(str(error))
                continue
            for start, request in (("words", words), ("picture", picture)):
                if start == "picture" and not entry.starts_from_picture:
                    continue
                kept[f"{entry.name} {start}"] = pipeline.render_frames(
                    request, on_progress=lambda _: None, cancelled=lambda: False
                )
    if rank == 0:
        np.savez(folder / "alone.npz", **alone)
        np.savez(folder / "parted.npz", **parted)
