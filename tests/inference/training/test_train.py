"""Training goes on where it stopped."""

import pytest
import torch

from inference.training.latents import TOKENS
from inference.training.model import LATENT_CHANNELS
from inference.training.train import Batch, Trainer

WORDS = 40


def batch(number: int) -> Batch:
    """Two random clips with captions of four words."""
    generator = torch.Generator().manual_seed(number)
    return Batch(
        things=[0, 1],
        places=[0, 1],
        colours=[0, 1],
        clips=torch.randn(2, TOKENS, LATENT_CHANNELS, generator=generator),
        ids=torch.randint(3, WORDS, (2, 4), generator=generator),
        mask=torch.ones(2, 4, dtype=torch.long),
    )


# torch's remark on layer_norm under autocast: slower, not wrong.
@pytest.mark.filterwarnings("ignore:Mismatch dtype between input and weight")
def test_a_restored_trainer_takes_exactly_the_steps_of_one_never_stopped(tmp_path):
    trainer = Trainer(WORDS, 1e-3, seed=0)
    trainer.train(batch(0), 0.0)
    torch.save(trainer.state(), tmp_path / "checkpoint.pt")
    unbroken = [trainer.train(batch(number), 0.1) for number in (1, 2)]

    restored = Trainer(WORDS, 1e-3, seed=1)
    restored.restore(torch.load(tmp_path / "checkpoint.pt", weights_only=False))
    assert [restored.train(batch(number), 0.1) for number in (1, 2)] == unbroken
    assert restored.step == trainer.step == 3
    assert all(
        torch.equal(one, other)
        for one, other in zip(
            trainer.average.parameters(), restored.average.parameters(), strict=True
        )
    )
