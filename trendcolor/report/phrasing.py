"""What the templates of documents print: numbers and names in the reader's language."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from jinja2 import Environment

from trendcolor.report import page
from trendcolor.report.typefaces import CHINESE, LATIN, Typefaces
from trendcolor.report.typesetting import Code, typst_environment
from trendcolor.report.words import Words, open_words
from trendcolor.runs import Header, RunCard

Row = Mapping[str, Any]

_FAINT = 1.35  # contrast with paper below which a swatch needs an edge to be seen
_OTHER_LANGUAGES = {"en": "zh-CN", "zh-CN": "en"}


def document_environment(typefaces: Typefaces, words: Words) -> Environment:
    """The environment of `typesetting`, which speaks a language."""
    environment = typst_environment(typefaces)
    words.install(environment)
    environment.filters.update(
        percent=words.percent,
        count=words.count,
        family=words.family,
        color_name=lambda name: page.sentence(words.color(name)),
        other_name=partial(_other_name, words),
        date=words.date,
        one_decimal=lambda value: words.decimal(round(value, 1) + 0.0, 1),
        general=lambda value: f"{value:g}",
        interval=lambda row: words.interval(row["low"], row["high"]),
        ends=lambda row: words.interval(row["low"], row["high"]).removesuffix("%"),
        hex=page.hex_code,
        ink=page.ink,
        sentence=page.sentence,
        is_light=lambda color: page.contrast(color, "#ffffff") < _FAINT,
        group_label=partial(_group_label, words),
        has_withheld=_has_withheld,
    )
    environment.globals.update(
        language=_language(words.lang),
        other_language=_language(_OTHER_LANGUAGES[words.lang]),
        fonts=partial(_fonts, words.lang),
        purpose_words=partial(_purposes, words),
        data_words=partial(_data, words),
        words=words,
    )
    return environment


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
    return "" if other == words.color(name) else page.sentence(other)


def _group_label(words: Words, label: str | None, is_garment: bool) -> str:
    if label is None:
        return words.text("not declared")
    return words.garment(label) if is_garment else label


def _purposes(words: Words, card: RunCard) -> str:
    comma = "\N{IDEOGRAPHIC COMMA}" if words.lang == "zh-CN" else ", "
    return comma.join(words.term("purpose", each) for each in card.purposes_allowed)


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


def _has_withheld(groups: Iterable[page.Group]) -> bool:
    return any(cell["share"] is None for group in groups for cell in group.cells.values())
