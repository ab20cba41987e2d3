"""The built-in model's autoencoder: principal components of space-time patches, refined.

A clip of 1 + k * patch_frames frames becomes 1 + k latent frames: the first frame, repeated, fills
a patch of its own, as in LTX-Video (https://arxiv.org/abs/2501.00103). Encoding and decoding are
one matrix product each (Pearson 1901; Hotelling 1933); a small network then redraws each frame.
"""

from types import SimpleNamespace
from typing import Any

import torch
from diffusers import ModelMixin
from diffusers.configuration_utils import ConfigMixin, register_to_config
from diffusers.models.autoencoders.vae import DecoderOutput
from torch import Tensor, nn

from inference.refiner import Refiner


class PatchAutoencoder(ModelMixin, ConfigMixin):
    """Linear but for its last layers, with the interface that diffusers' LTX pipelines expect.

    patch_frames, patch_size: frames and pixels a side of one patch.
    latent_channels: numbers that a patch becomes.
    refiner_channels: widths of the network that redraws each decoded frame (refiner.py).
    """

    @register_to_config
    def __init__(
        self,
        patch_frames: int = 8,
        patch_size: int = 32,
        latent_channels: int = 192,
        refiner_channels: tuple[int, ...] = (48, 96, 160),
        scaling_factor: float = 1.0,  # noqa: ARG002 - read from the config by the pipeline
        timestep_conditioning: bool = False,  # noqa: ARG002 - likewise
    ) -> None:
        super().__init__()
        self.temporal_compression_ratio = patch_frames
        self.spatial_compression_ratio = patch_size
        values = patch_frames * patch_size * patch_size * 3
        self.mean = nn.Parameter(torch.zeros(values), requires_grad=False)
        # Rows of unit length; latents are divided by `scale`, about the root of their deviation,
        # so that the first components do not drown the others.
        self.basis = nn.Parameter(torch.zeros(latent_channels, values), requires_grad=False)
        self.scale = nn.Parameter(torch.ones(latent_channels), requires_grad=False)
        self.refiner = Refiner(refiner_channels)
        self.register_buffer("latents_mean", torch.zeros(latent_channels), persistent=False)
        self.register_buffer("latents_std", torch.ones(latent_channels), persistent=False)

    def patches(self, video: Tensor) -> Tensor:
        """(B, 3, 1 + k * patch_frames, H, W) to (B, 1 + k, H / size, W / size, values)."""
        time, size = self.temporal_compression_ratio, self.spatial_compression_ratio
        first = video[:, :, :1].repeat_interleave(time, dim=2)
        video = torch.cat([first, video[:, :, 1:]], dim=2)
        batch, channels, frames, height, width = video.shape
        video = video.reshape(
            batch, channels, frames // time, time, height // size, size, width // size, size
        )
        return video.permute(0, 2, 4, 6, 3, 5, 7, 1).flatten(4)

    def _unpatch(self, patches: Tensor) -> Tensor:
        time, size = self.temporal_compression_ratio, self.spatial_compression_ratio
        batch, frames, rows, columns, _ = patches.shape
        video = patches.reshape(batch, frames, rows, columns, time, size, size, 3)
        video = video.permute(0, 7, 1, 4, 2, 5, 3, 6)
        video = video.reshape(batch, 3, frames * time, rows * size, columns * size)
        # The first patch holds the first frame, repeated.
        return video[:, :, time - 1 :]

    def encode(self, video: Tensor, *_: Any, **__: Any) -> Any:
        """Latents (B, C, 1 + k, H / size, W / size) of a video in -1 to 1; nothing is sampled."""
        latents = (self.patches(video) - self.mean) @ self.basis.T / self.scale
        latents = latents.permute(0, 4, 1, 2, 3)
        distribution = SimpleNamespace(
            sample=lambda *_: latents, mode=lambda: latents, mean=latents
        )
        return SimpleNamespace(latent_dist=distribution)

    def decode_patches(self, latents: Tensor) -> Tensor:
        """The linear part of decode()."""
        patches = (latents.permute(0, 2, 3, 4, 1) * self.scale) @ self.basis + self.mean
        return self._unpatch(patches)

    def refine(self, video: Tensor) -> Tensor:
        """The same video (B, 3, T, H, W), redrawn frame by frame."""
        frames = video.transpose(1, 2).flatten(0, 1)
        refined: Tensor = self.refiner(frames)
        batch, channels, time, height, width = video.shape
        return refined.reshape(batch, time, channels, height, width).transpose(1, 2)

    def decode(
        self, latents: Tensor, temb: Tensor | None = None, return_dict: bool = True
    ) -> DecoderOutput | tuple[Tensor]:
        """Video (B, 3, 1 + k * patch_frames, H, W), about -1 to 1. temb: diffusers', unused."""
        del temb
        video = self.refine(self.decode_patches(latents))
        return DecoderOutput(sample=video) if return_dict else (video,)
