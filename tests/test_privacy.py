"""What leaves the pipeline is colors, counts and garment categories: no picture of a person.

The photos here are the package's own, rendered; what holds for their files holds for any.
"""

import base64
import json
import re
import shutil
from pathlib import Path

import polars as pl
import pytest
from pictures import pictures_in
from PIL import Image

from trendcolor.cli import main
from trendcolor.config import PACKAGE, shipped_file
from trendcolor.records import FIELDS, PHOTO_FIELDS

LOOKBOOK = PACKAGE / "samples" / "lookbook"
DECLARED = ("taken", "season", "region", "source", "cohort")
N = 12


@pytest.fixture(scope="module")
def output(tmp_path_factory):
    """A run over sample photos with given label maps, and its report beside it."""
    folder = tmp_path_factory.mktemp("photos_of_people")
    lookbook = folder / "lookbook"
    for part in ("images", "masks"):
        (lookbook / part).mkdir(parents=True)
        for path in sorted((LOOKBOOK / part).iterdir())[:N]:
            shutil.copy(path, lookbook / part)
    config = folder / "people.toml"
    config.write_text(
        f"""purpose = "evaluation"
[[data]]
card = "{shipped_file("data_cards/lookbook.toml").as_posix()}"
root = "lookbook"
format = "table"
table = "{(LOOKBOOK / "lookbook.csv").as_posix()}"
masks = "lookbook/masks"
limit = {N}
[segmentation]
source = "masks"
[engine]
workers = 1
""",
        encoding="utf-8",
    )
    out = tmp_path_factory.mktemp("out")
    assert main(["run", str(config), "--out", str(out / "run")]) == 0
    assert main(["report", str(out / "run")]) == 0
    assert main(["report", str(out / "run"), "--out", str(out / "report")]) == 0
    return out, lookbook


def files(out):
    found = [path for path in out.rglob("*") if path.is_file()]
    assert len(found) > 8  # so that a test of all of them says something
    return found


def test_the_scan_sees_pictures_of_every_kind_that_is_read(tmp_path):
    picture = Image.new("RGB", (32, 24), (90, 60, 50))
    for kind in ("JPEG", "PNG", "WebP", "GIF", "TIFF", "BMP", "AVIF"):
        path = tmp_path / f"a.{kind.lower()}"
        picture.save(path, kind)
        content = path.read_bytes()
        assert any(kind in found for found in pictures_in(b"columns" + content)), kind
        assert "base64" in pictures_in(b'"' + base64.b64encode(content) + b'"'), kind


def test_the_run_looked_at_people(output):
    out, _ = output
    photos = pl.read_parquet(out / "run" / "photos" / "*.parquet")
    assert photos["status"].to_list() == ["ok"] * N
    assert (photos["wearers"] >= 1).all()


def test_no_file_of_run_and_report_holds_a_picture(output):
    out, _ = output
    held = {path: pictures_in(path.read_bytes()) for path in files(out)}
    assert {path: kinds for path, kinds in held.items() if kinds} == {}


def test_only_known_files_are_written(output):
    out, _ = output
    names = {path.relative_to(out).as_posix() for path in files(out)}
    page = r"(index\.html|colors\.csv)"
    shard = r"(records|photos|histograms|sources)/\d{5}\.parquet|receipts/\d{5}\.json"
    summary = r"summary/(whole|family|common|name|bin|sources|colors)\.parquet"
    known = rf"run/({shard}|{summary}|settings\.json|manifest\.json|report/{page})|report/{page}"
    assert {name for name in names if not re.fullmatch(known, name)} == set()


def test_no_file_names_the_folder_of_the_photos(output):
    out, lookbook = output
    for path in files(out):
        content = path.read_bytes()
        for folder in (lookbook, lookbook.parent, LOOKBOOK):
            assert str(folder).encode() not in content, path
    tables = [pl.read_parquet(path) for path in files(out) if path.suffix == ".parquet"]
    texts = {
        text
        for table in tables
        for column in table.select(pl.col(pl.String)).iter_columns()
        for text in column.drop_nulls()
    }
    assert not [text for text in texts if str(lookbook.parent) in text]


def test_the_report_names_no_photo(output):
    out, lookbook = output
    page = (out / "report" / "index.html").read_text(encoding="utf-8")
    assert not [path.name for path in (lookbook / "images").iterdir() if path.stem in page]
    assert not re.search(r"<(img|image|picture|canvas|video|object|embed|iframe)\b", page)


def test_records_hold_only_the_documented_columns(output):
    out, _ = output
    for part, fields in (("records", FIELDS), ("photos", PHOTO_FIELDS)):
        for path in (out / "run" / part).iterdir():
            schema = pl.read_parquet_schema(path)
            assert list(schema) == [*fields, *DECLARED]
            assert not [kind for kind in schema.values() if kind.is_nested() or kind == pl.Binary]


def test_a_garment_of_a_photo_has_few_rows(output):
    out, _ = output
    records = pl.read_parquet(out / "run" / "records" / "*.parquet")
    # At most color.n_colors: a palette, from which no picture can be drawn.
    assert records.group_by("photo", "wearer", "garment").len()["len"].max() <= 5


def test_the_manifest_tells_of_cards_and_settings_only(output):
    out, _ = output
    manifest = json.loads((out / "run" / "manifest.json").read_text(encoding="utf-8"))
    told = {"header", "shards", "summary", "seconds", "finished", "corrections"}
    assert set(manifest) == told
    assert "photo" not in {key for shard in manifest["shards"] for key in shard}


def test_label_maps_are_written_on_request_only(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    photo = sorted((LOOKBOOK / "images").iterdir())[0]
    given = ["analyze", str(photo), "--masks-in", str(LOOKBOOK / "masks")]
    assert main(given) == 0
    assert list(tmp_path.rglob("*")) == []
    assert main([*given, "--masks-out", "maps"]) == 0
    assert [path.as_posix() for path in Path().rglob("*.*")] == [f"maps/{photo.stem}.png"]
    with Image.open(f"maps/{photo.stem}.png") as labels:
        assert labels.mode == "L"
        assert set(labels.tobytes()) <= {*range(13), 255}  # class ids: no shade of the photo
    assert '"status": "ok"' in capsys.readouterr().out


def test_a_photo_is_read_and_never_changed(output):
    _, lookbook = output
    for path in (lookbook / "images").iterdir():
        assert path.read_bytes() == (LOOKBOOK / "images" / path.name).read_bytes()
    assert len(list(lookbook.rglob("*"))) == 2 + 2 * N
