"""Frames to an H.264 mp4 and back, and mp4s joined (PyAV, with the x264 of its wheel)."""

import io
import tempfile
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

import av
import numpy as np
import numpy.typing as npt
from av.video.reformatter import ColorRange, Colorspace
from PIL import Image

from inference.values import EncodeError, RequestRejected

Frames: TypeAlias = npt.NDArray[np.uint8]

# ITU-T H.273: 1 is BT.709 for primaries and transfer too. Players guess BT.601 for small clips.
_BT709 = 1
_SMALL_PIXELS = 512 * 512
MOST_DECODED_BYTES = 2**31


def encode(frames: Frames, fps: int) -> bytes:
    """H.264 mp4 that Telegram plays inline while it downloads.

    frames: (T, H, W, 3) uint8 RGB, H and W even (yuv420p).
    fps: frames per second.
    Raises: EncodeError, when the frames cannot be written.
    """
    if frames.ndim != 4 or frames.shape[3] != 3 or frames.dtype != np.uint8:
        raise EncodeError(f"frames are (T, H, W, 3) uint8, not {frames.shape} {frames.dtype}")
    count, height, width, _ = frames.shape
    if not count or height % 2 or width % 2 or not height or not width or fps < 1:
        raise EncodeError(f"cannot write {count} frames of {width}x{height} at {fps} a second")
    try:
        # The index can only be moved to the front of a real file, which is read again for it.
        with tempfile.TemporaryDirectory(prefix="kinogram-") as folder:
            path = Path(folder, "clip.mp4")
            _write(path, frames, fps)
            return path.read_bytes()
    except (av.FFmpegError, OSError) as error:
        raise EncodeError(f"the mp4 could not be written: {error}") from error


def _write(path: Path, frames: Frames, fps: int) -> None:
    _, height, width, _ = frames.shape
    with av.open(path, "w", format="mp4", options={"movflags": "+faststart"}) as container:
        stream = container.add_stream("libx264", rate=fps)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        # A small clip is shown enlarged, and costs next to nothing: keep every edge of it.
        stream.options = {
            "crf": "14" if height * width <= _SMALL_PIXELS else "18",
            # Equal headers for equal shapes, so that join() need not encode again.
            "x264-params": "stitchable=1",
        }
        context = stream.codec_context
        context.colorspace, context.color_range = Colorspace.ITU709, ColorRange.MPEG
        context.color_primaries, context.color_trc = _BT709, _BT709
        for rgb in frames:
            picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(rgb), format="rgb24")
            yuv = picture.reformat(format="yuv420p", dst_colorspace=Colorspace.ITU709)
            container.mux(stream.encode(yuv))
        container.mux(stream.encode())


def decode(mp4: bytes | Path, *, most_bytes: int = MOST_DECODED_BYTES) -> tuple[Frames, float]:
    """All frames of a video, (T, H, W, 3) uint8 RGB, and how many there are a second.

    mp4: the file, or where it is; any other video that PyAV reads is taken too.
    most_bytes: that all frames together may take.
    Raises: RequestRejected, when it cannot be read, is no video, or has too many frames.
    """
    name = "The video" if isinstance(mp4, bytes) else str(mp4)
    try:
        with av.open(io.BytesIO(mp4) if isinstance(mp4, bytes) else mp4, "r") as container:
            if not container.streams.video:
                raise RequestRejected(f"{name} is no video: it has no pictures.")
            stream = container.streams.video[0]
            rate = float(stream.average_rate or 0)
            frames: list[Frames] = []
            for picture in container.decode(stream):
                frames.append(np.asarray(picture.to_ndarray(format="rgb24"), np.uint8))
                if len(frames) * frames[-1].nbytes > most_bytes:
                    raise RequestRejected(f"{name} is too long to be held in memory.")
            if not frames or not rate:
                raise RequestRejected(f"{name} is no video: it has no pictures.")
            return np.stack(frames), rate
    except (av.FFmpegError, OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise RequestRejected(f"{name} cannot be read as a video: {reason}.") from error


def last_frame(mp4: bytes) -> Frames:
    """The last frame of a video, (H, W, 3) uint8 RGB.

    Raises: RequestRejected, when it cannot be read or is no video.
    """
    try:
        with av.open(io.BytesIO(mp4), "r") as container:
            for last in deque(container.decode(video=0), maxlen=1):
                return np.asarray(last.to_ndarray(format="rgb24"), np.uint8)
    except (av.FFmpegError, ValueError, IndexError) as error:
        raise RequestRejected(f"The video cannot be read: {error}.") from error
    raise RequestRejected("The video has no pictures.")


def as_png(frame: Frames) -> bytes:
    """A frame (H, W, 3) uint8 RGB as a file."""
    file = io.BytesIO()
    Image.fromarray(frame).save(file, "PNG")
    return file.getvalue()


def join(mp4s: Sequence[bytes]) -> bytes:
    """Videos that encode() wrote in the same shape and rate, one behind the other.

    Not encoded again: a clip that is continued twenty times is as sharp at its start as before.
    Raises: EncodeError, when they do not fit together.
    """
    try:
        with tempfile.TemporaryDirectory(prefix="kinogram-") as folder:
            path = Path(folder, "clip.mp4")
            _append(path, mp4s)
            return path.read_bytes()
    except (av.FFmpegError, OSError, ValueError, IndexError) as error:
        raise EncodeError(f"the clips could not be joined: {error}") from error


def _append(path: Path, mp4s: Sequence[bytes]) -> None:
    with av.open(path, "w", format="mp4", options={"movflags": "+faststart"}) as container:
        joined, end = None, 0
        for mp4 in mp4s:
            with av.open(io.BytesIO(mp4), "r") as part:
                stream = part.streams.video[0]
                if joined is None:
                    joined = container.add_stream_from_template(stream)
                    headers, time_base = stream.codec_context.extradata, stream.time_base
                if stream.codec_context.extradata != headers or stream.time_base != time_base:
                    raise EncodeError("the clips differ in shape, rate or encoder")
                for packet in part.demux(stream):
                    if packet.pts is None or packet.dts is None:
                        continue  # The demuxer's last word has no picture.
                    packet.pts, packet.dts = packet.pts + end, packet.dts + end
                    packet.stream = joined
                    container.mux(packet)
                end += stream.duration or 0
