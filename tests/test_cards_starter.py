import re

import polars as pl
import pytest
from damaged_tables import negative_page
from hypothesis import given, settings
from hypothesis import strategies as st

from trendcolor.cards import admit, read_card, starter, write_starter
from trendcolor.config import read_config
from trendcolor.errors import CardError, ConfigError, DataError, RefusedError

ANSWERS = {
    "license": "CC-BY-4.0",
    "license_class": "commercial",
    "license_source": "LICENSE file",
    "attribution": "Somebody",
    "people": "real",
    "consent_basis": "consent",
    "consent_scope": "color statistics",
    "period": "2026",
    "frame": "everybody who agreed",
    "contact": "somebody@example.org",
}


def photos(folder, rows=None):
    """A folder with two empty picture files, and a table of `rows` where given."""
    (folder / "Our Photos" / "images").mkdir(parents=True)
    for name in ("a.jpg", "b.jpg"):
        (folder / "Our Photos" / "images" / name).touch()
    if rows is not None:
        pl.DataFrame(rows).write_csv(folder / "Our Photos" / "looks.csv")
    return folder / "Our Photos"


def answer(files):
    """Answer every question of a written starter, and take up its proposed columns."""
    text = files.card.read_text(encoding="utf-8")
    for key, value in ANSWERS.items():
        text = re.sub(rf'^{key} = "TODO[^\n]*"', f'{key} = "{value}"', text, flags=re.MULTILINE)
    text = text.replace('purposes_allowed = ["TODO"]', 'purposes_allowed = ["research"]')
    text = re.sub(r'biases = \["TODO[^\n]*"\]', 'biases = ["few"]', text)
    text = re.sub(r'"TODO: who wrote[^"]*"', '"the photographers, in a form"', text)
    text = re.sub(r'consent_purposes = \["TODO[^\n]*"\]', 'consent_purposes = ["research"]', text)
    text = re.sub(r'declared_on = "TODO[^"]*"', 'declared_on = "2026"', text)
    keys = "name|kind|table_column|declared_by|declared_on|purposes"
    column = rf"^# (\[\[columns\]\]|(?:{keys}) = )"
    files.card.write_text(re.sub(column, r"\1", text, flags=re.MULTILINE), encoding="utf-8")
    config = files.config.read_text(encoding="utf-8")
    config = config.replace('purpose = "TODO"', 'purpose = "research"')
    files.config.write_text(config, encoding="utf-8")


def test_a_starter_is_refused_until_it_is_answered_naming_every_question(tmp_path):
    files = write_starter(photos(tmp_path), tmp_path / "out")
    config = read_config(files.config)
    with pytest.raises(RefusedError, match="is not answered") as caught:
        admit(config.data, config.purpose)
    asked = re.findall(r"(\w+) is not answered", str(caught.value))
    assert set(asked) == {*ANSWERS, "consent_purposes", "purposes_allowed", "biases", "purpose"}
    with pytest.raises(CardError, match=r"our_photos_card\.toml: license is not answered"):
        read_card(files.card)


def test_an_answered_starter_passes_the_gate(tmp_path):
    files = write_starter(photos(tmp_path), tmp_path / "out")
    answer(files)
    config = read_config(files.config)
    (card,) = admit(config.data, config.purpose)
    assert card.name == "our_photos"
    assert config.data[0].root == (tmp_path / "Our Photos").resolve()
    assert config.data[0].format == "folder"
    assert card.columns == ()


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_table_of_photos_proposes_its_columns(tmp_path, suffix):
    folder = photos(tmp_path)
    table = folder / f"looks.{suffix}"
    rows = pl.DataFrame(
        {
            "id": ["a", "b"],
            "taken": ["2026-03-01", "2026-03-02"],
            "Line of clothes": ["womenswear", "menswear"],
            "weight": [1.0, 2.0],
            "face_id": ["x", "y"],
        }
    )
    rows.write_csv(table) if suffix == "csv" else rows.write_parquet(table)
    files = write_starter(folder, tmp_path / "out")
    assert '"face_id" is left out, its name speaks of a face' in files.card.read_text("utf-8")
    answer(files)
    files.card.write_text(
        re.sub(r'"TODO: id, date[^"]*"', '"cohort"', files.card.read_text("utf-8")), "utf-8"
    )
    config = read_config(files.config)
    (card,) = admit(config.data, config.purpose)
    assert [(c.name, c.from_name, c.kind) for c in card.columns] == [
        ("taken", "taken", "date"),
        ("line_of_clothes", "Line of clothes", "cohort"),
        ("declared_weight", "weight", "weight"),
    ]
    assert config.data[0].format == "table"
    assert config.data[0].table == table.resolve()
    assert config.data[0].photo == "images/{id}.jpg"


