"""Whatever is done with photos whose card forbids showing them, no file holds one afterwards.

All commands that look at photos write into one folder, with their cache, temporary files, logs at
DEBUG and what crashes leave, and every file of it is searched.
"""

import base64
import csv
import io
import logging
import os
import re
import shutil
import sys
import tempfile
from functools import partial
from pathlib import Path

import pytest
from explore_servers import served
from looks import CARD
from PIL import Image

from trendcolor.cli import main
from trendcolor.config import PACKAGE, EngineConfig, ImagesConfig
from trendcolor.engine.local import run_shards
from trendcolor.engine.plan import plan
from trendcolor.engine.shards import ShardWork
from trendcolor.engine.worker import Limits
from trendcolor.faceless.pictures import UNREAD, pictures_under
from trendcolor.images.label_pictures import CLASS_COLORS, PALE_COLORS
from trendcolor.pipeline import build_pipeline
from trendcolor.report.drawn import unexplained_pictures
from trendcolor.runs import prepare_run_folder

LOOKBOOK = PACKAGE / "samples" / "lookbook"
N = 6
DEADLY = "images/look_0002.jpg"
CONFIG = """purpose = "evaluation"
[[data]]
card = "card.toml"
root = "."
format = "table"
table = "looks.csv"
masks = "masks"
[segmentation]
source = "{source}"
[engine]
workers = 1
shard_photos = 3
[analysis]
min_cell = 3
min_cell_reason = "made up for a test"
"""


class Failing:
    """A pipeline that holds a photo's pixels when it ends or raises on one of them."""

    def __init__(self, config, ends):
        self.pipeline, self.ends = build_pipeline(config), ends

    def __call__(self, ref):
        if ref.id != DEADLY:
            return self.pipeline(ref)
        pixels = ref.file.read(10**9)
        logging.getLogger("trendcolor").debug("%s has %d bytes", ref.id, len(pixels))
        if self.ends:
            os._exit(1)
        raise ZeroDivisionError(f"a bug at {ref.id} of {len(pixels)} bytes")


