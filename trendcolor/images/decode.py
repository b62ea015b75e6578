"""Encoded bytes -> a photo: upright, in sRGB, at the scale that the work needs.

Codecs are chosen by content and opened one by one here, without Pillow's own list of formats, so
that a picture can't reach a rarely used decoder, and neither Pillow's limits nor its plugins
are touched for whoever imports this package. What a file holds beside its picture is looked at for
its orientation and color profile alone, and kept nowhere.
"""

import logging
import struct
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from math import isqrt
from pathlib import Path, PurePath

import numpy as np
import pillow_heif
from numpy.typing import NDArray
from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    ExifTags,
    GifImagePlugin,
    Image,
    ImageChops,
    ImageCms,
    ImageFile,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)
from PIL.Image import Transpose

from trendcolor.config import ImagesConfig
from trendcolor.datasets.files import LocalFile, PhotoFile
from trendcolor.datasets.local_file import too_large
from trendcolor.errors import PhotoError
from trendcolor.images.limits import MOST_EXIF, check_structure
from trendcolor.images.memory import decode_memory

# Pillow logs each tag that it meets with its value at level DEBUG: names, places, serial numbers.
logging.getLogger("PIL").setLevel(logging.INFO)


class _Jpeg(JpegImagePlugin.JpegImageFile):
    """A JPEG, opened as the first of the pictures it holds, without a look at its EXIF data."""

    def _read_dpi_from_exif(self) -> None:
        """Leave unread what says how large to print; it may be large itself."""


_OPENERS: dict[str, Callable[[BytesIO, str], ImageFile.ImageFile]] = {
    "JPEG": _Jpeg,
    "PNG": PngImagePlugin.PngImageFile,
    "WebP": WebPImagePlugin.WebPImageFile,
    "AVIF": AvifImagePlugin.AvifImageFile,
    "TIFF": TiffImagePlugin.TiffImageFile,
    "HEIC": pillow_heif.HeifImageFile,
    "GIF": GifImagePlugin.GifImageFile,
    "BMP": BmpImagePlugin.BmpImageFile,
}

# The formats that a file name's ending may honestly hold; .heif is a container of both codecs.
SUFFIXES: dict[str, tuple[str, ...]] = {
    **dict.fromkeys((".jpg", ".jpeg", ".jpe", ".jfif"), ("JPEG",)),
    **dict.fromkeys((".png", ".apng"), ("PNG",)),
    ".webp": ("WebP",),
    **dict.fromkeys((".avif", ".avifs"), ("AVIF",)),
    **dict.fromkeys((".tif", ".tiff"), ("TIFF",)),
    **dict.fromkeys((".heic", ".heics"), ("HEIC",)),
    **dict.fromkeys((".heif", ".heifs", ".hif"), ("HEIC", "AVIF")),
    ".gif": ("GIF",),
    **dict.fromkeys((".bmp", ".dib"), ("BMP",)),
}

_SIGNATURES = {
    b"\xff\xd8\xff": "JPEG",
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"GIF87a": "GIF",
    b"GIF89a": "GIF",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
    b"II+\0": "TIFF",
    b"MM\0+": "TIFF",
    b"BM": "BMP",
}
_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"}

_BAND_PIXELS = 1 << 20  # of a large picture that are brought to 8 bits at once
_OPAQUE = 128  # alpha of 0..255 from which a pixel counts as seen: half covered or more
_SRGB = ImageCms.createProfile("sRGB")

# What turns a picture upright, by the value of EXIF's orientation tag (CIPA DC-008, 4.6.4 A).
_UPRIGHT = {
    2: Transpose.FLIP_LEFT_RIGHT,
    3: Transpose.ROTATE_180,
    4: Transpose.FLIP_TOP_BOTTOM,
    5: Transpose.TRANSPOSE,
    6: Transpose.ROTATE_270,
    7: Transpose.TRANSVERSE,
    8: Transpose.ROTATE_90,
}


