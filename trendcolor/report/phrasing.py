"""What the templates of documents print: numbers and names in the reader's language."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache, partial
from types import CodeType
from typing import Any

import polars as pl
from jinja2 import BytecodeCache, Environment
from jinja2.bccache import Bucket

from trendcolor.color.names import name_color
from trendcolor.report.contents import ReportContents
from trendcolor.report.families import contrast, ink
from trendcolor.report.findings import sentence
from trendcolor.report.groups import Group, breakdown_groups, groups, tone_groups
from trendcolor.report.typefaces import LATIN, FontFile, Typefaces
from trendcolor.report.typesetting import Code, typst_environment
from trendcolor.report.words import Words, open_words
from trendcolor.runs import Header

Row = Mapping[str, Any]

_FAINT = 1.35  # contrast with paper below which a swatch needs an edge to be seen
_MOST_PAIRS = 12
_FEW_GROUPS, _FEW_LETTERS = 8, 300  # that surely fit on one page
DASH = "\N{EN DASH}"
_OTHER_LANGUAGES = {"en": "zh-CN", "zh-CN": "en"}


def document_environment(typefaces: Typefaces, words: Words) -> Environment:
    """The environment of `typesetting`, which speaks a language."""
    environment = typst_environment(typefaces)
    environment.bytecode_cache = _compiled_templates(typefaces.files)
    words.install(environment)
    environment.filters.update(
        percent=words.percent,
        count=words.count,
        family=words.family,
        color_name=lambda name: sentence(words.color(name)),
        other_name=partial(_other_name, words),
        date=words.date,
        one_decimal=lambda value: words.decimal(round(value, 1) + 0.0, 1),
        general=words.number,
        interval=lambda row: words.interval(row["low"], row["high"]),
        ends=partial(_ends, words),
        ink=ink,
        sentence=sentence,
        is_light=lambda color: contrast(color, "#ffffff") < _FAINT,
        size=partial(_size, words),
        change_interval=partial(_change_interval, words),
        filename=drawing_file,
        group_label=partial(_group_label, words),
        has_withheld=_has_withheld,
        is_short=_is_short,
    )
    environment.globals.update(
        language=_language(words.lang),
        other_language=_language(_OTHER_LANGUAGES[words.lang]),
        fonts=partial(_fonts, words.lang),
        purpose_words=partial(_purposes, words),
        data_words=partial(_data, words),
        shade_name=partial(_shade_name, words),
        told_pairs=_told_pairs,
        told_shades=lambda table: table.filter(table["shade"].is_not_null()),
        pattern_rows=_pattern_rows,
        tone_rows=tone_groups,
        groups=breakdown_groups,
        words=words,
    )
    return environment


class _Compiled(BytecodeCache):
    """Templates that were compiled in this process, which takes as long as filling them."""

    def __init__(self) -> None:
        self._code: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Jinja asks for a template."""
        bucket.code = self._code.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Jinja has compiled a template."""
        if bucket.code is not None:
            self._code[bucket.key, bucket.checksum] = bucket.code


@lru_cache(maxsize=4)
def _compiled_templates(_: tuple[FontFile, ...]) -> _Compiled:
    """Those for some fonts: what a template itself prints is made printable as it is compiled."""
    return _Compiled()


def drawing_file(name: str) -> Code:
    """What a chart's file is called among the document's own."""
    return Code(f"chart-{name}.svg")


def _language(lang: str) -> Code:
    """A language as arguments of Typst's `text`."""
    language, _, region = lang.partition("-")
    return Code(f'lang: "{language}"' + (f', region: "{region.lower()}"' if region else ""))


def _fonts(lang: str, families: Sequence[str]) -> Code:
    """Families as Typst takes them; in Chinese, dashes and quotes are those of the Chinese font."""
    named = [f'"{_escaped(family)}"' for family in families]
    if lang == "zh-CN":
        named = [
            f'(name: {name}, covers: "latin-in-cjk")' if family.startswith(LATIN) else name
            for name, family in zip(named, families, strict=True)
        ] + [f'"{LATIN}"']
    return Code("(" + ", ".join(named) + ",)")


def _escaped(family: str) -> str:
    return "".join(rf"\u{{{ord(sign):x}}}" for sign in family)


def _other_name(words: Words, name: str) -> str:
    """A color's name in the other of the two languages; empty where it has none there."""
    other = open_words(_OTHER_LANGUAGES[words.lang]).color(name)
    return "" if other == words.color(name) else sentence(other)


def _group_label(words: Words, label: str | None, is_garment: bool) -> str:
    if label is None:
        return words.text("not declared")
    return words.garment(label) if is_garment else label


def _purposes(words: Words, purposes: Sequence[str]) -> str:
    comma = "\N{IDEOGRAPHIC COMMA}" if words.lang == "zh-CN" else ", "
    return comma.join(words.term("purpose", each) for each in purposes)


def _data(words: Words, header: Header) -> str:
    """The data sets of a run, with the attribution that a license asks for."""
    return "; ".join(
        words.text(
            "{title} ({version}), {attribution}, {license}",
            title=card.title,
            version=card.version,
            attribution=card.attribution,
            license=card.license,
        )
        for card in header.cards
    )


def _shade_name(words: Words, shade: str) -> str:
    """The name of a shade such as `#161418`."""
    red, green, blue = bytes.fromhex(shade[1:])
    return sentence(words.color(name_color((red, green, blue)).name or shade))


def _size(words: Words, share: float | None) -> str:
    """The size of an error, in percentage points; a dash where it is not known."""
    return DASH if share is None else words.decimal(100 * share, 1)


def _ends(words: Words, row: Row) -> str:
    """The interval of a share without its signs of percent, for narrow columns."""
    low, high = (words.decimal(100 * row[end], 1) for end in ("low", "high"))
    return low + DASH + high


def _change_interval(words: Words, row: Row) -> str:
    """The interval of a change, in percentage points."""
    return words.text(
        "{low} to {high}", low=_signed(words, row["low"]), high=_signed(words, row["high"])
    )


def _signed(words: Words, share: float) -> str:
    written = words.decimal(100 * abs(share), 1)
    return ("+" if share >= 0 else "\N{MINUS SIGN}") + written


def _told_pairs(combinations: pl.DataFrame) -> Sequence[Row]:
    """The most frequent pairs of colors that are worn together."""
    told = combinations.filter(pl.col("share") > 0)
    return told.sort("share", descending=True, maintain_order=True).head(_MOST_PAIRS).to_dicts()


def _pattern_rows(contents: ReportContents) -> list[Group]:
    """Patterns of all garments, and then of each kind."""
    whole = contents.patterns.with_columns(garment=pl.lit(None, pl.String))
    return [
        *groups(whole, "garment", "pattern"),
        *groups(contents.patterns_by_garment, "garment", "pattern"),
    ]


def _is_short(groups: Sequence[Group]) -> bool:
    """Whether a table of groups surely fits on one page."""
    letters = sum(len(group.label or "") for group in groups)
    return len(groups) <= _FEW_GROUPS and letters <= _FEW_LETTERS


def _has_withheld(groups: Iterable[Group]) -> bool:
    return any(cell["share"] is None for group in groups for cell in group.cells.values())
