"""What people make of a clip that is there: again, a little different, told otherwise. Pure."""

from dataclasses import replace

from inference.values import Request
from storage.jobs import Job

LONGEST_SECONDS = 120.0  # of a clip that is gone on from again and again
PIECE_SECONDS = 5.0  # that Extend and Loop add at most


def again(job: Job, seed: int) -> Request:
    """The same prompt under another seed."""
    return replace(job.request, seed=seed, variation=None)


def repeat(job: Job) -> Request:
    """The very same clip once more."""
    return job.request


def vary(job: Job, seed: int) -> Request:
    """Nearly the same clip.

    One that starts from a picture keeps that, which is sameness enough: it gets another seed.
    """
    if job.picture is not None or job.continues is not None:
        return again(job, seed)
    return replace(job.request, variation=seed)


def extend(job: Job, seed: int) -> Request:
    """How the clip goes on; its last frame is looked up when the job is rendered."""
    seconds = min(job.request.seconds, PIECE_SECONDS)
    return replace(job.request, seed=seed, seconds=seconds, variation=None, loops=False)


def loop(job: Job, seed: int) -> Request:
    """How the clip goes on and comes back to its first frame."""
    return replace(extend(job, seed), loops=True)


def full(job: Job) -> Request:
    """The same clip in all its steps: what a draft was a preview of."""
    return replace(job.request, steps=None)
