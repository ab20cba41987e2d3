"""An autoencoder that fails on demand: the width of a clip says how."""

import threading
from typing import Any

import torch
from diffusers import AutoencoderKLLTXVideo, ModelMixin

PIXELS = 32
# Latent width -> what goes wrong; the tiny model's own clips are 2 wide.
MEMORY, SILENCE, GPU, NUMBERS, BUG = 3, 4, 5, 6, 7
FAULTS = {
    "memory": (MEMORY * PIXELS, 64),
    "silence": (SILENCE * PIXELS, 64),
    "gpu": (GPU * PIXELS, 64),
    "numbers": (NUMBERS * PIXELS, 64),
    "bug": (BUG * PIXELS, 64),
}


class FaultyAutoencoder(AutoencoderKLLTXVideo, ModelMixin):  # diffusers looks for that name here
    def decode(self, z: torch.Tensor, *arguments: Any, **options: Any) -> Any:
        """Decode (B, C, T, H, W) latents, unless W names a fault."""
        match z.shape[-1]:
            case 3:
                raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 9 GiB.")
            case 4:
                threading.Event().wait()
            case 5:
                raise torch.AcceleratorError("CUDA error: an illegal memory access")
            case 7:
                raise RuntimeError("shapes do not fit")
        decoded = super().decode(z, *arguments, **options)
        if z.shape[-1] == NUMBERS:
            decoded[0].fill_(float("nan"))
        return decoded
