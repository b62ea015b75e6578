"""What a report says, in the reader's language: text, numbers, dates and the names of things.

English is the message itself; other languages are gettext catalogs in `locale/`, read as they
are (`.po`), so nothing has to be compiled. Names of colors are in the tables of `color/vocabulary`.
Numbers are rounded as Python rounds them, so that a page says what the API says, in any language.
"""

import datetime
import gettext
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib import resources

from babel import Locale
from babel.dates import format_date
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from jinja2 import Environment

from trendcolor.analysis.power import VERDICTS
from trendcolor.analysis.tally import UNITS
from trendcolor.cards import CONSENT_BASES, KINDS, LICENSE_CLASSES, PEOPLE, PURPOSE_MEANINGS
from trendcolor.color.pattern import PATTERNS
from trendcolor.color.vocabularies import FAMILY_ZH, chinese_names
from trendcolor.config import LANGUAGES
from trendcolor.errors import UsageError, did_you_mean
from trendcolor.taxonomy import GARMENTS

# The package's own words that a report prints as they stand in answers and cards, by the context
# that a catalog has them in: "top" is a garment here and may be a place elsewhere.
TERMS: Mapping[str, tuple[str, ...]] = {
    "garment": GARMENTS,
    "unit": tuple(UNITS),
    "verdict": VERDICTS,
    "purpose": (*PURPOSE_MEANINGS, *PURPOSE_MEANINGS.values()),
    "kind": ("garment", *KINDS),
    "pattern": (*PATTERNS, "pattern", "mixed"),
    "people": PEOPLE,
    "license class": LICENSE_CLASSES,
    "consent basis": CONSENT_BASES,
    "status": ("ok", "screened", "rejected"),
    "guard": ("sources", "wearers", "photos"),  # whose distinct values protect a figure
    # How intervals, changes and lists are written.
    "format": ("{low}–{high}%", "{change} pp", ", "),  # noqa: RUF001, a dash is the sign of a range
}

_DEFAULT = "en"
_OTHER_SPELLINGS = {"zh": "zh-CN"}
_DATES = {"en": "d MMMM y", "zh": "y年M月d日"}
_COLOR_ZH = "色"


