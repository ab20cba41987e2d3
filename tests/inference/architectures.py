"""Random pipelines of every other architecture in the catalog, some thousand weights each."""

import json
from pathlib import Path
from typing import Any

import torch
from diffusers import (
    AutoencoderKLCogVideoX,
    AutoencoderKLHunyuanVideo15,
    AutoencoderKLLTX2Audio,
    AutoencoderKLLTX2Video,
    AutoencoderKLWan,
    ClassifierFreeGuidance,
    CogVideoXDDIMScheduler,
    CogVideoXPipeline,
    CogVideoXTransformer3DModel,
    FlowMatchEulerDiscreteScheduler,
    HunyuanVideo15Pipeline,
    HunyuanVideo15Transformer3DModel,
    LTX2Pipeline,
    LTX2VideoTransformer3DModel,
    UniPCMultistepScheduler,
    WanPipeline,
    WanTransformer3DModel,
)
from diffusers.pipelines.ltx2 import LTX2TextConnectors, LTX2Vocoder
from transformers import (
    ByT5Tokenizer,
    Gemma3Config,
    Gemma3ForConditionalGeneration,
    Qwen2_5_VLTextConfig,
    Qwen2_5_VLTextModel,
    Qwen2Tokenizer,
    T5Config,
    T5EncoderModel,
    UMT5Config,
    UMT5EncoderModel,
)

TEXT: dict[str, Any] = {
    "vocab_size": 384,
    "d_model": 16,
    "d_kv": 8,
    "d_ff": 16,
    "num_layers": 1,
    "num_heads": 2,
}


def _wan_transformer(channels: int) -> WanTransformer3DModel:
    return WanTransformer3DModel(
        patch_size=(1, 2, 2),
        num_attention_heads=2,
        attention_head_dim=12,
        in_channels=channels,
        out_channels=channels,
        text_dim=16,
        freq_dim=32,
        ffn_dim=32,
        num_layers=1,
        rope_max_seq_len=32,
    )


def _wan(vae: AutoencoderKLWan, channels: int, **options: Any) -> WanPipeline:
    return WanPipeline(
        scheduler=UniPCMultistepScheduler(
            prediction_type="flow_prediction", use_flow_sigmas=True, flow_shift=3.0
        ),
        vae=vae,
        text_encoder=UMT5EncoderModel(UMT5Config(**TEXT)),
        tokenizer=ByT5Tokenizer(),
        transformer=_wan_transformer(channels),
        **options,
    )


def tiny_wan() -> WanPipeline:
    """16 x 16 pixels and 4 frames to a token, as in Wan 2.1."""
    torch.manual_seed(0)
    return _wan(_wan_vae(), 16)


def _wan_vae() -> AutoencoderKLWan:
    return AutoencoderKLWan(
        base_dim=3,
        z_dim=16,
        dim_mult=[1, 1, 1, 1],
        num_res_blocks=1,
        temperal_downsample=[False, True, True],
    )


def tiny_wan_of_two() -> WanPipeline:
    """Two transformers, one for much noise and one for little, as in Wan 2.2 A14B."""
    torch.manual_seed(0)
    return _wan(_wan_vae(), 16, transformer_2=_wan_transformer(16), boundary_ratio=0.875)


def tiny_wan_of_pictures() -> WanPipeline:
    """32 x 32 pixels and 4 frames to a token, a time of its own for each, as in Wan 2.2 TI2V 5B."""
    torch.manual_seed(0)
    vae = AutoencoderKLWan(
        base_dim=4,
        decoder_base_dim=4,
        z_dim=48,
        dim_mult=[1, 1, 1, 1],
        num_res_blocks=1,
        in_channels=12,
        out_channels=12,
        is_residual=True,
        patch_size=2,
        latents_mean=[0.0] * 48,
        latents_std=[1.0] * 48,
        scale_factor_spatial=16,
        scale_factor_temporal=4,
        temperal_downsample=[False, True, True],
    )
    return _wan(vae, 48, expand_timesteps=True)


def tiny_cogvideox() -> CogVideoXPipeline:
    """16 x 16 pixels and 4 frames to a token; DDIM, not flow matching."""
    torch.manual_seed(0)
    return CogVideoXPipeline(
        scheduler=CogVideoXDDIMScheduler(
            prediction_type="v_prediction",
            rescale_betas_zero_snr=True,
            snr_shift_scale=3.0,
            timestep_spacing="trailing",
        ),
        vae=AutoencoderKLCogVideoX(
            block_out_channels=(8, 8, 8, 8),
            latent_channels=4,
            layers_per_block=1,
            norm_num_groups=2,
            temporal_compression_ratio=4,
        ),
        text_encoder=T5EncoderModel(T5Config(**TEXT)),
        tokenizer=ByT5Tokenizer(),
        transformer=CogVideoXTransformer3DModel(
            num_attention_heads=2,
            attention_head_dim=16,
            in_channels=4,
            out_channels=4,
            time_embed_dim=2,
            text_embed_dim=16,
            num_layers=1,
            sample_width=4,
            sample_height=4,
            sample_frames=9,
            max_text_seq_length=32,
        ),
    )


