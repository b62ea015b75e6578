"""Throws damaged files at every door until the time is up; no answer may be a surprise.

    nice python benchmarks/fuzz.py [--minutes 10] [--seed 0] [--workers 1]

Doors: pictures of each format and label maps, cards, configs, tables (CSV, Parquet), Parquet with
images inside, annotations, color libraries, and MATLAB label maps. Real files are damaged: bits
flipped, pieces taken out, doubled or taken from another file, cut off, and lengths before and
behind the names of chunks, boxes and segments changed. Each case comes from the seed and its
number, so that a finding can be had again (`--only NUMBER`), as long as no door is added. Doors are
tried in a process of its own, with a limit of memory (RLIMIT_AS) and of time; one that dies or
hangs is replaced, and told.

Answers are counted: read, refused (one of our errors), and findings: another exception, a process
that died, one that hung, memory that grows. Any finding makes the exit status 1. Mutations are
blind: atheris follows what Python does, and the codecs are C that it does not see into.
"""

import argparse
import faulthandler
import json
import multiprocessing
import os
import random
import resource
import struct
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

import numpy as np
import pillow_heif
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from fuzz_damage import damaged
from PIL import Image
from pycocotools import mask as run_lengths
from scipy.io import savemat

from trendcolor.cards import read_card
from trendcolor.color.libraries import open_vocabulary
from trendcolor.config import DataConfig, ImagesConfig, read_config, read_train_config
from trendcolor.datasets import open_dataset
from trendcolor.datasets.ccp import MatMask
from trendcolor.datasets.index_masks import IndexMask
from trendcolor.errors import TrendColorError
from trendcolor.images.decode import read_photo

ROOT = Path(__file__).parent.parent
HANGS = 60.0  # seconds of one case; an idle machine takes 0.01, and 1.5 to start a reader
MEMORY = 4 << 30  # of address space, most of which is never touched
GROWTH = 150 << 20  # bytes that a process may grow from its 500th case on


@dataclass(frozen=True)
class Door:
    """One way in: real files, and what reads them."""

    name: str
    suffix: str
    seeds: tuple[bytes, ...]
    read: Callable[[Path], object]
    is_text: bool = False


def doors(folder: Path) -> list[Door]:
    """Every door, with real files made or taken from the package."""
    pictures = [
        Door(name, suffix, tuple(_pictures(name)), lambda path: read_photo(path, ImagesConfig()))
        for name, suffix in {
            **{"JPEG": ".jpg", "PNG": ".png", "WEBP": ".webp", "AVIF": ".avif"},
            **{"HEIF": ".heic", "TIFF": ".tif", "GIF": ".gif", "BMP": ".bmp"},
        }.items()
    ]
    return [*pictures, *_text_doors(folder), *_other_doors()]


def _pictures(name: str) -> Iterator[bytes]:
    pillow_heif.register_heif_opener()  # so that HEIC can be written
    rng = np.random.default_rng(0)
    rgb = np.clip(rng.normal(120, 25, (48, 64, 3)) + np.arange(64)[None, :, None], 0, 255)
    image = Image.fromarray(rgb.astype(np.uint8))
    exif = Image.Exif()
    exif[0x0112] = 6
    common = {} if name in ("GIF", "BMP") else {"exif": exif.tobytes()}
    variants: dict[str, Sequence[tuple[str, dict[str, object]]]] = {
        "JPEG": [
            *(("RGB", {}), ("RGB", {"progressive": True}), ("CMYK", {}), ("L", {"quality": 30})),
            ("RGB", {"restart_marker_blocks": 2}),
        ],
        "PNG": [("RGB", {}), ("RGBA", {}), ("P", {"transparency": 3}), ("1", {}), ("I;16", {})],
        "WEBP": [("RGB", {}), ("RGBA", {"lossless": True}), ("RGBA", {"quality": 40})],
        "AVIF": [("RGB", {"speed": 10}), ("RGBA", {"speed": 10})],
        "HEIF": [("RGB", {}), ("RGBA", {"quality": 30})],
        "TIFF": [
            *(("RGB", {}), ("L", {"compression": "tiff_lzw"}), ("CMYK", {}), ("LAB", {})),
            *(("RGB", {"compression": "jpeg"}), ("1", {"compression": "group4"})),
            ("RGB", {"compression": "tiff_adobe_deflate"}),
        ],
        "GIF": [("P", {}), ("P", {"interlace": 1, "transparency": 2})],
        "BMP": [("RGB", {}), ("P", {}), ("1", {}), ("L", {})],
    }
    for mode, options in variants[name]:
        made = Image.fromarray(rgb[..., 0].astype(np.uint16) * 257) if mode == "I;16" else None
        if mode == "LAB":
            made = Image.merge("LAB", image.split())
        file = BytesIO()
        (made or image.convert(mode)).save(file, name, **common, **options)  # type: ignore[arg-type]
        yield file.getvalue()


