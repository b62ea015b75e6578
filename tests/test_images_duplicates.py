import mmap
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trendcolor.config import ImagesConfig
from trendcolor.errors import ConfigError, ShapeError
from trendcolor.images import alike
from trendcolor.images.color_cells import alike_colors
from trendcolor.images.duplicates import EXACT, KEPT, NEAR, _mark_copies, find_duplicates
from trendcolor.images.fingerprint import FINGERPRINT, MIRRORED_BITS

NEAR_ONES = ImagesConfig()


def fingerprints(codes, colors=None, exact=None, plain=None):
    """Fingerprints of photos; each of one color, and a file of its own, unless told."""
    rows = np.zeros(len(codes), FINGERPRINT)
    rows["code"] = codes
    rows["exact"][:, 0] = np.arange(len(codes)) if exact is None else exact
    rows["exact"][:, 1] = np.arange(len(codes)) if exact is None else exact
    rows["plain"] = False if plain is None else plain
    if colors is not None:
        rows["color"] = colors
    return rows


def turned(code, *bits):
    for bit in bits:
        code ^= 1 << bit
    return code


def compared_one_by_one(rows, config):
    """What `find_duplicates` promises, without an index."""
    kept, first = [], []
    limit = round(config.duplicate_color * 10)

    def is_near(one, other):
        if one["plain"] or other["plain"]:
            return False
        for mirrored in (False, True):
            code = int(one["code"]) ^ (MIRRORED_BITS if mirrored else 0)
            bits = (code ^ int(other["code"])).bit_count()
            if bits <= config.duplicate_bits and alike_colors(
                one["color"], other["color"], mirrored, limit
            ):
                return True
        return False

    seen = {}
    for place, row in enumerate(rows):
        copied = seen.setdefault(tuple(row["exact"].tolist()), place)
        if copied != place:
            first.append(first[copied] if first[copied] >= 0 else copied)
            continue
        found = next((one for one in kept if is_near(row, rows[one])), -1)
        first.append(found)
        if found < 0:
            kept.append(place)
    return first


@st.composite
def crowds(draw):
    """Photos around few codes and colors, some plain, some of one file."""
    n = draw(st.integers(0, 25))
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    codes = random.integers(0, 2**64, 3, np.uint64)[random.integers(0, 3, n)]
    for _ in range(draw(st.integers(0, 6))):
        codes ^= np.uint64(1) << random.integers(0, 64, n, np.uint64)
    codes ^= np.where(random.random(n) < 0.3, MIRRORED_BITS, 0).astype(np.uint64)
    colors = random.integers(-60, 60, (2, 8, 8, 3))[random.integers(0, 2, n)]
    colors = colors + random.integers(-4, 5, colors.shape)
    is_turned = random.random((n, 1, 1, 1)) < 0.3
    colors = np.where(is_turned, colors[:, :, ::-1], colors)
    rows = fingerprints(codes, colors, random.integers(0, 60, n))
    rows["plain"] = random.random(n) < 0.1
    return rows


@settings(deadline=None, max_examples=40)
@given(crowds(), st.integers(0, 11))
def test_the_answer_is_that_of_comparing_each_with_each(rows, bits):
    config = ImagesConfig(duplicate_bits=bits)
    found = find_duplicates(rows, config)
    assert found.first.tolist() == compared_one_by_one(rows, config)
    assert not found.crowded


@settings(deadline=None, max_examples=40)
@given(crowds(), st.integers(0, 40))
def test_later_photos_have_no_effect_and_whoever_stands_for_others_is_kept(rows, n):
    whole, part = find_duplicates(rows, NEAR_ONES), find_duplicates(rows[:n], NEAR_ONES)
    assert whole.first[:n].tolist() == part.first.tolist()
    is_copy = whole.first >= 0
    assert (whole.kind[whole.first[is_copy]] == KEPT).all()
    assert ((whole.kind != KEPT) == is_copy).all()
    assert (whole.first[is_copy] < np.flatnonzero(is_copy)).all()


