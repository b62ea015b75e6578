import datetime
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from damaged_tables import negative_page
from data_sets import card, column, write_mask, write_photo

from trendcolor.config import DataConfig
from trendcolor.datasets import open_dataset
from trendcolor.errors import DataError

DATA = Path(os.environ.get("TRENDCOLOR_DATA", "../shared/data"))
COLUMNS = (
    column("taken", "date"),
    column("region", "region", values=("EU", "APAC")),
    column("contributor", "source", table_column="sender id"),
)


def write_table(tmp_path, *rows, header="path,taken,region,sender id,secret"):
    (tmp_path / "t.csv").write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return tmp_path / "t.csv"


def photos(tmp_path, columns=COLUMNS, label_set="", **settings):
    settings = {"table": tmp_path / "t.csv", **settings}
    config = DataConfig(card=tmp_path, root=tmp_path, format="table", **settings)
    return open_dataset(card(label_set, columns), config)


def test_declared_columns_come_as_written_and_no_others(tmp_path):
    write_table(tmp_path, "b.jpg,2025-03-31T10:00:00,EU,007,x", "a.jpg,2025-04-01,,True,y")
    first, second = photos(tmp_path)
    assert (first.id, first.file.path) == ("b.jpg", tmp_path / "b.jpg")
    assert first.columns == {"taken": "2025-03-31", "region": "EU", "contributor": "007"}
    assert second.columns == {"taken": "2025-04-01", "region": None, "contributor": "True"}


def test_a_template_and_an_id_column_name_the_photo(tmp_path):
    write_table(tmp_path, "x1,a", "x2,b", header="image,sku")
    found = photos(tmp_path, [column("look", "id", table_column="sku")], photo="images/{image}.jpg")
    assert [photo.id for photo in found] == ["a", "b"]
    assert found[0].file.path == tmp_path / "images" / "x1.jpg"
    assert found[0].columns == {"look": "a"}


def test_a_parquet_table_gives_the_same_photos_as_its_csv(tmp_path):
    write_table(tmp_path, "b.jpg,2025-03-31,EU,7,x", "a.jpg,2025-04-01,APAC,8,y")
    frame = pl.read_csv(tmp_path / "t.csv").with_columns(pl.col("taken").str.to_date())
    assert frame["taken"][0] == datetime.date(2025, 3, 31)
    frame.write_parquet(tmp_path / "t.parquet")
    assert photos(tmp_path) == photos(tmp_path, table=tmp_path / "t.parquet")


def test_all_faults_come_at_once_with_their_rows(tmp_path):
    write_table(
        tmp_path,
        "a.jpg,31.3.2025,EU,1,x",
        "b.jpg,2025-03-31,EUR,1,x",
        "../c.jpg,2025-03-31,EU,1,x",
        "/etc/d.jpg,2025-03-31,EU,1,x",
        ",2025-03-31,EU,1,x",
    )
    with pytest.raises(DataError) as caught:
        photos(tmp_path)
    assert str(caught.value).splitlines() == [
        "t.csv: row 1: taken '31.3.2025' is no date (wanted such as 2025-03-31)",
        "t.csv: row 2: region 'EUR' is not a value the card allows, did you mean 'EU'?",
        "t.csv: row 3: '../c.jpg' is not a path inside data.root",
        "t.csv: row 4: '/etc/d.jpg' is not a path inside data.root",
        "t.csv: row 5: path is empty, so the photo has no path (data.photo)",
    ]


def test_no_more_than_twenty_faults_are_spelled_out(tmp_path):
    write_table(tmp_path, *(f"{i}.jpg,2025,EU,1,x" for i in range(50)))
    with pytest.raises(DataError, match=r"\.\.\. and 30 more") as caught:
        photos(tmp_path)
    assert len(str(caught.value).splitlines()) == 21


def test_a_path_through_a_link_out_of_the_folder_is_refused(tmp_path):
    outside = tmp_path / "outside"
    write_photo(outside / "a.jpg")
    root = tmp_path / "root"
    root.mkdir()
    (root / "link").symlink_to(outside)
    write_table(root, "link/a.jpg,2025-03-31,EU,1,x")
    with pytest.raises(DataError, match=r"'link/a\.jpg' is not a path inside data\.root"):
        photos(root)


def test_missing_columns_are_refused_with_the_nearest_name(tmp_path):
    write_table(tmp_path, "a.jpg,2025-03-31,EU,1,x", header="path,date,regions,sender id,secret")
    with pytest.raises(DataError) as caught:
        photos(tmp_path)
    first, second = str(caught.value).splitlines()
    assert first.startswith("t.csv: no column 'taken' (the card declares it); there are: path, ")
    assert second == ("t.csv: no column 'region' (the card declares it), did you mean 'regions'?")
    with pytest.raises(DataError, match=r"no column 'file' \(data\.photo names it\)"):
        photos(tmp_path, (), photo="{file}")


