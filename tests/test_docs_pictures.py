"""The pictures of docs/color.md: each is there, and shows what the code does now."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

DOCS = Path(__file__).parent.parent / "docs"
PICTURES = DOCS / "pictures"
LINKS = re.findall(
    r"!\[([^\]]*)\]\((pictures/[^)]+)\)", (DOCS / "color.md").read_text(encoding="utf-8")
)


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    out = tmp_path_factory.mktemp("pictures")
    command = [sys.executable, str(PICTURES / "make_pictures.py"), "--out", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    return out, done.stdout


def test_the_page_shows_each_picture_with_words_for_those_who_cannot_see_it():
    assert [link for _, link in LINKS] == sorted(link for _, link in LINKS)
    held = {path.name for path in PICTURES.glob("[0-9]-*")}
    assert {Path(link).name for _, link in LINKS} == held
    assert all(len(words) > 40 for words, _ in LINKS)
    assert all((DOCS / link).stat().st_size < 80_000 for _, link in LINKS)


@pytest.mark.parametrize("name", [Path(link).name for _, link in LINKS])
def test_the_script_draws_the_picture_that_the_page_shows(drawn, name):
    new, kept = (
        np.asarray(Image.open(folder / name).convert("RGB"), int) for folder in (drawn[0], PICTURES)
    )
    assert new.shape == kept.shape
    # Half an 8-bit step on average: other versions of JPEG and of the font's rasterizer.
    assert np.abs(new - kept).mean() < 0.5


def test_the_page_tells_the_numbers_of_the_photo(drawn):
    page = (DOCS / "color.md").read_text(encoding="utf-8").replace(",", "")
    told = [
        *re.findall(r"(\d+) blocks", drawn[1]),
        *re.findall(r"top: (\d+) pixels (\d+) vote (\d+) blends", drawn[1].replace(",", ""))[0],
        *re.findall(r"(\d+) cells vote", drawn[1]),
        *re.findall(r"(\d+\.\d) % of the area kept: False", drawn[1].replace(",", "")),
        *re.findall(r"(?:true|trusted) (0\.\d\d)", drawn[1]),
        *re.findall(r"\) (\d+\.\d) %", drawn[1]),
        *re.findall(r"(\d+\.\d) off", drawn[1]),
    ]
    assert len(told) == 1 + 3 + 1 + 1 + 2 + 3 + 3
    assert [number for number in told if number not in page] == []


@pytest.mark.parametrize(("page", "end"), [("designers.md", ""), ("designers.zh-CN.md", "_zh")])
def test_the_designers_page_shows_its_pictures_of_reports(page, end):
    links = re.findall(
        r"!\[([^\]]+)\]\(pictures/([^)]+)\)", (DOCS / page).read_text(encoding="utf-8")
    )
    names = [f"report_{part}{end}.png" for part in ("headline", "bands", "map", "palette")]
    assert [name for _, name in links] == names
    assert all((PICTURES / name).stat().st_size < 100_000 for name in names)
