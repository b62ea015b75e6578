"""Encoded bytes -> a fingerprint: what is compared to find a picture that was posted twice."""

from dataclasses import replace
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

from trendcolor.config import ImagesConfig
from trendcolor.images.code_index import STARTS
from trendcolor.images.content import picture_parts
from trendcolor.images.decode import Photo, decode

# Pixels that a photo is decoded to: a JPEG of 550 x 825 at an eighth, its quickest.
_PIXELS = 6400

# The luminance is looked at in so many points a side, and its lowest so many frequencies kept:
# enough for 64, with the slower ones whole.
_SIDE, _FREQUENCIES = 32, 12

COLOR_SIDE = 8  # cells a side, of which mean colors are kept

# Standard deviation of luminance, of 0..255, below which nothing is drawn but noise. The least
# among 1,604 real photos is 17.
_PLAIN = 4.0

FINGERPRINT = np.dtype(
    [
        ("exact", "<u8", 2),  # hash of the picture: the same after a rewrite of EXIF
        ("code", "<u8"),  # signs of the 64 slowest waves of luminance
        ("color", "i1", (COLOR_SIDE, COLOR_SIDE, 3)),  # means, CIELAB (D50) in whole units
        ("plain", "?"),  # too little is drawn for the code to say anything
    ],
    align=True,
)
Fingerprints = NDArray[np.void]

_TO_LAB = ImageCms.buildTransform(
    ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), "RGB", "LAB"
)


def _wave_table() -> NDArray[np.float64]:
    """The slowest waves of a cosine transform (DCT-II, orthonormal), one a row."""
    wave, point = np.mgrid[:_FREQUENCIES, :_SIDE]
    table: NDArray[np.float64] = np.cos(np.pi * wave * (point + 0.5) / _SIDE) * np.sqrt(2 / _SIDE)
    table[0] /= np.sqrt(2)
    return table


def _slowest() -> NDArray[np.int64]:
    """Rows and columns of the 64 slowest waves but the mean, slowest first, shape (64, 2)."""
    pairs = [(down, across) for down in range(_FREQUENCIES) for across in range(_FREQUENCIES)]
    return np.array(sorted(pairs[1:], key=lambda pair: (sum(pair), pair))[:64])


_WAVES = _wave_table()
_SLOWEST = _slowest()
# Wave after wave goes to another third of the code (see `code_index`).
_PLACES = np.array([STARTS[rank % 3] + rank // 3 for rank in range(64)], np.uint64)

# What a mirror turns: the waves that run across an odd number of times.
MIRRORED_BITS = sum(
    1 << int(place) for place, (_, across) in zip(_PLACES, _SLOWEST, strict=True) if across % 2
)


def fingerprint_of(encoded: bytes, config: ImagesConfig) -> Fingerprints:
    """The fingerprint of one file.

    Args:
        encoded: The file's bytes, of a kind that `decode` reads.
        config: How many pixels are allowed.

    Returns:
        One row of type `FINGERPRINT`, shape (1,). Its `exact` is the same for two files whose
        pictures are the same to the byte, whatever EXIF and comments say; the rest as
        `fingerprint_of_photo`.

    Raises:
        PhotoError: the bytes are no picture, as `decode`.
    """
    photo = decode(encoded, replace(config, work_pixels=min(_PIXELS, config.work_pixels)))
    row = fingerprint_of_photo(photo)
    digest = blake2b(row["exact"].tobytes(), digest_size=16)
    for part in picture_parts(encoded):
        digest.update(part)
    row["exact"] = np.frombuffer(digest.digest(), "<u8")
    return row


def fingerprint_of_photo(photo: Photo) -> Fingerprints:
    """The fingerprint of decoded pixels.

    Args:
        photo: The photo. Not modified. Transparent pixels count as white, as pages show them.

    Returns:
        One row, shape (1,). Its `exact` is that of these pixels: two photos have to be decoded
        alike to be compared by it, and it never is that of a file.
    """
    rgb = photo.rgb
    if photo.opaque is not None:
        rgb = np.where(photo.opaque[..., None], rgb, np.uint8(255))
    image = Image.fromarray(rgb)
    row = np.zeros(1, FINGERPRINT)
    size = np.array([photo.width, photo.height, *rgb.shape[:2]], "<u4")
    digest = blake2b(size.tobytes(), digest_size=16)
    digest.update(rgb.tobytes())
    row["exact"] = np.frombuffer(digest.digest(), "<u8")
    waves = _waves(image)
    row["code"] = _code(waves)
    row["plain"] = np.sqrt((waves**2).sum()) / _SIDE < _PLAIN
    row["color"] = _colors(image)
    return row


def _colors(image: Image.Image) -> NDArray[np.int8]:
    """Mean colors of equal cells, shape (8, 8, 3), CIELAB (D50) in whole units."""
    cells = image.resize((COLOR_SIDE, COLOR_SIDE), Image.Resampling.BOX)
    lab = np.array(ImageCms.applyTransform(cells, _TO_LAB))  # L* in 0..255; a*, b* signed
    lab[..., 0] = np.rint(lab[..., 0] / 2.55)
    return lab.view(np.int8)


def _waves(image: Image.Image) -> NDArray[np.float64]:
    """The slowest waves of the luminance, shape (12, 12), the mean set to 0."""
    gray = image.convert("L").resize((_SIDE, _SIDE), Image.Resampling.BILINEAR)
    waves = _WAVES @ np.asarray(gray, np.float64) @ _WAVES.T
    waves[0, 0] = 0
    return waves


def _code(waves: NDArray[np.float64]) -> np.uint64:
    """The signs of the 64 slowest waves: what a change of size, quality or light leaves alone."""
    signs = waves[_SLOWEST[:, 0], _SLOWEST[:, 1]] > 0
    return np.uint64(np.bitwise_or.reduce(signs.astype(np.uint64) << _PLACES))
