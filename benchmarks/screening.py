"""What screening catches, and what it wrongly leaves out, on photos that took no part in tuning.

    python benchmarks/screening.py [--photos 25] [--half test] [--data DATA] [--peer FOLDER]

DATA (default: $TRENDCOLOR_DATA or ../shared/data) holds `ccp`, `clothing_cc0`, `renders` and
`lookbook`. Thresholds were chosen on one half of the photos, by a checksum of the file's name
(`--half tune`); figures are of the other. FOLDER is where `pip install --target FOLDER
cleanvision` put that program: its flags on the same files are told beside.
"""

import argparse
import os
import sys
import time
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import scipy.io
from numpy.typing import NDArray
from screening_cases import CASES, EXTREME, MILD, Case, Source, saved

from trendcolor.analysis.intervals import wilson
from trendcolor.color.spaces import Rgb8
from trendcolor.config import ImagesConfig, ScreeningConfig
from trendcolor.images.decode import decode, read_photo
from trendcolor.images.screening import screen

IMAGES, SCREENING = ImagesConfig(), ScreeningConfig()
SETS = {
    "ccp": "ccp/photos/*.jpg",
    "clothing_cc0": "clothing_cc0/images/*.jpg",
    "renders": "renders/images/*",
    "lookbook": "lookbook/images/*",
}
SOURCES = ("ccp", "clothing_cc0")  # real photos, of which cases are made
_SHARE = 0.05  # of extreme photos in the mix that precision is told for
_N_OTHERS = 4  # more photos for a collage or a page
# What a reason begins with, by the check that gives it.
REASONS = {
    "too small": ("too small",),
    "blur": ("blurred",),
    "dark": ("underexposed", "badly exposed"),
    "bright": ("overexposed", "badly exposed"),
    "gray": ("gray photo",),
    "duotone": ("duotone",),
    "filter": ("filter",),
    "posterised": ("posterised",),
    "border": ("border",),
    "collage": ("collage",),
    "screenshot": ("screenshot",),
}
PEER_FLAGS = ("dark", "light", "blurry", "grayscale", "low_information", "odd_aspect_ratio")


@dataclass(frozen=True, slots=True)
class Met:
    """What became of the photos of one case."""

    case: Case
    reasons: tuple[str, ...]  # up to the colon; empty for a photo that passed
    peer: int | None  # how many the other program flags for anything

    @property
    def caught(self) -> int:
        """How many were screened out, for whatever reason."""
        return sum(bool(reason) for reason in self.reasons)

    @property
    def named(self) -> int:
        """How many for the reason that they were made for."""
        return sum(reason in REASONS[self.case.check] for reason in self.reasons)


def half_of(paths: Sequence[Path], half: str) -> list[Path]:
    """The photos of one half."""
    wanted = {"tune": (0,), "test": (1,), "both": (0, 1)}[half]
    return [path for path in paths if zlib.crc32(path.name.encode()) % 2 in wanted]


def reason_of(encoded: bytes) -> str:
    """What a file's reason begins with; empty if it passes."""
    return (screen(decode(encoded, IMAGES), SCREENING) or "").partition(":")[0]


def person_in(path: Path, shape: tuple[int, ...]) -> NDArray[np.bool_] | None:
    """Where the person and the clothes are, if the data set tells."""
    labels = path.parents[1] / "annotations" / "pixel-level" / f"{path.stem}.mat"
    if not labels.exists():
        return None
    person = scipy.io.loadmat(labels)["groundtruth"] != 0
    return person if person.shape == shape else None


def sources(paths: Sequence[Path], n: int, *, with_person: bool) -> Iterator[Source]:
    """Photos to make cases from, the same each time."""
    order = np.random.default_rng(20).permutation(len(paths))
    photos: list[tuple[Path, Rgb8]] = []
    for i in order:
        rgb = read_photo(paths[i], IMAGES).rgb
        if with_person and person_in(paths[i], rgb.shape[:2]) is None:
            continue
        photos.append((paths[i], rgb))
        if len(photos) == n:
            break
    for i, (path, rgb) in enumerate(photos):
        others = [photos[(i + j) % len(photos)][1] for j in range(1, _N_OTHERS + 1)]
        person = person_in(path, rgb.shape[:2]) if with_person else None
        yield Source(rgb, tuple(others), person, np.random.default_rng([i, 7]))


def measure(case: Case, made_from: Sequence[Source], folder: Path | None) -> Met:
    """One case, made from each photo; its files stay in a folder for the other program."""
    reasons = []
    for i, source in enumerate(made_from):
        encoded = saved(case, source)
        reasons.append(reason_of(encoded))
        if folder is not None:
            suffix = "png" if case.is_lossless else "jpg"
            (folder / f"{CASES.index(case)}-{i}.{suffix}").write_bytes(encoded)
    return Met(case, tuple(reasons), None)


