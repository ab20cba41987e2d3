"""Frames from layers: warp each layer, lay one over the other, and look at them through a lens.

Warping is bilinear sampling on an affine grid (Jaderberg et al. 2015, "Spatial Transformer
Networks"); layers are laid over one another premultiplied (Porter and Duff 1984).
"""

import torch
from torch import Tensor
from torch.nn import functional

from inference.layers import (
    BLUE,
    BLUR,
    COLOURFULNESS,
    EXPOSURE,
    LOG_SIZE,
    MIRRORED,
    PLACES,
    RED,
    SECOND,
    SECOND_IN_FRONT,
    SHOWN,
    TINT,
    TURN,
    UNIT,
    VIEW,
    WIND_X,
    WIND_Y,
    Layers,
    X,
    Y,
)

LUMINANCE = (0.299, 0.587, 0.114)  # ITU-R BT.601
TINT_FLOOR, TINT_GAIN = 0.3, 0.95  # how a tinted picture keeps its shading
MOST_BLUR_PIXELS = 5.0
# Two sheets of the tile, at these sizes in units and speeds, look deep and hide the repetition.
SHEETS = ((0.5, 1.0), (0.31, 0.7))
LONGEST_LOG_SIZE = 2.5


def compose(layers: Layers, frames_per_second: float) -> Tensor:
    """Videos (B, 3, T, H, W), 0 to 1, of these layers."""
    clips = [_compose(layers.clip(number), frames_per_second) for number in range(len(layers.view))]
    return torch.stack(clips)


def _compose(layers: Layers, frames_per_second: float) -> Tensor:
    height, width = layers.backdrops.shape[-2:]
    moving = layers.moving()[0]  # (T, PLACES + 1, MOVING)
    camera = moving[:, VIEW]
    points = _screen(height, width).to(moving)
    seen = _through_camera(points, camera)  # (T, H, W, 2), in the world
    frames = _sample(
        layers.backdrops, seen * seen.new_tensor([2 * UNIT / width, 2 * UNIT / height])
    )
    for place in _order(layers):
        picture = layers.pictures[0, int(place == SECOND)]
        numbers = layers.places[0, place]
        if numbers[SHOWN] > 0:
            frames = _lay(frames, _tinted(picture, numbers), numbers, moving[:, place], seen)
    frames = _weather(frames, layers, points, frames_per_second)
    return _lens(frames, layers.view[0]).transpose(0, 1)


def _order(layers: Layers) -> list[int]:
    """Places from the back to the front."""
    others = [place for place in range(PLACES) if place != SECOND]
    second_last = bool(layers.view[0, SECOND_IN_FRONT] > 0)
    return [*others, SECOND] if second_last else [SECOND, *others]


def _screen(height: int, width: int) -> Tensor:
    """The middle of every pixel, (H, W, 2), in units."""
    down = (torch.arange(height) + 0.5 - height / 2) / UNIT
    across = (torch.arange(width) + 0.5 - width / 2) / UNIT
    return torch.stack(torch.meshgrid(across, down, indexing="xy"), dim=-1)


def _turned(points: Tensor, angle: Tensor, factor: Tensor) -> Tensor:
    """Points (..., H, W, 2) turned back by angles (T,) and multiplied by factors (T,)."""
    cosine, sine = angle.cos() * factor, angle.sin() * factor
    matrix = torch.stack([torch.stack([cosine, sine], -1), torch.stack([-sine, cosine], -1)], -2)
    return torch.einsum("tij,t...j->ti...", matrix, points).movedim(1, -1)


def _through_camera(points: Tensor, camera: Tensor) -> Tensor:
    """Where in the world the camera sees each pixel, (T, H, W, 2)."""
    still = points.expand(len(camera), *points.shape)
    zoom = camera[:, LOG_SIZE].clamp(-LONGEST_LOG_SIZE, LONGEST_LOG_SIZE).exp()
    turned = _turned(still, -camera[:, TURN], 1 / zoom)
    return turned + camera[:, None, None, [X, Y]]


