"""A clip encoded again, smaller, for chats that take no more than so many bytes."""

import math
import tempfile
from fractions import Fraction
from pathlib import Path

import av

from inference.mp4 import FORMAT, copy_colours, label_of
from inference.values import EncodeError

# x264's constant rate factor: about six more of it halve the bytes.
HALVING = 6
FINEST, COARSEST = 18, 45
# A coarser picture first; where that is not enough, half and then a quarter of the size each way.
DIVISORS = (1, 2, 4)


def shrink(mp4: bytes, most_bytes: int) -> bytes:
    """The same clip in at most that many bytes, with its label, as sharp as they allow.

    Raises: EncodeError, when it does not fit or cannot be read.
    """
    try:
        with tempfile.TemporaryDirectory(prefix="kinogram-") as folder:
            whole, path = Path(folder, "whole.mp4"), Path(folder, "clip.mp4")
            whole.write_bytes(mp4)
            halvings = math.log2(max(1.0, len(mp4) / max(1, most_bytes)))
            for divisor in DIVISORS:
                # A quarter of the pixels are about a quarter of the bytes.
                first = FINEST + math.ceil(HALVING * (halvings - 2 * math.log2(divisor)))
                for factor in range(min(COARSEST, max(FINEST, first)), COARSEST + 1, HALVING // 2):
                    _write(path, whole, factor, divisor)
                    if path.stat().st_size <= most_bytes:
                        return path.read_bytes()
    except (av.FFmpegError, OSError, ValueError, IndexError) as error:
        raise EncodeError(f"the clip could not be made smaller: {error}") from error
    raise EncodeError(f"the clip does not fit into {most_bytes} bytes")


def _write(path: Path, whole: Path, factor: int, divisor: int) -> None:
    with av.open(whole) as source, av.open(path, "w", format="mp4", options=FORMAT) as target:
        target.metadata.update(label_of(source))
        pictures = source.streams.video[0]
        rate = Fraction(pictures.average_rate or 1)
        stream = target.add_stream("libx264", rate=rate)
        # Even, as yuv420p wants it.
        stream.width = max(2, pictures.width // divisor // 2 * 2)
        stream.height = max(2, pictures.height // divisor // 2 * 2)
        stream.pix_fmt = "yuv420p"
        stream.options = {"crf": str(factor)}
        copy_colours(pictures.codec_context, stream.codec_context)
        sounds = source.streams.audio[:1]
        tracks = [target.add_stream_from_template(sound) for sound in sounds]
        for number, picture in enumerate(source.decode(pictures)):
            small = picture.reformat(width=stream.width, height=stream.height, format="yuv420p")
            small.pts, small.time_base = number, 1 / rate
            target.mux(stream.encode(small))
        target.mux(stream.encode())
        for sound, track in zip(sounds, tracks, strict=True):
            # As it is: next to the pictures it weighs nothing.
            source.seek(0)
            for packet in source.demux(sound):
                if packet.dts is not None:
                    packet.stream = track
                    target.mux(packet)