def peer_flags(folder: Path, program: Path) -> dict[int, int]:
    """How many photos of each case cleanvision flags, by the case's place."""
    sys.path.append(str(program))
    from cleanvision import Imagelab

    lab = Imagelab(data_path=str(folder), verbose=False)
    lab.find_issues({flag: {} for flag in PEER_FLAGS}, n_jobs=1, verbose=False)
    found: dict[int, int] = {}
    flags = lab.issues[[f"is_{flag}_issue" for flag in PEER_FLAGS]].any(axis=1)
    for path, is_flagged in flags.items():
        place = int(Path(path).stem.partition("-")[0])
        found[place] = found.get(place, 0) + bool(is_flagged)
    return found


def rate(n: int, of: int) -> str:
    """A fraction with its Wilson interval."""
    low, high = wilson_bounds(n, of)
    return f"{n} of {of} ({low:.1%} to {high:.1%})" if of else "-"


def wilson_bounds(n: int, of: int) -> tuple[float, float]:
    """The 95 % interval of a fraction."""
    interval = wilson([n / max(of, 1)], [max(of, 1)])
    return float(interval.low[0]), float(interval.high[0])


def print_cases(met: Sequence[Met]) -> None:
    """One row a case."""
    print("\n| check | case | must it be caught? | n | caught | named so | cleanvision flags |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    words = {EXTREME: "yes", MILD: "no"}
    for each in met:
        case, peer = each.case, "-" if each.peer is None else each.peer
        kind = words.get(case.kind, "either")
        counts = f"{len(each.reasons)} | {each.caught} | {each.named} | {peer}"
        print(f"| {case.check} | {case.name} | {kind} | {counts} |")


def print_checks(met: Sequence[Met], untouched: Sequence[str]) -> None:
    """One row a check: recall, false alarms and precision."""
    print("\n| check | extreme caught | mild left out | false alarms of this check | precision |")
    print("| --- | --- | --- | --- | --- |")
    for check, reasons in REASONS.items():
        extreme = [each for each in met if (each.case.check, each.case.kind) == (check, EXTREME)]
        mild = [each for each in met if (each.case.check, each.case.kind) == (check, MILD)]
        n, caught = sum(len(e.reasons) for e in extreme), sum(e.caught for e in extreme)
        n_mild, wrong = sum(len(e.reasons) for e in mild), sum(e.caught for e in mild)
        alarms = sum(reason in reasons for reason in untouched)
        high = wilson_bounds(alarms, len(untouched))[1]
        found = [precision(caught / max(n, 1), each) for each in (alarms / len(untouched), high)]
        tail = f"{rate(alarms, len(untouched))} | {found[0]:.3f} (at least {found[1]:.3f})"
        print(f"| {check} | {rate(caught, n)} | {wrong} of {n_mild} | {tail} |")


def precision(recall: float, alarm: float) -> float:
    """Of those flagged in a mix of which 5 % are extreme, the part that is."""
    flagged = _SHARE * recall + (1 - _SHARE) * alarm
    return _SHARE * recall / flagged if flagged else 1.0


def print_untouched(data: Path, half: str) -> list[str]:
    """False alarms by data set, with reasons; the reasons of all photos as they are."""
    print("| untouched photos | n | left out | why | screening, CPU ms a photo |")
    print("| --- | --- | --- | --- | --- |")
    everything = []
    for name, pattern in SETS.items():
        paths = half_of(sorted(data.glob(pattern)), half)
        reasons, spent = [], 0.0
        for path in paths:
            photo = read_photo(path, IMAGES)
            start = time.process_time()
            reasons.append((screen(photo, SCREENING) or "").partition(":")[0])
            spent += time.process_time() - start
        if paths:
            n, why = sum(map(bool, reasons)), ", ".join(filter(None, reasons))
            cost = f"{1000 * spent / len(paths):.1f}"
            print(f"| {name} | {len(paths)} | {rate(n, len(paths))} | {why} | {cost} |")
        everything += reasons
    return everything


def main() -> None:
    """Print all tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--photos", type=int, default=25, help="of which each case is made")
    parser.add_argument("--half", choices=("test", "tune", "both"), default="test")
    data = Path(os.environ.get("TRENDCOLOR_DATA", "../shared/data"))
    parser.add_argument("--data", type=Path, default=data)
    parser.add_argument("--peer", type=Path, help="folder with cleanvision")
    asked = parser.parse_args()
    untouched = print_untouched(asked.data, asked.half)
    real = [path for name in SOURCES for path in sorted(asked.data.glob(SETS[name]))]
    paths = half_of(real, asked.half)
    if not paths:
        sys.exit(f"no photos in {asked.data} (set TRENDCOLOR_DATA)")
    plain = list(sources(paths, asked.photos, with_person=False))
    worn = list(sources(paths, asked.photos, with_person=True))
    with TemporaryDirectory() as place:
        folder = Path(place) if asked.peer else None
        met = [measure(case, worn if case.needs_person else plain, folder) for case in CASES]
        if folder is not None:
            flags = peer_flags(folder, asked.peer)
            met = [Met(m.case, m.reasons, flags.get(i, 0)) for i, m in enumerate(met)]
    print_checks(met, untouched)
    print_cases(met)


if __name__ == "__main__":
    main()
