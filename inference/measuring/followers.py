"""The other ranks of a measurement over several GPUs of this machine, a process each."""

import contextlib
import multiprocessing
import multiprocessing.connection
import os
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

from inference.entry import ModelEntry
from inference.pipeline import Pipeline
from inference.ranks import Ranks


@contextlib.contextmanager
def led(
    entry: ModelEntry, build: Callable[[], Any], device: str, gpus: int
) -> Iterator[Ranks | None]:
    """Rank 0 of so many, the others started; None for one GPU. They end with the block.

    build: makes the same diffusion in every process; to be pickled.
    """
    if gpus == 1:
        yield None
        return
    from torch import distributed

    ranks = Ranks(0, gpus, device=device)
    over = threading.Event()
    new = multiprocessing.get_context("spawn")
    others = [
        new.Process(
            target=_follow, args=(entry, build, device, rank, gpus, ranks.port), daemon=True
        )
        for rank in range(1, gpus)
    ]
    for other in others:
        other.start()
    threading.Thread(target=_watch, args=(others, over), daemon=True).start()
    try:
        ranks.join()
        yield ranks
    finally:
        over.set()
        for other in others:
            other.kill()
            other.join()
        distributed.destroy_process_group()


def _watch(others: list[Any], over: threading.Event) -> None:
    """End this process when another has ended, for it would wait for that one without end."""
    multiprocessing.connection.wait([other.sentinel for other in others])
    if not over.is_set():
        sys.stderr.write("kinogram: the process of another GPU ended.\n")
        sys.stderr.flush()
        os._exit(1)


def _follow(
    entry: ModelEntry, build: Callable[[], Any], device: str, rank: int, size: int, port: int
) -> None:
    import torch

    if device == "cuda":
        torch.cuda.set_device(rank)
    ranks = Ranks(rank, size, device=device, port=port)
    ranks.join()
    pipeline = Pipeline(entry, build(), device=device)
    pipeline.share(ranks)
    ranks.follow(pipeline)
