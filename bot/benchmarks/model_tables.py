"""What `kinogram bench model` measured, as tables."""

from typing import Any

from rich.console import Console
from rich.table import Table

STAGES = ("text", "step", "forward", "denoise", "decode", "encode", "clip")
_SAID = {
    "step": "denoise, a step",
    "forward": "denoise, a forward",
    "denoise": "denoise, all steps",
    "encode": "mp4",
    "clip": "clip, mp4 included",
}


def print_model(measured: dict[str, Any], console: Console) -> None:
    """Warm seconds by stage beside the plain call's, and what follows from them."""
    ours, plain = measured["kinogram"], measured["plain"]
    console.print(
        f"{measured['title']}, {measured['weights']} weights, {measured['run']}; "
        f"{measured['width']}x{measured['height']}, {measured['frames']} frames, "
        f"{measured['steps']} steps, {measured['dtype']} on {measured['device']}"
    )
    table = Table("Median seconds", "Kinogram", "diffusers' plain call", "ratio")
    for stage in STAGES:
        row = [_SAID.get(stage, stage), f"{ours[stage]:.3f}"]
        if plain:
            row += [f"{plain[stage]:.3f}", f"{plain[stage] / ours[stage]:.2f}"]
        table.add_row(*row)
    console.print(table)
    console.print(
        f"Of text, denoise and decode: {measured['clip_seconds_per_device_second']:.2f} seconds of "
        f"clip a second; mp4 included: {measured['clip_seconds_per_second_with_mp4']:.2f}.\n"
        f"Peak memory {measured['peak_memory_gib']:.2f} GiB; loaded in "
        f"{measured['load_seconds']:.1f} s, warm after {measured['warm_up_seconds']:.1f} s more."
    )
    if measured["arithmetic"]:
        console.print(arithmetic(measured["arithmetic"], ours["forwards"]))


def arithmetic(found: dict[str, Any], forwards: int) -> str:
    """How the rate follows from what was counted and timed."""
    size = found["matmul_size"]
    return (
        f"{found['forward_tflop']:.4g} TFLOP a forward (counted) / "
        f"{found['forward_seconds']:.4g} s ({forwards} forwards, their steps' time) = "
        f"{found['tflops']:.4g} TFLOP/s, {found['share_of_matmul']:.0%} of the "
        f"{found['matmul_tflops']:.4g} TFLOP/s of a product of {size}x{size} matrices here."
    )


def print_gpu(values: dict[str, Any], console: Console) -> None:
    """What every model takes at every level, and the targets beside what was measured."""
    table = Table("Model", "Level", "GPUs", "Weights", "Steps", "Forward", "Clip", "TFLOP/s")
    for heading in ("Of matmul", "Clip s/s", "× plain", "GiB"):
        table.add_column(heading)
    for one in values["runs"]:
        if "error" in one:
            table.add_row(one["words"][2], one["words"][4], "", one["error"])
            continue
        ours, found = one["kinogram"], one["arithmetic"]
        table.add_row(
            one["model"],
            one["quality"],
            str(one["gpus"]),
            one["weights"],
            str(one["steps"]),
            f"{ours['forward']:.3f} s",
            f"{ours['clip']:.1f} s",
            f"{found['tflops']:.0f}" if found else "",
            f"{found['share_of_matmul']:.0%}" if found else "",
            f"{one['clip_seconds_per_second_with_mp4']:.2f}",
            f"{one['faster_than_plain']:.2f}" if one["plain"] else "",
            f"{one['peak_memory_gib']:.1f}",
        )
    console.print(table)
    devices = sorted({one["device"] for one in values["runs"] if "device" in one})
    here = f"Measured on {' and '.join(devices)}" if devices else "Measured"
    table = Table("Warm, mp4 included", "Target on one H100", here)
    for row in values["targets"]:
        table.add_row(row["what"], row["target"], row["measured"])
    console.print(table)