def _qwen_tokenizer(folder: Path) -> Qwen2Tokenizer:
    """One token a byte, with the marks of a chat."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in printable]
    letters = [chr(byte) for byte in printable]
    letters += [chr(256 + number) for number in range(len(others))]
    (folder / "vocab.json").write_text(json.dumps({one: at for at, one in enumerate(letters)}))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    tokenizer = Qwen2Tokenizer(
        str(folder / "vocab.json"),
        str(folder / "merges.txt"),
        unk_token=None,
        bos_token=None,
        eos_token="<|im_end|>",
        pad_token="<|endoftext|>",
    )
    tokenizer.chat_template = (
        "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}"
        "<|im_end|>\n{% endfor %}"
    )
    return tokenizer


def tiny_hunyuan(folder: Path) -> HunyuanVideo15Pipeline:
    """16 x 16 pixels and 4 frames to a token; a guider, and nobody is called back.

    folder: for the tokenizer's files.
    """
    torch.manual_seed(0)
    tokenizer = _qwen_tokenizer(folder)
    text = Qwen2_5_VLTextConfig(
        vocab_size=len(tokenizer),
        hidden_size=16,
        intermediate_size=16,
        num_hidden_layers=3,  # the third from the end is used
        num_attention_heads=2,
        num_key_value_heads=1,
        bos_token_id=None,
        eos_token_id=None,
        rope_scaling={"rope_type": "default", "mrope_section": [1, 1, 2]},
    )
    return HunyuanVideo15Pipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(shift=5.0),
        vae=AutoencoderKLHunyuanVideo15(
            block_out_channels=(32, 32, 32, 32, 32), layers_per_block=1, latent_channels=8
        ),
        text_encoder=Qwen2_5_VLTextModel(text),
        tokenizer=tokenizer,
        text_encoder_2=T5EncoderModel(T5Config(**TEXT)),
        tokenizer_2=ByT5Tokenizer(),
        transformer=HunyuanVideo15Transformer3DModel(
            in_channels=17,
            out_channels=8,
            num_attention_heads=2,
            attention_head_dim=16,
            num_layers=1,
            num_refiner_layers=1,
            mlp_ratio=1.0,
            text_embed_dim=16,
            text_embed_2_dim=16,
            image_embed_dim=8,
            rope_axes_dim=(4, 6, 6),
            task_type="t2v",
        ),
        guider=ClassifierFreeGuidance(guidance_scale=6.0),
    )


def tiny_ltx2() -> LTX2Pipeline:
    """32 x 32 pixels and 8 frames to a token, and sound."""
    torch.manual_seed(0)
    text = Gemma3Config(
        text_config={
            "vocab_size": 384,
            "hidden_size": 16,
            "intermediate_size": 16,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
            "num_key_value_heads": 1,
            "head_dim": 8,
        },
        vision_config={
            "hidden_size": 16,
            "intermediate_size": 16,
            "num_hidden_layers": 1,
            "num_attention_heads": 2,
            "image_size": 16,
            "patch_size": 8,
        },
        mm_tokens_per_image=4,
    )
    return LTX2Pipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(),
        vae=AutoencoderKLLTX2Video(
            latent_channels=4,
            block_out_channels=(8, 16, 32, 64),
            decoder_block_out_channels=(8, 16, 32),
            layers_per_block=(1, 1, 1, 1, 1),
            decoder_layers_per_block=(1, 1, 1, 1),
            decoder_causal=False,
            spatial_compression_ratio=32,
            temporal_compression_ratio=8,
        ),
        audio_vae=AutoencoderKLLTX2Audio(
            base_channels=4, ch_mult=(1, 2, 4), num_res_blocks=1, latent_channels=2, mel_bins=8
        ),
        text_encoder=Gemma3ForConditionalGeneration(text),
        tokenizer=ByT5Tokenizer(),
        connectors=LTX2TextConnectors(
            caption_channels=16,
            text_proj_in_factor=3,
            video_connector_num_attention_heads=2,
            video_connector_attention_head_dim=8,
            video_connector_num_layers=1,
            video_connector_num_learnable_registers=None,
            audio_connector_num_attention_heads=2,
            audio_connector_attention_head_dim=8,
            audio_connector_num_layers=1,
            audio_connector_num_learnable_registers=None,
            connector_rope_base_seq_len=32,
            rope_double_precision=False,
        ),
        transformer=LTX2VideoTransformer3DModel(
            in_channels=4,
            out_channels=4,
            num_attention_heads=2,
            attention_head_dim=8,
            cross_attention_dim=16,
            audio_in_channels=4,
            audio_out_channels=4,
            audio_num_attention_heads=2,
            audio_attention_head_dim=4,
            audio_cross_attention_dim=8,
            num_layers=2,
            caption_channels=16,
            rope_type="split",
            rope_double_precision=False,
        ),
        vocoder=LTX2Vocoder(
            in_channels=16,
            hidden_channels=32,
            upsample_kernel_sizes=[16, 20],
            upsample_factors=[8, 10],
            resnet_kernel_sizes=[3],
            resnet_dilations=[[1, 3, 5]],
            output_sampling_rate=8000,
        ),
    )
