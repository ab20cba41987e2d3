"""Several processes, a GPU each, that share the work of one clip.

All of them hold the same pipeline and run the same renders in the same order; diffusers has each
transformer's tokens parted among them (context parallelism, DeepSpeed Ulysses: arXiv 2309.14509),
so every forward is one of all ranks together. Rank 0 leads: it says what is rendered, and it
alone decodes. Whether to go on is agreed upon before each step, since a rank that stopped by itself
would leave the others waiting in the middle of a forward.

On a CPU diffusers cannot part them: each rank then computes everything, to the same end.
"""

import contextlib
import datetime
import os
import socket
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias

from inference.values import (
    Progress,
    RenderCancelled,
    Request,
    RequestRejected,
    Stage,
    WorkerLost,
)

if TYPE_CHECKING:
    from inference.pipeline import Pipeline

OnProgress: TypeAlias = Callable[[Progress], None]
Cancelled: TypeAlias = Callable[[], bool]
# Between two requests nothing is said, and whoever is lost is noticed by Ray: nobody gives up.
_PATIENCE = datetime.timedelta(days=365)
_START = datetime.timedelta(minutes=10)  # Meanwhile the others' processes start and import torch.
_HERE = "127.0.0.1"


class Ranks:
    """This process's place among the ranks. Its methods block, and are called by one thread.

    They raise RuntimeError, as torch does, when another rank is lost.
    """

    def __init__(self, rank: int, size: int, *, device: str, port: int | None = None) -> None:
        """Say which of how many ranks this is, without a word to the others yet.

        port: where rank 0 listens, on this machine and to it alone; None for rank 0, which then
        has it as `self.port`.
        """
        self._rank = rank
        self.size = size
        self._device = device
        self._listener: socket.socket | None = None
        if port is None:
            self._listener = socket.create_server((_HERE, 0))
            port = self._listener.getsockname()[1]
        self.port: int = port

    def join(self) -> None:
        """Return when all ranks are there."""
        from torch import distributed
        from torch._C._distributed_c10d import TCPStore

        if distributed.is_initialized():
            return
        for library in ("GLOO", "NCCL"):  # All are on one machine, and nobody else is to hear them.
            os.environ[f"{library}_SOCKET_IFNAME"] = "lo"
        store = TCPStore(
            _HERE,
            self.port,
            self.size,
            is_master=self._listener is not None,
            timeout=_START,
            wait_for_workers=False,
            master_listen_fd=None if self._listener is None else self._listener.detach(),
        )
        distributed.init_process_group(
            "cpu:gloo,cuda:nccl" if self._device == "cuda" else "gloo",
            store=store,
            rank=self._rank,
            world_size=self.size,
            timeout=_PATIENCE,
        )

    def wait_for_all(self) -> None:
        """Return when all ranks have come to this point."""
        import torch
        from torch import distributed

        distributed.all_reduce(torch.zeros(1))

    @contextlib.contextmanager
    def in_step(
        self, request: Request, on_progress: OnProgress, cancelled: Cancelled
    ) -> Iterator[tuple[OnProgress, Cancelled]]:
        """For a render of all ranks: the same callbacks, made so that none leaves another behind.

        Raises: WorkerLost for whatever happens to one rank alone while they work together.
        """
        together = True

        def report(progress: Progress) -> None:
            nonlocal together
            together = together and progress.stage is not Stage.DECODE
            on_progress(progress)

        def stop() -> bool:
            return self._agree(cancelled()) if together else cancelled()

        try:
            if self._rank == 0:
                self._tell(request)
            yield report, stop
        except (RequestRejected, RenderCancelled):
            raise  # They happen to all ranks alike.
        except Exception as error:
            if together:
                raise WorkerLost(f"The ranks are out of step: {error}") from error
            raise

    def follow(self, pipeline: "Pipeline") -> NoReturn:
        """Render what rank 0 renders, up to the decode, until one of the ranks is lost.

        Raises: what happened; this process has to end then.
        """
        while True:
            request = self._tell(None)
            with contextlib.suppress(RequestRejected, RenderCancelled):
                pipeline.render(request, on_progress=_leave_at_decode, cancelled=_never)

    def _tell(self, request: Request | None) -> Request:
        """The request of rank 0, on every rank."""
        import torch
        from torch import distributed

        said: list[Any] = [request]
        distributed.broadcast_object_list(said, 0, device=torch.device("cpu"))
        heard: Request = said[0]
        return heard

    def _agree(self, stop: bool) -> bool:
        """Whether rank 0 wants to stop, on every rank."""
        import torch
        from torch import distributed

        said = torch.tensor([stop])
        distributed.broadcast(said, 0)
        return bool(said.item())


def _leave_at_decode(progress: Progress) -> None:
    if progress.stage is Stage.DECODE:
        raise RenderCancelled("Rank 0 decodes.")


def _never() -> bool:
    return False
