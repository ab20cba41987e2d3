"""Clips joined: their pictures as they are, their sound encoded anew as one."""

import io
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import av

from inference import sound
from inference.mp4 import FORMAT, label_of
from inference.values import EncodeError, RequestRejected


def join(mp4s: Sequence[bytes]) -> bytes:
    """Videos that mp4.encode() wrote in the same shape and rate, one behind the other.

    Pictures are not encoded again: a clip that is continued twenty times is as sharp at its start
    as before. Sound is, for AAC packets cannot follow those of another file without a gap.
    The label is that of the last one.
    Raises: EncodeError, when they do not fit together.
    """
    try:
        with tempfile.TemporaryDirectory(prefix="kinogram-") as folder:
            path = Path(folder, "clip.mp4")
            _write(path, mp4s)
            return path.read_bytes()
    except (av.FFmpegError, OSError, RequestRejected, ValueError, IndexError) as error:
        raise EncodeError(f"the clips could not be joined: {error}") from error


def _write(path: Path, mp4s: Sequence[bytes]) -> None:
    heard = sound.joined([(sound.read(mp4), _seconds(mp4)) for mp4 in mp4s])
    with av.open(path, "w", format="mp4", options=FORMAT) as container:
        with av.open(io.BytesIO(mp4s[-1]), "r") as last:
            container.metadata.update(label_of(last))
        with av.open(io.BytesIO(mp4s[0]), "r") as first:
            pictures = container.add_stream_from_template(first.streams.video[0])
        track = sound.add_stream(container, heard) if heard else None
        _append(container, pictures, mp4s)
        if heard:
            sound.write(container, track, heard)


def _append(container: Any, pictures: Any, mp4s: Sequence[bytes]) -> None:
    headers, time_base, end = None, None, 0
    for mp4 in mp4s:
        with av.open(io.BytesIO(mp4), "r") as part:
            stream = part.streams.video[0]
            if headers is None:
                headers, time_base = stream.codec_context.extradata, stream.time_base
            if stream.codec_context.extradata != headers or stream.time_base != time_base:
                raise EncodeError("the clips differ in shape, rate or encoder")
            for packet in part.demux(stream):
                if packet.pts is None or packet.dts is None:
                    continue  # The demuxer's last word has no picture.
                packet.pts, packet.dts = packet.pts + end, packet.dts + end
                packet.stream = pictures
                container.mux(packet)
            end += stream.duration or 0


def _seconds(mp4: bytes) -> float:
    """Length of a video's pictures."""
    with av.open(io.BytesIO(mp4), "r") as container:
        stream = container.streams.video[0]
        return float((stream.duration or 0) * (stream.time_base or 0))
