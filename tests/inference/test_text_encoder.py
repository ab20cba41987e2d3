"""The text encoder that does not look at padding."""

import pytest
import torch
from transformers import T5Config, T5EncoderModel

from inference.text_encoder import PromptEncoder

PADDED = torch.tensor([[5, 6, 7, 1] + [0] * 60])


@pytest.fixture
def encoder() -> PromptEncoder:
    """A tiny one with random weights."""
    torch.manual_seed(0)
    return PromptEncoder(
        T5Config(vocab_size=10, d_model=16, d_kv=8, d_ff=32, num_layers=2, num_heads=2)
    ).eval()


def test_padding_changes_nothing_when_no_mask_is_given(encoder):
    with torch.no_grad():
        padded = encoder(PADDED)[0][:, :4]
        alone = encoder(PADDED[:, :4])[0]
    torch.testing.assert_close(padded, alone)


def test_padding_would_change_a_plain_encoder(encoder):
    plain = T5EncoderModel(encoder.config).eval()
    plain.load_state_dict(encoder.state_dict())
    with torch.no_grad():
        padded = plain(PADDED)[0][:, :4]
        alone = plain(PADDED[:, :4])[0]
    assert (padded - alone).norm() > 0.1 * alone.norm()


def test_a_mask_that_is_given_is_kept(encoder):
    mask = torch.tensor([[1, 1] + [0] * 62])
    with torch.no_grad():
        kept = encoder(PADDED, attention_mask=mask)[0][:, :2]
        alone = encoder(PADDED[:, :2])[0]
    torch.testing.assert_close(kept, alone)
