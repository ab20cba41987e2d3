"""What a forward has to compute, and how much of that a device does in a second."""

import time
from collections.abc import Callable
from typing import Any

_ROUNDS = 3


class Counted(Exception):
    """A forward is over; the rest of the clip is not needed."""


def forward_flops(transformer: Any, call: Callable[[], Any]) -> int:
    """FLOPs of the first forward of a transformer that `call` leads to, and stops after.

    A product of (m, k) and (k, n) is 2 m k n, convolutions and attention likewise (both of its
    products, the whole square); all else is left out: torch.utils.flop_counter, on this very
    forward with its own shapes. Attention kernels that are not torch's are not seen, so it has to
    be the plain call.
    """
    import torch
    from torch.utils.flop_counter import FlopCounterMode, sdpa_flop_count

    def attention(query: Any, key: Any, value: Any, *_: Any, **__: Any) -> int:
        return int(sdpa_flop_count(query, key, value))

    # The one kernel that torch 2.13 does not count, which is that of CPUs.
    on_cpu = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu
    counter = FlopCounterMode(display=False, custom_mapping={on_cpu: attention})

    def begin(*_: Any) -> None:
        counter.__enter__()

    def end(*_: Any) -> None:
        counter.__exit__(None, None, None)
        raise Counted

    hooks = [
        transformer.register_forward_pre_hook(begin),
        transformer.register_forward_hook(end),
    ]
    try:
        call()
    except Counted:
        pass
    finally:
        for hook in hooks:
            hook.remove()
    return int(counter.get_total_flops())


def matmul_flops_a_second(device: str, dtype: Any) -> tuple[int, float]:
    """(n, FLOP/s) of torch's product of two n x n matrices: the best of some rounds, warm.

    What an arithmetic of any model can reach on this device at most, or a little more.
    """
    import torch

    size, repeats = (8192, 10) if device.startswith("cuda") else (1024, 2)
    one, other = (torch.randn(size, size, device=device).to(dtype) for _ in range(2))
    best = 0.0
    for _ in range(_ROUNDS + 1):
        wait(device)
        began = time.perf_counter()
        for _ in range(repeats):
            one @ other
        wait(device)
        best = max(best, 2 * size**3 * repeats / (time.perf_counter() - began))
    return size, best


def wait(device: str) -> None:
    """Return when the device has done what it was told."""
    import torch

    if device.startswith("cuda"):
        torch.cuda.synchronize(device)
