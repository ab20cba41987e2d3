"""A pool of workers on Ray, and the only package that imports it.

    cluster   connects to Ray, or starts it here; a Worker as a Ray actor
    pool      Fleet: seats, each kept filled with a worker, handed out to whoever waits
    slot      Slot: one worker's promise to denoise one request now

Nothing is ever repeated inside Ray: a render that was lost is told so, and the job table decides
what becomes of it.
"""

from inference.fleet.pool import Fleet
from inference.fleet.slot import Slot
from inference.values import WorkerStatus

__all__ = ["Fleet", "Slot", "WorkerStatus"]
