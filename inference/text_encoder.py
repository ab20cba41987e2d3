"""The built-in model's text encoder: T5 that never looks at padding.

diffusers' LTXPipeline pads every prompt to 128 tokens and calls the encoder without an attention
mask (pipeline_ltx.py, `_get_t5_prompt_embeds`). A T5 of billions of parameters lives with that; in
ours, trained on prompts of ten words, a hundred paddings drowned them (the embeddings of a prompt
changed by 80 % of their length).
"""

from typing import Any

from torch import Tensor
from transformers import PreTrainedModel, T5EncoderModel

# diffusers finds out how to load a class by its parent's name in the class's own module
# (pipeline_loading_utils.py, `get_class_obj_and_candidates`).
__all__ = ["PreTrainedModel", "PromptEncoder"]


class PromptEncoder(T5EncoderModel):
    """T5EncoderModel whose mask, where none is given, leaves the padding out."""

    def forward(
        self,
        input_ids: Tensor | None = None,
        attention_mask: Tensor | None = None,
        **options: Any,
    ) -> Any:
        """As T5EncoderModel's. input_ids, attention_mask: (B, L)."""
        if attention_mask is None and input_ids is not None:
            attention_mask = input_ids.ne(self.config.pad_token_id or 0).long()
        return super().forward(input_ids=input_ids, attention_mask=attention_mask, **options)
