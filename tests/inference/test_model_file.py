"""Tests of an operator's own model.toml: what is read from it, and what is said of a wrong one."""

import re
from pathlib import Path

import pytest

from inference import catalog
from inference.quality import Measured
from inference.values import ModelUnavailable

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
(EXAMPLE,) = re.findall(r"```toml\n(.*?)```", README, re.DOTALL)
FEW = 'repository = "a/b", steps = 4, guidance_scale = 1'
COMMIT = "0fad780a534b6463e45facd96134c9f345acfa5b"


def write(models_folder: Path, text: str, name: str = "ours") -> Path:
    path = models_folder / name / "model.toml"
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    return path


def with_line(key: str, line: str) -> str:
    """The example with that key's line replaced, or the line put in front of everything."""
    if f"\n{key} = " in f"\n{EXAMPLE}":
        return re.sub(rf"(?m)^{re.escape(key)} = .*$", lambda _: line, EXAMPLE)
    return f"{line}\n{EXAMPLE}"


def fault(models_folder: Path, text: str, name: str = "ours") -> str:
    path = write(models_folder, text, name)
    with pytest.raises(ModelUnavailable) as caught:
        catalog.entries(models_folder)
    said = str(caught.value)
    assert said.startswith(str(path))
    assert said.isprintable()
    assert len(said.removeprefix(str(path))) < 500
    return said


def test_the_readmes_example_is_a_model_beside_the_shipped_ones(tmp_path):
    write(tmp_path, EXAMPLE)
    assert set(catalog.entries(tmp_path)) == {*catalog.shipped(), "ours"}
    entry = catalog.find("ours", tmp_path)
    assert (entry.name, entry.title, entry.source) == ("ours", "Our own Wan", "")
    assert (entry.gpus, entry.dtype, entry.decoder_dtype) == (1, "bfloat16", "bfloat16")
    assert entry.default_aspect_ratio == "16:9", "the first"
    assert not entry.starts_from_picture


def test_a_model_of_ones_own_can_say_all_that_a_shipped_one_says(tmp_path):
    write(
        tmp_path,
        f"""
        source = "ours/video"
        revision = "{COMMIT}"
        picture_pipeline = "WanImageToVideoPipeline"
        {EXAMPLE}
        [measured.h100]
        how = "seconds a step, on our own"
        attention = "_native_cudnn"
        compiled = true
        [options]
        max_sequence_length = 512
        timesteps = [1000, 750]
        [few_step]
        repository = "ours/lora"
        revision = "{COMMIT}"
        files = {{ transformer = "few/high.safetensors", transformer_2 = "few/low.safetensors" }}
        steps = 4
        guidance_scale = 1.0
        scheduler = {{ flow_shift = 5.0 }}
        """,
    )
    entry = catalog.find("ours", tmp_path)
    assert entry.starts_from_picture
    assert entry.options == {"max_sequence_length": 512, "timesteps": [1000, 750]}
    assert entry.measured == {
        "h100": Measured(how="seconds a step, on our own", attention="_native_cudnn", compiled=True)
    }
    assert entry.few_step is not None
    assert entry.few_step.files["transformer_2"] == "few/low.safetensors"
    assert (entry.few_step.steps, entry.few_step.revision) == (4, COMMIT)


