import hashlib
import zipfile

import pytest
from plm_swatches import AWKWARD, Chinese, plm

from trendcolor.color.swatches import read_swatches
from trendcolor.errors import RunError
from trendcolor.report.swatches import write_swatches

FILES = [
    *("colors.ase", "colors.aco", "colors.gpl", "colors.css", "colors.tokens.json"),
    *("colors.csv", "colors.xlsx", "colors.png", "colors.svg"),
]
SOME = [plm(), plm((250, 250, 249), name="chalk", group="classics", share=None)]


def digests(paths):
    return [hashlib.sha256(path.read_bytes()).hexdigest() for path in paths]


def test_each_file_is_written_and_nothing_else(tmp_path):
    (tmp_path / "mine.txt").write_text("stays")
    paths = write_swatches(SOME, tmp_path, None, title="Street")
    assert [path.name for path in paths] == FILES
    assert {path.name for path in tmp_path.iterdir()} == {*FILES, "mine.txt"}


@pytest.mark.parametrize("words", [None, Chinese()], ids=["en", "zh-CN"])
def test_the_same_swatches_give_the_same_bytes(tmp_path, words):
    first = write_swatches(SOME, tmp_path / "one", words, title="Street")
    second = write_swatches(SOME, tmp_path / "two", words, title="Street")
    assert digests(first) == digests(second)
    # Nor do members of the workbook have the time of writing.
    with zipfile.ZipFile(tmp_path / "one" / "colors.xlsx") as book:
        assert {member.date_time[0] for member in book.infolist()} == {1980}


@pytest.mark.parametrize("words", [None, Chinese()], ids=["en", "zh-CN"])
def test_names_as_strangers_write_them_go_through_every_file(tmp_path, words):
    swatches = [plm((i, 40, 48), name=name, name_zh=name) for i, name in enumerate(AWKWARD)]
    write_swatches(swatches, tmp_path, words, title='<"&\n😀 秋')
    for name in ("colors.ase", "colors.aco", "colors.gpl", "colors.csv"):
        assert len(read_swatches(tmp_path / name)) >= len(swatches)


def test_without_colors_the_files_are_there(tmp_path):
    paths = write_swatches([], tmp_path, None, title="")
    assert [path.name for path in paths] == FILES
    assert all(path.stat().st_size for path in paths)


def test_a_folder_that_can_t_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(RunError, match=r"file: can't be written \(.*exists"):
        write_swatches(SOME, tmp_path / "file", None, title="Street")


def test_a_file_that_can_t_be_replaced_leaves_the_others_whole(tmp_path):
    write_swatches(SOME, tmp_path / "whole", None, title="Street")
    (tmp_path / "half" / "colors.csv" / "mine").mkdir(parents=True)
    with pytest.raises(RunError, match="half: can't be written"):
        write_swatches(SOME, tmp_path / "half", None, title="Street")
    for path in (tmp_path / "half").iterdir():
        if path.is_file():
            assert path.read_bytes() == (tmp_path / "whole" / path.name).read_bytes()
