"""The built-in model's autoencoder: a clip as layers, and layers as principal components.

Latent frame 0 holds what the first frame shows: each of its tokens, in raster order, a patch of the
backdrop; besides, one token each of the two pictures and of the particles' tile, five tokens where
everything is, and the first 49 what the components of the first picture leave out, patch by patch
(of a given picture; of a thing that words name it is nothing). Each further latent frame holds in
its first tokens how everything moves during `clip_frames` frames. Encoding and decoding are matrix
products (Pearson 1901; Hotelling 1933) and a compositor (compositor.py).
"""

from types import SimpleNamespace
from typing import Any

import torch
from diffusers import ModelMixin
from diffusers.configuration_utils import ConfigMixin, register_to_config
from diffusers.models.autoencoders.vae import DecoderOutput
from torch import Tensor, nn
from torch.nn import functional

from inference.analysis import Analyst, take_apart
from inference.compositor import compose
from inference.layers import (
    COLOURFULNESS,
    LOG_SIZE,
    MOVING,
    NUMBERS,
    PICTURES,
    PLACES,
    RED,
    SHOWN,
    TINT,
    Layers,
    X,
    Y,
)

# In pixels.
BACKDROP_PATCH = 32
PICTURE_PATCH = 16
PICTURE_SIDE = 112
TILE_SIDE = 128
PATCHES = (PICTURE_SIDE // PICTURE_PATCH) ** 2
ROWS = PLACES + 1  # of numbers: the places, then the view
# Tokens of latent frame 0 that hold more than their patch of the backdrop, after the PATCHES first.
NUMBERS_AT = PATCHES
PICTURES_AT = NUMBERS_AT + ROWS
TILE_AT = PICTURES_AT + PICTURES
# What a number is multiplied by to become a latent: those that matter most stand out of the noise.
PLACE_GAINS = {X: 3.0, Y: 3.0, LOG_SIZE: 2.0}
# How far the moving numbers count in fitting the components of tracks.
TRACK_GAINS = (1.0, 1.0, 0.4, 0.15)


def to_patches(layers: Tensor, side: int) -> Tensor:
    """(B, C, H, W) to (B, H / side * W / side, C * side * side), row by row."""
    return functional.unfold(layers, side, stride=side).transpose(1, 2)


def from_patches(patches: Tensor, side: int, height: int, width: int) -> Tensor:
    """What to_patches() was given."""
    return functional.fold(patches.transpose(1, 2), (height, width), side, stride=side)


class Components(nn.Module):
    """Principal components without a mean: nothing stays nothing.

    basis: (components, values), rows of unit length. Latents are divided by `scale`, about the
    root of their deviation, so that the first components do not drown the others.
    """

    def __init__(self, components: int, values: int) -> None:
        super().__init__()
        self.basis = nn.Parameter(torch.zeros(components, values), requires_grad=False)
        self.scale = nn.Parameter(torch.ones(components), requires_grad=False)

    def encode(self, values: Tensor) -> Tensor:
        """(..., values) to (..., components)."""
        latents: Tensor = values @ self.basis.T / self.scale
        return latents

    def decode(self, latents: Tensor) -> Tensor:
        """(..., components) to (..., values)."""
        values: Tensor = (latents * self.scale) @ self.basis
        return values


class LayeredAutoencoder(ModelMixin, ConfigMixin):
    """Latents (B, C, 1 + k, H / 32, W / 32) of clips of 1 + k * clip_frames frames.

    backdrop_channels, patch_channels: components kept of a patch of the backdrop, of a picture.
    picture_channels, tile_channels: components kept of a whole picture (eigenpictures: Sirovich and
        Kirby 1987), of a whole tile. track_channels: of the movement of one place.
    analyst_channels: widths of the network that takes a given picture apart (analysis.py).
    """

    @register_to_config
    def __init__(
        self,
        clip_frames: int = 60,
        frames_per_second: int = 12,  # noqa: ARG002 - read from the config
        backdrop_channels: int = 128,
        patch_channels: int = 112,
        picture_channels: int = 512,
        tile_channels: int = 10,
        track_channels: int = 32,
        analyst_channels: tuple[int, ...] = (32, 64, 96, 128),
        scaling_factor: float = 1.0,  # noqa: ARG002 - read from the config by the pipeline
        timestep_conditioning: bool = False,  # noqa: ARG002 - likewise
    ) -> None:
        super().__init__()
        self.temporal_compression_ratio = clip_frames
        self.spatial_compression_ratio = BACKDROP_PATCH
        self.backdrop = Components(backdrop_channels, 3 * BACKDROP_PATCH**2)
        self.patch = Components(patch_channels, 4 * PICTURE_PATCH**2)
        self.picture = Components(picture_channels, PATCHES * patch_channels)
        self.tile = Components(tile_channels, 4 * TILE_SIDE**2)
        self.track = Components(track_channels, clip_frames * MOVING)
        self.analyst = Analyst(analyst_channels)
        self.channels = backdrop_channels + max(
            patch_channels, picture_channels, tile_channels, NUMBERS
        )
        self.register_buffer("latents_mean", torch.zeros(self.channels), persistent=False)
        self.register_buffer("latents_std", torch.ones(self.channels), persistent=False)
        gains = torch.ones(NUMBERS)
        for column, gain in PLACE_GAINS.items():
            gains[column] = gain
        self.register_buffer("number_gains", gains, persistent=False)
        self.register_buffer("track_gains", torch.tensor(TRACK_GAINS), persistent=False)

    def encode_pictures(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """(..., 4, side, side) to the whole (..., picture_channels) and what that leaves out.

        The rest: (..., PATCHES, patch_channels).
        """
        leading = pictures.shape[:-3]
        patches = to_patches(pictures.flatten(0, -4), PICTURE_PATCH) @ self.patch.basis.T
        whole = self.picture.encode(patches.flatten(1))
        rest = patches - self.picture.decode(whole).view_as(patches)
        rest = rest / self.patch.scale
        return whole.unflatten(0, leading), rest.unflatten(0, leading)

    def decode_pictures(self, whole: Tensor, rest: Tensor) -> Tensor:
        """What encode_pictures() was given, (B, 4, side, side) of (B, .) and (B, PATCHES, .)."""
        patches = self.picture.decode(whole).view_as(rest) + rest * self.patch.scale
        return from_patches(patches @ self.patch.basis, PICTURE_PATCH, PICTURE_SIDE, PICTURE_SIDE)

    def encode_backdrop(self, backdrops: Tensor) -> Tensor:
        """(B, 3, H, W), 0 to 1, to (B, tokens, backdrop_channels)."""
        return self.backdrop.encode(to_patches(backdrops * 2 - 1, BACKDROP_PATCH))

    def encode_tile(self, tiles: Tensor) -> Tensor:
        """(B, 4, TILE_SIDE, TILE_SIDE) to (B, tile_channels)."""
        return self.tile.encode(tiles.flatten(1))

    def encode_numbers(self, places: Tensor, view: Tensor) -> Tensor:
        """Numbers at the first frame to (B, ROWS, NUMBERS); what is not shown becomes zero."""
        places = places.clone()
        places[..., RED : TINT + 1] = places[..., RED : TINT + 1] * 2 - 1
        hidden = places[..., SHOWN] < 0
        places[hidden] = 0
        places[..., SHOWN][hidden] = -1
        view = view.clone()
        view[..., COLOURFULNESS] -= 1
        numbers: Tensor = torch.cat([places, view[:, None]], dim=1) * self.number_gains
        return numbers

    def _decode_numbers(self, numbers: Tensor) -> tuple[Tensor, Tensor]:
        numbers = numbers / self.number_gains
        places, view = numbers[:, :PLACES].clone(), numbers[:, PLACES].clone()
        places[..., RED : TINT + 1] = (places[..., RED : TINT + 1] + 1) / 2
        view[..., COLOURFULNESS] += 1
        return places, view

    def encode_tracks(self, tracks: Tensor) -> Tensor:
        """(B, clip_frames, ROWS, MOVING) to (B, ROWS, track_channels)."""
        return self.track.encode((tracks * self.track_gains).transpose(1, 2).flatten(2))

    def _decode_tracks(self, latents: Tensor) -> Tensor:
        frames = self.temporal_compression_ratio
        tracks: Tensor = self.track.decode(latents).unflatten(2, (frames, MOVING))
        moved: Tensor = tracks / self.track_gains
        return moved.transpose(1, 2)

    def assemble(
        self, backdrop: Tensor, pictures: Tensor, rest: Tensor, tile: Tensor, numbers: Tensor
    ) -> Tensor:
        """Latent frame 0, (B, tokens, C), of the layers' latents.

        backdrop: (B, tokens, .). pictures: (B, PICTURES, .). rest: (B, PATCHES, .), of the first
        picture. tile: (B, .). numbers: (B, ROWS, NUMBERS).
        """
        first = functional.pad(backdrop, (0, self.channels - backdrop.shape[2]))
        others = first[:, :, backdrop.shape[2] :]
        others[:, :PATCHES, : rest.shape[2]] = rest
        others[:, NUMBERS_AT : NUMBERS_AT + ROWS, :NUMBERS] = numbers
        others[:, PICTURES_AT : PICTURES_AT + PICTURES, : pictures.shape[2]] = pictures
        others[:, TILE_AT, : tile.shape[1]] = tile
        return first

    def track_tokens(self, tracks: Tensor) -> Tensor:
        """The used tokens (B, ROWS, C) of a further latent frame."""
        moved = self.encode_tracks(tracks)
        return functional.pad(moved, (0, self.channels - moved.shape[2]))

    def to_latents(self, tokens: Tensor, grid: tuple[int, int, int]) -> Tensor:
        """Used tokens (B, N, C), in order, as latents (B, C, *grid).

        grid: latent frames, rows, columns.
        """
        frames, rows, columns = grid
        size = rows * columns
        first, *later = tokens.split([size] + [ROWS] * (frames - 1), dim=1)
        padded = [functional.pad(part, (0, 0, 0, size - ROWS)) for part in later]
        latents: Tensor = torch.cat([first, *padded], dim=1).transpose(1, 2).unflatten(2, grid)
        return latents

    def layers(self, latents: Tensor) -> Layers:
        """What latents (B, C, 1 + k, h, w) stand for."""
        rows, columns = latents.shape[-2:]
        config = self.config
        first = latents[:, :, 0].flatten(2).transpose(1, 2)
        backdrop, others = first.tensor_split([config.backdrop_channels], dim=2)
        height, width = rows * BACKDROP_PATCH, columns * BACKDROP_PATCH
        drawn = from_patches(self.backdrop.decode(backdrop), BACKDROP_PATCH, height, width)
        rest = others[:, :PATCHES, : config.patch_channels]
        whole = others[:, PICTURES_AT : PICTURES_AT + PICTURES, : config.picture_channels]
        rests = (rest, torch.zeros_like(rest))
        pictures = [self.decode_pictures(whole[:, n], rests[n]) for n in range(PICTURES)]
        tiles = self.tile.decode(others[:, TILE_AT, : config.tile_channels])
        numbers = others[:, NUMBERS_AT : NUMBERS_AT + ROWS, :NUMBERS]
        places, view = self._decode_numbers(numbers)
        return Layers(
            backdrops=(drawn + 1) / 2,
            pictures=torch.stack(pictures, dim=1).clamp(0, 1),
            tiles=tiles.unflatten(1, (4, TILE_SIDE, TILE_SIDE)).clamp(0, 1),
            places=places,
            view=view,
            tracks=self._all_tracks(latents[:, :, 1:]),
        )

    def _all_tracks(self, latents: Tensor) -> Tensor:
        """Movement since the first frame, of further latent frames (B, C, k, h, w)."""
        batch, _, count = latents.shape[:3]
        moved = latents.new_zeros(batch, 1, ROWS, MOVING)
        tracks = [moved[:, :0]]
        for number in range(count):
            tokens = latents[:, :, number].flatten(2).transpose(1, 2)
            leg = self._decode_tracks(tokens[:, :ROWS, : self.config.track_channels]) + moved
            tracks.append(leg)
            moved = leg[:, -1:]
        return torch.cat(tracks, dim=1)

    def encode_layers(self, layers: Layers) -> Tensor:
        """Latent frame 0, (B, tokens, C), of layers."""
        whole, rest = self.encode_pictures(layers.pictures)
        return self.assemble(
            self.encode_backdrop(layers.backdrops),
            whole,
            rest[:, 0],
            self.encode_tile(layers.tiles),
            self.encode_numbers(layers.places, layers.view),
        )

    def encode(self, video: Tensor, *_: Any, **__: Any) -> Any:
        """Latents of a video in -1 to 1: its first frame, taken apart, standing still.

        Nothing is sampled.
        """
        frames = (video[:, :, 0].float() + 1) / 2
        first = self.encode_layers(take_apart(self.analyst, frames, PICTURE_SIDE, TILE_SIDE))
        rows, columns = (side // BACKDROP_PATCH for side in video.shape[-2:])
        further = (video.shape[2] - 1) // self.temporal_compression_ratio
        still = first.new_zeros(len(first), ROWS * further, first.shape[2])
        latents = self.to_latents(torch.cat([first, still], dim=1), (1 + further, rows, columns))
        distribution = SimpleNamespace(
            sample=lambda *_: latents, mode=lambda: latents, mean=latents
        )
        return SimpleNamespace(latent_dist=distribution)

    def decode(
        self, latents: Tensor, temb: Tensor | None = None, return_dict: bool = True
    ) -> DecoderOutput | tuple[Tensor]:
        """Video (B, 3, 1 + k * clip_frames, H, W), -1 to 1. temb: diffusers', unused."""
        del temb
        video = compose(self.layers(latents), self.config.frames_per_second) * 2 - 1
        return DecoderOutput(sample=video) if return_dict else (video,)
