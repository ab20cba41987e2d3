"""README.md's tables are what the code says."""

import re
from pathlib import Path

import pytest

from bot.benchmarks.gpu import targets
from bot.options import NAMES
from bot.replies.commands import ADMIN_COMMANDS, PEOPLE_COMMANDS, CommandReplies
from bot.settings import PREFIX, Settings
from inference.catalog import LEVELS, shipped

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")


def settings_rows() -> list[str]:
    rows = []
    for name, field in Settings.model_fields.items():
        default = field.default
        if default is None or default == frozenset() or default == "":
            shown = ""
        else:
            shown = f"`{str(default).rstrip('/')}`"
        rows.append(f"| `{PREFIX}{name.upper()}` | {shown} | {field.description} |")
    return rows


def command_rows() -> list[str]:
    replies = CommandReplies("en")
    rows = []
    for name in PEOPLE_COMMANDS + ADMIN_COMMANDS:
        words, colon, text = replies.command(name).partition(": ")
        command, what = (f"/{name} {words}", text) if colon else (f"/{name}", words)
        who = " (admins)" if name in ADMIN_COMMANDS else ""
        rows.append(f"| `{command}` | {what}{who} |")
    rows += [
        "| `/quota WHO` | somebody's credits (admins) |",
        "| `/words KIND` | the names of a kind, such as `/words animals` |",
        "| `/words WORD` | whether the built-in model knows that word, and as what |",
    ]
    return rows


def model_rows() -> list[str]:
    return [
        f"| `{entry.name}` | {entry.title} | {entry.licence} | {entry.gpus} | "
        f"{entry.memory_gib:.0f} GiB | {', '.join(entry.abilities)} | "
        f"{', '.join(entry.shapes)} | {entry.longest_seconds:.0f} s |"
        for entry in shipped().values()
    ]


@pytest.mark.parametrize("rows", [settings_rows(), command_rows(), model_rows()])
def test_every_row_stands_in_the_readme_in_order(rows: list[str]) -> None:
    assert "\n".join(rows) + "\n" in README


def test_the_table_of_options_has_every_option_and_level_in_order() -> None:
    rows = re.findall(r"^\| `--(\w+) [A-Z]+` \| (.+) \|$", README, re.MULTILINE)
    assert tuple(name for name, _ in rows) == NAMES
    assert re.findall(r"`(\w+)`", dict(rows)["steps"]) == list(LEVELS)


def test_the_targets_are_those_that_the_measurement_prints() -> None:
    for what, target, _ in targets([]):
        assert f"| {what} | {target} | " in README
