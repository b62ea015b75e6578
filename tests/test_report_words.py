import datetime
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import DictLoader, Environment
from report_messages import CATALOGS, is_translated, messages, read_catalog, updated

from trendcolor.color.names import FAMILIES
from trendcolor.config import LANGUAGES
from trendcolor.errors import UsageError
from trendcolor.report.words import TERMS, open_words
from trendcolor.taxonomy import GARMENTS

DASH = "\N{EN DASH}"
EN, ZH = open_words("en"), open_words("zh-CN")
HOSTILE = "<script>alert('x')</script>"
shares = st.floats(0, 1)
languages = pytest.mark.parametrize("words", [EN, ZH], ids=lambda words: words.lang)
catalogs = pytest.mark.parametrize("path", CATALOGS, ids=lambda path: path.parts[-3])


@given(shares)
def test_percents_are_python_s_own_in_each_language(share):
    assert EN.percent(share) == ZH.percent(share) == f"{share:.1%}"


def test_a_percent_half_way_between_two_is_python_s_own():
    # Where decimal and binary rounding differ: 0.0005 to 0.9995 in halves of the last digit.
    for i in range(1, 2000, 2):
        assert EN.percent(i / 2000) == f"{i / 2000:.1%}"


@given(shares, shares)
def test_intervals_are_python_s_own_in_english(one, other):
    low, high = sorted((one, other))
    assert EN.interval(low, high) == f"{100 * low:.1f}{DASH}{high:.1%}"


@given(st.one_of(st.integers(0, 10**15), st.floats(0, 1e15)))
def test_counts_are_python_s_own_in_each_language(number):
    assert EN.count(number) == ZH.count(number) == f"{number:,.0f}"


@given(st.floats(-1e9, 1e9), st.integers(0, 6))
def test_decimals_are_python_s_own_in_each_language_without_a_minus_of_0(value, places):
    written = f"{value:,.{places}f}"
    expected = written if float(written.replace(",", "")) else written.lstrip("-")
    assert EN.decimal(value, places) == ZH.decimal(value, places) == expected


def test_a_chinese_interval_has_its_sign_at_both_ends():
    assert ZH.interval(0.316, 0.37) == f"31.6%{DASH}37.0%"


POINTS = [
    (0.031, "+3.1 pp", "+3.1 个百分点"),
    (-0.031, "\N{MINUS SIGN}3.1 pp", "\N{MINUS SIGN}3.1 个百分点"),
    (0.0, "0.0 pp", "0.0 个百分点"),
    (-0.0004, "0.0 pp", "0.0 个百分点"),
]


@pytest.mark.parametrize(("change", "english", "chinese"), POINTS)
def test_a_change_has_its_sign_unless_it_is_none(change, english, chinese):
    assert (EN.points(change), ZH.points(change)) == (english, chinese)


def test_dates_are_written_out():
    day = datetime.date(2026, 11, 2)
    assert EN.date(day) == "2 November 2026"
    assert ZH.date(day) == "2026年11月2日"


def test_zh_is_simplified_chinese():
    assert open_words("zh") is ZH
    assert open_words() is EN
    assert {open_words(lang).lang for lang in LANGUAGES} == set(LANGUAGES)


@pytest.mark.parametrize(
    ("lang", "ending"),
    [
        pytest.param("fr", "; there are: en, zh-CN (--lang)", id="unlike any"),
        pytest.param("zh-TW", ", did you mean 'zh-CN'? (--lang)", id="like one"),
        pytest.param("", "; there are: en, zh-CN (--lang)", id="empty"),
    ],
)
def test_an_unknown_language_is_refused_with_those_that_are_known(lang, ending):
    with pytest.raises(UsageError, match=re.escape(f"no language '{lang}'{ending}")):
        open_words(lang)


def test_values_stand_where_their_names_are():
    assert EN.text("{a} of {b} {{c}}", a="1", b=HOSTILE) == f"1 of {HOSTILE} {{c}}"


@pytest.mark.parametrize(
    ("n", "said"),
    [(1, "1 garment"), (0, "0 garments"), (1.2, "1 garment"), (1203, "1,203 garments")],
)
def test_the_form_of_a_message_fits_its_printed_count(n, said):
    assert EN.plural("{n} garment", "{n} garments", n) == said


