"""The built-in model's transformer: LTX-Video's, told where each token lies, drawing clean clips.

LTX-Video knows positions by rotary embeddings alone, which tell tokens how far apart they are but
not where the frame ends: on pure noise every token would see the same. A model this small cannot
learn its way around that, so its input layer adds a learned position (as in Vaswani et al. 2017).

It predicts the clean clip and derives the velocity from it (Li and He 2025, "Back to Basics"): to
predict the velocity itself means to pass the noise of 320 numbers a token through a stream that is
320 wide, which leaves no room for the picture.
"""

from typing import Any

from diffusers import LTXVideoTransformer3DModel
from diffusers.configuration_utils import register_to_config
from diffusers.models.modeling_outputs import Transformer2DModelOutput
from diffusers.models.modeling_utils import ModelMixin
from torch import Tensor, nn, randn

# diffusers finds out how to load a class by its parent's name in the class's own module
# (pipeline_loading_utils.py, `get_class_obj_and_candidates`).
__all__ = ["ModelMixin", "PositionedTransformer"]

TIMESTEPS = 1000  # that of pure noise
LEAST_NOISE = 0.15  # Below it the error's weight, 1 / noise^2, would outgrow all others.


class PositionedInput(nn.Linear):
    """A linear layer that adds what it learned of each of `tokens` places."""

    def __init__(self, in_features: int, out_features: int, tokens: int) -> None:
        super().__init__(in_features, out_features)
        # As large as what noise becomes: smaller ones take thousands of steps to be heard.
        self.position = nn.Parameter(randn(tokens, out_features) / 2)

    def forward(self, tokens: Tensor) -> Tensor:
        """(B, tokens, in_features) to (B, tokens, out_features)."""
        return super().forward(tokens) + self.position


class PositionedTransformer(LTXVideoTransformer3DModel):
    """LTX-Video's transformer for clips of one shape: `tokens` latent patches, frame by frame."""

    @register_to_config
    def __init__(
        self,
        tokens: int = 48,
        in_channels: int = 128,
        out_channels: int = 128,
        num_attention_heads: int = 5,
        attention_head_dim: int = 64,
        cross_attention_dim: int = 320,
        num_layers: int = 6,
        caption_channels: int = 192,
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
        self.proj_in = PositionedInput(
            in_channels, num_attention_heads * attention_head_dim, tokens
        )

    def forward(
        self,
        hidden_states: Tensor,
        *inputs: Any,
        timestep: Tensor,
        return_dict: bool = True,
        **options: Any,
    ) -> Transformer2DModelOutput | tuple[Tensor]:
        """Velocity (B, tokens, channels) of noisy latents; timestep: (B,) or (B, tokens)."""
        clean = super().forward(
            hidden_states, *inputs, timestep=timestep, return_dict=False, **options
        )[0]
        noise = (timestep.float() / TIMESTEPS).clamp(min=LEAST_NOISE)
        noise = noise.reshape(len(hidden_states), -1, 1)
        velocity = (hidden_states.float() - clean.float()) / noise
        return Transformer2DModelOutput(sample=velocity) if return_dict else (velocity,)