@pytest.mark.parametrize(
    ("key", "line", "words"),
    [
        ("colour", 'colour = "red"', "colour is no key here; there are title, "),
        ("steps", "", "steps is missing"),
        ("title", 'title = ""', "title must be a text"),
        (
            "weights_file",
            'weights_file = "a.bin"',
            "weights_file must be the path of a .safetensors",
        ),
        (
            "weights_file",
            'weights_file = "../a.safetensors"',
            "weights_file must be the path of a .safetensors file in the repository, not",
        ),
        (
            "weights_file",
            'weights_file = "a.safetensors"',
            "weights_file needs a source on the hub",
        ),
        (
            "weights_file",
            'source = "a/b"\nweights_file = "a.safetensors"',
            "weights_file needs config/ beside this file: model_index.json, and ",
        ),
        ("steps", "steps = 0", "steps must be a whole number from 1 to 100, not 0"),
        ("steps", "steps = true", "steps must be a whole number"),
        ("steps", 'steps = "50"', "steps must be a whole number"),
        ("guidance_scale", "guidance_scale = nan", "guidance_scale must be a number from 0"),
        ("memory_gib", "memory_gib = -1", "memory_gib must be a number from 0.1"),
        ("dtype", 'dtype = "int8"', "dtype must be one of bfloat16, float16, float32, not 'int8'"),
        ("pipeline", 'pipeline = "OwnPipeline"', "pipeline must be one of CogVideoXPipeline, "),
        (
            "picture_pipeline",
            'picture_pipeline = "LTXConditionPipeline"',
            "picture_pipeline does not go with pipeline = 'WanPipeline'",
        ),
        ("pixel_step", "pixel_step = 64", "shapes '16:9': 480 is not divisible by pixel_step = 64"),
        (
            "most_frames",
            "most_frames = 80",
            "most_frames = 80 must be 1 + a multiple of frame_step",
        ),
        ("fewest_frames", "fewest_frames = 85", "fewest_frames = 85 is more than most_frames = 81"),
        ('"16:9"', '"16:9" = [480, 832]', "'16:9': 480x832 is not of that aspect ratio"),
        ('"16:9"', '"16:9" = [832]', 'shapes must have entries such as "16:9" = [1280, 704]'),
        ('"16:9"', '"16:9" = [832, 0]', "shapes '16:9': width and height must be a whole number"),
        ('"16:9"', '"wide" = [832, 480]', "not 'wide'"),
        (
            "default_aspect_ratio",
            'default_aspect_ratio = "1:1"',
            "default_aspect_ratio must be one of 16:9, 9:16",
        ),
        ("source", 'source = "../../etc"', "source must be owner/repository, not '../../etc'"),
        ("source", 'source = "owner/.."', "source must be owner/repository"),
        ("source", 'source = "/srv/model"', "source must be owner/repository"),
        ("source", 'source = "builtin"', "leave it out for weights beside this file"),
        ("revision", 'revision = "main"', "revision must be a commit of 40"),
        ("revision", f'revision = "{COMMIT}"', "revision needs a source on the hub"),
        ("modules", 'modules = ["os"]', "modules must be modules of this package"),
        ("options", "options = { image = { path = 1 } }", "options image must be a number, a text"),
        ("cites", 'cites = "a book"', "cites must be a list of texts"),
        ("closed_vocabulary", "closed_vocabulary = 1", "must be true or false, not 1"),
        ("replaces", "replaces = true", "replaces is true, but Kinogram has no ours"),
        ("few_step", "few_step = 4", "few_step must be a table"),
        (
            "few_step",
            'few_step = { repository = "a/b", steps = 4, guidance_scale = 1 }',
            "few_step.files is missing",
        ),
        (
            "few_step",
            'few_step = { repository = "a/b", files = { transformer = "lora.bin" } }',
            "few_step.steps is missing",
        ),
        (
            "few_step",
            f'few_step = {{ {FEW}, files = {{ transformer = "lora.bin" }} }}',
            "few_step.files transformer must be the path of a .safetensors file",
        ),
        (
            "few_step",
            f'few_step = {{ {FEW}, files = {{ transformer = "../x.safetensors" }} }}',
            "few_step.files transformer must be the path of a .safetensors file",
        ),
        ("measured", "measured = 4", "measured must be a table of tables"),
        ("measured", "measured = { cpu = 4 }", "measured must be a table of tables"),
        ("measured", "measured.cpu.compiled = true", "measured.cpu.how is missing"),
        (
            "measured",
            'measured.cpu = { how = "so", attention = "best" }',
            "measured.cpu.attention must be one of",
        ),
        ("title", "title = ", "is no TOML"),
        ("title", 'title = "Ours\\nand yours"', "title must be one line of at most 200"),
        ("licence", f'licence = "{"MIT" * 100}"', "licence must be one line of at most 200"),
        ("dtype", f'dtype = "{"f" * 9999}"', "not 'fffff"),
        ("\\n", '"\\n" = 1', "'\\n' is no key here"),
        ("steps", f"steps = {'9' * 9999}", "a number has thousands of digits"),
        (
            "steps",
            f"steps = 0x{'f' * 9999}",
            "steps must be a whole number from 1 to 100, not that",
        ),
        ("steps", "steps = 2020-01-01", "steps must be a whole number from 1 to 100"),
        ("cites", f"cites = {'[' * 9999}{']' * 9999}", "its brackets are nested too deep"),
        ("options", f"options = {'{a=' * 9999}1{'}' * 9999}", "its brackets are nested too deep"),
        ("options", "options.eta = nan", "options eta must be a number, a text"),
        ("options", "options.sizes = [1, inf]", "options sizes must be a number, a text"),
        ("options", 'options."--x" = 1', "options --x is no name of an argument"),
        ("options", 'options.prompt = "a cat"', "options prompt is given by each prompt"),
        ("options", "options.sigmas = 1.0", "options sigmas must be a list of numbers"),
        ("few_step", "few_step = { steps = true }", "model.toml: few_step.repository is missing"),
        (
            "few_step",
            f'few_step = {{ {FEW}, files = {{ "../x" = "a.safetensors" }} }}',
            "model.toml: few_step.files '../x' is no part of a pipeline",
        ),
        ("measured", 'measured."\\n" = { how = "so", x = 1 }', "measured.'\\n'.x is no key here"),
    ],
)
def test_what_is_wrong_is_told_in_one_sentence_that_names_file_and_key(tmp_path, key, line, words):
    assert words in fault(tmp_path, with_line(key, line))