@pytest.mark.parametrize("template", ["a.jpg", "{}", "{path!r}", "{path:>9}", "{path"])
def test_a_photo_template_is_columns_and_text_only(tmp_path, template):
    write_table(tmp_path, "a.jpg,2025-03-31,EU,1,x")
    with pytest.raises(DataError, match=r"data\.photo"):
        photos(tmp_path, photo=template)


def test_a_template_cannot_reach_into_objects(tmp_path):
    write_table(tmp_path, "a.jpg,2025-03-31,EU,1,x")
    with pytest.raises(DataError, match=r"no column 'path\.__class__'"):
        photos(tmp_path, photo="{path.__class__}")


def test_ids_that_occur_twice_are_refused(tmp_path):
    write_table(tmp_path, *["a.jpg,2025-03-31,EU,1,x"] * 3, "b.jpg,2025-03-31,EU,1,x")
    with pytest.raises(DataError, match=r"^photo id 'a\.jpg' occurs 3 times$"):
        photos(tmp_path)


def test_weights_must_be_numbers_from_zero(tmp_path):
    write_table(tmp_path, "a.jpg,1.5", "b.jpg,-1", "c.jpg,nan", header="path,w")
    with pytest.raises(DataError, match=r"row 2: w '-1' is no weight(.|\n)*row 3: w 'nan' is no"):
        photos(tmp_path, [column("sold", "weight", table_column="w")])


def test_a_table_may_have_label_maps_beside_it(tmp_path):
    write_table(tmp_path, "images/a.jpg,2025-03-31,EU,1,x")
    write_mask(tmp_path / "masks" / "a.png", [[0, 3], [12, 255]])
    (photo,) = photos(tmp_path, label_set="trendcolor", masks=tmp_path / "masks")
    np.testing.assert_array_equal(photo.labels.read(2, 2), [[0, 3], [12, 255]])


def test_a_table_that_cannot_be_read_is_refused(tmp_path):
    with pytest.raises(DataError, match=r"t\.csv: no such file \(data\.table\)"):
        photos(tmp_path)
    (tmp_path / "t.parquet").write_bytes(b"no parquet")
    with pytest.raises(DataError, match=r"t\.parquet: can't be read"):
        photos(tmp_path, table=tmp_path / "t.parquet")
    (tmp_path / "t.xlsx").touch()
    with pytest.raises(DataError, match=r"t\.xlsx: not a table \(wanted a \.csv"):
        photos(tmp_path, table=tmp_path / "t.xlsx")
    (tmp_path / "t.csv").touch()
    with pytest.raises(DataError, match=r"t\.csv: can't be read"):
        photos(tmp_path)


def test_a_parquet_table_that_aborts_its_reader_is_refused(tmp_path):
    table = tmp_path / "t.parquet"
    table.write_bytes(negative_page(pl.DataFrame({"path": ["a.jpg", None, "b.jpg"] * 4})))
    with pytest.raises(DataError, match=r"^t\.parquet: can't be read \(its reader was ended by "):
        photos(tmp_path, (), table=table)


def test_a_byte_order_mark_is_no_part_of_the_first_column(tmp_path):
    (tmp_path / "t.csv").write_text("path\na.jpg\n", encoding="utf-8-sig")
    assert [photo.id for photo in photos(tmp_path, ())] == ["a.jpg"]


def test_the_lookbook_has_its_columns_and_label_maps():
    if not (DATA / "lookbook").is_dir():
        pytest.skip(f"no lookbook at {DATA} (set TRENDCOLOR_DATA)")
    root = DATA / "lookbook"
    columns = [
        column("taken", "date"),
        column("season", "season", values=("AW24", "SS25", "AW25", "SS26")),
    ]
    config = DataConfig(
        card=root, root=root, format="table", table=root / "lookbook.csv", masks=root / "masks"
    )
    found = open_dataset(card("trendcolor", columns), config)
    assert len(found) == 120
    assert found[0].columns == {"taken": "2024-09-01", "season": "AW24"}
    assert found[0].labels.path.is_file()


def test_a_cohort_s_value_that_speaks_of_children_needs_purposes_of_the_column(tmp_path):
    write_table(tmp_path, "a.jpg,Ladieswear", "b.jpg,Baby/Children", header="path,line")
    line = column("line", "cohort", declared_on="2026")
    with pytest.raises(DataError, match=r"t\.csv: row 2: line 'Baby/Children' speaks of children"):
        photos(tmp_path, [line])
    stated = replace(line, purposes=("research",))
    assert [photo.columns["line"] for photo in photos(tmp_path, [stated])][1] == "Baby/Children"
    assert len(photos(tmp_path, [column("line", "category")])) == 2
