"""What leaves the pipeline is colors, counts and garment categories: no picture of a person.

The photos here are the package's own, rendered; what holds for their files holds for any.
"""

import base64
import io
import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from garment_rows import BLACK, BLUE, GREEN, RED, WHITE, garment, records
from pictures import pictures_in, pictures_in_file
from PIL import Image
from test_runs import HEADER, KINDS

from trendcolor.cli import main
from trendcolor.config import PACKAGE, shipped_file
from trendcolor.records import FIELDS, PHOTO_FIELDS, frame, photo_schema
from trendcolor.runs import prepare_run_folder, seal, write_shard
from trendcolor.runs.summary import PARTS

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
    held = {path: pictures_in_file(path) for path in files(out)}
    assert {path: kinds for path, kinds in held.items() if kinds} == {}


def test_only_known_files_are_written(output):
    out, _ = output
    names = {path.relative_to(out).as_posix() for path in files(out)}
    swatches = r"swatches/colors\.(aco|ase|css|csv|gpl|png|svg|tokens\.json|xlsx)"
    tables = r"(ATTRIBUTION\.txt|colors\.csv|drawn\.json|statement\.json)"
    page = rf"(index\.html|changes\.html|report\.pdf|{tables}|{swatches})"
    shard = r"(records|photos|histograms|sources)/\d{5}\.parquet|receipts/\d{5}\.json"
    summary = rf"summary/({'|'.join(PARTS)})\.parquet"
    once = r"(settings|manifest|croissant)\.json"
    known = rf"run/({shard}|{summary}|{once}|report/{page})|report/{page}"
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
    for path in (out / "report" / "index.html", out / "report" / "changes.html"):
        page = path.read_text(encoding="utf-8")
        assert not [photo for photo in (lookbook / "images").iterdir() if photo.stem in page]
        markup = re.sub(r"<script>.*?</script>", "", page, flags=re.S)
        assert not re.search(r"<(img|image|picture|canvas|video|object|embed|iframe)\b", markup)


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
    told = {"header", "shards", "seconds", "finished", "summary", "corrections", "forgotten"}
    assert set(manifest) == told | {"retain_until"}
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


# How many people, each in a photo, wear a color, by region.
PEOPLE = {
    "EU": {BLACK: 40, WHITE: 30, BLUE: 20, RED: 9, GREEN: 3},
    "UK": {BLACK: 25, WHITE: 15, BLUE: 11},
    "US": {BLACK: 4, RED: 3},
}
NAMES = {BLACK: "black", WHITE: "white", BLUE: "blue", RED: "red", GREEN: "green"}
LEAST = 10


@pytest.fixture(scope="module")
def people(tmp_path_factory):
    """Two versions of a finished run of pictures of people, few of them in some cells."""
    worn = [(color, region) for region, n in PEOPLE.items() for color in n for _ in range(n[color])]
    header = replace(HEADER, photos=len(worn))
    found = []
    for name in ("old", "new"):
        folder = tmp_path_factory.mktemp("people") / name
        declared = [
            {"season": "AW26", "region": region, "source": f"s{i}"}
            for i, (_, region) in enumerate(worn)
        ]
        garments = [
            garment(f"p{i:03d}", color, **told)
            for i, ((color, _), told) in enumerate(zip(worn, declared, strict=True))
        ]
        photos = [{"photo": f"p{i:03d}", "status": "ok", **told} for i, told in enumerate(declared)]
        prepare_run_folder(folder, header, fresh=False)
        rows = records(*garments, columns=tuple(KINDS)).collect()
        write_shard(folder, 0, rows, frame(photos, photo_schema(KINDS)))
        seal(folder, header, 1, 1.0)
        found.append(str(folder))
    return found


def persons(region, family=None):
    """How many people there are of a region (None: all) and family (None: all)."""
    return sum(
        n
        for place, colors in PEOPLE.items()
        for color, n in colors.items()
        if region in (None, place) and family in (None, NAMES[color])
    )


ASKED = [
    pytest.param(["shares", "OLD"], "share", id="shares"),
    pytest.param(["shares", "OLD", "--unit", "looks"], "share", id="looks"),
    pytest.param(["shares", "OLD", "--unit", "area"], "numerator", id="area"),
    pytest.param(
        ["signature", "OLD", "--family", "black,white,red,green"], "color", id="signature"
    ),
    pytest.param(["bridge", "OLD", "NEW"], "share_old", id="bridge"),
    pytest.param(
        ["plan", "--share", "0.05", "--change", "0.01", "--run", "OLD"], "looks", id="plan"
    ),
]


@pytest.mark.parametrize("by", ["", "region"])
@pytest.mark.parametrize(("command", "figure"), ASKED)
def test_no_command_prints_a_cell_of_few_people(people, command, figure, by, capsys):
    places = dict(zip(("OLD", "NEW"), people, strict=True))
    words = [places.get(word, word) for word in command]
    grouped = ["--by", by] if by else []
    assert main([*words, *grouped, "--format", "csv"]) == 0
    table = pl.read_csv(io.BytesIO(capsys.readouterr().out.encode()))
    told = table.filter(pl.col(figure).is_not_null())
    assert len(told) > 0
    for row in told.iter_rows(named=True):
        assert persons(row.get("region"), row.get("family")) >= LEAST, row
    withheld = table.filter(pl.col(figure).is_null())
    if by:
        # Nobody learns even how many people a group of few has.
        few = table.filter(region="US")
        totals = [name for name in ("denominator", "sources", "n", "looks") if name in few.columns]
        assert few.is_empty() or few.select(totals).null_count().row(0) == (len(few),) * len(totals)
    for name in {"low", "high", "numerator", "effective_n", "shift", "ratio", "spread"}:
        if name in table.columns:
            assert withheld[name].null_count() == len(withheld), name


@pytest.mark.parametrize("command", [each.values[0] for each in ASKED], ids=lambda each: each[0])
def test_a_table_and_json_print_no_more_than_csv(people, command, capsys):
    places = dict(zip(("OLD", "NEW"), people, strict=True))
    words = [places.get(word, word) for word in command]
    nulls = []
    for form in ("csv", "json"):
        assert main([*words, "--by", "region", "--format", form]) == 0
        out = capsys.readouterr().out
        if form == "csv":
            rows = pl.read_csv(io.BytesIO(out.encode())).to_dicts()
        else:
            found = json.loads(out) if out.lstrip().startswith(("[", "{")) else []
            rows = found["groups"] if isinstance(found, dict) else found
        nulls.append([sorted(name for name in row if row[name] is None) for row in rows])
    assert nulls[0] == nulls[1]


@pytest.mark.parametrize("command", ["shares", "bridge"])
def test_regions_and_the_whole_leave_nobody_to_subtract(people, command, capsys):
    tables = []
    for by in ([], ["--by", "region"]):
        places = people if command == "bridge" else people[:1]
        assert main([command, *places, *by, "--format", "csv"]) == 0
        tables.append(pl.read_csv(io.BytesIO(capsys.readouterr().out.encode())))
    figure = "share" if command == "shares" else "share_old"
    whole = tables[0].filter(pl.col(figure).is_not_null())["family"].to_list()
    assert whole
    for family in whole:
        parts = tables[1].filter(pl.col("family") == family)
        told = parts.filter(pl.col(figure).is_not_null())["region"].to_list()
        left = sum(persons(place, family) for place in PEOPLE if place not in told)
        assert left == 0 or left >= LEAST, (family, told)