@dataclass(frozen=True, slots=True, eq=False)
class Photo:
    """One photo's pixels, upright, maybe smaller than the file."""

    rgb: NDArray[np.uint8]  # (h, w, 3), sRGB with its transfer curve, 0..255
    opaque: NDArray[np.bool_] | None  # (h, w), False where the file is transparent; None: all seen
    width: int  # of the whole file, upright, pixels
    height: int  # of the whole file, upright, pixels


def read_photo(path: Path, config: ImagesConfig) -> Photo:
    """Read one photo from a file on this machine; see `open_photo`."""
    return open_photo(LocalFile(path), config)


def open_photo(file: PhotoFile, config: ImagesConfig) -> Photo:
    """Read one photo, wherever it is.

    Args:
        file: The file. Its content says what it is; a name that claims another format is refused,
            because such a file was renamed or swapped somewhere on its way here.
        config: How many bytes and pixels are allowed, and how many pixels the work needs.

    Raises:
        PhotoError: the file is missing, unreadable, too large, not what its name says, or as
            `decode`.
    """
    return decode_named(file.name, file.read(config.max_bytes), config)


def decode_named(name: str, encoded: bytes, config: ImagesConfig) -> Photo:
    """Decode one photo that comes with a file name, wherever its bytes are from.

    Args:
        name: The file's name; its ending must not claim another format than the bytes hold.
        encoded: The file's bytes.
        config: As for `decode`.

    Raises:
        PhotoError: the bytes aren't what the name says, or as `decode`.
    """
    suffix = PurePath(name).suffix
    wanted, found = SUFFIXES.get(suffix.lower()), image_format(encoded)
    if wanted and found and found not in wanted:
        raise PhotoError(f"named {suffix} but holds {found}")
    return decode(encoded, config)