@pytest.mark.parametrize(
    ("values", "photo"),
    [
        pytest.param(["images/a.jpg"], "{where}", id="path"),
        pytest.param(["a.jpg"], "images/{where}", id="file name"),
        pytest.param(["a"], "images/{where}.jpg", id="stem"),
    ],
)
def test_the_way_from_a_row_to_its_photo_is_found(tmp_path, values, photo):
    text = starter(photos(tmp_path, {"where": values}), tmp_path)
    assert f'photo = "{photo}"' in text.config


def test_a_table_that_is_not_about_the_photos_is_left_aside(tmp_path):
    text = starter(photos(tmp_path, {"color": ["black"]}), tmp_path)
    assert 'format = "folder"' in text.config
    assert "[[columns]]" not in text.card


def test_a_table_may_be_given_itself_and_then_asks_how_its_photos_are_found(tmp_path):
    folder = photos(tmp_path, {"color": ["black"]})
    files = write_starter(folder / "looks.csv", tmp_path / "out")
    answer(files)
    config = read_config(files.config)
    with pytest.raises(RefusedError, match=r"data\.photo is not answered"):
        admit(config.data, config.purpose)


def test_nothing_is_overwritten_and_nothing_is_written_beside_it(tmp_path):
    folder = photos(tmp_path)
    (tmp_path / "our_photos.toml").write_text("mine", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"our_photos\.toml: exists already, and is never overw"):
        write_starter(folder, tmp_path)
    assert (tmp_path / "our_photos.toml").read_text(encoding="utf-8") == "mine"
    assert not (tmp_path / "our_photos_card.toml").exists()


def test_files_go_to_the_current_folder_unless_said_otherwise(tmp_path, monkeypatch):
    folder = photos(tmp_path)
    monkeypatch.chdir(tmp_path)
    files = write_starter(folder)
    assert files.card.resolve() == (tmp_path / "our_photos_card.toml").resolve()
    assert 'root = "Our Photos"' in files.config.read_text(encoding="utf-8")


@settings(max_examples=25)  # each writes files
@given(name=st.text(st.characters(exclude_categories=["C"], exclude_characters="/\\"), min_size=1))
def test_any_folder_name_gives_files_that_read(tmp_path_factory, name):
    folder = tmp_path_factory.mktemp("any") / f"{name[:40]} photos"
    folder.mkdir()
    (folder / "a.jpg").touch()
    files = write_starter(folder, folder.parent / "out")
    answer(files)
    config = read_config(files.config)
    assert admit(config.data, config.purpose)[0].title == " ".join(folder.name.split())


def test_a_folder_without_pictures_is_refused(tmp_path):
    with pytest.raises(DataError, match=r"holds no pictures \(\.apng"):
        starter(tmp_path)


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(DataError, match="there is no such folder or table"):
        starter(tmp_path / "nowhere")


def test_a_column_that_speaks_of_children_is_asked_for_its_purposes(tmp_path):
    rows = {"path": ["images/a.jpg"], "kids": ["yes"], "season": ["AW26"]}
    files = write_starter(photos(tmp_path, rows), tmp_path / "out")
    kids, season = files.card.read_text("utf-8").split("[[columns]]")[-2:]
    assert '# declared_on = "TODO: when' in kids
    assert '# purposes = ["TODO: those that this column may serve' in kids
    assert "declared_on" not in season
    assert "purposes" not in season
    answer(files)
    with pytest.raises(CardError, match=r"column 'kids': purposes is not answered"):
        read_card(files.card)


def test_a_single_picture_is_refused(tmp_path):
    with pytest.raises(DataError, match="not a folder, and not a CSV or Parquet table"):
        starter(photos(tmp_path) / "images" / "a.jpg")


def test_a_broken_table_is_refused(tmp_path):
    folder = photos(tmp_path)
    (folder / "looks.parquet").write_bytes(b"no parquet")
    with pytest.raises(DataError, match=r"looks\.parquet: can't be read \("):
        starter(folder)
    (folder / "looks.parquet").write_bytes(negative_page(pl.DataFrame({"path": ["a", None] * 9})))
    with pytest.raises(DataError, match=r"looks\.parquet: can't be read \(its reader was ended by"):
        starter(folder)


def test_files_that_hold_many_photos_are_known(tmp_path):
    folder = tmp_path / "shards" / "data"
    folder.mkdir(parents=True)
    (folder / "a.tar").touch()
    found = starter(tmp_path / "shards")
    assert 'format = "webdataset"\n' in found.config
    assert "a key of the samples' .json" in found.card
    images = pl.DataFrame({"front": [{"bytes": b"x", "path": "a.jpg"}], "season": ["AW26"]})
    images.write_parquet(folder / "train-00000-of-00001.parquet")
    found = starter(tmp_path / "shards")
    assert 'format = "parquet"\nphoto = "{front}"' in found.config
    assert '# name = "season"\n' in found.card
