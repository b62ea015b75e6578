"""Training samples bent as life bends photos: framing, light, cameras, and garments without people.

All randomness comes from the generator that is passed in.
"""

import io
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from trendcolor.taxonomy import BACKGROUND, DRESS, IGNORE, TOP, TROUSERS, LabelMap, is_garment

_ISOLATED = 0.12  # of samples: one garment alone, as laid flat or in a catalog
_ISOLATED_MIN = 0.02  # least fraction of the photo that such a garment covers
COMPANY = 0.06  # of samples: another person stands beside
_EMPTY = 0.03  # of samples: a part of the photo without any person
_TRIES = 40  # places that are looked at for a part without any person
_HIDDEN = 0.12  # of samples: something stands before the person
_ZOOM = (0.75, 1.6)  # of a photo, beside the size at which labels are predicted
_CALM_ZOOM = (0.9, 1.35)
_CALM = 4  # in a calm window what is made up or hidden comes so many times more seldom
_CALM_LIGHT = 0.5  # of samples in a calm window: seen in their own light
_JPEG = 0.25  # of samples: recompressed
_BLURRED = 0.15  # of samples: seen at about half the resolution
_DARK = 0.15  # of samples: low light with its noise

RgbArray = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """A photo and its label map, of one size."""

    rgb: RgbArray  # (height, width, 3), sRGB
    labels: LabelMap  # (height, width)


@dataclass(frozen=True, slots=True)
class Window:
    """How large a photo is seen, and how much of it at once."""

    height: int  # the photo is fitted into this size, as when labels are predicted
    width: int
    crop_height: int  # of that, a window of this size is cut
    crop_width: int
    is_calm: bool = False  # nearer to photos as they are, for the last epochs


def augment(sample: Sample, window: Window, random: Generator) -> Sample:
    """One random view of a sample, of the window's crop size.

    Args:
        sample: The photo as it is. Not modified.
        window: How large the photo is seen, and how much of it.
        random: The source of every choice.
    """
    chance = random.random() * (_CALM if window.is_calm else 1)
    if chance < _ISOLATED:
        sample = isolate(sample, random)
    elif chance < _ISOLATED + _EMPTY:
        sample = vacate(sample, random)
    elif chance < _ISOLATED + _EMPTY + _HIDDEN:
        sample = occlude(sample, random)
    view = frame(sample, window, random)
    if window.is_calm and random.random() < _CALM_LIGHT:
        return view
    return Sample(relight(view.rgb, random), view.labels)


def frame(sample: Sample, window: Window, random: Generator) -> Sample:
    """The sample scaled by 0.75 to 1.6 (calm: 0.9 to 1.35), turned, mirrored and cropped.

    What the crop sees beyond the photo is a flat color, labelled background.
    """
    height, width = window.crop_height, window.crop_width
    tall, wide = sample.labels.shape
    fit = min(window.height / tall, window.width / wide)
    zoom = fit * float(np.exp(random.uniform(*np.log(_CALM_ZOOM if window.is_calm else _ZOOM))))
    small = (max(1, round(wide * zoom)), max(1, round(tall * zoom)))
    image = Image.fromarray(sample.rgb).resize(small, Image.Resampling.BILINEAR)
    turn = np.deg2rad(random.normal(0, 7))
    mirror = -1.0 if random.random() < 0.5 else 1.0
    cos, sin = np.cos(turn), np.sin(turn)
    # The point of the small photo that the window's middle sees.
    slack = np.abs(np.array(small) - (width, height)) / 2
    middle = np.array(small) / 2 + random.uniform(-1, 1, 2) * slack
    a, b, d, e = mirror * cos, -sin, mirror * sin, cos
    c = middle[0] - a * width / 2 - b * height / 2
    f = middle[1] - d * width / 2 - e * height / 2
    fill = tuple(int(v) for v in random.integers(0, 256, 3))
    view = image.transform(
        (width, height),
        Image.Transform.AFFINE,
        (a, b, c, d, e, f),
        Image.Resampling.BILINEAR,
        fillcolor=fill,
    )
    x, y = wide / small[0], tall / small[1]
    labels = Image.fromarray(sample.labels).transform(
        (width, height),
        Image.Transform.AFFINE,
        (a * x, b * x, c * x, d * y, e * y, f * y),
        Image.Resampling.NEAREST,
        fillcolor=BACKGROUND,
    )
    return Sample(np.asarray(view), np.asarray(labels))


def isolate(sample: Sample, random: Generator) -> Sample:
    """One of the sample's main garments alone on a made-up ground; else the sample itself."""
    large = _ISOLATED_MIN * sample.labels.size
    counts = np.bincount(sample.labels.ravel(), minlength=IGNORE + 1)
    choices = [i for i in (TOP, TOP + 1, DRESS, TROUSERS, TROUSERS + 1) if counts[i] >= large]
    if not choices:
        return sample
    kept = sample.labels == random.choice(choices)
    ground = backdrop(sample.labels.shape[0], sample.labels.shape[1], random)
    rgb = np.where(kept[..., None], sample.rgb, ground)
    return _cropped(Sample(rgb, np.where(kept, sample.labels, BACKGROUND)), random)


