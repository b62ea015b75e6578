"""How often photos that were posted again are found, and others are taken for them.

    python benchmarks/duplicates.py [--every 10]

Takes real photos (CCP and clothing_cc0 below $TRENDCOLOR_DATA, the halves that set no threshold),
saves them again in many ways, and counts how many copies match their photo; changes the dye of a
garment in them (by CCP's label maps), which must not match; and compares all photos of both data
sets with each other. imagededup's PHash and pdqhash, where they are installed, answer beside, at
the distances that they come with. Prints Markdown.
"""

import argparse
import os
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from io import BytesIO
from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageEnhance, ImageFont, ImageOps

from trendcolor.color.spaces import lab_to_srgb, srgb_to_lab
from trendcolor.config import ImagesConfig
from trendcolor.datasets.ccp import MatMask
from trendcolor.images.duplicates import find_duplicates
from trendcolor.images.fingerprint import fingerprint_of

DATA = Path(os.environ.get("TRENDCOLOR_DATA", "../shared/data"))
CONFIG = ImagesConfig()
GARMENTS = range(3, 13)
SMALL = 0.02  # fraction of the photo's pixels that a garment has at least
Picture = Image.Image
Rgb = NDArray[np.uint8]


def saved(picture: Picture, quality: int = 90) -> bytes:
    """A picture as JPEG."""
    return _file(picture, "JPEG", quality=quality)


def _file(picture: Picture, kind: str, **options: int) -> bytes:
    file = BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def _sized(factor: float, picture: Picture) -> bytes:
    return saved(picture.resize([max(1, round(side * factor)) for side in picture.size]))


def _cropped(fraction: float, picture: Picture) -> bytes:
    x, y = (side * fraction / 2 for side in picture.size)
    return saved(picture.crop((x, y, picture.width - x, picture.height - y)))


def _cut(fraction: float, picture: Picture) -> bytes:
    return saved(picture.crop((0, 0, picture.width, round(picture.height * (1 - fraction)))))


def _marked(picture: Picture, size: float, text: str, opacity: int) -> bytes:
    layer = Image.new("RGBA", picture.size, (0, 0, 0, 0))
    font = ImageFont.load_default(size=round(picture.width * size))
    place = (picture.width * 0.06, picture.height * 0.5)
    ImageDraw.Draw(layer).text(place, text, (255, 255, 255, opacity), font)
    return saved(Image.alpha_composite(picture.convert("RGBA"), layer).convert("RGB"))


def _bordered(fraction: float, picture: Picture) -> bytes:
    return saved(ImageOps.expand(picture, round(picture.width * fraction), "white"))


def _enhanced(kind: Callable[[Picture], ImageEnhance._Enhance], by: float, it: Picture) -> bytes:
    return saved(kind(it).enhance(by))


def _tinted(picture: Picture) -> bytes:
    tinted = np.asarray(picture) * np.array([1.08, 1, 0.9])
    return saved(Image.fromarray(np.clip(tinted, 0, 255).astype(np.uint8)))


def _exif(picture: Picture) -> bytes:
    exif = Image.Exif()
    exif[0x010E] = "written anew"
    return _file(picture, "JPEG", quality=90, exif=exif)


# A photo as it is posted again. All but the last three keep its colors about as they were.
POSTED: dict[str, Callable[[Picture], bytes]] = {
    "EXIF written anew": _exif,
    **{f"JPEG quality {q}": partial(saved, quality=q) for q in (30, 60, 95)},
    "WebP quality 75": lambda it: _file(it, "WEBP", quality=75, method=2),
    "PNG": lambda it: _file(it, "PNG", compress_level=1),
    **{f"resized to {f:.0%}": partial(_sized, f) for f in (0.25, 0.5, 2)},
    **{f"cropped by {f:.0%}, all round": partial(_cropped, f) for f in (0.01, 0.03, 0.05, 0.1)},
    "cut by 5%, below": partial(_cut, 0.05),
    "a line of text": lambda it: _marked(it, 0.06, "www.example.com", 255),
    "a large watermark": lambda it: _marked(it, 0.12, "STOCK PHOTO", 128),
    "white border of 2%": partial(_bordered, 0.02),
    "mirrored": lambda it: saved(ImageOps.mirror(it)),
    "10% brighter": partial(_enhanced, ImageEnhance.Brightness, 1.1),
    "15% more saturated": partial(_enhanced, ImageEnhance.Color, 1.15),
    "warmer": _tinted,
    "30% brighter": partial(_enhanced, ImageEnhance.Brightness, 1.3),
    "30% more contrast": partial(_enhanced, ImageEnhance.Contrast, 1.3),
    "50% more saturated": partial(_enhanced, ImageEnhance.Color, 1.5),
}
# By how much the dye of one garment is changed, CIELAB.
DYES = {
    "25 to red": (0, 25, 0),
    "25 to yellow": (0, 0, 25),
    "40 to blue": (0, 0, -40),
    "15 to green": (0, -15, 0),
    "20 lighter": (20, 0, 0),
    "20 darker": (-20, 0, 0),
}


def dyed(path: Path, change: tuple[float, float, float], *, largest: bool) -> bytes | None:
    """A photo with one garment of another dye; None where CCP has no label map."""
    picture = Image.open(path).convert("RGB")
    mask = DATA / "ccp" / "annotations" / "pixel-level" / f"{path.stem}.mat"
    if not mask.is_file():
        return None
    labels = MatMask(mask, "ccp").read(picture.height, picture.width)
    sizes = {one: int((labels == one).sum()) for one in GARMENTS}
    enough = [one for one in GARMENTS if sizes[one] >= SMALL * labels.size]
    if not enough:
        return None
    garment = labels == (max if largest else min)(enough, key=lambda one: sizes[one])
    rgb = np.array(picture)
    lab = srgb_to_lab(rgb[garment]) + np.array(change)
    lab[:, 0] = np.clip(lab[:, 0], 0, 100)
    rgb[garment] = lab_to_srgb(lab)
    return saved(Image.fromarray(rgb), 95)


