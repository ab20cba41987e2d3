"""A pool of workers on Ray, and the only package that imports it.

    cluster   connects to Ray, or starts it here, and notices when a cluster's head is lost
    remote    a Worker as an actor of Ray; ranks, when it is of several
    seat      the place of one worker: keeps it filled with a worker of the model it is given
    slot      Slot: one worker's promise to denoise one request now
    scaling   which seat should hold which model, or be off
    pool      Fleet: the seats, and the lines of those who wait for one of their workers

Nothing is ever repeated inside Ray: a render that was lost is told so, and the job table decides
what becomes of it.
"""

from inference.fleet.pool import Fleet
from inference.fleet.slot import Slot
from inference.values import WorkerStatus

__all__ = ["Fleet", "Slot", "WorkerStatus"]