def vacate(sample: Sample, random: Generator) -> Sample:
    """A part of the photo, beside or above everybody, at the photo's shape; else the sample."""
    tall, wide = sample.labels.shape
    for _ in range(_TRIES):
        part = random.uniform(0.2, 0.45)
        height, width = int(tall * part), int(wide * part)
        top, left = int(random.integers(tall - height + 1)), int(random.integers(wide - width + 1))
        window = np.s_[top : top + height, left : left + width]
        if height and width and not sample.labels[window].any():
            return Sample(sample.rgb[window], sample.labels[window])
    return sample


def occlude(sample: Sample, random: Generator) -> Sample:
    """The sample behind one to three made-up ellipses or bars, labelled background."""
    tall, wide = sample.labels.shape
    hidden = Image.new("1", (wide, tall))
    draw = ImageDraw.Draw(hidden)
    for _ in range(int(random.integers(1, 4))):
        size = random.uniform(0.05, 0.3, 2) * (wide, tall)
        corner = random.uniform(0, 1, 2) * ((wide, tall) - size)
        box = [*corner, *(corner + size)]
        (draw.ellipse if random.random() < 0.5 else draw.rectangle)(box, fill=1)
    mask = np.asarray(hidden)
    rgb = np.where(mask[..., None], backdrop(tall, wide, random), sample.rgb)
    return Sample(rgb, np.where(mask, BACKGROUND, sample.labels).astype(np.uint8))


def with_company(sample: Sample, other: Sample, random: Generator) -> Sample:
    """The sample with the other's person cut out and set to one side, before or behind."""
    tall, wide = sample.labels.shape
    size = (wide, tall)
    rgb = np.asarray(Image.fromarray(other.rgb).resize(size, Image.Resampling.BILINEAR))
    labels = np.asarray(Image.fromarray(other.labels).resize(size, Image.Resampling.NEAREST))
    shift = int(random.uniform(0.25, 0.6) * wide) * (1 if random.random() < 0.5 else -1)
    rgb, labels = np.roll(rgb, shift, axis=1), np.roll(labels, shift, axis=1)
    gone = np.s_[:, :shift] if shift > 0 else np.s_[:, wide + shift :]
    seen = (labels != BACKGROUND) & (labels != IGNORE)
    seen[gone] = False
    if random.random() < 0.5:
        seen &= (sample.labels == BACKGROUND) | (sample.labels == IGNORE)
    return Sample(np.where(seen[..., None], rgb, sample.rgb), np.where(seen, labels, sample.labels))


def _cropped(sample: Sample, random: Generator) -> Sample:
    """The sample cut to its garment with a margin of 5 to 60 % of the garment's size."""
    rows = np.flatnonzero(is_garment(sample.labels).any(1))
    columns = np.flatnonzero(is_garment(sample.labels).any(0))
    margin = random.uniform(0.05, 0.6) * max(len(rows), len(columns))
    top, bottom = max(0, int(rows[0] - margin)), int(rows[-1] + margin)
    left, right = max(0, int(columns[0] - margin)), int(columns[-1] + margin)
    return Sample(sample.rgb[top:bottom, left:right], sample.labels[top:bottom, left:right])


def backdrop(height: int, width: int, random: Generator) -> RgbArray:
    """A made-up ground: a color that drifts, with coarse and fine texture."""
    base = random.uniform(20, 250, 3) if random.random() < 0.5 else random.uniform(20, 250)
    coarse = random.normal(0, random.uniform(2, 25), (7, 5, 3)) + base
    fine = random.normal(0, random.uniform(0, 14), (height // 4 + 1, width // 4 + 1, 1))
    ground = _enlarged(coarse, height, width) + _enlarged(fine, height, width)
    clipped: RgbArray = np.clip(ground, 0, 255).astype(np.uint8)
    return clipped


def _enlarged(field: NDArray[np.float64], height: int, width: int) -> NDArray[np.float32]:
    planes = [
        np.asarray(
            Image.fromarray(field[..., i].astype(np.float32)).resize(
                (width, height), Image.Resampling.BICUBIC
            )
        )
        for i in range(field.shape[2])
    ]
    return np.stack(planes, axis=-1)


def relight(rgb: RgbArray, random: Generator) -> RgbArray:
    """The photo under other light and through another camera: cast, exposure, noise, blur, JPEG."""
    curve = np.linspace(0, 1, 256)[:, None] ** np.exp(random.normal(0, 0.25))
    curve = curve * np.exp(random.normal(0, 0.12, 3))  # a color cast
    curve = (curve * np.exp(random.normal(0, 0.2))).astype(np.float32)
    light = np.stack([curve[rgb[..., i], i] for i in range(3)], axis=-1)
    gray = light.mean(-1, keepdims=True)
    light = gray + (light - gray) * np.float32(random.uniform(0.6, 1.4))
    if random.random() < _DARK:
        light *= np.float32(random.uniform(0.25, 0.7))
        light += random.standard_normal(light.shape, np.float32) * np.float32(0.03)
    image = Image.fromarray((np.clip(light, 0, 1) * 255).astype(np.uint8))
    if random.random() < _BLURRED:
        half = (image.width // 2, image.height // 2)
        image = image.resize(half, Image.Resampling.BILINEAR).resize(image.size)
    if random.random() < _JPEG:
        encoded = io.BytesIO()
        image.save(encoded, "JPEG", quality=int(random.integers(30, 90)))
        image = Image.open(encoded)
    return np.asarray(image)
