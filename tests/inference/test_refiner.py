"""The network that redraws decoded frames."""

import torch
from torch.nn import functional

from inference.refiner import Refiner


def test_an_untrained_refiner_changes_nothing():
    frames = torch.randn(2, 3, 16, 24)
    assert torch.equal(Refiner((4, 8, 12))(frames), frames)


def test_a_few_steps_teach_it_to_sharpen():
    torch.manual_seed(0)
    clean = (torch.rand(16, 3, 4, 4) > 0.5).float().repeat_interleave(4, 2).repeat_interleave(4, 3)
    rough = functional.avg_pool2d(clean, 5, stride=1, padding=2)
    refiner = Refiner((8, 16))
    optimizer = torch.optim.Adam(refiner.parameters(), 5e-3)
    before = functional.l1_loss(refiner(rough), clean)
    for _ in range(60):
        loss = functional.l1_loss(refiner(rough), clean)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    assert functional.l1_loss(refiner(rough), clean) < 0.6 * before