@pytest.mark.parametrize("name", ["Our Model", "m" * 38])
def test_a_name_that_is_none_is_told(tmp_path, name):
    said = fault(tmp_path, EXAMPLE, name)
    assert f"its folder's name '{name}' must be at most 37 small letters" in said


def test_a_file_that_is_not_utf_8_is_told(tmp_path):
    path = write(tmp_path, "")
    path.write_bytes('title = "Unser eigenes Übermodell"'.encode("latin-1"))
    with pytest.raises(ModelUnavailable, match="cannot be read: it is not UTF-8"):
        catalog.entries(tmp_path)


def test_a_file_that_cannot_be_read_is_told(tmp_path):
    (tmp_path / "ours" / "model.toml").mkdir(parents=True)
    with pytest.raises(ModelUnavailable, match="cannot be read: Is a directory"):
        catalog.entries(tmp_path)


def test_a_file_as_windows_writes_it_is_read(tmp_path):
    write(tmp_path, "").write_text("\ufeff" + EXAMPLE.replace("\n", "\r\n"), "utf-8")
    assert catalog.find("ours", tmp_path).title == "Our own Wan"


def test_a_shipped_name_is_taken_only_on_purpose(tmp_path):
    said = fault(tmp_path, EXAMPLE, "wan2.1-t2v-1.3b")
    assert "replaces = true is missing" in said
    assert catalog.find("wan2.1-t2v-1.3b").title == "Wan 2.1 T2V 1.3B"
    path = tmp_path / "wan2.1-t2v-1.3b" / "model.toml"
    path.write_text(f"replaces = true\n{EXAMPLE}")
    assert catalog.find("wan2.1-t2v-1.3b", tmp_path).title == "Our own Wan"


def test_a_folder_that_holds_weights_alone_is_no_model_of_its_own(tmp_path):
    (tmp_path / "builtin").mkdir()
    (tmp_path / "builtin" / "model_index.json").touch()
    assert catalog.entries(tmp_path) == catalog.shipped()
