"""Random pipelines of some thousand weights, in diffusers' own classes."""

import tempfile
from pathlib import Path
from typing import Any

import torch
from diffusers import (
    FlowMatchEulerDiscreteScheduler,
    LTXConditionPipeline,
    LTXPipeline,
    LTXVideoTransformer3DModel,
)
from transformers import ByT5Tokenizer, T5Config, T5EncoderModel

from tests.inference import architectures
from tests.inference.architectures import TEXT
from tests.inference.entries import ARCHITECTURES
from tests.inference.faulty import FaultyAutoencoder


def save_tiny(models_folder: Path) -> None:
    """Fill a models folder with a pipeline for each of the tiny entries."""
    with tempfile.TemporaryDirectory() as folder:
        pipelines = (
            tiny_ltx(LTXPipeline),
            tiny_ltx(LTXConditionPipeline),
            architectures.tiny_wan(),
            architectures.tiny_wan_of_two(),
            architectures.tiny_wan_of_pictures(),
            architectures.tiny_cogvideox(),
            architectures.tiny_hunyuan(Path(folder)),
            architectures.tiny_ltx2(),
        )
        for entry, pipeline in zip(ARCHITECTURES, pipelines, strict=True):
            pipeline.save_pretrained(models_folder / entry.name, safe_serialization=True)


def tiny_ltx(pipeline_class: Any) -> Any:
    """32 x 32 pixels and 8 frames to a token; the autoencoder fails on demand."""
    torch.manual_seed(0)
    return pipeline_class(
        scheduler=FlowMatchEulerDiscreteScheduler(),
        vae=FaultyAutoencoder(
            latent_channels=8,
            block_out_channels=(8, 8, 8, 8),
            decoder_block_out_channels=(8, 8, 8, 8),
            layers_per_block=(1, 1, 1, 1, 1),
            decoder_layers_per_block=(1, 1, 1, 1, 1),
        ),
        text_encoder=T5EncoderModel(T5Config(**TEXT)),
        tokenizer=ByT5Tokenizer(),
        transformer=ltx_transformer(),
    )


def ltx_transformer() -> LTXVideoTransformer3DModel:
    """One block of 16 channels, over latents of 8."""
    return LTXVideoTransformer3DModel(
        in_channels=8,
        out_channels=8,
        num_attention_heads=2,
        attention_head_dim=8,
        cross_attention_dim=16,
        num_layers=1,
        caption_channels=16,
    )
