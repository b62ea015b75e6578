"""How much memory decoding a photo takes, told from its header.

The figures are what the codecs are known to keep at once, held against the peaks of real
processes by `benchmarks/decode_memory.py`: upper bounds, not guesses at the mean.
"""

from collections.abc import Callable

from PIL import ImageFile, TiffImagePlugin

from trendcolor.images.limits import jpeg_layout

# Bytes a pixel of Pillow's own pictures: all with several channels take four.
_STORED = {"1": 1, "L": 1, "P": 1, "I;16": 2, "I;16L": 2, "I;16B": 2, "I;16N": 2}

# Bytes a pixel of the photo at the size of the work: turned, converted, and as an array.
_AT_WORK = 20

# What every decoding takes, whatever the photo: tables, threads, one band of a large one.
_FIXED = 24 << 20

# Samples a pixel of the three color planes, by how the colors are sampled.
_PLANES = {400: 1.0, 420: 1.5, 422: 2.0, 444: 3.0}

_ORIENTATION, _ROWS_PER_STRIP, _TILE_WIDTH, _TILE_HEIGHT = 274, 278, 322, 323  # TIFF 6.0
_BITS, _SAMPLES = 258, 277


def decode_memory(image: ImageFile.ImageFile, encoded: bytes, name: str, finished: int) -> int:
    """Bytes that decoding takes at most, the file's own included.

    Args:
        image: The opened picture, not decoded yet; a JPEG with its scale already set.
        encoded: The file's bytes.
        name: The format, as `image_format` says it.
        finished: Pixels that are left after scaling.

    Guarantees, each held by tests/test_images_limits.py:
        It is not below what a process takes more, for each format.
    """
    loaded = image.width * image.height * _STORED.get(image.mode, 4)
    codec = _CODECS[name](image, encoded) if name in _CODECS else 0
    return len(encoded) + loaded + codec + finished * _AT_WORK + _FIXED


def _jpeg(_: ImageFile.ImageFile, encoded: bytes) -> int:
    """Coefficients of two bytes, kept where several scans refine them."""
    return 2 * jpeg_layout(encoded).kept_samples


def _webp(image: ImageFile.ImageFile, _: bytes) -> int:
    """Two canvases, and the frame that Pillow copies out of them."""
    return 12 * image.width * image.height


def _avif(image: ImageFile.ImageFile, encoded: bytes) -> int:
    """The planes, half of them again for film grain, and the pixels that are made from them."""
    at = encoded.find(b"av1C") + 6  # AV1-ISOBMFF 2.3: the third byte holds depth and sampling
    flags = encoded[at] if at > 6 and at < len(encoded) else 0x40
    has_two_bytes, is_gray = flags & 0x40, flags & 0x10
    sampling = 400 if is_gray else {0xC: 420, 8: 422}.get(flags & 0xC, 444)
    planes = (_PLANES[sampling] + image.mode.endswith("A")) * (2 if has_two_bytes else 1)
    return _of(image, 1.5 * planes + 4)


def _heic(image: ImageFile.ImageFile, _: bytes) -> int:
    """The planes, and the pixels that are made from them."""
    has_two_bytes = int(image.info.get("bit_depth", 16)) > 8
    planes = _PLANES.get(int(image.info.get("chroma", 444)), 3.0) + image.mode.endswith("A")
    return _of(image, planes * (2 if has_two_bytes else 1) + 4)


def _tiff(image: ImageFile.ImageFile, _: bytes) -> int:
    """One strip or tile, which may be the whole picture, as libtiff unpacks it; a turned copy."""
    if not isinstance(image, TiffImagePlugin.TiffImageFile):
        return 0
    tags = image.tag_v2
    turned = 4 * image.width * image.height if tags.get(_ORIENTATION, 1) in range(2, 9) else 0
    if image.info.get("compression") == "raw":
        return turned
    rows = min(_first(tags.get(_ROWS_PER_STRIP), image.height), max(image.size))
    wide = max(image.size)
    if _TILE_WIDTH in tags:
        wide, rows = _first(tags[_TILE_WIDTH], wide), _first(tags.get(_TILE_HEIGHT), rows)
    bits = max(8, _first(tags.get(_BITS), 8)) * max(1, _first(tags.get(_SAMPLES), 1))
    # The strip as it is unpacked, or in four bytes a pixel where libtiff makes RGB of it.
    return turned + wide * rows * max(4, bits // 8)


def _first(value: object, otherwise: int) -> int:
    """A tag's number, or the first of several."""
    found = value[0] if isinstance(value, tuple) and value else value
    return found if isinstance(found, int) else otherwise


def _gif(image: ImageFile.ImageFile, _: bytes) -> int:
    """What the first frame is disposed to, beside it."""
    return _of(image, 4)


def _bmp(image: ImageFile.ImageFile, _: bytes) -> int:
    """Run lengths, unpacked as bytes, twice, before they are pixels; else nothing."""
    return _of(image, 3) if image.info.get("compression") in (1, 2) else 0


def _of(image: ImageFile.ImageFile, bytes_a_pixel: float) -> int:
    return int(image.width * image.height * bytes_a_pixel)


_CODECS: dict[str, Callable[[ImageFile.ImageFile, bytes], int]] = {
    "JPEG": _jpeg,
    "WebP": _webp,
    "AVIF": _avif,
    "HEIC": _heic,
    "TIFF": _tiff,
    "GIF": _gif,
    "BMP": _bmp,
}
