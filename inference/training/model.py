"""The trained parts: a text encoder and a transformer, both diffusers' and transformers' own."""

from typing import Any

from diffusers import (
    FlowMatchEulerDiscreteScheduler,
    LTXPipeline,
)
from torch import Tensor, nn
from transformers import PreTrainedTokenizerFast, T5Config

from inference.autoencoder import PatchAutoencoder
from inference.text_encoder import PromptEncoder
from inference.training.latents import GRID, LATENT_FRAMES, TOKENS
from inference.training.world import FRAMES_PER_SECOND, PATCH, PATCH_FRAMES
from inference.transformer import TIMESTEPS, PositionedTransformer

LATENT_CHANNELS = 320
TEXT_WIDTH = 192
ROPE_SCALE = (PATCH_FRAMES / FRAMES_PER_SECOND, PATCH, PATCH)  # as LTXPipeline computes it
# A token has 320 numbers, so that a thing shows through even strong noise: what the words decide is
# decided above 0.9 of noise. The shift spends a third of training and sampling there.
SHIFT = 6.0


class TextToVideo(nn.Module):
    """Velocity of noisy latents under a prompt."""

    def __init__(self, vocabulary: int) -> None:
        super().__init__()
        self.text_encoder = PromptEncoder(
            T5Config(
                vocab_size=vocabulary,
                d_model=TEXT_WIDTH,
                d_kv=32,
                num_heads=6,
                d_ff=512,
                num_layers=2,
                dropout_rate=0.0,
                feed_forward_proj="gated-gelu",
                pad_token_id=0,
                eos_token_id=1,
            )
        )
        self.transformer: Any = PositionedTransformer(
            tokens=TOKENS,
            in_channels=LATENT_CHANNELS,
            out_channels=LATENT_CHANNELS,
            num_attention_heads=5,
            attention_head_dim=64,
            cross_attention_dim=320,
            num_layers=6,
            caption_channels=TEXT_WIDTH,
        )

    def forward(self, noisy: Tensor, sigmas: Tensor, ids: Tensor, mask: Tensor) -> Tensor:
        """(B, TOKENS, channels) velocity. sigmas: (B,) in 0 to 1. ids, mask: (B, L)."""
        text = self.text_encoder(input_ids=ids, attention_mask=mask)[0]
        velocity: Tensor = self.transformer(
            hidden_states=noisy,
            encoder_hidden_states=text,
            timestep=sigmas * TIMESTEPS,
            encoder_attention_mask=mask,
            num_frames=LATENT_FRAMES,
            height=GRID,
            width=GRID,
            rope_interpolation_scale=ROPE_SCALE,
            return_dict=False,
        )[0]
        return velocity


def build_pipeline(
    model: TextToVideo, tokenizer: PreTrainedTokenizerFast, autoencoder: PatchAutoencoder
) -> Any:
    """The LTXPipeline of these parts."""
    return LTXPipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(num_train_timesteps=TIMESTEPS, shift=SHIFT),
        vae=autoencoder,
        text_encoder=model.text_encoder,
        tokenizer=tokenizer,
        transformer=model.transformer,
    )