def _text_doors(folder: Path) -> list[Door]:
    (folder / "photos").mkdir()
    cards = tuple(path.read_bytes() for path in sorted((ROOT / "data_cards").glob("*.toml")))
    configs, trainings = (
        tuple(
            path.read_bytes()
            for path in sorted((ROOT / "configs").glob("*.toml"))
            if path.stem.startswith("train") == is_training
        )
        for is_training in (False, True)
    )
    samples = ROOT / "trendcolor" / "samples" / "lookbook"
    card = read_card(ROOT / "data_cards" / "lookbook.toml")
    table = (samples / "lookbook.csv").read_bytes()
    parquet = BytesIO()
    pl.read_csv(BytesIO(table), infer_schema=False).write_parquet(parquet)
    annotated = read_card(ROOT / "data_cards" / "fashionpedia.toml")

    def opened(form: str, **paths: str) -> Callable[[Path], object]:
        def read(path: Path) -> object:
            given = {name: path for name in paths}
            config = DataConfig(card=path, root=folder / "photos", format=form, **given)  # type: ignore[arg-type]
            photos = open_dataset(annotated if form == "coco" else card, config)
            return [ref.labels and ref.labels.read(48, 64) for ref in photos[:3]]

        return read

    def of_images(path: Path) -> object:
        photos = open_dataset(card, DataConfig(card=path, root=path, format="parquet"))
        return [ref.file.read(1 << 20) for ref in photos[:3]]

    return [
        Door("card", ".toml", cards, read_card, is_text=True),
        Door("config", ".toml", configs, read_config, is_text=True),
        Door("training config", ".toml", trainings, read_train_config, is_text=True),
        Door("CSV table", ".csv", (table,), opened("table", table=""), is_text=True),
        Door("Parquet table", ".parquet", (parquet.getvalue(),), opened("table", table="")),
        Door("Parquet images", ".parquet", tuple(_parquets(table)), of_images),
        Door("annotations", ".json", (_annotations(),), opened("coco", annotations=""), True),
    ]


def _parquets(table: bytes) -> Iterator[bytes]:
    """The rows of a table with images inside, as Hugging Face writes them, and plain."""
    rows = pl.read_csv(BytesIO(table), infer_schema=False).to_arrow()
    images = [f"image {i}".encode() * (i % 7 + 1) for i in range(len(rows))]
    pairs = [{"bytes": content, "path": f"{i}.jpg"} for i, content in enumerate(images)]
    for column in (pa.array(pairs), pa.array(images)):
        file = BytesIO()
        pq.write_table(rows.append_column("image", column), file, row_group_size=50)
        yield file.getvalue()


def _annotations() -> bytes:
    square: list[object] = [[5, 5, 30, 5, 30, 30, 5, 30]]
    runs = {"size": [48, 64], "counts": [100, 200, 48 * 64 - 300]}
    filled = np.zeros((48, 64), np.uint8, order="F")
    filled[5:30, 9:40] = 1
    packed = {"size": [48, 64], "counts": run_lengths.encode(filled)["counts"].decode()}
    content = {
        "images": [{"id": i, "file_name": f"{i}.jpg", "height": 48, "width": 64} for i in range(3)],
        "categories": [{"id": i, "name": name} for i, name in enumerate(("coat", "dress", "shoe"))],
        "annotations": [
            {"image_id": i, "category_id": i, "segmentation": shape}
            for i, shape in enumerate((square, runs, packed))
        ],
    }
    return json.dumps(content).encode()


def _other_doors() -> list[Door]:
    labels = (np.arange(48 * 64).reshape(48, 64) % 13).astype(np.uint8)
    png, mat = BytesIO(), BytesIO()
    Image.fromarray(labels).save(png, "PNG")
    savemat(mat, {"groundtruth": labels}, do_compression=True)
    plain = BytesIO()
    savemat(plain, {"groundtruth": labels})
    libraries = {
        ".csv": b"name,hex,family\nRust,#b7410e,orange\nNavy,#000080,blue\n",
        ".gpl": b"GIMP Palette\nName: a\nColumns: 2\n#\n183 65 14\tRust\n0 0 128\tNavy\n",
        ".aco": struct.pack(">HHHHHHH", 1, 1, 0, 0xB7B7, 0x4141, 0x0E0E, 0)
        + struct.pack(">HHHHHHHI", 2, 1, 0, 0xB7B7, 0x4141, 0x0E0E, 0, 5)
        + "Rust\0".encode("utf-16-be"),
        ".ase": b"ASEF\0\1\0\0\0\0\0\1\0\1"
        + struct.pack(">IH", 30, 5)
        + "Rust\0".encode("utf-16-be")
        + b"RGB "
        + struct.pack(">fffH", 0.7, 0.25, 0.05, 0),
    }
    return [
        Door(
            "label map",
            ".png",
            (png.getvalue(),),
            lambda p: IndexMask(p, "trendcolor").read(48, 64),
        ),
        Door(
            *("MATLAB labels", ".mat", (mat.getvalue(), plain.getvalue())),
            lambda p: MatMask(p, "ccp").read(48, 64),
        ),
        *(
            Door(
                f"library {suffix}", suffix, (content,), open_vocabulary, suffix in (".csv", ".gpl")
            )
            for suffix, content in libraries.items()
        ),
    ]