def decode(encoded: bytes, config: ImagesConfig) -> Photo:
    """Decode one photo: upright, in sRGB, at about the size that the work needs.

    JPEG is scaled while it is decoded and other formats are averaged over square blocks, both on
    the values as they are coded: flat cloth keeps its color, only blends at edges differ from an
    average of light. An embedded profile is converted with the relative colorimetric intent,
    which leaves colors inside sRGB exactly as they are (the perceptual intent shifts them, each
    vendor's profile in its own way), and with black point compensation, so that dark cloth of a
    print profile isn't clipped to black. A profile that can't be used is taken for sRGB.
    Of an animation or a file with many pictures, the first (or primary) one is taken.

    Args:
        encoded: A JPEG, PNG, WebP, AVIF, TIFF, HEIC, GIF or BMP file's bytes.
        config: How many pixels are allowed, and how many the work needs.

    Returns:
        The photo, with from `work_pixels` to under 4 times as many pixels if the file has more.

    Raises:
        PhotoError: the bytes aren't such a picture, are damaged, are more than `max_bytes`, claim
            more than `max_pixels` or would take more than `max_memory`, are put together to keep
            a decoder busy, or hold samples whose white is unknown.

    Guarantees, each held by tests/test_images_decode.py:
        A truncated file is refused or gives the whole file's pixels.
    """
    if len(encoded) > config.max_bytes:
        raise PhotoError(too_large(len(encoded), config.max_bytes))
    name = image_format(encoded)
    if name is None:
        raise PhotoError(
            f"not an image of a known kind (wanted one of {', '.join(_OPENERS)})"
            if encoded
            else "empty file"
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # codecs warn of odd metadata, which has no effect here
            check_structure(name, encoded)
            return _decode(name, encoded, config)
    except PhotoError:
        raise
    except MemoryError as cause:
        raise PhotoError(f"{name} takes more memory than there is") from cause
    except Exception as cause:
        raise PhotoError(_reason(name, cause)) from cause


def image_format(encoded: bytes) -> str | None:
    """What kind of image the bytes hold, by their first few; None if no kind that is read here."""
    if encoded[:4] == b"RIFF" and encoded[8:12] == b"WEBP":
        return "WebP"
    if encoded[4:8] == b"ftyp":
        size = int.from_bytes(encoded[:4], "big")
        brands = {encoded[i : i + 4] for i in (8, *range(16, min(size, len(encoded), 256), 4))}
        if brands & {b"avif", b"avis"}:
            return "AVIF"
        return "HEIC" if brands & {*_HEIC_BRANDS, b"mif1", b"msf1"} else None
    for signature, name in _SIGNATURES.items():
        if encoded.startswith(signature):
            return name
    return None


# What codecs say, and what a reader understands.
_WORDS = {
    "MAX_TEXT_": "packed text or profile is larger than 1 MiB, or 64 MiB in all",
    "decoder error": "its pixels can't be unpacked",
    "broken data stream": "its pixels can't be unpacked",
}


def _reason(name: str, cause: Exception) -> str:
    said = str(cause).strip()
    if isinstance(cause, Image.DecompressionBombError):
        return f"{name} claims more pixels than its decoder takes"
    if isinstance(cause, EOFError) or "truncated" in said.lower():
        return f"truncated {name}"
    if isinstance(cause, KeyError):
        said = f"{said} is missing, or not known"
    words = next((words for sign, words in _WORDS.items() if sign in said), said)
    return f"damaged {name}" + (f" ({words})" if words else "")


def _open(name: str, encoded: bytes, config: ImagesConfig) -> ImageFile.ImageFile:
    """A picture that is not yet decoded, and claims no more pixels than are allowed."""
    if name == "AVIF" and len(_avif_exif(encoded)) > MOST_EXIF:
        raise PhotoError(f"AVIF with over {MOST_EXIF >> 20} MiB of EXIF data")
    image = _OPENERS[name](BytesIO(encoded), "")
    _check_pixels(image, config)
    return image


def _avif_exif(encoded: bytes) -> bytes:
    """An AVIF's EXIF data, unread: Pillow would read it before it could be asked for its size."""
    exif: bytes | None = AvifImagePlugin._avif.AvifDecoder(encoded, "auto", 1).get_info()[4]  # type: ignore[attr-defined] # no public way
    return exif or b""


def _check_pixels(image: Image.Image, config: ImagesConfig) -> None:
    width, height = image.size
    if width * height > config.max_pixels:
        raise PhotoError(
            f"claims {width} x {height} pixels, more than {config.max_pixels} (images.max_pixels)"
        )


def _check_memory(
    image: ImageFile.ImageFile, encoded: bytes, name: str, config: ImagesConfig
) -> None:
    finished = image.width * image.height // _reduction(image, config) ** 2
    needed = decode_memory(image, encoded, name, finished)
    if needed > config.max_memory:
        raise PhotoError(
            f"{name} of {image.width} x {image.height} pixels takes up to {needed >> 20} MiB to "
            f"decode, more than {config.max_memory >> 20} (images.max_memory)"
        )


def _decode(name: str, encoded: bytes, config: ImagesConfig) -> Photo:
    image = _open(name, encoded, config)
    width, height = image.size
    if isinstance(image, JpegImagePlugin.JpegImageFile):
        scale = min(8, _reduction(image, config))
        image.draft(None, (max(1, width // scale), max(1, height // scale)))
        _check_memory(image, encoded, name, config)
        image.load()
    else:
        _check_memory(image, encoded, name, config)
        image.load()
        _check_pixels(image, config)  # HEIC may turn out to be of another size than it said
        width, height = image.size
    orientation = _orientation(image)  # read after loading: TIFF is turned while it is loaded
    profile = image.info.get("icc_profile")
    pixels = _smaller(image, config)
    if orientation in _UPRIGHT:
        pixels = pixels.transpose(_UPRIGHT[orientation])
    if orientation in (5, 6, 7, 8):
        width, height = height, width
    rgb = np.array(_to_srgb(pixels, profile))
    return Photo(rgb=rgb, opaque=_opaque(pixels), width=width, height=height)


def _smaller(image: ImageFile.ImageFile, config: ImagesConfig) -> Image.Image:
    """The picture in 8 bits at the size of the work, made band by band.

    So that a large one is never there twice, once as it was stored and once in 8 bits.
    """
    factor = _reduction(image, config)
    if factor == 1:
        return _eight_bits(image, image)
    rows = max(1, _BAND_PIXELS // (image.width * factor)) * factor
    smaller: Image.Image | None = None
    for top in range(0, image.height, rows):
        band = image.crop((0, top, image.width, min(top + rows, image.height)))
        reduced = _eight_bits(band, image).reduce(factor)
        if smaller is None:
            smaller = Image.new(reduced.mode, (reduced.width, -(-image.height // factor)))
        smaller.paste(reduced, (0, top // factor))
    if smaller is None:
        raise PhotoError("picture without a row of pixels")
    return smaller


def _reduction(image: Image.Image, config: ImagesConfig) -> int:
    """By how much a picture's sides may be divided and still leave the pixels that are needed."""
    return max(1, isqrt(image.width * image.height // config.work_pixels))


def _orientation(image: Image.Image) -> int:
    if len(image.info.get("exif") or b"") > MOST_EXIF:
        return 1
    try:
        orientation = image.getexif().get(ExifTags.Base.Orientation, 1)
    except (KeyError, OSError, SyntaxError, TypeError, ValueError, struct.error):
        return 1  # a picture with broken EXIF data is as upright as its file
    return orientation if isinstance(orientation, int) else 1


def _eight_bits(band: Image.Image, file: ImageFile.ImageFile) -> Image.Image:
    """Some rows of a file with 8 bits a sample, in mode L, LA, RGB, RGBA, CMYK or LAB."""
    if band.mode.startswith("I;16"):
        return _gray_16_to_8(band, file)
    if band.mode in ("I", "F"):
        raise PhotoError("32-bit samples, whose white is unknown (wanted 8 or 16 bits)")
    if band.mode == "CMYK" and file.format == "JPEG" and "adobe" not in file.info:
        return ImageChops.invert(band)  # Pillow takes every CMYK JPEG for an Adobe one: inverted
    if band.mode in ("CMYK", "LAB"):
        return band
    color = "L" if band.mode in ("1", "L", "LA", "La") else "RGB"
    return _in_mode(band, f"{color}A" if band.has_transparency_data else color)


def _in_mode(image: Image.Image, mode: str) -> Image.Image:
    """The picture in a mode; itself where it is, for a conversion to the same mode is a copy."""
    return image if image.mode == mode else image.convert(mode)


def _gray_16_to_8(band: Image.Image, file: ImageFile.ImageFile) -> Image.Image:
    samples = np.asarray(band).astype(np.uint32)
    if isinstance(file, TiffImagePlugin.TiffImageFile) and file.tag_v2.get(262) == 0:
        samples = 65535 - samples  # TIFF 6.0, PhotometricInterpretation 0: white is zero
    gray = Image.fromarray(((samples + 128) // 257).astype(np.uint8))
    if "transparency" not in file.info:
        return gray
    seen = np.where(samples == file.info["transparency"], 0, 255).astype(np.uint8)
    return Image.merge("LA", (gray, Image.fromarray(seen)))


def _to_srgb(image: Image.Image, icc: bytes | None) -> Image.Image:
    colors = _in_mode(image, {"LA": "L", "RGBA": "RGB"}.get(image.mode, image.mode))
    try:
        if colors.mode == "LAB":
            profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
        elif icc:
            profile = ImageCms.ImageCmsProfile(BytesIO(icc))
        else:
            return _in_mode(colors, "RGB")
        space = profile.profile.xcolor_space.strip()
        if space == "RGB" and colors.mode == "L":
            colors = _in_mode(colors, "RGB")
        if {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK", "Lab": "LAB"}.get(space) != colors.mode:
            return _in_mode(colors, "RGB")  # another picture's profile
        converted = ImageCms.profileToProfile(
            colors,
            profile,
            _SRGB,
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
            outputMode="RGB",
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    except (ImageCms.PyCMSError, OSError, TypeError, ValueError):
        return _in_mode(colors, "RGB")
    return converted if converted is not None else _in_mode(colors, "RGB")


def _opaque(image: Image.Image) -> NDArray[np.bool_] | None:
    if image.mode not in ("LA", "RGBA"):
        return None
    opaque = np.asarray(image.getchannel("A")) >= _OPAQUE
    return None if opaque.all() else opaque
