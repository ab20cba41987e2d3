"""The built-in model's text encoder."""

import pytest
import torch
from transformers import T5Config

from inference.text_encoder import PromptEncoder
from inference.training.tokenizer import embedding_rows
from inference.vocabulary import meanings_of_words

PAIRS = [(2, 0), (3, 0), (4, 0), (5, 0), (5, 0), (5, 1), (6, 0)]


@pytest.fixture(scope="module")
def encoder() -> PromptEncoder:
    torch.manual_seed(0)
    config = T5Config(
        vocab_size=7, tokens=len(PAIRS), d_model=16, d_kv=8, num_heads=2, d_ff=16, num_layers=2
    )
    made = PromptEncoder(config).eval()
    made.rows.copy_(torch.tensor(PAIRS))
    made.things[6] = 1
    torch.nn.init.normal_(made.mention)
    torch.nn.init.normal_(made.ahead)
    return made


def encode(encoder, ids, mask=None):
    with torch.no_grad():
        return encoder(torch.tensor([ids]), attention_mask=mask)[0][0]


def test_padding_never_matters(encoder):
    torch.testing.assert_close(encode(encoder, [3, 6, 1]), encode(encoder, [3, 6, 1, 0, 0, 0])[:3])


def test_synonyms_are_the_same_and_a_plural_is_not(encoder):
    torch.testing.assert_close(encode(encoder, [3, 1]), encode(encoder, [4, 1]))
    assert (encode(encoder, [3, 1]) - encode(encoder, [5, 1])).abs().max() > 1e-3


def test_a_thing_is_told_which_mention_it_is(encoder):
    alone, twice, after = (encode(encoder, ids) for ids in ([6, 1], [6, 6, 1], [3, 6, 1]))
    assert (twice[0] - twice[1]).abs().max() > 1e-2
    assert alone.shape == (2, 16)
    assert after.shape == (3, 16)
    kept = encoder.mention.detach().clone()
    with torch.no_grad():
        encoder.mention[1:] = 0  # only the first mention's is used where there is one thing
        torch.testing.assert_close(encode(encoder, [6, 1]), alone)
        torch.testing.assert_close(encode(encoder, [3, 6, 1]), after)
        assert (encode(encoder, [6, 6, 1]) - twice).abs().max() > 1e-2
        encoder.mention.copy_(kept)


def test_a_word_is_told_how_near_the_next_thing_is_and_which(encoder):
    with torch.no_grad():
        told = encoder._about_things(torch.tensor([[0, 0, 1, 0, 1, 0, 0]]))[0]
    wanted = [
        encoder.ahead[1, 0],  # two words before the first thing
        encoder.ahead[0, 0],
        encoder.mention[0],
        encoder.ahead[0, 1],  # right before the second
        encoder.mention[1],
        encoder.ahead[3, 2],  # none follows
        encoder.ahead[3, 2],
    ]
    torch.testing.assert_close(told, torch.stack(wanted))


def test_row_0_adds_nothing(encoder):
    before = encode(encoder, [3, 6, 1])
    with torch.no_grad():
        kept = encoder.shared.weight[0].clone()
        encoder.shared.weight[0] = 7.0
        after = encode(encoder, [3, 6, 1])
        encoder.shared.weight[0] = kept
    torch.testing.assert_close(before, after)


def test_a_meanings_words_share_a_row_and_plurals_share_another():
    pairs, count = embedding_rows()
    words = ["[PAD]", "[EOS]", "[UNK]", *meanings_of_words()]
    row = dict(zip(words, pairs, strict=True))
    assert row["car"] == row["automobile"] == row["汽车"] == row["🚗"]
    assert row["cars"][0] == row["car"][0]
    assert row["cars"][1] == row["kitties"][1] != row["car"][1] == 0
    assert row["the"] != row["of"]
    assert max(max(pair) for pair in pairs) == count - 1
