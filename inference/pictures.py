"""Pictures that clips start from: checked before they are decoded, then upright and plain RGB."""

import io
import math
from dataclasses import dataclass, field

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from inference import mark
from inference.entry import ModelEntry
from inference.values import PictureFault, PictureRejected

MOST_BYTES = 20 * 1024 * 1024  # What a bot may download from Telegram
MOST_PIXELS = 50_000_000
FORMATS = ("JPEG", "PNG", "WEBP")
_REDUCIBLE = frozenset({"L", "LA", "RGB", "RGBA"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture to keep: a JPEG without anything but its pixels, their size after turning."""

    jpeg: bytes = field(repr=False)
    width: int
    height: int


def fault_of(size_bytes: int, width: int, height: int) -> PictureFault | None:
    """What its measures alone say against a picture; 0 stands for an unknown one."""
    if size_bytes > MOST_BYTES:
        return PictureFault.TOO_LARGE
    if width * height > MOST_PIXELS:
        return PictureFault.TOO_MANY_PIXELS
    return None


def nearest_aspect_ratio(entry: ModelEntry, width: int, height: int) -> str:
    """The aspect ratio, of those the model makes, that cuts least off a picture of that size."""

    def difference(ratio: str) -> float:
        wide, high = entry.shapes[ratio]
        return abs(math.log(width * high / (height * wide)))

    return min(entry.shapes, key=difference)


def picture_side(entry: ModelEntry) -> int:
    """Pixels a side that a picture needs at most, so that its middle is sharp in every shape."""
    return 2 * max(max(shape) for shape in entry.shapes.values())


def reduce(picture: bytes, side: int) -> Picture:
    """An encoded picture made at most `side` pixels wide and high.

    Raises: PictureRejected.
    """
    image = upright(picture, side)
    image.thumbnail((side, side), Image.Resampling.LANCZOS)
    file = io.BytesIO()
    image.save(file, "JPEG", quality=95, subsampling=0)
    return Picture(jpeg=file.getvalue(), width=image.width, height=image.height)


def fitted(picture: bytes, width: int, height: int) -> Image.Image:
    """An encoded picture as a frame of that size: upright, its middle, nothing distorted.

    A picture that was taken from a clip comes without Kinogram's mark.
    Raises: PictureRejected.
    """
    image = upright(picture, max(width, height))
    frame = ImageOps.fit(image, (width, height), Image.Resampling.LANCZOS)
    return Image.fromarray(mark.erase(np.asarray(frame)))


def upright(picture: bytes, side: int) -> Image.Image:
    """An encoded picture as people see it: turned as its camera was held, transparency on white.

    Of an animated one the first frame. side: a large picture comes smaller, which takes less memory
    and time, but neither side below that.
    Raises: PictureRejected; by its header alone when it has too many pixels.
    """
    fault = fault_of(len(picture), 0, 0)
    if fault is None:
        try:
            # Opening reads the header only.
            with Image.open(io.BytesIO(picture), formats=FORMATS) as opened:
                fault = fault_of(len(picture), *opened.size)
                if fault is None:
                    opened.draft("RGB", (side, side))
                    return _plain(ImageOps.exif_transpose(_smaller(opened, side)))
        except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError):
            fault = PictureFault.TOO_MANY_PIXELS
        except UnidentifiedImageError:
            fault = PictureFault.NO_PICTURE
        except Exception:  # noqa: BLE001  (Pillow raises errors of every kind on hostile files)
            fault = PictureFault.BROKEN
    raise PictureRejected(fault)


def _smaller(image: Image.Image, side: int) -> Image.Image:
    factor = min(image.size) // side
    return image.reduce(factor) if factor > 1 and image.mode in _REDUCIBLE else image


def _plain(image: Image.Image) -> Image.Image:
    if image.mode.startswith(("I", "F")):
        # 16 bits a pixel; Pillow would cut off whatever is brighter than 255.
        return Image.fromarray((np.asarray(image) / 257).astype(np.uint8)).convert("RGB")
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        image = Image.new("RGB", layer.size, "white")
        image.paste(layer, mask=layer.getchannel("A"))
    return image.convert("RGB")