@dataclass(frozen=True)
class Case:
    """One try and what came of it."""

    number: int
    door: str
    outcome: str  # "read", "refused", or what it was instead
    resident: int  # bytes that the process holds afterwards


def answer(door: Door, path: Path) -> str:
    """What a door says to a file: read, refused, or the exception that it should not raise."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            door.read(path)
    except TrendColorError:
        return "refused"
    except Exception as surprise:  # noqa: BLE001 # finding these is what this is for
        trace = surprise.__traceback__
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        place = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else ""
        return f"{type(surprise).__name__} at {place}: {str(surprise)[:120]}"
    return "read"


def work(seed: int, numbers: Iterator[int] | range, pipe: Connection) -> None:
    """Try cases by their numbers, each told before and after."""
    faulthandler.enable(open(os.devnull, "w"))  # noqa: SIM115, PTH123 # open until the end
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # codecs print there
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with tempfile.TemporaryDirectory() as name:
        found = doors(Path(name))
        everything = [content for door in found for content in door.seeds]
        for number in numbers:
            chance = random.Random(f"{seed} {number}")
            door = chance.choice(found)
            path = Path(name) / f"case{door.suffix}"
            content = damaged(door.seeds, everything, chance, is_text=door.is_text)
            path.write_bytes(content)
            pipe.send((number, door.name))
            pipe.send(Case(number, door.name, answer(door, path), _resident()))


def _resident() -> int:
    pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def fuzz(seconds: float, seed: int, *, start: int = 0, step: int = 1) -> Iterator[Case]:
    """Cases until the time is up; a process that dies or hangs is told and replaced."""
    end, number = time.monotonic() + seconds, start
    context = multiprocessing.get_context("spawn")
    while time.monotonic() < end:
        here, there = context.Pipe(duplex=False)
        process = context.Process(target=work, args=(seed, range(number, 1 << 60, step), there))
        process.start()
        there.close()
        number = yield from _watch(process, here, end, number, step)
        process.kill()
        process.join()


def _watch(
    process: BaseProcess, pipe: Connection, end: float, number: int, step: int
) -> Iterator[Case]:
    """The cases of one process, and where to go on."""
    door, is_started = "none", False
    while time.monotonic() < end:
        if not pipe.poll(HANGS if is_started else 120):
            yield Case(number, door, f"hung for {HANGS:g} s", 0)
            return number + step
        try:
            told = pipe.recv()
        except EOFError:
            process.join()
            if not is_started:
                raise RuntimeError("the doors can't be set up") from None
            yield Case(number, door, f"process died ({process.exitcode})", 0)
            return number + step
        is_started = True
        if isinstance(told, Case):
            yield told
            number = told.number + step
        else:
            number, door = told
    return number


def report(cases: Iterator[Case]) -> int:
    """Print what came of all cases; how many were findings."""
    counts: Counter[tuple[str, str]] = Counter()
    first: dict[tuple[str, str], int] = {}
    memory: list[int] = []
    for case in cases:
        is_known = case.outcome in ("read", "refused")
        key = (case.door, case.outcome if is_known else f"FINDING {case.outcome}")
        counts[key] += 1
        first.setdefault(key, case.number)
        memory.append(case.resident)
    print(f"{'door':16} {'read':>8} {'refused':>8} {'findings':>9}")
    for door in sorted({door for door, _ in counts}):
        bad = sum(n for (name, what), n in counts.items() if name == door and "FINDING" in what)
        read, refused = counts[door, "read"], counts[door, "refused"]
        print(f"{door:16} {read:8} {refused:8} {bad:9}")
    findings = {key: n for key, n in counts.items() if key[1].startswith("FINDING")}
    for (door, what), n in findings.items():
        print(f"{door}: {what} ({n} times, first in case {first[door, what]})")
    growth = _growth(memory)
    print(f"{counts.total()} cases; memory grew by {growth / 1e6:.0f} MB from the 500th on")
    return len(findings) + (growth > GROWTH)


def _growth(memory: Sequence[int]) -> int:
    """How much more a process held in its last cases than about its 500th, in the middle of 50."""
    if len(memory) < 1000:
        return 0
    middle = [int(np.median(memory[at : at + 50])) for at in (500, len(memory) - 50)]
    return middle[1] - middle[0]


def main() -> int:
    """Fuzz, print the table, and fail on any finding."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", type=int, help="one case, in this process; keeps its file")
    asked = parser.parse_args()
    if asked.only is None:
        return 1 if report(fuzz(asked.minutes * 60, asked.seed)) else 0
    folder = Path(tempfile.mkdtemp())
    found = doors(folder)
    chance = random.Random(f"{asked.seed} {asked.only}")
    door = chance.choice(found)
    path = folder / f"case{door.suffix}"
    everything = [content for one in found for content in one.seeds]
    path.write_bytes(damaged(door.seeds, everything, chance, is_text=door.is_text))
    print(door.name, path)
    print(door.read(path))
    return 0


if __name__ == "__main__":
    sys.exit(main())
