"""Tests of the values that travel between processes."""

import pickle
import subprocess
import sys

import pytest

from inference import values
from inference.values import Clip, InferenceError, Progress, Request, Stage, WorkerStatus


@pytest.mark.parametrize(
    "value",
    [
        Request(prompt="a cat", seed=3, model="builtin"),
        Progress(stage=Stage.DENOISE, step=2, steps=20),
        WorkerStatus(number=1, state="lost", error="it died"),
        Clip(
            mp4=b"\0",
            width=64,
            height=64,
            seconds=1.0,
            fps=8,
            seed=3,
            model="builtin",
            stage_seconds={"text": 0.5},
        ),
    ],
)
def test_values_survive_the_way_to_another_process(value):
    assert pickle.loads(pickle.dumps(value)) == value  # noqa: S301


# Ray makes subclasses of its own of what a worker raised.
ERRORS = [error for error in InferenceError.__subclasses__() if error.__module__ == values.__name__]


@pytest.mark.parametrize("error", ERRORS)
def test_errors_keep_their_kind_and_words_on_the_way_to_another_process(error):
    travelled = pickle.loads(pickle.dumps(error("because")))  # noqa: S301
    assert type(travelled) is error
    assert str(travelled) == "because"


def test_every_error_is_drawn_in_the_docstring():
    for error in ERRORS:
        assert error.__name__ in (values.__doc__ or "")


def test_the_conversation_pays_nothing_for_inference():
    source = (
        "import sys, inference.values, inference.catalog\n"
        "assert not {'torch', 'numpy', 'ray', 'diffusers', 'av'} & set(sys.modules)\n"
        "import inference.fleet\n"
        "assert not {'torch', 'diffusers', 'transformers'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", source], check=True)