def test_what_is_no_word_of_the_package_stays_as_it_is():
    assert ZH.term("garment", "house coat") == ZH.garment("house coat") == "house coat"
    assert ZH.color("95-degree black") == "95-degree black"


def test_families_colors_and_garments_are_chinese_in_chinese_only():
    han = re.compile(r"[\N{CJK UNIFIED IDEOGRAPH-4E00}-\N{CJK UNIFIED IDEOGRAPH-9FFF}]+")
    for family in FAMILIES:
        assert EN.family(family) == family
        assert han.fullmatch(ZH.family(family))
        assert ZH.family(family).endswith("色")
    for garment in GARMENTS:
        assert EN.garment(garment) == garment
        assert han.search(ZH.garment(garment))
    assert len({ZH.garment(garment) for garment in GARMENTS}) == len(GARMENTS)


# Templates


def rendered(words, source, **values):
    environment = Environment(loader=DictLoader({"page": source}), autoescape=True)
    words.install(environment)
    return environment.get_template("page").render(**values)


@languages
def test_a_template_s_values_are_escaped(words):
    escaped = "&lt;script&gt;"
    for source in (
        "{% trans name=name %}<b>by</b> {{ name }}{% endtrans %}",
        '{{ _("<b>by</b> %(name)s", name=name) }}',
        "{% trans n=2, name=name %}one{% pluralize %}<b>by</b> {{ name }}{% endtrans %}",
    ):
        assert rendered(words, source, name=HOSTILE).startswith(f"<b>by</b> {escaped}")


def test_templates_speak_the_language():
    assert rendered(ZH, '{{ pgettext("garment", "dress") }}') == "连衣裙"
    assert rendered(EN, '{{ pgettext("garment", "dress") }}') == "dress"


def test_a_template_s_count_takes_the_form_that_its_print_takes():
    source = "{% trans n=n %}one{% pluralize %}many{% endtrans %}"
    assert [rendered(EN, source, n=n) for n in (1, 1.2, 2.0)] == ["one", "one", "many"]


def test_line_breaks_of_a_template_are_spaces():
    assert rendered(EN, "{% trans %}\n  a\n  b\n{% endtrans %}") == "a b"


# Catalogs


def test_each_language_but_english_has_its_catalog():
    folders = {path.parts[-3] for path in CATALOGS}
    assert folders == {lang.replace("-", "_") for lang in LANGUAGES if lang != "en"}


@catalogs
def test_a_catalog_has_each_message(path):
    known = {(each.context, each.id) for each in read_catalog(path) if is_translated(each)}
    lacks = sorted(
        {f"{each.place}: {each.text!r}" for each in messages()}
        - {
            f"{each.place}: {each.text!r}"
            for each in messages()
            if (each.context, each.text) in known
        }
    )
    assert not lacks, "no translation (python benchmarks/report_messages.py):\n" + "\n".join(lacks)


@catalogs
def test_a_catalog_has_no_message_that_nothing_uses(path):
    used = {(each.context, each.text) for each in messages()}
    catalog = read_catalog(path)
    idle = [each.id for each in catalog if each.id and (each.context, each.id) not in used]
    assert not idle, "not used (python benchmarks/report_messages.py):\n" + "\n".join(
        map(str, idle)
    )
    assert not catalog.obsolete


PLACEHOLDERS = re.compile(r"%\(\w+\)s|(?<!\{)\{\w+\}(?!\})|</?\w+|href=\"[^\"]*\"")


@catalogs
def test_a_translation_has_the_placeholders_and_the_tags_of_its_message(path):
    for each in read_catalog(path):
        forms = each.id if isinstance(each.id, tuple) else (each.id,)
        translated = (each.string,) if isinstance(each.string, str) else each.string
        wanted = sorted(PLACEHOLDERS.findall(forms[-1]))
        for text in translated if each.id else ():
            assert sorted(PLACEHOLDERS.findall(text)) == wanted, (each.id, text)


@catalogs
def test_a_catalog_is_as_its_update_writes_it(path):
    _, text = updated(path)
    assert path.read_bytes() == text, "run: python benchmarks/report_messages.py"


def test_messages_are_found_in_templates_modules_and_terms():
    found = {(each.context, each.text) for each in messages()}
    assert {("garment", garment) for garment in TERMS["garment"]} <= found
    assert ("reason", "truncated image") in found
    assert ("format", "{change} pp") in found
