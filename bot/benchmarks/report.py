"""What was measured: as JSON, written after each measurement, and as tables."""

import json
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from inference.machine import describe


class Results:
    """Measurements by name, kept in a file as they come: a cut-off loses only the one under way."""

    def __init__(self, command: str, file: Path | None) -> None:
        """Begin with what they are taken on. Raises: OSError, when the file cannot be written."""
        self.values: dict[str, Any] = {"command": command, "machine": describe()}
        self._file = file
        self._write()

    def add(self, name: str, measured: Any) -> None:
        """Keep one measurement. Raises: OSError."""
        self.values[name] = measured
        self._write()

    def _write(self) -> None:
        if self._file is not None:
            text = json.dumps(self.values, indent=1, ensure_ascii=False)
            self._file.write_text(f"{text}\n", encoding="utf-8")


def print_service(values: dict[str, Any], console: Console) -> None:
    """Tables of what `bench service` measured."""
    machine = values["machine"]
    console.print(
        f"{machine['processor']}, {machine['cores']} cores, {machine['memory_gib']} GiB, "
        f"load average {machine['load_average'][0]} at the start, {machine['date']}"
    )
    table = Table("What", "Median", "p99", "Target", title="The service")
    accepts, instant = values["accepts"], values["instant model"]
    table.add_row(
        f"durable accepts, {accepts['updates']} updates",
        f"{accepts['accepts_per_second']:g}/s",
        "",
        "500/s",
    )
    table.add_row("CPU an accept", f"{accepts['cpu_ms']} ms", "", "")
    _add(table, "update to committed job, 40 at once", accepts["latency"])
    _add(table, "prompt to first card", instant["first_card"])
    _add(table, "prompt to clip, instant model", instant["clip"])
    _add(table, "gap between jobs", instant["gap"], "50 ms")
    table.add_row("claims while jobs wait", f"{instant['claims_per_second']:g}/s", "", "")
    if overhead := values.get("overhead"):
        target = "100 ms or 2 %"
        for name, how in (("served", "one at a time"), ("backlog", "in a backlog")):
            milliseconds, share = (overhead[f"{name}_overhead_{it}"] for it in ("ms", "share"))
            found = f"{milliseconds:g} ms, {share:.1%}"
            table.add_row(f"overhead a clip, {how}", found, "", target)
    if memory := values.get("memory"):
        found = f"{memory['after_a_tenth_mib']:g} to {memory['after_all_mib']:g} MiB"
        table.add_row(f"memory over {memory['jobs']:,} jobs", found, "", "")
    console.print(table)
    grown = values["growth"]
    table = Table("Waiting jobs", *(f"{one['waiting']:,}" for one in grown), title="Median ms")
    for step in grown[0]["steps"]:
        table.add_row(step, *(f"{one['steps'][step]['median_ms']:g}" for one in grown))
    table.add_row("event loop held, p99", *(f"{one['loop_held']['p99_ms']:g}" for one in grown))
    console.print(table)


def _add(table: Table, name: str, times: dict[str, Any], target: str = "") -> None:
    table.add_row(name, f"{times['median_ms']:g} ms", f"{times['p99_ms']:g} ms", target)
