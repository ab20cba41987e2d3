"""The trained parts: a text encoder and a transformer, both diffusers' and transformers' own."""

from typing import Any

import torch
from diffusers import FlowMatchEulerDiscreteScheduler, LTXConditionPipeline
from torch import Tensor, nn
from transformers import PreTrainedTokenizerFast, T5Config

from inference.autoencoder import NUMBERS_AT, PICTURES_AT, ROWS, TILE_AT, LayeredAutoencoder
from inference.layers import NUMBERS, PICTURES
from inference.text_encoder import PromptEncoder
from inference.training.stories import SHAPES
from inference.training.tokenizer import embedding_rows, tokens_of_things
from inference.transformer import ALIKE, TIMESTEPS, LayerTransformer, Named

TEXT_WIDTH = 320
TEXT_LAYERS = 3
WIDTH = 512
LAYERS = 4
HEAD = 64
# A token has hundreds of numbers, so that a thing shows through even strong noise: what the words
# decide is decided above 0.9 of noise. The shift spends a third of training there.
SHIFT = 6.0


class TextToVideo(nn.Module):
    """Clean latents behind noisy ones under a prompt."""

    def __init__(self, autoencoder: LayeredAutoencoder) -> None:
        super().__init__()
        rows, count = embedding_rows()
        self.text_encoder = PromptEncoder(
            T5Config(
                vocab_size=count,
                tokens=len(rows),
                d_model=TEXT_WIDTH,
                d_kv=32,
                num_heads=8,
                d_ff=768,
                num_layers=TEXT_LAYERS,
                dropout_rate=0.0,
                feed_forward_proj="gated-gelu",
                pad_token_id=0,
                eos_token_id=1,
            )
        )
        self.text_encoder.rows.copy_(torch.tensor(rows))
        self.text_encoder.things.copy_(torch.tensor(tokens_of_things()))
        # Beside the numbers that are those of the pictures.
        nn.init.normal_(self.text_encoder.mention[:, ALIKE:])
        nn.init.normal_(self.text_encoder.ahead[..., ALIKE:])
        config = autoencoder.config
        others = config.backdrop_channels  # The first channel of what is no backdrop.
        self.transformer: Any = LayerTransformer(
            grids=tuple((rows, columns) for columns, rows in SHAPES),
            later_tokens=ROWS,
            named=(
                Named(PICTURES_AT, PICTURES, others, config.picture_channels, shared=True),
                Named(NUMBERS_AT, ROWS, others, NUMBERS, looks=4),
                Named(TILE_AT, 1, others, config.tile_channels, looks=2),
            ),
            later_named=(Named(0, ROWS, 0, config.track_channels, looks=4),),
            in_channels=autoencoder.channels,
            out_channels=autoencoder.channels,
            num_attention_heads=WIDTH // HEAD,
            attention_head_dim=HEAD,
            cross_attention_dim=WIDTH,
            num_layers=LAYERS,
            caption_channels=TEXT_WIDTH,
        )

    def forward(
        self,
        noisy: Tensor,
        sigmas: Tensor,
        ids: Tensor,
        mask: Tensor,
        grid: tuple[int, int, int],
    ) -> Tensor:
        """(B, N, C) clean tokens. sigmas: (B, N) in 0 to 1, 0 where given. ids, mask: (B, L)."""
        text = self.text_encoder(input_ids=ids, attention_mask=mask)[0]
        clean: Tensor = self.transformer.clean(noisy, text, sigmas * TIMESTEPS, mask, grid)
        return clean


def build_pipeline(
    model: TextToVideo, tokenizer: PreTrainedTokenizerFast, autoencoder: LayeredAutoencoder
) -> Any:
    """The LTXConditionPipeline of these parts.

    The pipeline draws its steps itself, half of them above 0.975 of noise; a scheduler that shifted
    them would go other ways than it tells the model.
    """
    return LTXConditionPipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(num_train_timesteps=TIMESTEPS, shift=1.0),
        vae=autoencoder,
        text_encoder=model.text_encoder,
        tokenizer=tokenizer,
        transformer=model.transformer,
    )
