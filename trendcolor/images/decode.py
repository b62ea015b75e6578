"""Encoded bytes -> a photo: upright, in sRGB, at the scale that the work needs.

Codecs are chosen by content and opened one by one here, without Pillow's own list of formats, so
that a picture can't reach a rarely used decoder, and neither Pillow's limits nor its plugins
are touched for whoever imports this package.
"""

import struct
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from math import isqrt
from pathlib import Path, PurePosixPath

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
from trendcolor.errors import PhotoError

# A JPEG that holds several pictures is opened as its first one.
_OPENERS: dict[str, Callable[[BytesIO, str], ImageFile.ImageFile]] = {
    "JPEG": JpegImagePlugin.JpegImageFile,
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
        PhotoError: the file is missing, unreadable, not what its name says, or as `decode`.
    """
    return decode_named(file.name, file.read(config.max_bytes), config)


def decode_named(name: str, encoded: bytes, config: ImagesConfig) -> Photo:
    """Decode one photo whose name claims a format.

    Raises:
        PhotoError: the name claims another format than the bytes have, or as `decode`.
    """
    wanted = SUFFIXES.get(PurePosixPath(name).suffix.lower())
    found = image_format(encoded)
    if wanted and found and found not in wanted:
        raise PhotoError(f"named {PurePosixPath(name).suffix} but holds {found}")
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
        PhotoError: the bytes aren't such a picture, are damaged, claim more than `max_pixels`, or
            hold samples whose white is unknown.

    Guarantees, each held by tests/test_images_decode.py:
        A truncated file is refused or gives the whole file's pixels.
    """
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
            return _decode(_OPENERS[name](BytesIO(encoded), ""), config)
    except PhotoError:
        raise
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


def _reason(name: str, cause: Exception) -> str:
    if isinstance(cause, Image.DecompressionBombError):
        return f"{name} claims more pixels than its decoder takes"
    if isinstance(cause, EOFError) or "truncated" in str(cause).lower():
        return f"truncated {name}"
    return f"damaged {name} ({str(cause).strip() or type(cause).__name__})"


def _decode(image: ImageFile.ImageFile, config: ImagesConfig) -> Photo:
    width, height = image.size
    if width * height > config.max_pixels:
        raise PhotoError(
            f"claims {width} x {height} pixels, more than {config.max_pixels} (images.max_pixels)"
        )
    if isinstance(image, JpegImagePlugin.JpegImageFile):
        scale = min(8, _reduction(image, config))
        image.draft(None, (max(1, width // scale), max(1, height // scale)))
    image.load()
    orientation = _orientation(image)  # read after loading: TIFF is turned while it is loaded
    profile = image.info.get("icc_profile")
    pixels = _eight_bits(image)
    if (factor := _reduction(pixels, config)) > 1:
        pixels = pixels.reduce(factor)
    if orientation in _UPRIGHT:
        pixels = pixels.transpose(_UPRIGHT[orientation])
    if orientation in (5, 6, 7, 8):
        width, height = height, width
    rgb = np.array(_to_srgb(pixels, profile))
    return Photo(rgb=rgb, opaque=_opaque(pixels), width=width, height=height)


def _reduction(image: Image.Image, config: ImagesConfig) -> int:
    """By how much a picture's sides may be divided and still leave the pixels that are needed."""
    return max(1, isqrt(image.width * image.height // config.work_pixels))


def _orientation(image: Image.Image) -> int:
    try:
        orientation = image.getexif().get(ExifTags.Base.Orientation, 1)
    except (KeyError, OSError, SyntaxError, TypeError, ValueError, struct.error):
        return 1  # a picture with broken EXIF data is as upright as its file
    return orientation if isinstance(orientation, int) else 1


def _eight_bits(image: Image.Image) -> Image.Image:
    """The picture with 8 bits a sample, in mode L, LA, RGB, RGBA, CMYK or LAB."""
    if image.mode.startswith("I;16"):
        return _gray_16_to_8(image)
    if image.mode in ("I", "F"):
        raise PhotoError("32-bit samples, whose white is unknown (wanted 8 or 16 bits)")
    if image.mode == "CMYK" and image.format == "JPEG" and "adobe" not in image.info:
        return ImageChops.invert(image)  # Pillow takes every CMYK JPEG for an Adobe one: inverted
    if image.mode in ("CMYK", "LAB"):
        return image
    color = "L" if image.mode in ("1", "L", "LA", "La") else "RGB"
    return _in_mode(image, f"{color}A" if image.has_transparency_data else color)


def _in_mode(image: Image.Image, mode: str) -> Image.Image:
    """The picture in a mode; itself where it is, for a conversion to the same mode is a copy."""
    return image if image.mode == mode else image.convert(mode)


def _gray_16_to_8(image: Image.Image) -> Image.Image:
    samples = np.asarray(image).astype(np.uint32)
    if isinstance(image, TiffImagePlugin.TiffImageFile) and image.tag_v2.get(262) == 0:
        samples = 65535 - samples  # TIFF 6.0, PhotometricInterpretation 0: white is zero
    gray = Image.fromarray(((samples + 128) // 257).astype(np.uint8))
    if "transparency" not in image.info:
        return gray
    seen = np.where(samples == image.info["transparency"], 0, 255).astype(np.uint8)
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
