"""Sound of a clip to AAC and back (PyAV, with ffmpeg's own encoder)."""

import io
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.audio.resampler import AudioResampler

from inference.footage import Footage, Sound
from inference.values import RequestRejected

# Enough that nobody hears how often a clip was continued: joining encodes all of its sound anew.
BITS_A_SECOND = 192_000
_LAYOUTS = {1: "mono", 2: "stereo"}


def add_stream(container: Any, sound: Sound) -> Any:
    """A new AAC stream of an open file, for write(); to be added before anything is written."""
    layout = _LAYOUTS[len(sound.samples)]
    stream = container.add_stream("aac", rate=sound.rate, layout=layout)
    stream.bit_rate = BITS_A_SECOND
    return stream


def write(container: Any, stream: Any, sound: Sound) -> None:
    """Write all of the sound into its stream."""
    interleaved = np.ascontiguousarray(sound.samples.T).reshape(1, -1)
    frame = av.AudioFrame.from_ndarray(
        interleaved, format="s16", layout=_LAYOUTS[len(sound.samples)]
    )
    frame.sample_rate = sound.rate
    # Told where it begins, the encoder tells players to leave out what it puts in front.
    frame.pts, frame.time_base = 0, Fraction(1, sound.rate)
    container.mux(stream.encode(frame))
    container.mux(stream.encode())


def read(mp4: bytes | Path) -> Sound | None:
    """The sound of a video, in its first two channels at most; None when it has none.

    Raises: RequestRejected, when it cannot be read.
    """
    try:
        with av.open(io.BytesIO(mp4) if isinstance(mp4, bytes) else mp4, "r") as container:
            if not container.streams.audio:
                return None
            stream = container.streams.audio[0]
            rate, layout = stream.rate, _LAYOUTS[min(2, stream.channels)]
            resampler = AudioResampler(format="s16p", layout=layout, rate=rate)
            pieces = [
                piece.to_ndarray()
                for frame in [*container.decode(stream), None]
                for piece in resampler.resample(frame)
            ]
            if not pieces:
                return None
            return Sound(samples=np.concatenate(pieces, axis=1).astype(np.int16), rate=rate)
    except (av.FFmpegError, OSError, ValueError) as error:
        name = "The video's" if isinstance(mp4, bytes) else f"{mp4}'s"
        raise RequestRejected(f"{name} sound cannot be read: {error}.") from error


def joined(parts: Sequence[tuple[Sound | None, float]]) -> Sound | None:
    """Sounds one behind the other, each as long as its number of seconds; None if all are silent.

    A part without sound is silence. Rate and channels are the most that any part has.
    """
    heard = [sound for sound, _ in parts if sound is not None]
    if not heard:
        return None
    rate = max(sound.rate for sound in heard)
    channels = max(len(sound.samples) for sound in heard)
    silence = Sound(samples=np.zeros((channels, 0), np.int16), rate=rate)
    pieces = [
        (silence if sound is None else _as(sound, rate, channels)).between(0.0, seconds)
        for sound, seconds in parts
    ]
    return Sound(samples=np.concatenate([piece.samples for piece in pieces], axis=1), rate=rate)


def in_a_row(first: Footage, second: Footage, fps: int) -> Footage:
    """Footage one behind the other, of the same shape and rate. fps: frames per second."""
    parts = [(one.sound, len(one.frames) / fps) for one in (first, second)]
    return Footage(frames=np.concatenate([first.frames, second.frames]), sound=joined(parts))


def _as(sound: Sound, rate: int, channels: int) -> Sound:
    if (sound.rate, len(sound.samples)) == (rate, channels):
        return sound
    frame = av.AudioFrame.from_ndarray(
        np.ascontiguousarray(sound.samples), format="s16p", layout=_LAYOUTS[len(sound.samples)]
    )
    frame.sample_rate = sound.rate
    resampler = AudioResampler(format="s16p", layout=_LAYOUTS[channels], rate=rate)
    pieces = [piece.to_ndarray() for one in (frame, None) for piece in resampler.resample(one)]
    return Sound(samples=np.concatenate(pieces, axis=1).astype(np.int16), rate=rate)
