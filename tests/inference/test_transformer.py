"""The built-in model's transformer."""

from pathlib import Path

import pytest
import torch

from inference.transformer import LEAST_NOISE, TIMESTEPS, LayerTransformer, Named, Naming

CHANNELS, LATER, TEXT = 24, 5, 16


@pytest.fixture(scope="module")
def transformer() -> LayerTransformer:
    torch.manual_seed(0)
    made = LayerTransformer(
        grids=((3, 4), (4, 3)),
        later_tokens=LATER,
        named=(Named(6, 2, 8, 16, shared=True), Named(2, 3, 8, 4, looks=2)),
        later_named=(Named(0, LATER, 0, 6, looks=2),),
        in_channels=CHANNELS,
        out_channels=CHANNELS,
        num_attention_heads=2,
        attention_head_dim=12,
        cross_attention_dim=24,
        num_layers=1,
        caption_channels=TEXT,
    )
    return made.eval()


def call(transformer, noisy, timestep=600.0, text=None, mask=None, grid=(2, 3, 4), coords=None):
    text = torch.ones(len(noisy), 3, TEXT) if text is None else text
    mask = torch.ones(text.shape[:2], dtype=torch.long) if mask is None else mask
    timestep = timestep if isinstance(timestep, torch.Tensor) else torch.tensor([[timestep]])
    frames, height, width = grid
    with torch.no_grad():
        return transformer(
            noisy,
            text,
            timestep.expand(len(noisy), -1),
            mask,
            num_frames=frames,
            height=height,
            width=width,
            return_dict=False,
            video_coords=coords,
        )[0]


def noise(batch=2, tokens=24):
    return torch.randn(batch, tokens, CHANNELS, generator=torch.Generator().manual_seed(3))


@pytest.mark.parametrize("timestep", [1000.0, 400.0, 20.0])
def test_velocity_leads_from_the_clean_clip_to_the_noisy_one(transformer, timestep):
    noisy = noise()
    velocity = call(transformer, noisy, timestep)
    used = transformer.used(2, 3, 4)
    with torch.no_grad():
        clean = transformer.clean(
            noisy[:, used],
            torch.ones(2, 3, TEXT),
            torch.full((2, len(used)), timestep),
            torch.ones(2, 3),
            (2, 3, 4),
        )
    sigma = max(timestep / TIMESTEPS, LEAST_NOISE)
    torch.testing.assert_close(velocity[:, used], (noisy[:, used] - clean) / sigma)


def test_tokens_that_hold_nothing_become_nothing_and_change_nothing(transformer):
    used = transformer.used(2, 3, 4).tolist()
    assert used == [*range(12), *range(12, 12 + LATER)]
    noisy = noise()
    other = noisy.clone()
    other[:, 12 + LATER :] += 3
    before, after = call(transformer, noisy), call(transformer, other)
    torch.testing.assert_close(before[:, : 12 + LATER], after[:, : 12 + LATER])
    torch.testing.assert_close(after[:, 12 + LATER :], other[:, 12 + LATER :] / 0.6)


def test_given_tokens_count_as_given(transformer):
    noisy = noise()
    timestep = torch.full((1, 24), 600.0)
    plain = call(transformer, noisy, timestep)
    timestep[:, :12] = 0
    given = call(transformer, noisy, timestep)
    assert (plain[:, 12 : 12 + LATER] - given[:, 12 : 12 + LATER]).abs().max() > 1e-4


@pytest.mark.parametrize("grid", [(1, 3, 4), (2, 3, 4), (3, 3, 4), (2, 4, 3)])
def test_the_shape_is_read_from_the_pipelines_coordinates(transformer, grid):
    frames, rows, columns = grid
    noisy = noise(1, frames * rows * columns)
    axes = torch.meshgrid(
        torch.arange(frames) * 5.0,
        torch.arange(rows) * 32.0,
        torch.arange(columns) * 32.0,
        indexing="ij",
    )
    coordinates = torch.stack([axis.flatten() for axis in axes])[None]
    torch.testing.assert_close(
        call(transformer, noisy, grid=(9, 9, 9), coords=coordinates),
        call(transformer, noisy, grid=grid),
    )


def test_the_same_words_mean_another_clip_in_another_shape(transformer):
    noisy = noise(1)
    assert (call(transformer, noisy) - call(transformer, noisy, grid=(2, 4, 3))).abs().max() > 1e-4


def test_a_shape_it_never_learned_is_refused(transformer):
    with pytest.raises(ValueError, match="not in"):
        call(transformer, noise(1, 8), grid=(2, 2, 2))


def test_padding_of_the_words_does_not_matter(transformer):
    text = torch.randn(1, 5, TEXT, generator=torch.Generator().manual_seed(1))
    mask = torch.tensor([[1, 1, 1, 0, 0]])
    other = text.clone()
    other[:, 3:] = 9
    torch.testing.assert_close(
        call(transformer, noise(1), text=text, mask=mask),
        call(transformer, noise(1), text=other, mask=mask),
    )


def test_a_pointed_at_words_first_numbers_are_the_pictures_at_first():
    naming = Naming(Named(6, 2, 8, 8, shared=True), words=12)
    text = torch.randn(1, 3, 12)
    named = naming(text, torch.tensor([[0, 1, 0]]))
    torch.testing.assert_close(named[0, 0], text[0, 1, :8])
    torch.testing.assert_close(named[0, 1], text[0, 1, :8])


def test_what_words_name_is_added_to_its_own_tokens_and_channels_only():
    torch.manual_seed(0)
    made = LayerTransformer(
        grids=((3, 4),),
        later_tokens=LATER,
        named=(Named(2, 3, 8, 4, looks=2),),
        later_named=(Named(0, LATER, 0, 6, looks=2),),
        in_channels=CHANNELS,
        out_channels=CHANNELS,
        num_attention_heads=2,
        attention_head_dim=12,
        cross_attention_dim=24,
        num_layers=1,
        caption_channels=TEXT,
    ).eval()
    silent = call(made, noise(1))
    with torch.no_grad():
        made.first_naming[0].value.fill_(1)
        made.later_naming[0].value.fill_(1)
    changed = (call(made, noise(1)) - silent).abs()[0] > 1e-6
    wanted = torch.zeros_like(changed)
    wanted[2:5, 8:12] = True
    wanted[12 : 12 + LATER, :6] = True
    assert torch.equal(changed, wanted)


def test_it_is_saved_and_loaded_as_it_was(transformer, tmp_path: Path):
    transformer.save_pretrained(tmp_path)
    loaded = LayerTransformer.from_pretrained(tmp_path).eval()
    torch.testing.assert_close(call(loaded, noise()), call(transformer, noise()))
