"""A tiny LTX-Video as its authors publish one: transformer and autoencoder in one file."""

import json
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from diffusers import (
    AutoencoderKLLTXVideo,
    FlowMatchEulerDiscreteScheduler,
    LTXConditionPipeline,
)
from safetensors.torch import save_file
from transformers import ByT5Tokenizer, T5Config, T5EncoderModel

from tests.inference.architectures import TEXT
from tests.inference.entries import TINY_CONDITION
from tests.inference.tiny import ltx_transformer

FILE = "published.safetensors"
PUBLISHED = replace(
    TINY_CONDITION,
    name="tiny-published",
    source="ours/published",
    weights_file=FILE,
    modules=(),
    options={"frame_rate": 8, "decode_timestep": 0.05, "decode_noise_scale": 0.025},
)
# Lightricks' names for parts of 0.9.5 and later, by diffusers' (first match; the dots end a name).
_TRANSFORMER = {
    "proj_in.": "patchify_proj.",
    "time_embed.": "adaln_single.",
    "norm_q.": "q_norm.",
    "norm_k.": "k_norm.",
}
_ENCODER = {
    "down_blocks.0.downsamplers.0.": "down_blocks.1.",
    "down_blocks.1.downsamplers.0.": "down_blocks.3.",
    "down_blocks.2.downsamplers.0.": "down_blocks.5.",
    "down_blocks.3.downsamplers.0.": "down_blocks.7.",
    "down_blocks.1.": "down_blocks.2.",
    "down_blocks.2.": "down_blocks.4.",
    "down_blocks.3.": "down_blocks.6.",
}
_DECODER = {
    "mid_block.": "up_blocks.0.",
    "up_blocks.0.upsamplers.0.": "up_blocks.1.",
    "up_blocks.1.upsamplers.0.": "up_blocks.3.",
    "up_blocks.2.upsamplers.0.": "up_blocks.5.",
    "up_blocks.0.": "up_blocks.2.",
    "up_blocks.1.": "up_blocks.4.",
    "up_blocks.2.": "up_blocks.6.",
    "decoder.time_embedder.": "decoder.last_time_embedder.",
    "decoder.scale_shift_table": "decoder.last_scale_shift_table",
}
_STATISTICS = {
    "latents_mean": "vae.per_channel_statistics.mean-of-means",
    "latents_std": "vae.per_channel_statistics.std-of-means",
}


def tiny() -> LTXConditionPipeline:
    """32 x 32 pixels and 8 frames to a token, of the layout of 0.9.5.

    Its encoder ends on 2,048 channels: by that diffusers tells that layout from the ones before.
    """
    torch.manual_seed(0)
    vae = AutoencoderKLLTXVideo(
        latent_channels=8,
        block_out_channels=(8, 8, 8, 8, 2048),
        layers_per_block=(1, 1, 1, 1, 0),
        spatio_temporal_scaling=(True,) * 4,
        down_block_types=("LTXVideo095DownBlock3D",) * 4,
        downsample_type=("spatial", "temporal", "spatiotemporal", "spatiotemporal"),
        decoder_block_out_channels=(8, 16, 32),
        decoder_layers_per_block=(1,) * 4,
        decoder_spatio_temporal_scaling=(True,) * 3,
        decoder_inject_noise=(False,) * 4,
        decoder_causal=False,
        upsample_residual=(True,) * 3,
        upsample_factor=(2,) * 3,
        timestep_conditioning=True,
        spatial_compression_ratio=32,
        temporal_compression_ratio=8,
    )
    vae.latents_mean = torch.randn(8)
    vae.latents_std = torch.rand(8) + 0.5
    return LTXConditionPipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(shift=3.0),
        vae=vae,
        text_encoder=T5EncoderModel(T5Config(**TEXT)),
        tokenizer=ByT5Tokenizer(),
        transformer=ltx_transformer(),
    )


def tensors(pipeline: Any) -> dict[str, torch.Tensor]:
    """What the file holds, by its authors' names; and one tensor more that nobody reads."""
    found = {"vae.per_channel_statistics.channel": torch.arange(8)}
    for name, one in pipeline.transformer.state_dict().items():
        found[f"model.diffusion_model.{_translated(name, _TRANSFORMER)}"] = one.clone()
    for name, one in pipeline.vae.state_dict().items():
        found[_STATISTICS.get(name) or _of_autoencoder(name)] = one.clone()
    return found


def _of_autoencoder(name: str) -> str:
    parts = _ENCODER if name.startswith("encoder.") else _DECODER
    return "vae." + _translated(name, parts).replace(".resnets.", ".res_blocks.")


def _translated(name: str, parts: Mapping[str, str]) -> str:
    ours = next((part for part in parts if part in name), "")
    return name.replace(ours, parts[ours]) if ours else name


def save(pipeline: Any, folder: Path, configs: Path) -> None:
    """Fill a repository as its authors lay it out, and config/ as an entry has it.

    The repository's own transformer, autoencoder and scheduler are of an older model.
    """
    pipeline.save_pretrained(folder, safe_serialization=True)
    shutil.copytree(folder, configs, ignore=shutil.ignore_patterns("*.safetensors", "tokenizer"))
    for name in ("transformer", "vae", "scheduler"):
        shutil.rmtree(folder / name)
        (folder / name).mkdir()
        (folder / name / "config.json").write_text(json.dumps({"of": "an older model"}))
    save_file(tensors(pipeline), folder / FILE)