def test_a_copy_of_a_file_is_exact_and_a_photo_saved_again_is_near():
    code = 0x0123456789ABCDEF
    rows = fingerprints([code, code, turned(code, 1, 30), ~code & 2**64 - 1], exact=[7, 7, 8, 9])
    found = find_duplicates(rows, NEAR_ONES)
    assert found.first.tolist() == [-1, 0, 0, -1]
    assert found.kind.tolist() == [KEPT, EXACT, NEAR, KEPT]
    assert found.distance.tolist() == [0, 0, 2, 0]
    found = find_duplicates(rows, ImagesConfig(duplicates="exact"))
    assert found.kind.tolist() == [KEPT, EXACT, KEPT, KEPT]
    assert not find_duplicates(rows, ImagesConfig(duplicates="off")).kind.any()


def test_a_copy_of_a_near_duplicate_names_the_photo_that_is_kept():
    found = find_duplicates(fingerprints([1, 3, 3], exact=[1, 2, 2]), NEAR_ONES)
    assert found.first.tolist() == [-1, 0, 0]
    assert found.kind.tolist() == [KEPT, NEAR, NEAR]


def test_a_burst_does_not_run_together_into_one():
    frames = [2 ** (3 * frame) - 1 for frame in range(12)]  # each 3 bits from the one before
    found = find_duplicates(fingerprints(frames), NEAR_ONES)
    assert found.first.tolist() == [-1, 0, -1, 2, -1, 4, -1, 6, -1, 8, -1, 10]


def test_garments_of_other_dyes_on_one_ground_are_kept():
    ground = np.zeros((5, 8, 8, 3))
    ground[..., 0] = 90
    for row, dye in zip(ground, [(40, 0, 0), (40, 25, 0), (40, 0, 25), (60, 0, 0)], strict=False):
        row[2:6, 2:6] = dye
    ground[4] = ground[1] + (3, 2, -2)  # the second, brighter and bluer as a whole
    found = find_duplicates(fingerprints([5] * 5, ground), NEAR_ONES)
    assert found.first.tolist() == [-1, -1, -1, -1, 1]


def test_a_garment_that_fills_the_photo_is_kept_in_another_dye():
    ground = np.full((2, 8, 8, 3), 40)
    ground[1, ..., 1] += 25
    assert find_duplicates(fingerprints([5, 5], ground), NEAR_ONES).kind.tolist() == [KEPT, KEPT]


def test_a_mirrored_photo_is_found_with_its_colors_mirrored():
    colors = np.random.default_rng(0).integers(-50, 50, (8, 8, 3))
    codes = [77, 77 ^ MIRRORED_BITS, 77 ^ MIRRORED_BITS]
    rows = fingerprints(codes, [colors, colors[:, ::-1], colors])
    assert find_duplicates(rows, NEAR_ONES).first.tolist() == [-1, 0, -1]


def test_plain_photos_are_near_nothing():
    rows = fingerprints([0, 0, 0, 0], exact=[1, 2, 3, 3], plain=True)
    assert find_duplicates(rows, NEAR_ONES).kind.tolist() == [KEPT, KEPT, KEPT, EXACT]


