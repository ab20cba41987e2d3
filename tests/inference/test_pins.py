"""The lock file with the commits that models were downloaded at."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from inference import pins
from inference.values import ModelUnavailable
from inference.weights import Pulled
from tests.inference.entries import TINY_WAN
from tests.inference.hub_server import COMMIT

ENTRY = replace(TINY_WAN, source="ours/tiny", revision=COMMIT)


def test_pins_of_several_models_stand_side_by_side(tmp_path):
    lock = tmp_path / pins.FILE
    for number in range(3):
        entry = replace(ENTRY, name=f"wan2.{number}", source=f"ours/{number}", revision="")
        pins.write(lock, entry, Pulled(folder=tmp_path, commit=f"{number}" * 40))
    for number in range(3):
        entry = replace(ENTRY, name=f"wan2.{number}", source=f"ours/{number}", revision="")
        assert pins.pinned(entry, lock).revision == f"{number}" * 40
    assert {path.name for path in tmp_path.iterdir()} == {pins.FILE, f".{pins.FILE}.lock"}


def test_pins_that_are_written_at_once_are_all_kept(tmp_path):
    lock = tmp_path / pins.FILE
    names = [f"model-{number}" for number in range(20)]

    def pin(name: str) -> None:
        pins.write(lock, replace(ENTRY, name=name), Pulled(folder=tmp_path, commit=COMMIT))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(pin, names))
    assert sorted(pins.read(lock)) == sorted(names)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[a", "is no TOML"),
        ("a = " + "[" * 9999, "its brackets are nested too deep"),
        ("a = 1", "a must be a table of texts"),
        ('[a]\ncommit = "main"', "a.commit must be a commit, not 'main'"),
    ],
)
def test_a_wrong_file_of_pins_is_told(text, words, tmp_path):
    lock = tmp_path / pins.FILE
    lock.write_text(text)
    with pytest.raises(ModelUnavailable) as caught:
        pins.pinned(ENTRY, lock)
    assert words in str(caught.value)
    assert str(lock) in str(caught.value)
