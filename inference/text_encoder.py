"""The built-in model's text encoder: T5 that knows synonyms and never looks at padding.

diffusers' LTX pipelines pad every prompt and call the encoder without an attention mask
(pipeline_ltx.py, `_get_t5_prompt_embeds`). A T5 of billions of parameters lives with that; in
ours, trained on prompts of ten words, a hundred paddings drowned them (the embeddings of a prompt
changed by 80 % of their length).
"""

from typing import Any

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel, T5Config, T5EncoderModel

# diffusers finds out how to load a class by its parent's name in the class's own module
# (pipeline_loading_utils.py, `get_class_obj_and_candidates`).
__all__ = ["PreTrainedModel", "PromptEncoder"]


MOST_MENTIONS = 3
FAR = 4  # tokens ahead, and more


class PromptEncoder(T5EncoderModel):
    """T5EncoderModel whose tokens may share rows of the embedding, and which counts things.

    config.tokens: how many tokens there are; config.vocab_size counts the rows. A token is the sum
    of its two `rows`; row 0 is zero. A token that names a thing (`things`) is told besides which
    mention of a thing it is, the first, the second or a later one: who rides whom hangs on that.
    Every other token is told how near the next thing is, and which: in both languages a colour or
    a size stands right before what it describes.
    """

    def __init__(self, config: T5Config) -> None:
        super().__init__(config)
        self.register_buffer("rows", torch.zeros(config.tokens, 2, dtype=torch.long))
        self.register_buffer("things", torch.zeros(config.tokens, dtype=torch.long))
        self.mention = nn.Parameter(torch.zeros(MOST_MENTIONS, config.d_model))
        self.ahead = nn.Parameter(torch.zeros(FAR, MOST_MENTIONS, config.d_model))

    def forward(
        self,
        input_ids: Tensor | None = None,
        attention_mask: Tensor | None = None,
        **options: Any,
    ) -> Any:
        """As T5EncoderModel's; without a mask, padding is left out. input_ids: (B, L)."""
        if input_ids is None:
            return super().forward(attention_mask=attention_mask, **options)
        if attention_mask is None:
            attention_mask = input_ids.ne(self.config.pad_token_id or 0).long()
        rows = self.rows[input_ids]
        embedded = (self.shared(rows) * rows.ne(0)[..., None]).sum(dim=2)
        embedded = embedded + self._about_things(self.things[input_ids])
        return super().forward(inputs_embeds=embedded, attention_mask=attention_mask, **options)

    def _about_things(self, named: Tensor) -> Tensor:
        """What each token is told of things, (B, L, d_model). named: (B, L), 1 for a thing."""
        count = named.cumsum(dim=1)
        mentioned = self.mention[count.clamp(1, MOST_MENTIONS) - 1]
        places = torch.arange(named.shape[1], device=named.device)
        things_at = torch.where(named.bool(), places, places.max() + FAR)
        next_at = things_at.flip(1).cummin(dim=1).values.flip(1)
        distance = (next_at - places).clamp(1, FAR) - 1
        ahead = self.ahead[distance, count.clamp(max=MOST_MENTIONS - 1)]
        return torch.where(named.bool()[..., None], mentioned, ahead)
