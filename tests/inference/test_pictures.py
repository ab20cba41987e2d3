"""Pictures as people, and those who are up to something, send them."""

import io
import pickle
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from inference.pictures import MOST_BYTES, MOST_PIXELS, fault_of, fitted, reduce, upright
from inference.values import PictureFault, PictureRejected

RED, BLUE = (220, 40, 40), (40, 60, 220)
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9"/></svg>'


def encoded(image: Image.Image, form: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def red_above_blue(width: int = 60, height: int = 40) -> Image.Image:
    image = Image.new("RGB", (width, height), BLUE)
    image.paste(RED, (0, 0, width, height // 2))
    return image


def png_header(width: int, height: int) -> bytes:
    """A PNG that promises that many pixels and holds next to none."""
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(b"\0" * 1000)),
        (b"IEND", b""),
    ]
    parts = [
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def noise(form: str) -> bytes:
    return encoded(Image.effect_noise((200, 150), 90).convert("RGB"), form)


def fault(picture: bytes) -> PictureFault:
    with pytest.raises(PictureRejected) as caught:
        reduce(picture, 512)
    return caught.value.fault


@pytest.mark.parametrize(
    "picture",
    [
        b"",
        b"a text file named .jpg",
        SVG,
        encoded(red_above_blue(), "GIF"),
        encoded(red_above_blue(), "TIFF"),
        encoded(red_above_blue(), "BMP"),
        b"GIF89a" + bytes(40),
        b"\x89PNG\r\n\x1a\n",
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
    ],
    ids=["nothing", "text", "svg", "gif", "tiff", "bmp", "gif head", "png head", "eps"],
)
def test_other_files_are_no_pictures(picture: bytes) -> None:
    assert fault(picture) is PictureFault.NO_PICTURE


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_a_picture_that_is_cut_off_is_refused(form: str) -> None:
    whole = noise(form)
    assert reduce(whole, 512).width == 200
    assert fault(whole[: len(whole) * 2 // 3]) in {PictureFault.BROKEN, PictureFault.NO_PICTURE}


@pytest.mark.parametrize("side", [7072, 10_000, 50_000])
def test_a_decompression_bomb_is_refused_by_its_header(side: int) -> None:
    assert fault(png_header(side, side)) is PictureFault.TOO_MANY_PIXELS


def test_a_picture_of_as_many_pixels_as_are_allowed_is_not_refused_for_them() -> None:
    assert fault_of(0, 1000, MOST_PIXELS // 1000) is None
    assert fault(png_header(1000, MOST_PIXELS // 1000)) is PictureFault.BROKEN


def test_a_file_that_is_too_large_is_not_looked_at() -> None:
    assert fault(noise("PNG").ljust(MOST_BYTES + 1, b"\0")) is PictureFault.TOO_LARGE


def test_an_animated_picture_stands_still_at_its_fitted() -> None:
    frames = [Image.new("RGB", (40, 40), colour) for colour in (RED, BLUE)]
    moving = encoded(frames[0], "WEBP", save_all=True, append_images=frames[1:], lossless=True)
    assert upright(moving, 40).getpixel((20, 20)) == RED
    moving = encoded(frames[0], "PNG", save_all=True, append_images=frames[1:])
    assert upright(moving, 40).getpixel((20, 20)) == RED


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_is_turned_as_its_camera_was_held(orientation: int) -> None:
    turns = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,  # The camera's way back to what is seen.
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    seen = red_above_blue()
    seen.paste((240, 240, 240), (0, 0, 10, 10))
    stored = seen.transpose(turns[orientation]) if orientation > 1 else seen
    exif = Image.Exif()
    exif[274] = orientation
    shown = upright(encoded(stored, "PNG", exif=exif), 60)
    assert np.array_equal(np.asarray(shown), np.asarray(seen))
    kept = reduce(encoded(stored, "JPEG", exif=exif, quality=95, subsampling=0), 60)
    assert (kept.width, kept.height) == (60, 40)
    with Image.open(io.BytesIO(kept.jpeg)) as again:
        assert np.abs(np.asarray(again).astype(int) - np.asarray(seen)).mean() < 3
        assert not again.getexif(), "where it was taken is nobody's business"


def test_colours_of_every_mode_are_those_that_people_see() -> None:
    grey = Image.fromarray(np.full((20, 20), 200 * 257, np.uint16))
    assert upright(encoded(grey, "PNG"), 20).getpixel((5, 5)) == (200, 200, 200)
    cmyk = Image.new("CMYK", (20, 20), (0, 255, 255, 0))
    red, green, blue = upright(encoded(cmyk, "JPEG", quality=95), 20).getpixel((5, 5))
    assert red > 220 > 40 > max(green, blue)
    for mode, clear in (("RGBA", (255, 0, 0, 0)), ("LA", (0, 0))):
        assert upright(encoded(Image.new(mode, (20, 20), clear), "PNG"), 20).getpixel((5, 5)) == (
            255,
            255,
            255,
        )
    palette = Image.new("P", (20, 20), 1)
    palette.putpalette([*BLUE, *RED])
    assert upright(encoded(palette, "PNG"), 20).getpixel((5, 5)) == RED
    assert upright(encoded(palette, "PNG", transparency=1), 20).getpixel((5, 5)) == (255,) * 3


def test_a_large_picture_is_kept_as_large_as_it_is_needed() -> None:
    for form in ("JPEG", "PNG"):
        kept = reduce(encoded(red_above_blue(3000, 2000), form), 512)
        assert (kept.width, kept.height) in {(512, 341), (512, 342)}
    clear = Image.new("RGBA", (1300, 1300), (255, 0, 0, 0))
    exif = Image.Exif()
    exif[274] = 6
    turned = red_above_blue(3000, 2000).transpose(Image.Transpose.ROTATE_90)
    assert upright(encoded(clear, "PNG"), 256).getpixel((99, 99)) == (255, 255, 255)
    shown = upright(encoded(turned, "PNG", exif=exif), 256)
    assert shown.size == (429, 286)
    assert shown.getpixel((200, 99)) == RED
    kept = reduce(encoded(red_above_blue(4000, 2), "PNG"), 512)
    assert (kept.width, kept.height) == (512, 1)
    assert fitted(kept.jpeg, 256, 256).size == (256, 256)


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data:UserWarning")
@pytest.mark.parametrize("exif", [b"", b"garbage", b"MM\0*\0\0\0\x08\xff\xff" + b"\xff" * 60])
def test_a_broken_label_does_no_harm(exif: bytes) -> None:
    picture = encoded(red_above_blue(), "JPEG", exif=b"Exif\0\0" + exif)
    assert reduce(picture, 60).width == 60


def test_a_refusal_survives_its_way_back_from_a_worker() -> None:
    error = pickle.loads(pickle.dumps(PictureRejected(PictureFault.BROKEN)))  # noqa: S301
    assert error.fault is PictureFault.BROKEN
    assert str(error) == "The picture is broken or cut off."
