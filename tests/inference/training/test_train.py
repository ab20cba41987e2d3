"""Training goes on where it stopped."""

import csv
import random

import pytest
import torch

from inference.autoencoder import LayeredAutoencoder
from inference.training.evaluate import BUILTIN
from inference.training.latents import LatentWorld
from inference.training.loop import STEPS_A_LINE, train_for
from inference.training.stories import SHAPES
from inference.training.train import Trainer, draw_batch
from inference.transformer import ALIKE
from inference.vocabulary import THINGS
from tests.inference.training.pictures import drawn_pictures

# torch's remark on layer_norm under autocast: slower, not wrong.
pytestmark = pytest.mark.filterwarnings("ignore:Mismatch dtype between input and weight")


@pytest.fixture(scope="module")
def world() -> LatentWorld:
    autoencoder: LayeredAutoencoder = LayeredAutoencoder.from_pretrained(BUILTIN / "vae")
    return LatentWorld(autoencoder.float(), drawn_pictures())


def test_a_restored_trainer_takes_exactly_the_steps_of_one_never_stopped(world, tmp_path):
    trainer = Trainer(world, tmp_path, batch_size=2, rate=1e-3, seed=0)
    trainer.advance(0.0)
    torch.save(trainer.state(), tmp_path / "checkpoint.pt")
    unbroken = [trainer.advance(0.1) for _ in range(2)]

    restored = Trainer(world, tmp_path, batch_size=2, rate=1e-3, seed=1)
    restored.restore(torch.load(tmp_path / "checkpoint.pt", weights_only=False))
    assert [restored.advance(0.1) for _ in range(2)] == unbroken
    assert restored.step == trainer.step == 3
    pairs = zip(trainer.average.parameters(), restored.average.parameters(), strict=True)
    assert all(torch.equal(one, other) for one, other in pairs)


def test_a_batch_is_of_one_shape_with_captions_of_one_length(world, tmp_path):
    trainer = Trainer(world, tmp_path, batch_size=2, rate=1e-3, seed=0)
    chooser = random.Random(4)
    for _ in range(6):
        batch = draw_batch(world, trainer.tokenizer, chooser, 3)
        columns, rows = batch.shape
        assert batch.shape in SHAPES
        assert batch.tokens.shape[:2] == (3, rows * columns + 5)
        assert batch.ids.shape == batch.mask.shape == (3, 32)
        assert not any(clip.story.held_out for clip in batch.clips)


def test_a_things_word_begins_as_its_picture(world, tmp_path):
    trainer = Trainer(world, tmp_path, batch_size=2, rate=1e-3, seed=0)
    ids = trainer.tokenizer(THINGS[30].chinese[0]).input_ids
    encoder = trainer.model.text_encoder
    row = encoder.shared.weight[encoder.rows[ids[0], 0]]
    torch.testing.assert_close(row[:ALIKE], world.pictures[31, :ALIKE])


class Counting:
    """A training that only counts."""

    def __init__(self, seconds) -> None:
        self.seconds, self.step, self.saves = seconds, 0, []

    def advance(self, progress):
        """See loop.Training."""
        assert 0 <= progress < 1
        self.step += 1
        self.seconds += 0.01  # as if it had taken that long
        return 2.0

    def save(self, last):
        """See loop.Training."""
        self.saves.append(last)


def test_the_loop_spends_the_time_that_is_left_writes_losses_and_saves_last(tmp_path):
    training = Counting(seconds=59.0)
    train_for(training, 1.0, tmp_path / "loss.csv")
    assert 10 < training.step <= 101
    assert training.saves == [True]
    rows = list(csv.reader((tmp_path / "loss.csv").read_text().splitlines()))
    assert [int(row[0]) for row in rows] == list(
        range(STEPS_A_LINE, training.step + 1, STEPS_A_LINE)
    )
    assert {float(row[2]) for row in rows} == {2.0}


def test_a_budget_that_is_spent_makes_no_step(tmp_path):
    training = Counting(seconds=60.0)
    train_for(training, 1.0, tmp_path / "loss.csv")
    assert training.step == 0
