"""A random LTX-Video pipeline of some thousand weights, in diffusers' own classes."""

from pathlib import Path
from typing import Any

import torch
from diffusers import (
    FlowMatchEulerDiscreteScheduler,
    LTXPipeline,
    LTXVideoTransformer3DModel,
)
from transformers import ByT5Tokenizer, T5Config, T5EncoderModel

from inference.catalog import ModelEntry
from tests.inference.entries import TINY
from tests.inference.faulty import FaultyAutoencoder


def save_tiny(models_folder: Path, entry: ModelEntry = TINY) -> Path:
    """The folder, below models_folder, that now holds the tiny pipeline."""
    torch.manual_seed(0)
    pipeline = LTXPipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(),
        vae=FaultyAutoencoder(**TINY_AUTOENCODER),
        text_encoder=T5EncoderModel(
            T5Config(vocab_size=384, d_model=16, d_kv=8, d_ff=16, num_layers=1, num_heads=2)
        ),
        tokenizer=ByT5Tokenizer(),
        transformer=LTXVideoTransformer3DModel(
            in_channels=8,
            out_channels=8,
            num_attention_heads=2,
            attention_head_dim=8,
            cross_attention_dim=16,
            num_layers=1,
            caption_channels=16,
        ),
    )
    folder = models_folder / entry.name
    pipeline.save_pretrained(folder, safe_serialization=True)
    return folder


TINY_AUTOENCODER: dict[str, Any] = {
    "latent_channels": 8,
    "block_out_channels": (8, 8, 8, 8),
    "decoder_block_out_channels": (8, 8, 8, 8),
    "layers_per_block": (1, 1, 1, 1, 1),
    "decoder_layers_per_block": (1, 1, 1, 1, 1),
}