def write_data(folder):
    """Some of the sample photos, as those of real people who may not be shown."""
    stems = [path.stem for path in sorted((LOOKBOOK / "images").iterdir())[:N]]
    for part, ending in (("images", "jpg"), ("masks", "png")):
        (folder / part).mkdir(parents=True)
        for stem in stems:
            shutil.copy(LOOKBOOK / part / f"{stem}.{ending}", folder / part)
    with (folder / "looks.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["path", "season", "region", "source", "sold"])
        for i, stem in enumerate(stems):
            rows.writerow([f"images/{stem}.jpg", f"AW2{4 + i % 2}", "EU", f"s{i}", "1"])
    card = (
        CARD.format(name="people")
        .replace('"synthetic"', '"real"')
        .replace('"not-needed"', '"consent"\nconsent_scope = "these tests"')
    )
    (folder / "card.toml").write_text(card, encoding="utf-8")
    for source in ("masks", "model"):
        (folder / f"{source}.toml").write_text(CONFIG.format(source=source), encoding="utf-8")
    return folder


def crash(config, out, ends):
    """What a run does whose pipeline ends its process, or raises what nobody expects."""
    planned = plan(config)
    prepare_run_folder(out, planned.header, fresh=False)
    build = partial(Failing, planned.config, ends)
    work = ShardWork.of(build, out, planned.header, planned.shards)
    limits = Limits(EngineConfig().memory, ImagesConfig().max_seconds)
    return list(run_shards(work, planned.shards, workers=1, limits=limits, retries=1))


@pytest.fixture(scope="module")
def left(tmp_path_factory):
    """The folder of all that was written."""
    data = write_data(tmp_path_factory.mktemp("data"))
    out = tmp_path_factory.mktemp("left")
    patch = pytest.MonkeyPatch()
    for name in ("cache", "tmp", "here"):
        (out / name).mkdir()
    patch.setenv("XDG_CACHE_HOME", str(out / "cache"))
    patch.setenv("TMPDIR", str(out / "tmp"))
    patch.setattr(tempfile, "tempdir", str(out / "tmp"))
    patch.chdir(out / "here")
    log = logging.FileHandler(out / "debug.log")
    root = logging.getLogger()
    level = root.level
    root.addHandler(log)
    root.setLevel(logging.DEBUG)
    try:
        with (out / "stdout.txt").open("w", encoding="utf-8") as said:
            patch.setattr(sys, "stdout", said)
            command(data, out)
            patch.undo()
    finally:
        patch.undo()
        root.removeHandler(log)
        root.setLevel(level)
        log.close()
    return out


def command(data, out):
    """Each command that looks at photos or at a run, and two crashes."""
    run, config = str(out / "run"), str(data / "masks.toml")
    assert main(["run", config, "--out", run]) == 0
    assert main(["report", run, "--out", str(out / "report")]) == 0
    photos = [str(path) for path in sorted((data / "images").iterdir())[:2]]
    assert main(["analyze", *photos, "--masks-in", str(data / "masks")]) == 0
    assert main(["audit", run, "--n", "5", "--config", config, "--out", str(out / "audit")]) == 0
    model = str(data / "model.toml")
    assert main(["evaluate", model, "--out", str(out / "evaluation")]) == 0
    with served(run) as client:
        for i, path in enumerate(("/", "/_dash-layout", "/_dash-dependencies")):
            (out / f"explored{i}.txt").write_text(client.send("GET", path)[2], encoding="utf-8")
        (out / "explored3.txt").write_text(client.controls(view="shares")[2], encoding="utf-8")
    crash(Path(config), out / "ended", ends=True)
    with pytest.raises(ZeroDivisionError, match="a bug") as bug:
        crash(Path(config), out / "raised", ends=False)
    logging.getLogger("trendcolor").error("the run stopped", exc_info=bug.value)


def uris(page):
    """The pictures of a page, decoded."""
    found = re.findall(r"data:image/\w+;base64,([A-Za-z0-9+/=]+)", page.read_text(encoding="utf-8"))
    return [Image.open(io.BytesIO(base64.b64decode(text))) for text in found]


def test_all_was_done(left):
    names = {path.relative_to(left).as_posix() for path in left.rglob("*") if path.is_file()}
    assert {"run/manifest.json", "report/index.html", "report/report.pdf", "debug.log"} <= names
    assert {"audit/audit.html", "evaluation/evaluation.html", "explored3.txt"} <= names
    assert any(name.startswith("ended/receipts/") for name in names)
    log = (left / "debug.log").read_text(encoding="utf-8")
    assert "Traceback" in log
    assert "a bug at images/look_0002.jpg" in log
    assert "a worker died" in log
    assert '"status": "ok"' in (left / "stdout.txt").read_text(encoding="utf-8").replace(
        '":"', '": "'
    )
    assert "answer" in (left / "explored3.txt").read_text(encoding="utf-8")


def test_no_file_holds_a_picture_but_drawings(left):
    found = pictures_under(left)
    files = {each.place.split(" > ")[0] for each in found}
    assert [each for each in found if each.kind == UNREAD] == []
    # A card of swatches, and label maps in the colors of classes; the next tests look into both.
    drawn = {"report/swatches/colors.png", "audit/audit.html", "evaluation/evaluation.html"}
    assert files <= drawn
    assert {"report/swatches/colors.png", "evaluation/evaluation.html"} <= files


def test_the_report_s_card_is_drawn_from_its_numbers(left):
    assert unexplained_pictures(left / "report") == []


@pytest.mark.parametrize(
    ("page", "colors"),
    [
        ("evaluation/evaluation.html", CLASS_COLORS),
        ("audit/audit.html", PALE_COLORS),
    ],
    ids=["evaluation", "audit"],
)
def test_pictures_of_label_maps_hold_colors_of_classes_and_no_other(left, page, colors):
    pictures = uris(left / page)
    assert pictures
    for picture in pictures:
        used = {color for _, color in picture.convert("RGB").getcolors(1 << 16)}
        # An audit paints one garment in one measured color, within a white and a black line.
        more = used - {tuple(color) for color in colors.values()}
        assert len(more - {(255, 255, 255), (0, 0, 0)}) <= (1 if "audit" in page else 0)
    kept = {(p.width, p.height) for p in pictures}
    found = [each for each in pictures_under(left / Path(page).parent) if each.width]
    assert {(each.width, each.height) for each in found} <= kept


def test_the_search_would_have_found_the_photos(left, tmp_path):
    photo = (LOOKBOOK / "images" / "look_0002.jpg").read_bytes()
    (tmp_path / "debug.log").write_bytes((left / "debug.log").read_bytes() + photo)
    (tmp_path / "index.html").write_bytes(
        (left / "report" / "index.html").read_bytes() + base64.b64encode(photo)
    )
    shutil.copy(left / "report" / "report.pdf", tmp_path)
    assert {each.place.split(" > ")[0] for each in pictures_under(tmp_path)} == {
        "debug.log",
        "index.html",
    }
