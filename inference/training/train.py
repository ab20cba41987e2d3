"""Train the text encoder and the transformer together by flow matching.

    python -m inference.training.train --pictures .../assets --run RUN --minutes 90

Flow matching with straight paths (Lipman et al. 2023; Liu et al. 2023): from (1 - sigma) clip +
sigma noise the model predicts the clip, sigma logit-normal and shifted as in Stable Diffusion 3
(Esser et al. 2024). Some clips have their first frame given, as for a picture that is to move.
Stopped and started again with the same --run, it goes on exactly where its last checkpoint was.
"""

import math
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import torch
import typer
from torch import Tensor

from inference.autoencoder import LayeredAutoencoder
from inference.text_encoder import PromptEncoder
from inference.training.captions import caption
from inference.training.fit_autoencoder import fit
from inference.training.latents import LatentWorld, loss_weights
from inference.training.loop import train_for
from inference.training.model import SHIFT, TextToVideo
from inference.training.sheets import save_sheet
from inference.training.staging import stage
from inference.training.stories import SHAPES, draw_story
from inference.training.tokenizer import SPECIAL, build_tokenizer, embedding_rows
from inference.training.world import Clip, Picture, load_pictures
from inference.transformer import ALIKE
from inference.vocabulary import THINGS, meanings_of_words