def test_a_crowd_of_look_alikes_is_cut_short_and_counted():
    n = 400  # a look at colors counts for 50, and each of the three tables may ask for it
    colors = np.zeros((n, 8, 8, 3))
    colors[np.arange(n), 0, 0] = np.random.default_rng(0).permutation(n)[:, None] % 5
    colors[np.arange(n), np.arange(n) // 8 % 8, np.arange(n) % 8, 1] = 60
    colors[:, 7, 7, 0] = np.arange(n) // 64 * 9 % 100 - 50
    colors[:, 7, 6, 0] = np.arange(n) // 640 * 40 - 50
    found = find_duplicates(fingerprints([9] * n, colors), NEAR_ONES)
    assert alike.COMPARISONS == 20_000
    assert found.crowded > 0
    alone = find_duplicates(fingerprints([9] * 100, colors[:100]), NEAR_ONES)
    assert not alone.crowded


def test_copies_of_one_placeholder_are_no_crowd():
    n = 100_000
    rows = np.zeros(n, FINGERPRINT)
    rows["exact"][:, 0] = rows["exact"][:, 1] = np.arange(n) // 2  # half of them saved again
    rows["code"] = 1 << (np.arange(n, dtype=np.uint64) % np.uint64(5))
    found = find_duplicates(rows, NEAR_ONES)
    assert (found.first == 0).sum() == n - 1
    assert not found.crowded


def test_fingerprints_on_disk_give_the_same_answer(tmp_path):
    random = np.random.default_rng(0)
    codes = random.integers(0, 2**64, 400, np.uint64)
    rows = fingerprints(np.concatenate([codes, codes ^ np.uint64(3)]))
    rows.tofile(tmp_path / "rows")
    on_disk = np.memmap(tmp_path / "rows", FINGERPRINT, "r")
    assert isinstance(on_disk.base, mmap.mmap)
    found, wanted = find_duplicates(on_disk, NEAR_ONES), find_duplicates(rows, NEAR_ONES)
    assert found.first.tolist() == wanted.first.tolist() == [-1] * 400 + list(range(400))
    changed = np.memmap(tmp_path / "rows", FINGERPRINT, "c")
    changed["code"] = 0  # in memory alone: pages that are let go would forget it
    assert (find_duplicates(changed, NEAR_ONES).first[1:] == 0).all()
    assert (changed["code"] == 0).all()


WITHOUT_NUMBA = """
import importlib.util
find_spec = importlib.util.find_spec
importlib.util.find_spec = lambda name: None if name == "numba" else find_spec(name)
import sys
import numpy as np
from trendcolor.config import ImagesConfig
from trendcolor.images.duplicates import find_duplicates
from trendcolor.images.fingerprint import FINGERPRINT
rows = np.zeros(6, FINGERPRINT)
rows["exact"] = np.array([1, 2, 3, 4, 4, 5])[:, None]
rows["code"] = [0, 2**64 - 1, 7, 255, 255, 2**64 - 8]
print("numba" in sys.modules, find_duplicates(rows, ImagesConfig()).first.tolist())
"""


@pytest.mark.parametrize("n", [0, 1, 2, 9])
def test_loops_are_compiled_once_whatever_they_are_given(tmp_path, n):
    """Each further kind of array takes as long as the first, in each process that nothing keeps."""
    rows = fingerprints([turned(0, bit) for bit in range(n)])
    (tmp_path / "all").write_bytes(rows.tobytes() or b"0")
    on_disk = np.memmap(tmp_path / "all", FINGERPRINT, "r") if n else rows
    for each in (rows, on_disk):
        find_duplicates(each, NEAR_ONES)
    for loop in (_mark_copies, alike.settle, alike._search, alike._look):
        assert len(loop.signatures) <= 1


def test_without_numba_the_answers_are_the_same():
    command = [sys.executable, "-W", "error", "-c", WITHOUT_NUMBA]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split("\n")[0] == "False [-1, -1, 0, -1, 3, 1]"


@pytest.mark.parametrize(
    "wrong", [np.zeros(3, np.uint64), np.zeros((2, 2), FINGERPRINT)], ids=["type", "shape"]
)
def test_other_arrays_are_refused(wrong):
    with pytest.raises(ShapeError, match=r"wanted \(n,\) of images.fingerprint.FINGERPRINT"):
        find_duplicates(wrong, NEAR_ONES)


def test_settings_out_of_bounds_are_refused():
    with pytest.raises(ConfigError, match="duplicate_bits must be at most 11, got 12"):
        ImagesConfig(duplicate_bits=12)
    with pytest.raises(ConfigError, match="duplicate_color must be at least 0, got -1"):
        ImagesConfig(duplicate_color=-1)
