"""A diffusers pipeline put onto a device as a plan says, and taken back."""

import gc
from typing import Any

from inference.plan import GIB, Needs, Plan, working
from inference.values import ModelUnavailable


def needs(diffusion: Any, memory_gib: float) -> Needs:
    """What the pipeline takes. memory_gib: as its entry states it, weights and all."""
    weights = weights_gib(diffusion)
    return Needs(weights=weights, working=working(memory_gib, weights))


def weights_gib(diffusion: Any) -> dict[str, float]:
    """What the weights of each component take."""
    return {
        name: sum(_bytes(one) for one in _tensors(module)) / GIB
        for name, module in _modules(diffusion).items()
    }


def room_gib(diffusion: Any, device: str) -> float:
    """Memory of a device that the pipeline may fill: what nobody has taken, and what itself has."""
    give_back_memory()
    return free_gib(device) + held_gib(diffusion, device)


def held_gib(diffusion: Any, device: str) -> float:
    """What the pipeline's weights take of a device now, as random ones do, which are made there."""
    import torch

    kind = torch.device(device).type
    tensors = (one for module in _modules(diffusion).values() for one in _tensors(module))
    return sum(_bytes(one) for one in tensors if one.device.type == kind) / GIB


def free_gib(device: str) -> float:
    """Memory of a device that nobody has taken; the main memory is not asked."""
    import torch

    if not device.startswith("cuda"):
        return float("inf")
    return float(torch.cuda.mem_get_info(device)[0]) / GIB


def gpus() -> int:
    """How many this machine has."""
    import torch

    return torch.cuda.device_count() if torch.cuda.is_available() else 0


def expect(device: str) -> None:
    """Return only when torch can use such a device here. Raises: ModelUnavailable."""
    if device.startswith("cuda") and not gpus():
        raise ModelUnavailable("This model needs a GPU, and torch can use none on this machine.")


def largest_gpu_gib() -> float:
    """All the memory of this machine's largest GPU; 0 where there is none."""
    import torch

    sizes = (torch.cuda.get_device_properties(gpu).total_memory for gpu in range(gpus()))
    return float(max(sizes, default=0)) / GIB


def place(diffusion: Any, plan: Plan, device: str) -> None:
    """Hold the pipeline as the plan says, however it was held before.

    Raises: what torch raises when the device has not that much memory.
    """
    import torch

    take_off(diffusion)
    if plan.streamed:
        onto_gpu = device.startswith("cuda")
        diffusion.enable_group_offload(
            onload_device=torch.device(device),
            offload_type="leaf_level",
            use_stream=onto_gpu,  # the next layer comes while this one works
            exclude_modules=[name for name in _modules(diffusion) if name not in plan.streamed],
        )
    else:
        diffusion.to(device)
    decoder = diffusion.vae
    if plan.tiled and hasattr(decoder, "enable_tiling"):
        decoder.enable_tiling()
    elif hasattr(decoder, "disable_tiling"):
        decoder.disable_tiling()


def take_off(diffusion: Any) -> None:
    """Undo what place() did to have weights streamed."""
    from diffusers.hooks import HookRegistry
    from diffusers.hooks import group_offloading as streaming

    for module in _modules(diffusion).values():
        if any(hasattr(part, "_diffusers_hook") for part in module.modules()):
            registry = HookRegistry.check_if_exists_or_initialize(module)
            for hook in (
                streaming._GROUP_OFFLOADING,
                streaming._LAYER_EXECUTION_TRACKER,
                streaming._LAZY_PREFETCH_GROUP_OFFLOADING,
            ):
                registry.remove_hook(hook, recurse=True)


def give_back_memory() -> None:
    """Have torch and Python let go of what nobody uses."""
    import torch

    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def _tensors(module: Any) -> tuple[Any, ...]:
    return (*module.parameters(), *module.buffers())


def _bytes(tensor: Any) -> int:
    """What a tensor takes; one in 8 bits says bfloat16 of itself, and holds other tensors."""
    from torch.utils._python_dispatch import is_traceable_wrapper_subclass

    if is_traceable_wrapper_subclass(tensor):
        names, _ = tensor.__tensor_flatten__()
        return sum(_bytes(getattr(tensor, name)) for name in names)
    return int(tensor.numel() * tensor.element_size())


def _modules(diffusion: Any) -> dict[str, Any]:
    import torch

    return {
        name: part
        for name, part in diffusion.components.items()
        if isinstance(part, torch.nn.Module)
    }
