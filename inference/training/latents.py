"""The world's layers as latents, each encoded once: training then never paints anything."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from inference.autoencoder import (
    NUMBERS_AT,
    PATCHES,
    PICTURES_AT,
    ROWS,
    TILE_AT,
    LayeredAutoencoder,
)
from inference.layers import NUMBERS, PICTURES
from inference.training.world import Clip, Picture, backdrop, weather_tile
from inference.vocabulary import COLOURS, SCENES, THINGS, WEATHERS, Thing

BACKGROUNDS = (*SCENES, *COLOURS)


class LatentWorld:
    """Latents of any clip of the world.

    pictures: (1 + things, .) and rests: (1 + things, PATCHES, .), the first one empty.
    tiles: (1 + weathers, .), the first one empty.
    """

    def __init__(self, autoencoder: LayeredAutoencoder, pictures: dict[str, Picture]) -> None:
        self.autoencoder = autoencoder
        self.device = autoencoder.device
        every = torch.from_numpy(np.stack([pictures[thing.picture] for thing in THINGS]))
        whole, rest = autoencoder.encode_pictures(every.permute(0, 3, 1, 2).to(self.device))
        self.pictures = torch.cat([torch.zeros_like(whole[:1]), whole])
        self.rests = torch.cat([torch.zeros_like(rest[:1]), rest])
        self._backdrops: dict[tuple[str, int, tuple[int, int]], Tensor] = {}
        tiles = [weather_tile("")] + [weather_tile(weather.name) for weather in WEATHERS]
        self.tiles = autoencoder.encode_tile(torch.stack(tiles).to(self.device))
        self._thing = {thing.picture: 1 + number for number, thing in enumerate(THINGS)}
        self._weather = {one.name: 1 + number for number, one in enumerate(WEATHERS)}

    def _picture(self, thing: Thing | None) -> int:
        return 0 if thing is None else self._thing[thing.picture]

    def _backdrop(self, clip: Clip) -> Tensor:
        """A backdrop's latents (tokens, .), painted when it is first needed."""
        background, variant = clip.story.background, clip.staging.variant
        key = (background.name, variant, clip.shape)
        if key not in self._backdrops:
            painted = backdrop(background, variant, clip.shape)[None].to(self.device)
            self._backdrops[key] = self.autoencoder.encode_backdrop(painted)[0]
        return self._backdrops[key]

    def tokens(self, clips: Sequence[Clip], given: Tensor) -> Tensor:
        """The used tokens (B, N, C) of clips of one shape and two latent frames.

        given: (B,), whether the first frame is a given picture; others are as words can make them.
        """
        stories = [clip.story for clip in clips]
        things = torch.tensor(
            [[self._picture(story.first), self._picture(story.second)] for story in stories]
        )
        weathers = [
            0 if story.weather is None else self._weather[story.weather.name] for story in stories
        ]
        stagings = [clip.staging for clip in clips]
        places = torch.from_numpy(np.stack([one.places for one in stagings])).to(self.device)
        view = torch.from_numpy(np.stack([one.view for one in stagings])).to(self.device)
        tracks = torch.from_numpy(np.stack([one.tracks for one in stagings])).to(self.device)
        first = self.autoencoder.assemble(
            torch.stack([self._backdrop(clip) for clip in clips]),
            self.pictures[things],
            self.rests[things[:, 0] * given],
            self.tiles[weathers],
            self.autoencoder.encode_numbers(places, view),
        )
        return torch.cat([first, self.autoencoder.track_tokens(tracks)], dim=1)


def loss_weights(autoencoder: LayeredAutoencoder, shape: tuple[int, int]) -> Tensor:
    """How much each number of the used tokens counts, (N, C), 1 on average.

    Those that hold nothing count nothing; those that are few and decide most count most.
    """
    tokens = shape[0] * shape[1]
    config = autoencoder.config
    weights = torch.zeros(tokens + ROWS, autoencoder.channels)
    weights[:tokens, : config.backdrop_channels] = 1.0
    others = weights[:, config.backdrop_channels :]
    others[:PATCHES, : config.patch_channels] = 0.1
    others[NUMBERS_AT : NUMBERS_AT + ROWS, :NUMBERS] = 60.0
    others[PICTURES_AT : PICTURES_AT + PICTURES, : config.picture_channels] = 8.0
    others[TILE_AT, : config.tile_channels] = 60.0
    weights[tokens:, : config.track_channels] = 25.0
    return weights / weights.mean()