class Ours:
    """trendcolor, as a run would ask it."""

    name = "trendcolor"

    def mark(self, encoded: bytes) -> NDArray[np.void]:
        """The fingerprint."""
        return fingerprint_of(encoded, CONFIG)

    def match(self, one: NDArray[np.void], other: NDArray[np.void]) -> bool:
        """Whether the other counts as posted before."""
        return bool(find_duplicates(np.concatenate([one, other]), CONFIG).first[1] == 0)


class PHash:
    """imagededup's PHash at the distance that `find_duplicates` has by default."""

    name = "imagededup PHash, 10 of 64"

    def __init__(self) -> None:
        """Load the package."""
        from imagededup.methods import PHash as Method

        self.method = Method(verbose=False)

    def mark(self, encoded: bytes) -> str:
        """The hash."""
        rgb = np.asarray(Image.open(BytesIO(encoded)).convert("RGB"))
        return self.method.encode_image(image_array=rgb)

    def match(self, one: str, other: str) -> bool:
        """Whether both count as one."""
        return self.method.hamming_distance(one, other) <= 10


class Pdq:
    """PDQ at the distance that its authors advise."""

    name = "pdqhash, 31 of 256"

    def mark(self, encoded: bytes) -> NDArray[np.bool_]:
        """The hash."""
        import pdqhash

        rgb = np.asarray(Image.open(BytesIO(encoded)).convert("RGB"))
        return pdqhash.compute(rgb)[0].astype(bool)

    def match(self, one: NDArray[np.bool_], other: NDArray[np.bool_]) -> bool:
        """Whether both count as one."""
        return int((one != other).sum()) <= 31


PEERS = {"imagededup": PHash, "pdqhash": Pdq}


def methods(peers: str) -> list[Ours | PHash | Pdq]:
    """Ours, and the peers of those named that are installed."""
    wanted = [name for name in PEERS if name in peers.split(",") and find_spec(name)]
    return [Ours(), *(PEERS[name]() for name in wanted)]


class Table:
    """A table of how many copies match, a row for each kind of copy."""

    def __init__(self, title: str, asked: list) -> None:
        """Print the head."""
        self.asked = asked
        self.marks: dict = {}  # of the photos as they are, by method and path
        print(f"\n| {title} | copies |", " | ".join(method.name for method in asked), "|")
        print("| --- | ---: |", " | ".join("---:" for _ in asked), "|")

    def row(self, kind: str, copies: list[tuple[Path, bytes]]) -> None:
        """Print the part of the copies that match their photos."""
        cells = []
        for method in self.asked:
            hits = 0
            for path, encoded in copies:
                key = (method.name, path)
                if key not in self.marks:
                    self.marks[key] = method.mark(path.read_bytes())
                hits += method.match(self.marks[key], method.mark(encoded))
            cells.append(f"{hits / max(len(copies), 1):.0%}")
        print(f"| {kind} | {len(copies)} |", " | ".join(cells), "|", flush=True)


def print_pairs(paths: list[Path], asked: list) -> None:
    """Print the pairs of different files that match."""
    print("\n| all pairs of photos | matches |\n| --- | --- |")
    for method in asked:
        marks = [method.mark(path.read_bytes()) for path in paths]
        if isinstance(method, Ours):
            first = find_duplicates(np.concatenate(marks), CONFIG).first
            pairs = [(paths[first[place]], paths[place]) for place in np.flatnonzero(first >= 0)]
        else:
            bits = np.array([_bits(mark) for mark in marks])
            limit = 10 if isinstance(method, PHash) else 31
            apart = bits.astype(np.float32) @ (1 - bits.T) + (1 - bits) @ bits.T.astype(np.float32)
            found = np.argwhere(np.triu(apart <= limit, 1))
            pairs = [(paths[one], paths[other]) for one, other in found]
        told = ", ".join(f"{one.stem[:8]}={other.stem[:8]}" for one, other in pairs)
        print(f"| {method.name} | {len(pairs)}: {told} |", flush=True)


def _bits(mark: str | NDArray[np.bool_]) -> NDArray[np.uint8]:
    if isinstance(mark, str):
        return np.array([int(bit) for bit in f"{int(mark, 16):064b}"], np.uint8)
    return mark.astype(np.uint8)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--every", type=int, default=10, help="take each so many-th photo")
    parser.add_argument("--peers", default="imagededup,pdqhash", help="whom to ask beside")
    given = parser.parse_args()
    ccp = sorted((DATA / "ccp" / "photos").glob("*.jpg"))
    laid = sorted((DATA / "clothing_cc0" / "images").glob("*.jpg"))
    asked = methods(given.peers)
    tested = [*ccp[len(ccp) // 2 :: given.every], *laid[len(laid) // 2 :: given.every]]
    pictures = [(path, Image.open(path).convert("RGB")) for path in tested]
    posted = Table("posted again", asked)
    for kind, make in POSTED.items():  # made one kind at a time, for memory
        posted.row(kind, [(path, make(picture)) for path, picture in pictures])
    others = Table("another dye", asked)
    for (dye, change), largest in product(DYES.items(), (True, False)):
        made = [(path, dyed(path, change, largest=largest)) for path in tested]
        name = f"{dye}, the {'largest' if largest else 'smallest'} garment"
        kept = [(path, encoded) for path, encoded in made if encoded is not None]
        others.row(name, kept)
    print_pairs([*ccp, *laid], asked)


if __name__ == "__main__":
    main()
