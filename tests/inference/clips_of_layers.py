"""Layers made by hand."""

import torch

from inference.layers import (
    COLOURFULNESS,
    LOG_SIZE,
    MIRRORED,
    MOVING,
    NUMBERS,
    PICTURES,
    PLACES,
    SHOWN,
    Layers,
    X,
    Y,
)

SIDE, TILE = 112, 128


def plain_layers(width: int = 256, height: int = 256, frames: int = 1) -> Layers:
    """One clip of a grey backdrop; its pictures are a red and a green square, not shown."""
    pictures = torch.zeros(1, PICTURES, 4, SIDE, SIDE)
    pictures[:, :, 3] = 1
    pictures[:, 0, 0] = 1
    pictures[:, 1, 1] = 1
    places = torch.zeros(1, PLACES, NUMBERS)
    places[..., SHOWN] = places[..., MIRRORED] = -1
    view = torch.zeros(1, NUMBERS)
    view[:, COLOURFULNESS] = 1
    return Layers(
        backdrops=torch.full((1, 3, height, width), 0.5),
        pictures=pictures,
        tiles=torch.zeros(1, 4, TILE, TILE),
        places=places,
        view=view,
        tracks=torch.zeros(1, frames - 1, PLACES + 1, MOVING),
    )


def show(layers: Layers, place: int, x: float, y: float, log_size: float = -1.0) -> None:
    """Show a place's picture there."""
    layers.places[0, place, SHOWN] = 1
    layers.places[0, place, [X, Y, LOG_SIZE]] = torch.tensor([x, y, log_size])
