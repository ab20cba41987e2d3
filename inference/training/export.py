"""Write a run's moving average as the diffusers folder that the package ships.

python -m inference.training.export --run RUN --out inference/builtin
"""

from pathlib import Path
from typing import Annotated

import torch
import typer

from inference.autoencoder import LayeredAutoencoder
from inference.training.model import TextToVideo, build_pipeline
from inference.training.tokenizer import build_tokenizer

MOST_BYTES = 60_000_000


def main(
    run: Annotated[Path, typer.Option(help="The run's folder, with checkpoint.pt and vae/.")],
    out: Annotated[Path, typer.Option(help="The folder to write.")],
) -> None:
    """Export safetensors of half precision; they are computed with in single precision."""
    tokenizer = build_tokenizer()
    autoencoder = LayeredAutoencoder.from_pretrained(run / "vae")
    model = TextToVideo(autoencoder)
    # The checkpoint is one's own: it holds Python's random state, which safe loading refuses.
    model.load_state_dict(torch.load(run / "checkpoint.pt", weights_only=False)["average"])
    pipeline = build_pipeline(model.to(torch.bfloat16), tokenizer, autoencoder.to(torch.float16))
    for part in (pipeline.vae, pipeline.transformer):
        # Where the run lay is nobody's business.
        part.register_to_config(_name_or_path="")
    pipeline.save_pretrained(out, safe_serialization=True)
    size = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
    if size > MOST_BYTES:
        raise typer.BadParameter(f"{size / 1e6:.0f} MB are more than the package may hold")
    typer.echo(f"{out}: {size / 1e6:.1f} MB")


if __name__ == "__main__":
    typer.run(main)