@dataclass(frozen=True, slots=True, eq=False)
class Words:
    """Text, numbers and names in one language; `open_words` makes it.

    Guarantees, each held by tests/test_report_words.py:
        In English, percents, counts and intervals are Python's own: `f"{share:.1%}"` and
        `f"{number:,.0f}"`. In each language the digits are the same. A value that is put into a
        template's message is escaped.
    """

    lang: str  # one of config.LANGUAGES
    locale: Locale
    catalog: gettext.NullTranslations

    def text(self, message: str, **values: object) -> str:
        """An English message in the language; `{name}` in it is replaced by that value."""
        return self.catalog.gettext(message).format(**values)

    def plural(self, one: str, many: str, n: float, **values: object) -> str:
        """The form of a message that fits a count, which `{n}` in it is replaced by."""
        form = self.catalog.ngettext(one, many, round(n))
        return form.format(n=self.count(n), **values)

    def term(self, context: str, word: str) -> str:
        """One of the package's own words, `TERMS[context]`; a word that is none of them stays."""
        return self.catalog.pgettext(context, word)

    def terms(self, context: str, words: Sequence[str]) -> str:
        """Several of the package's own words as a list: `research, publication`."""
        return self.term("format", TERMS["format"][2]).join(
            self.term(context, word) for word in words
        )

    def percent(self, share: float) -> str:
        """A share of 0..1: `34.2%`."""
        return f"{self._digits(f'{100 * share:.1f}', 1)}%"

    def interval(self, low: float, high: float) -> str:
        """An interval of a share, each end of 0..1: 31.6 and 37.0% with a dash between."""
        ends = {"low": f"{100 * low:.1f}", "high": f"{100 * high:.1f}"}
        written = {name: self._digits(end, 1) for name, end in ends.items()}
        return self.term("format", TERMS["format"][0]).format(**written)

    def points(self, change: float) -> str:
        """A difference of two shares, in percentage points: `+3.1 pp`; none has no sign."""
        size = f"{100 * abs(change):.1f}"
        sign = "" if float(size) == 0 else "+" if change > 0 else "\N{MINUS SIGN}"
        written = f"{sign}{self._digits(size, 1)}"
        return self.term("format", TERMS["format"][1]).format(change=written)

    def count(self, number: float) -> str:
        """A count: `1,203`; sums of weights and pixels are rounded."""
        return self._digits(f"{number:.0f}", 0)

    def decimal(self, value: float, places: int) -> str:
        """A number with so many decimals: `1,203.50`; what rounds to 0 has no minus."""
        return self._digits(f"{value:z.{places}f}", places)

    def number(self, value: float) -> str:
        """A number with as many decimals as it needs, up to six digits: `95`, `0.5`."""
        written = f"{value:.6g}"
        return self._digits(written, len(written.partition(".")[2]))

    def date(self, day: datetime.date) -> str:
        """A day: `22 November 2026`."""
        return format_date(day, _DATES[self.locale.language], locale=self.locale)

    def family(self, family: str) -> str:
        """One of the twelve families, as a sentence or a heading calls it."""
        return with_color_word(FAMILY_ZH.get(family, family)) if self._is_chinese else family

    def color(self, name: str) -> str:
        """A name of the default vocabulary; a name that it does not have stays as it is."""
        return chinese_names().get(name, name) if self._is_chinese else name

    def garment(self, garment: str) -> str:
        """A class of the taxonomy; another text stays as it is."""
        return self.term("garment", garment)

    def install(self, environment: Environment) -> None:
        """Make `{% trans %}`, `_`, `ngettext` and `pgettext` of templates speak this language.

        Line breaks and indents within `{% trans %}` count as one space. Where the environment
        escapes, values are escaped on their way into a message, and messages are markup.
        """
        environment.policies["ext.i18n.trimmed"] = True
        environment.add_extension("jinja2.ext.i18n")
        environment.install_gettext_callables(  # type: ignore[attr-defined]  # of the extension
            self.catalog.gettext,
            self._ngettext,
            newstyle=True,
            pgettext=self.catalog.pgettext,
            npgettext=self._npgettext,
        )

    @property
    def _is_chinese(self) -> bool:
        return self.locale.language == "zh"

    def _digits(self, written: str, places: int) -> str:
        """A number that Python has rounded, with the language's separators."""
        pattern = "#,##0" + "." * (places > 0) + "0" * places
        return format_decimal(Decimal(written), pattern, locale=self.locale)

    def _ngettext(self, one: str, many: str, n: float) -> str:
        return self.catalog.ngettext(one, many, round(n))

    def _npgettext(self, context: str, one: str, many: str, n: float) -> str:
        return self.catalog.npgettext(context, one, many, round(n))


def N_(message: str) -> str:
    """A message as it is: marks it for the catalogs where it is not printed yet."""
    return message


def with_color_word(chinese: str) -> str:
    """A Chinese color with its 色, which tables leave out where the word is plain without it."""
    return chinese if chinese.endswith(_COLOR_ZH) else chinese + _COLOR_ZH


def open_words(lang: str = _DEFAULT) -> Words:
    """The words of a language; each catalog is read once.

    Args:
        lang: One of `config.LANGUAGES`, or `zh` for `zh-CN`.

    Raises:
        UsageError: there is no such language.
    """
    lang = _OTHER_SPELLINGS.get(lang, lang)
    if lang not in LANGUAGES:
        raise UsageError(f"no language '{lang}'{did_you_mean(lang, LANGUAGES)} (--lang)")
    return _words(lang)


@cache
def _words(lang: str) -> Words:
    folder = lang.replace("-", "_")
    catalog = gettext.NullTranslations() if lang == _DEFAULT else _catalog(folder)
    return Words(lang=lang, locale=Locale.parse(folder), catalog=catalog)


def _catalog(folder: str) -> gettext.NullTranslations:
    """The messages of `locale/FOLDER`: those that are translated and not marked as doubtful."""
    path = resources.files("trendcolor.report") / "locale" / folder / "LC_MESSAGES" / "report.po"
    compiled = io.BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file, locale=folder))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