def _sample(layer: Tensor, grid: Tensor, padding: str = "reflection") -> Tensor:
    """A layer (1, C, h, w) seen at grid (T, H, W, 2), where -1 and 1 are its edges."""
    return functional.grid_sample(
        layer.expand(len(grid), *layer.shape[1:]), grid, padding_mode=padding, align_corners=False
    )


def _tinted(picture: Tensor, numbers: Tensor) -> Tensor:
    """The picture (4, side, side) in the colour of its place, shading kept."""
    colour, alpha = picture[:3], picture[3:]
    shade = torch.einsum("chw,c->hw", colour, colour.new_tensor(LUMINANCE))[None]
    wanted = numbers[RED : BLUE + 1, None, None].clamp(0, 1)
    tinted = wanted * (TINT_FLOOR * alpha + TINT_GAIN * shade)
    tinted = torch.lerp(colour, tinted, numbers[TINT].clamp(0, 1))
    return torch.cat([tinted.clamp(min=0), alpha.clamp(0, 1)])


def _lay(frames: Tensor, picture: Tensor, numbers: Tensor, moving: Tensor, seen: Tensor) -> Tensor:
    """Frames (T, 3, H, W) with the picture over them."""
    size = moving[:, LOG_SIZE].clamp(-LONGEST_LOG_SIZE, LONGEST_LOG_SIZE).exp()
    layer = picture[None]
    # A picture drawn much smaller than it is would flicker: halve it first, as a mipmap does.
    while layer.shape[-1] > 2 * UNIT * float(size.amax()):
        layer = functional.avg_pool2d(layer, 2)
    points = seen - moving[:, None, None, [X, Y]]
    grid = _turned(points, moving[:, TURN], 2 / size)
    if numbers[MIRRORED] > 0:
        grid = grid * grid.new_tensor([-1.0, 1.0])
    drawn = _sample(layer, grid, "zeros")
    return drawn[:, :3] + (1 - drawn[:, 3:]) * frames


def _weather(frames: Tensor, layers: Layers, points: Tensor, frames_per_second: float) -> Tensor:
    """Frames with the particles before them; these lie before the camera, not in the world."""
    if layers.tiles.abs().amax() < 0.05:
        return frames
    seconds = torch.arange(len(frames), dtype=points.dtype) / frames_per_second
    wind = layers.view[0, [WIND_X, WIND_Y]]
    padded = functional.pad(layers.tiles, (1, 1, 1, 1), mode="circular")
    side = layers.tiles.shape[-1]
    for size, speed in SHEETS:
        moved = seconds[:, None] * wind * speed + size  # the sizes set the sheets apart
        where = (points / size)[None] - moved[:, None, None]
        grid = (where.remainder(1) * 2 - 1) * (side / (side + 2))
        drawn = _sample(padded, grid, "zeros")
        frames = drawn[:, :3] + (1 - drawn[:, 3:].clamp(0, 1)) * frames
    return frames


def _lens(frames: Tensor, view: Tensor) -> Tensor:
    """Frames (T, 3, H, W), 0 to 1, exposed, coloured and in focus as the view says."""
    grey = torch.einsum("tchw,c->thw", frames, frames.new_tensor(LUMINANCE))[:, None]
    frames = torch.lerp(grey, frames, view[COLOURFULNESS].clamp(0, 2))
    frames = frames * torch.exp2(view[EXPOSURE].clamp(-4, 4))
    sigma = float(view[BLUR]) * MOST_BLUR_PIXELS
    if sigma > 0.5:
        frames = _blurred(frames, sigma)
    return frames.clamp(0, 1)


def _blurred(frames: Tensor, sigma: float) -> Tensor:
    """Frames under a Gaussian of that many pixels."""
    radius = round(3 * sigma)
    distance = torch.arange(-radius, radius + 1, dtype=frames.dtype)
    weights = torch.exp(-distance.square() / (2 * sigma**2))
    weights = (weights / weights.sum()).expand(3, 1, -1)
    padded = functional.pad(frames, (radius, radius, radius, radius), mode="reflect")
    padded = functional.conv2d(padded, weights[:, :, None, :], groups=3)
    return functional.conv2d(padded, weights[:, :, :, None], groups=3)
