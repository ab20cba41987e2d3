"""An autoencoder that fails on demand: the width of a clip says how."""

import os
import threading
from typing import Any

import torch
from diffusers import AutoencoderKLLTXVideo, ModelMixin

from tests.inference import entries

GATE = "TEST_GATE"  # in the environment: a path


class FaultyAutoencoder(AutoencoderKLLTXVideo, ModelMixin):  # diffusers looks for that name here
    def decode(self, z: torch.Tensor, *arguments: Any, **options: Any) -> Any:
        """Decode (B, C, T, H, W) latents, unless W names a fault."""
        match z.shape[-1]:
            case entries.MEMORY:
                raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 9 GiB.")
            case entries.TIGHT | entries.GPU_LATER if not self.use_tiling:
                raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 5 GiB.")
            case entries.GPU_LATER:
                raise torch.AcceleratorError("CUDA error: an illegal memory access")
            case entries.SILENCE:
                threading.Event().wait()
            case entries.GATED:
                # Until somebody opens the other end of this named pipe.
                os.close(os.open(os.environ[GATE], os.O_RDONLY))
            case entries.GPU:
                raise torch.AcceleratorError("CUDA error: an illegal memory access")
            case entries.BUG:
                raise RuntimeError("shapes do not fit")
        decoded = super().decode(z, *arguments, **options)
        if z.shape[-1] == entries.NUMBERS:
            decoded[0].fill_(float("nan"))
        return decoded
