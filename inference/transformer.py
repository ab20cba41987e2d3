"""The built-in model's transformer: LTX-Video's, told what each token is for, drawing clean clips.

LTX-Video knows positions by rotary embeddings alone, which tell tokens how far apart they are but
not where the frame ends: on pure noise every token would see the same. A model this small cannot
learn its way around that, so its input layer adds a learned position (as in Vaswani et al. 2017).

It predicts the clean clip and derives the velocity from it (Li and He 2025, "Back to Basics"): to
predict the velocity itself means to pass the noise of hundreds of numbers a token through the
stream, which leaves less room for the picture.

What a word says need not pass through the stream either: `Naming` carries what a thing looks like,
what falls from the sky or how all moves straight from the word to the token that holds it.

Tokens that hold nothing (autoencoder.py: all but the first few of each later latent frame) are
left out of all computing.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from diffusers import LTXVideoTransformer3DModel
from diffusers.configuration_utils import register_to_config
from diffusers.models.modeling_outputs import Transformer2DModelOutput
from diffusers.models.modeling_utils import ModelMixin
from torch import Tensor, nn

# diffusers finds out how to load a class by its parent's name in the class's own module
# (pipeline_loading_utils.py, `get_class_obj_and_candidates`).
__all__ = ["LayerTransformer", "ModelMixin"]

TIMESTEPS = 1000  # that of pure noise
LEAST_NOISE = 0.15  # Below it the error's weight, 1 / noise^2, would outgrow all others.
COORDINATE = 160.0  # of one row or column, of LTX-Video's 2048
KEY_WIDTH = 64
ALIKE = 256  # numbers of a word's embedding that begin as those of its picture (training/train.py)


class Named(NamedTuple):
    """Tokens of a latent frame that `Naming` fills, and in which of their channels.

    looks: how many words each token can hear at once. shared: whether its tokens make the same of
    a word, as two pictures do of the thing that it names.
    """

    first_token: int
    tokens: int
    first_channel: int
    channels: int
    looks: int = 1
    shared: bool = False


class Naming(nn.Module):
    """For each of some tokens a few looks at the words, whose values add up to its numbers.

    A pointer to the words that name it (as in See, Liu and Manning 2017): attention with learned
    queries. words: the width of the words' embeddings; with shared values its first numbers begin
    as the first of a picture's.
    """

    def __init__(self, named: Named, words: int) -> None:
        super().__init__()
        self.query = nn.Parameter(torch.randn(named.tokens, named.looks, KEY_WIDTH))
        self.key = nn.Linear(words, KEY_WIDTH, bias=False)
        kinds = 1 if named.shared else named.tokens
        self.value = nn.Parameter(torch.zeros(kinds, named.looks, words, named.channels))
        if named.shared:
            alike = min(words, named.channels, ALIKE)
            self.value.data[:, :, :alike, :alike] = torch.eye(alike)

    def forward(self, text: Tensor, mask: Tensor | None) -> Tensor:
        """(B, tokens, channels) of text (B, L, words); mask: (B, L), 1 for words."""
        likeness = torch.einsum("tqk,blk->btql", self.query, self.key(text)) / KEY_WIDTH**0.5
        if mask is not None:
            likeness = likeness.masked_fill(mask[:, None, None] == 0, float("-inf"))
        heard = torch.einsum("btql,blw->btqw", likeness.softmax(dim=-1).to(text.dtype), text)
        value = self.value.expand(len(self.query), -1, -1, -1)
        named: Tensor = torch.einsum("btqw,tqwc->btc", heard, value)
        return named


class LayerTransformer(LTXVideoTransformer3DModel):
    """LTX-Video's transformer for the latents of LayeredAutoencoder.

    grids: (rows, columns) of the latent frames it knows.
    later_tokens: how many tokens of each latent frame but the first are used.
    named, later_named: what words decide straight, `Named`, in latent frame 0 and in later ones.
    """

    @register_to_config
    def __init__(
        self,
        grids: tuple[tuple[int, int], ...] = ((8, 8), (6, 11), (11, 6)),
        later_tokens: int = 5,
        named: tuple[Named, ...] = (),
        later_named: tuple[Named, ...] = (),
        in_channels: int = 640,
        out_channels: int = 640,
        num_attention_heads: int = 8,
        attention_head_dim: int = 64,
        cross_attention_dim: int = 512,
        num_layers: int = 4,
        caption_channels: int = 320,
    ) -> None:
        super().__init__(
            in_channels=in_channels,
            out_channels=out_channels,
            num_attention_heads=num_attention_heads,
            attention_head_dim=attention_head_dim,
            cross_attention_dim=cross_attention_dim,
            num_layers=num_layers,
            caption_channels=caption_channels,
        )
        width = num_attention_heads * attention_head_dim
        most = max(rows * columns for rows, columns in grids)
        self.enter = nn.Linear(in_channels, width)
        self.proj_in = nn.Identity()  # clean() has let the tokens in by then
        # As large as what noise becomes: smaller ones take thousands of steps to be heard.
        self.use = nn.Parameter(torch.randn(most, width) / 2)
        self.place = nn.Parameter(torch.randn(len(grids), most, width) / 4)
        self.later = nn.Parameter(torch.randn(later_tokens, width) / 2)
        self.given = nn.Parameter(torch.randn(width) / 4)
        self.first_naming = _namings(named, caption_channels)
        self.later_naming = _namings(later_named, caption_channels)

    def used(self, frames: int, rows: int, columns: int) -> Tensor:
        """Which of frames * rows * columns tokens hold anything, (N,), in order.

        Raises: ValueError, when it knows no such latent frames.
        """
        if [rows, columns] not in [list(grid) for grid in self.config.grids]:
            raise ValueError(f"{rows} x {columns} is not in {self.config.grids}")
        size = rows * columns
        later = [
            frame * size + token
            for frame in range(1, frames)
            for token in range(self.config.later_tokens)
        ]
        return torch.tensor([*range(size), *later])

    def _positions(self, frames: int, rows: int, columns: int) -> tuple[Tensor, Tensor]:
        """What is added to used tokens (N, width), and their coordinates (3, N)."""
        shape = [tuple(grid) for grid in self.config.grids].index((rows, columns))
        size = rows * columns
        first = self.use[:size] + self.place[shape, :size]
        added = torch.cat([first, self.later.repeat(frames - 1, 1)])
        count = self.config.later_tokens
        first_place = torch.cartesian_prod(torch.arange(rows), torch.arange(columns)) * COORDINATE
        first_place = torch.cat([torch.zeros(size, 1), first_place], dim=1)
        later_place = torch.zeros(frames - 1, count, 3)
        later_place[:, :, 0] = torch.arange(1, frames)[:, None]
        return added, torch.cat([first_place, later_place.flatten(0, 1)]).T

    def clean(
        self,
        tokens: Tensor,
        text: Tensor,
        timestep: Tensor,
        text_mask: Tensor | None,
        grid: tuple[int, int, int],
    ) -> Tensor:
        """The clean tokens (B, N, C) behind noisy ones; those at timestep 0 are given as they are.

        tokens: (B, N, C), the used ones. text: (B, L, .). timestep: (B, N), 0 to TIMESTEPS.
        grid: latent frames, rows, columns.
        """
        added, coordinates = self._positions(*grid)
        given = (timestep == 0).to(tokens.dtype)[..., None] * self.given
        hidden = self.enter(tokens) + added.to(tokens.dtype) + given
        predicted: Tensor = super().forward(
            hidden,
            text,
            timestep.amax(dim=1),
            text_mask,
            video_coords=coordinates[None].to(tokens.device).expand(len(tokens), -1, -1),
            return_dict=False,
        )[0]
        frames, rows, columns = grid
        sizes = [rows * columns] + [self.config.later_tokens] * (frames - 1)
        first, *later = predicted.split(sizes, dim=1)
        first = _say(first, self.config.named, self.first_naming, text, text_mask)
        later = [
            _say(one, self.config.later_named, self.later_naming, text, text_mask) for one in later
        ]
        return torch.cat([first, *later], dim=1)

    def forward(
        self,
        hidden_states: Tensor,
        encoder_hidden_states: Tensor,
        timestep: Tensor,
        encoder_attention_mask: Tensor | None = None,
        num_frames: int | None = None,
        height: int | None = None,
        width: int | None = None,
        video_coords: Tensor | None = None,
        return_dict: bool = True,
        **_: Any,
    ) -> Transformer2DModelOutput | tuple[Tensor]:
        """Velocity (B, tokens, channels) of noisy latents; timestep: (B, 1) or (B, tokens).

        As LTXConditionPipeline calls it: video_coords, (B, 3, tokens), tell the shape.
        """
        batch, size, _channels = hidden_states.shape
        if video_coords is not None:
            num_frames, height, width = (len(axis.unique()) for axis in video_coords[0])
        grid = (num_frames or 1, height or 1, width or 1)
        used = self.used(*grid).to(hidden_states.device)
        timestep = timestep.float().reshape(batch, -1).expand(batch, size)
        clean = torch.zeros_like(hidden_states)
        clean[:, used] = self.clean(
            hidden_states[:, used],
            encoder_hidden_states,
            timestep[:, used],
            encoder_attention_mask,
            grid,
        ).to(clean.dtype)
        noise = (timestep / TIMESTEPS).clamp(min=LEAST_NOISE)[..., None]
        velocity = (hidden_states.float() - clean.float()) / noise
        return Transformer2DModelOutput(sample=velocity) if return_dict else (velocity,)


def _namings(named: Sequence[Named], words: int) -> nn.ModuleList:
    """One for each; a config that was read back holds lists."""
    return nn.ModuleList(Naming(Named(*one), words) for one in named)


def _say(
    tokens: Tensor,
    named: Sequence[Named],
    namings: nn.ModuleList,
    text: Tensor,
    mask: Tensor | None,
) -> Tensor:
    """The tokens (B, N, C) of a latent frame with what the words name added."""
    added = torch.zeros_like(tokens)
    for one, naming in zip(named, namings, strict=True):
        first_token, count, first_channel, channels, *_ = one
        held = slice(first_channel, first_channel + channels)
        added[:, first_token : first_token + count, held] += naming(text, mask).to(tokens.dtype)
    return tokens + added
