"""Random pipelines of some thousand weights, in diffusers' own classes."""

from pathlib import Path
from typing import Any

import torch
from diffusers import (
    AutoencoderKLWan,
    FlowMatchEulerDiscreteScheduler,
    LTXConditionPipeline,
    LTXPipeline,
    LTXVideoTransformer3DModel,
    UniPCMultistepScheduler,
    WanPipeline,
    WanTransformer3DModel,
)
from transformers import ByT5Tokenizer, T5Config, T5EncoderModel, UMT5Config, UMT5EncoderModel

from tests.inference.entries import TINY, TINY_CONDITION, TINY_WAN
from tests.inference.faulty import FaultyAutoencoder

TEXT: dict[str, Any] = {
    "vocab_size": 384,
    "d_model": 16,
    "d_kv": 8,
    "d_ff": 16,
    "num_layers": 1,
    "num_heads": 2,
}


def save_tiny(models_folder: Path) -> None:
    """Fill a models folder with a pipeline for each of the tiny entries."""
    for name, pipeline in (
        (TINY.name, tiny_ltx(LTXPipeline)),
        (TINY_CONDITION.name, tiny_ltx(LTXConditionPipeline)),
        (TINY_WAN.name, tiny_wan()),
    ):
        pipeline.save_pretrained(models_folder / name, safe_serialization=True)


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


def tiny_wan() -> WanPipeline:
    """16 x 16 pixels and 4 frames to a token."""
    torch.manual_seed(0)
    return WanPipeline(
        scheduler=UniPCMultistepScheduler(
            prediction_type="flow_prediction", use_flow_sigmas=True, flow_shift=3.0
        ),
        vae=AutoencoderKLWan(
            base_dim=3,
            z_dim=16,
            dim_mult=[1, 1, 1, 1],
            num_res_blocks=1,
            temperal_downsample=[False, True, True],
        ),
        text_encoder=UMT5EncoderModel(UMT5Config(**TEXT)),
        tokenizer=ByT5Tokenizer(),
        transformer=WanTransformer3DModel(
            patch_size=(1, 2, 2),
            num_attention_heads=2,
            attention_head_dim=12,
            in_channels=16,
            out_channels=16,
            text_dim=16,
            freq_dim=32,
            ffn_dim=32,
            num_layers=1,
            rope_max_seq_len=32,
        ),
    )
