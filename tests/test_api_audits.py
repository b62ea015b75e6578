"""From a run to an audit sheet and to corrections, as a user calls them."""

import json
import logging
import re
import shutil

import polars as pl
import pytest
from looks import files_of, write_config, write_look, write_looks
from pictures import pictures_in

from trendcolor.analysis.audit_sample import AUDIT_FIELDS
from trendcolor.api.audits import AuditOptions, audit
from trendcolor.api.corrections import correct, measured_records, uncorrect
from trendcolor.cli import main
from trendcolor.corrections import corrected
from trendcolor.errors import CorrectionError, QueryError
from trendcolor.runs import open_run_folder
from trendcolor.runs.corrections import read_corrections

N = 4
GARMENTS = 2 * N
TOP = "images/look_00.png"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Looks with their config, and a run of them."""
    folder = write_looks(tmp_path_factory.mktemp("looks"), N)
    assert main(["run", str(write_config(folder)), "--out", str(folder / "run")]) == 0
    return folder


@pytest.fixture
def looks(made, tmp_path):
    """A copy that a test may change."""
    shutil.copytree(made, tmp_path / "looks", copy_function=shutil.copy2)
    return tmp_path / "looks"


@pytest.fixture(autouse=True)
def talk(caplog):
    """What is said on stderr reaches the tests."""
    caplog.set_level(logging.INFO)


def typed(capsys, *arguments):
    """Exit code, stdout and stderr of a command."""
    try:
        code = main([str(argument) for argument in arguments])
    except SystemExit as exit:
        code = exit.code
    said = capsys.readouterr()
    return code, said.out, said.err


def written(folder, text, name="fixes.csv"):
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def tree(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_audit_prints_its_page_and_the_same_call_gives_the_same_sheet(looks, capsys, caplog):
    code, out, _ = typed(capsys, "audit", looks / "run", "--n", 5, "--seed", 3)
    assert (code, out) == (0, f"{looks / 'run' / 'audit' / 'audit.html'}\n")
    assert "Made from the records alone, without pictures" in caplog.text
    first = tree(looks / "run" / "audit")
    assert set(first) == {"audit.html", "audit.csv"}
    assert (
        typed(capsys, "audit", looks / "run", "--n", 5, "--seed", 3, "--out", looks / "b")[0] == 0
    )
    assert tree(looks / "b") == first
    typed(capsys, "audit", looks / "run", "--n", 5, "--seed", 4)
    assert tree(looks / "run" / "audit") != first


def test_a_sheet_of_records_alone_has_no_picture(looks, capsys):
    assert typed(capsys, "audit", looks / "run")[0] == 0
    page = (looks / "run" / "audit" / "audit.html").read_text(encoding="utf-8")
    assert pictures_in(page.encode()) == []
    assert "Made from the records alone" in page
    rows = pl.read_csv(looks / "run" / "audit" / "audit.csv")
    assert rows.columns == list(AUDIT_FIELDS)
    assert len(rows) == GARMENTS
    assert (rows["weight"] == 1).all()


def test_with_the_config_there_are_label_maps_and_no_photo(looks, capsys):
    config = looks / "looks.toml"
    code, *_ = typed(capsys, "audit", looks / "run", "--by-family", "--config", config)
    assert code == 0
    page = (looks / "run" / "audit" / "audit.html").read_text(encoding="utf-8")
    assert page.count("data:image/png;base64,") == GARMENTS
    assert "data:image/jpeg" not in page  # the card doesn't say show_photos
    assert "Made from the records alone" not in page


def test_photos_are_beside_them_where_each_card_allows_it(tmp_path):
    folder = write_looks(tmp_path, 1)
    card = (folder / "card.toml").read_text(encoding="utf-8")
    (folder / "card.toml").write_text(f"show_photos = true\n{card}", encoding="utf-8")
    config = write_config(folder)
    assert main(["run", str(config), "--out", str(folder / "run")]) == 0
    page = audit(folder / "run", config=config).page.read_text(encoding="utf-8")
    assert page.count("data:image/jpeg;base64,") == 2  # its top and its trousers


def test_a_config_that_is_not_the_run_s_is_refused_with_what_differs(looks, capsys):
    other = write_config(looks, more="[color]\nn_colors = 3\n")
    write_look(looks / "images" / "look_00.png", looks / "masks" / "look_00.png", seed=99)
    card = looks / "card.toml"
    card.write_text(card.read_text(encoding="utf-8") + "\n# changed\n", encoding="utf-8")
    code, out, err = typed(capsys, "audit", looks / "run", "--config", other)
    assert (code, out) == (1, "")
    assert re.search(
        r"looks.toml is not the config of .*run: it has other photos \(.*\), other data cards, or "
        r"changed ones, another \[color\] \(give the config and data that the run was made with\)",
        err,
    )


def test_a_config_that_is_not_there_is_refused(looks, capsys):
    code, out, err = typed(capsys, "audit", looks / "run", "--config", looks / "no.toml")
    assert (code, out) == (1, "")
    assert "no.toml" in err


def test_another_version_of_the_code_is_told(looks, caplog, monkeypatch):
    monkeypatch.setattr("trendcolor.engine.plan.code_version", lambda: ("0", "0" * 64))
    page = audit(looks / "run", config=looks / "looks.toml").page
    assert "measured by another version of this package" in page.read_text(encoding="utf-8")
    assert "measured by another version of this package" in caplog.text


def test_what_cannot_be_drawn_is_refused(looks, capsys):
    assert typed(capsys, "audit", looks / "nothing") == (
        1,
        "",
        f"trendcolor: {looks / 'nothing'}: no such run folder\n",
    )
    with pytest.raises(QueryError, match="n is 0, wanted how many garments"):
        audit(looks / "run", AuditOptions(n=0))


def test_correct_stores_beside_the_records_and_remove_undoes_it(looks, capsys, caplog):
    run = looks / "run"
    before, records = tree(run), files_of(run)
    fixes = written(looks, f"photo,garment,right_garment,right_color\n{TOP},top,,#161418\n")
    code, out, _ = typed(capsys, "correct", run, fixes, "--note", "seen by two people")
    assert (code, out) == (0, f"{run / 'corrections.parquet'}\n")
    assert (
        "garments corrected: 1 (0 dropped, 0 of another class, 1 of another color)" in caplog.text
    )
    assert files_of(run) == records
    assert set(tree(run)) == {*before, "corrections.parquet", "corrections.json"}
    told = json.loads((run / "corrections.json").read_text(encoding="utf-8"))
    assert (told["file"], told["rows"], told["note"]) == ("fixes.csv", 1, "seen by two people")
    folder = open_run_folder(run)
    stored = read_corrections(run, folder.manifest.header.settings_hash)
    rows = corrected(measured_records(folder), stored.table).collect()
    main_color = rows.filter(photo=TOP, garment="top", rank=0)
    assert main_color.select("r", "g", "b").row(0) == (0x16, 0x14, 0x18)
    assert typed(capsys, "correct", run, "--remove")[:2] == (0, "")
    assert tree(run) == before
    assert typed(capsys, "correct", run, "--remove")[:2] == (0, "")
    assert "there were no corrections" in caplog.text


def test_a_second_table_replaces_the_first_and_may_correct_what_the_first_dropped(looks, caplog):
    run = looks / "run"
    drop = pl.DataFrame({"photo": [TOP], "garment": ["top"], "right_garment": ["drop"]})
    assert correct(run, drop).dropped == 1
    fixes = written(looks, f"photo,garment,right_garment\n{TOP},top,dress\n")
    assert main(["correct", str(run), str(fixes)]) == 0
    assert "they replace those of frame (1 garments, 2" in caplog.text
    assert read_corrections(run).table["right_garment"].to_list() == ["dress"]
    assert uncorrect(run) is True
    assert uncorrect(run) is False


def test_faults_are_told_by_line_and_nothing_is_stored(looks, capsys):
    run = looks / "run"
    before = tree(run)
    fixes = written(
        looks,
        f"photo,garment,right_garment,right_color\n{TOP},top,coat,\n{TOP},dress,drop,\n"
        f"images/look_99.png,top,drop,\n{TOP},trousers,,blue\n",
    )
    code, out, err = typed(capsys, "correct", run, fixes)
    assert (code, out) == (1, "")
    assert [line.rpartition("fixes.csv: ")[2][:42] for line in err.splitlines()] == [
        "line 2: right_garment: no garment 'coat'; ",
        "line 3: photo 'images/look_00.png' has no ",
        "line 4: no photo 'images/look_99.png' in t",
        "line 5: right_color 'blue' is a family, an",
    ]
    assert tree(run) == before


@pytest.mark.parametrize("arguments", [[], ["fixes.csv", "--remove"]])
def test_a_table_or_remove_is_needed(looks, capsys, arguments):
    code, out, err = typed(capsys, "correct", looks / "run", *arguments)
    assert (code, out) == (2, "")
    assert "wanted a table, or --remove (trendcolor correct RUN TABLE)" in err


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("photo,garment,right_garment\n", "corrects nothing (it has no rows)"),
        ("garment,right_garment\ntop,drop\n", "fixes.csv: column 'photo' is missing"),
    ],
)
def test_a_table_that_corrects_nothing_is_refused(looks, table, message):
    with pytest.raises(CorrectionError) as raised:
        correct(looks / "run", written(looks, table))
    assert message in str(raised.value)


def test_a_marked_sheet_becomes_corrections(looks, capsys):
    run = looks / "run"
    sheet = pl.read_csv(audit(run).table, infer_schema=False).sort("photo", "garment")
    names = pl.Series("verdict", ["wrong garment", "not a garment", "wrong color", "ok"])
    rights = pl.Series("right_garment", ["dress", None, "top", "trousers"])
    marked = sheet[:4].with_columns(names, rights)
    marked.write_csv(looks / "audit-marked.csv")
    assert typed(capsys, "correct", run, looks / "audit-marked.csv")[0] == 0
    rows = read_corrections(run).table.select("photo", "garment", "right_garment", "right_color")
    assert rows.rows() == [
        (TOP, "top", "dress", None),
        (TOP, "trousers", "drop", None),
    ]
    page = audit(run, AuditOptions(n=3)).page.read_text(encoding="utf-8")
    assert "this sheet shows what was measured, without them" in page


def test_a_sheet_without_wrong_garments_corrects_nothing(looks):
    with pytest.raises(CorrectionError, match="no garment is marked as wrong in it"):
        correct(looks / "run", audit(looks / "run").table)


def test_the_photos_of_a_sheet_that_are_gone_are_refused(looks, capsys):
    (looks / "images" / "look_01.png").unlink()
    code, _, err = typed(capsys, "audit", looks / "run", "--config", looks / "looks.toml")
    assert code == 1
    assert "it has other photos" in err