WARM_UP_STEPS = 200
EMA_DECAY = 0.997
EMPTY_CAPTIONS = 0.03
FIRST_FRAME_GIVEN = 0.12
SHAPE_SHARES = (0.6, 0.2, 0.2)
LONGEST_CAPTION = 32  # tokens
LEAST_WEIGHED_SIGMA = 0.4  # Below it errors count no more: little is decided there.
CHECKPOINT = "checkpoint.pt"
SHEET_CHECKPOINTS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Clips of one shape, their used tokens (B, N, C), and captions as ids and mask (B, L).

    given: (B,), of which clips the first frame is given.
    """

    clips: list[Clip]
    given: Tensor
    tokens: Tensor
    ids: Tensor
    mask: Tensor

    @property
    def shape(self) -> tuple[int, int]:
        """(columns, rows) of the latent grid."""
        return self.clips[0].shape


def draw_batch(world: LatentWorld, tokenizer: Any, chooser: random.Random, size: int) -> Batch:
    """Random clips with captions; some captions are empty, for classifier-free guidance."""
    shape = chooser.choices(SHAPES, SHAPE_SHARES)[0]
    stories = [draw_story(chooser) for _ in range(size)]
    clips = [
        Clip(story=story, staging=stage(story, shape, chooser), shape=shape) for story in stories
    ]
    captions = [
        "" if chooser.random() < EMPTY_CAPTIONS else caption(chooser, story) for story in stories
    ]
    # One length: a compiled transformer is half as fast when it must expect several.
    encoded = tokenizer(
        captions,
        padding="max_length",
        truncation=True,
        max_length=LONGEST_CAPTION,
        return_tensors="pt",
    )
    given = torch.tensor([chooser.random() < FIRST_FRAME_GIVEN for _ in clips])
    return Batch(
        clips=clips,
        given=given.to(world.device),
        tokens=world.tokens(clips, given),
        ids=encoded.input_ids.to(world.device),
        mask=encoded.attention_mask.to(world.device),
    )


@torch.no_grad()
def show_things(encoder: PromptEncoder, world: LatentWorld) -> None:
    """Let the row of each thing's words begin with the first components of its picture.

    What a thing looks like is then a matter of passing on numbers, which is learned once for all
    things, and need not be learned by heart thing by thing.
    """
    pairs, _ = embedding_rows()
    numbers = {word: number for number, word in enumerate((*SPECIAL, *meanings_of_words()))}
    for number, thing in enumerate(THINGS):
        row = pairs[numbers[thing.name]][0]
        encoder.shared.weight[row, :ALIKE] = world.pictures[1 + number, :ALIKE]


class Trainer:
    """Model, its moving average, optimizer and random states: all that a checkpoint holds."""

    def __init__(
        self, world: LatentWorld, run: Path, batch_size: int, rate: float, seed: int
    ) -> None:
        torch.manual_seed(seed)
        self.world = world
        self.run = run
        self.batch_size = batch_size
        self.tokenizer = build_tokenizer()
        self.model = TextToVideo(world.autoencoder)
        show_things(self.model.text_encoder, world)
        self.average = TextToVideo(world.autoencoder)
        self.average.load_state_dict(self.model.state_dict())
        self.average.requires_grad_(False)
        self.device = world.device
        self.model.to(self.device)
        self.average.to(self.device)
        if self.device.type == "cpu":
            # The fused attention's backward pass is slow here: a third of a step.
            self.model.transformer.set_attention_backend("_native_math")
        self.optimizer = torch.optim.AdamW(
            self.model.parameters(), rate, betas=(0.9, 0.98), weight_decay=0.01, fused=True
        )
        self.chooser = random.Random(seed)
        self.weights = {
            shape: loss_weights(world.autoencoder, shape).to(self.device) for shape in SHAPES
        }
        self.rate = rate
        self.step = 0
        self.seconds = 0.0
        self.saves = 0

    def advance(self, progress: float) -> float:
        """See loop.Training."""
        warm = min(1.0, (self.step + 1) / WARM_UP_STEPS)
        fall = 0.5 * (1 + math.cos(math.pi * min(1.0, progress)))
        for group in self.optimizer.param_groups:
            group["lr"] = self.rate * warm * (0.02 + 0.98 * fall)
        batch = draw_batch(self.world, self.tokenizer, self.chooser, self.batch_size)
        loss = self._loss(batch)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        self.optimizer.zero_grad()
        self.step += 1
        decay = min(EMA_DECAY, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            averages: list[Tensor] = list(self.average.parameters())
            newest: list[Tensor] = list(self.model.parameters())
            torch._foreach_lerp_(averages, newest, 1 - decay)
        return float(loss.detach())

    def _loss(self, batch: Batch) -> Tensor:
        """Weighted squared error of the predicted clips."""
        columns, rows = batch.shape
        count = batch.tokens.shape[:2]
        drawn = torch.sigmoid(torch.randn(count[0], 1, device=self.device))
        drawn = SHIFT * drawn / (1 + (SHIFT - 1) * drawn)
        sigmas = drawn.expand(count).clone()
        sigmas[batch.given, : rows * columns] = 0
        noise = torch.randn_like(batch.tokens)
        level = sigmas[..., None]
        noisy = (1 - level) * batch.tokens + level * noise
        with torch.autocast(self.device.type, dtype=torch.bfloat16):
            clean = self.model(noisy, sigmas, batch.ids, batch.mask, (2, rows, columns))
        error = (clean.float() - batch.tokens).square() * self.weights[batch.shape]
        importance = sigmas.clamp(min=LEAST_WEIGHED_SIGMA) ** -2 * (sigmas > 0)
        loss: Tensor = (error.mean(dim=2) * importance).mean()
        return loss

    def save(self, last: bool) -> None:
        """Write the checkpoint, and now and then a sheet of clips; see loop.Training."""
        self.saves += 1
        torch.save(self.state(), self.run / f"{CHECKPOINT}.part")
        (self.run / f"{CHECKPOINT}.part").replace(self.run / CHECKPOINT)
        if last or self.saves % SHEET_CHECKPOINTS == 1:
            path = self.run / f"sheet-{self.step:06d}.png"
            save_sheet(self.average, self.tokenizer, self.world.autoencoder, path)
            self.average.to(self.device)
            self.world.autoencoder.to(self.device)

    def state(self) -> dict[str, Any]:
        """Everything that the next step depends on."""
        return {
            "model": self.model.state_dict(),
            "average": self.average.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "chooser": self.chooser.getstate(),
            "torch": torch.get_rng_state(),
            "cuda": torch.cuda.get_rng_state_all(),
            "step": self.step,
            "seconds": self.seconds,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go back to a state."""
        self.model.load_state_dict(state["model"])
        self.average.load_state_dict(state["average"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.chooser.setstate(state["chooser"])
        torch.set_rng_state(state["torch"].cpu())
        torch.cuda.set_rng_state_all([one.cpu() for one in state.get("cuda", ())])
        self.step, self.seconds = state["step"], state["seconds"]


def open_autoencoder(run: Path, pictures: dict[str, Picture]) -> LayeredAutoencoder:
    """A run's autoencoder, fitted when there is none."""
    if not (run / "vae").is_dir():
        fit(pictures).save_pretrained(run / "vae")
    autoencoder: LayeredAutoencoder = LayeredAutoencoder.from_pretrained(run / "vae")
    return autoencoder


def main(
    pictures: Annotated[Path, typer.Option(help="`assets` of @lobehub/fluent-emoji-3d.")],
    run: Annotated[Path, typer.Option(help="Folder for checkpoints, losses and sheets.")],
    minutes: Annotated[float, typer.Option(help="Training time in all, over all starts.")] = 90.0,
    batch_size: Annotated[int, typer.Option()] = 64,
    rate: Annotated[float, typer.Option(help="Highest learning rate.")] = 1e-3,
    seed: Annotated[int, typer.Option()] = 0,
    compiled: Annotated[bool, typer.Option(help="torch.compile the model.")] = True,
) -> None:
    """Train until the time is spent; start again to go on."""
    run.mkdir(parents=True, exist_ok=True)
    loaded = load_pictures(pictures)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    autoencoder = open_autoencoder(run, loaded).to(device)
    training = Trainer(LatentWorld(autoencoder, loaded), run, batch_size, rate, seed)
    if (run / CHECKPOINT).is_file():
        training.restore(torch.load(run / CHECKPOINT, weights_only=False, map_location=device))
    if compiled:
        training.model.compile(dynamic=False)
    train_for(training, minutes, run / "loss.csv")


if __name__ == "__main__":
    typer.run(main)
