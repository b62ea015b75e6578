"""Make the fonts in `trendcolor/report/fonts`, which `report.pdf` and its charts are set in.

    npm pack @fontsource-variable/inter@5.3.0 @expo-google-fonts/noto-sans-sc@0.4.3
    pip install fonttools brotli
    python docs/fonts/make_fonts.py fontsource-variable-inter-5.3.0.tgz \
        expo-google-fonts-noto-sans-sc-0.4.3.tgz

Inter has Latin with all of its extensions, Greek and Cyrillic; Noto Sans SC has what GB 2312
has: 6,763 hanzi, kana, and the punctuation of both. Both are under the SIL Open Font License 1.1;
neither reserves its name. Weights are 400 and 600. The same archives give the same bytes.
"""

import argparse
import sys
import tarfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from fontTools.merge import Merger
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

FOLDER = Path(__file__).parents[2] / "trendcolor" / "report" / "fonts"
_INTER = "Copyright 2016 The Inter Project Authors (https://github.com/rsms/inter)"
_ADOBE = "Copyright 2014-2021 Adobe (http://www.adobe.com/), with Reserved Font Name 'Source'"
MOST_BYTES = 3_000_000  # of one file

# Optical sizes of Inter: 14 is drawn for text, 32 (named Inter Display) for headings.
INTER = {
    "Inter-Regular": (400, 14),
    "Inter-SemiBold": (600, 14),
    "InterDisplay-SemiBold": (600, 32),
}
INTER_PARTS = ("latin", "latin-ext", "vietnamese", "greek", "greek-ext", "cyrillic", "cyrillic-ext")
NOTO = {"NotoSansSC-Regular": "400Regular", "NotoSansSC-SemiBold": "600SemiBold"}

# What PDFs need of OpenType: kerning, accents, language forms, figures of one width, and half and
# proportional widths of CJK punctuation. Inter's contextual alternates would change what is read.
FEATURES = ["kern", "mark", "mkmk", "ccmp", "locl", "tnum", "palt", "halt"]
LEADS, TRAILS = range(0xA1, 0xF8), range(0xA1, 0xFF)  # the bytes of GB 2312 in EUC-CN
RANGES = (
    range(0x20, 0x7F),
    range(0xA0, 0x100),
    range(0x2010, 0x2040),  # general punctuation
    range(0x2190, 0x219A),  # arrows
    range(0x3000, 0x3040),  # CJK punctuation
    range(0xFF00, 0xFFF0),  # full and half widths
)


def gb2312() -> Iterator[int]:
    """The code points of GB 2312-80."""
    for lead in LEADS:
        for trail in TRAILS:
            try:
                yield ord(bytes([lead, trail]).decode("gb2312"))
            except UnicodeDecodeError:
                continue  # the standard leaves the cell empty


def cut(font: TTFont, points: set[int]) -> TTFont:
    """Drop all glyphs but those of code points, hints, and features that are not needed."""
    options = Options(
        hinting=False,
        layout_features=FEATURES,
        name_IDs=["*"],
        name_languages=["*"],
        notdef_outline=True,
        drop_tables=["STAT", "vhea", "vmtx", "gasp", "prep", "DSIG", "MVAR", "avar", "HVAR"],
    )
    cutter = Subsetter(options)
    cutter.populate(unicodes=points)
    cutter.subset(font)
    return font


def rename(font: TTFont, family: str, style: str, copyright_line: str) -> None:
    """Name a font; subsets of variable fonts come with the names of their default."""
    name = f"{family.replace(' ', '')}-{style}"
    texts = {
        0: copyright_line,
        1: family if style == "Regular" else f"{family} {style}",
        2: "Regular",
        3: name,
        4: f"{family} {style}",
        6: name,
        16: family,
        17: style,
        13: "This Font Software is licensed under the SIL Open Font License, Version 1.1.",
        14: "https://openfontlicense.org",
    }
    font["name"].names = [n for n in font["name"].names if n.nameID == 5 and n.platformID == 3]
    for number, text in texts.items():
        font["name"].setName(text, number, 3, 1, 0x409)


def inter(archive: tarfile.TarFile, weight: int, size: int, folder: Path) -> TTFont:
    """One weight of Inter at one optical size, of all its scripts."""
    paths = []
    for part in INTER_PARTS:
        packed = archive.extractfile(f"package/files/inter-{part}-opsz-normal.woff2")
        font = TTFont(BytesIO(packed.read()), recalcTimestamp=False)
        font.flavor = None
        font = instantiateVariableFont(font, {"wght": weight, "opsz": size})
        paths.append(folder / f"{part}.ttf")
        cut(font, set(font.getBestCmap())).save(paths[-1])
    return Merger().merge([str(path) for path in paths])


def noto(archive: tarfile.TarFile, place: str) -> TTFont:
    """One weight of Noto Sans SC, of what GB 2312 has."""
    packed = archive.extractfile(f"package/{place}/NotoSansSC_{place}.ttf")
    font = TTFont(BytesIO(packed.read()), recalcTimestamp=False)
    points = {*gb2312(), *(point for each in RANGES for point in each)}
    return cut(font, points)


def save(font: TTFont, name: str, weight: int, copyright_line: str) -> None:
    """Write one font, and say how large it is."""
    family, style = name.split("-")
    spaced = {"InterDisplay": "Inter Display", "NotoSansSC": "Noto Sans SC"}.get(family, family)
    rename(font, spaced, style, copyright_line)
    font["OS/2"].usWeightClass = weight
    font["OS/2"].fsSelection = 1 << 6  # regular: a family of its own for each weight
    font["head"].macStyle = 0
    font["head"].created = font["head"].modified = 0
    font.recalcTimestamp = False
    path = FOLDER / f"{name}.ttf"
    font.save(path)
    print(f"{path.name}: {path.stat().st_size:,} bytes, {len(font.getBestCmap()):,} characters")
    if path.stat().st_size > MOST_BYTES:
        sys.exit(f"{path.name} is larger than {MOST_BYTES:,} bytes")


def main() -> None:
    """Make all fonts and their license."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("inter", type=Path, help="archive of @fontsource-variable/inter")
    parser.add_argument("noto", type=Path, help="archive of @expo-google-fonts/noto-sans-sc")
    paths = parser.parse_args()
    FOLDER.mkdir(exist_ok=True)
    with tarfile.open(paths.inter) as archive, TemporaryDirectory() as folder:
        for name, (weight, size) in INTER.items():
            save(inter(archive, weight, size, Path(folder)), name, weight, _INTER)
    with tarfile.open(paths.noto) as archive:
        for name, place in NOTO.items():
            save(noto(archive, place), name, int(place[:3]), _ADOBE)


if __name__ == "__main__":
    main()
