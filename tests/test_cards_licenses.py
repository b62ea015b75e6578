import pytest
from hypothesis import given
from hypothesis import strategies as st

from trendcolor.cards import LICENSE_CLASSES, REDISTRIBUTIONS, license_terms
from trendcolor.cards.licenses import (
    is_laxer,
    least_class,
    license_of_figures,
    share_alike_conflict,
    strictest,
)

FREE = ("commercial", False, False, False, "figures")
NAMED = ("commercial", True, False, False, "figures")
ALIKE = ("commercial", True, True, False, "figures")
NC = ("non-commercial", True, False, False, "figures")
NC_ALIKE = ("non-commercial", True, True, False, "figures")
ND = ("commercial", True, False, True, "internal")
NC_ND = ("non-commercial", True, False, True, "internal")
UNKNOWN = ("unspecified", False, False, False, "unspecified")
# As the licenses' own texts say: class, naming, same license, no derivatives, figures.
TABLE = {
    **dict.fromkeys(("CC0-1.0", "PDDL-1.0", "Unlicense", "CDLA-Permissive-2.0"), FREE),
    **dict.fromkeys(("CC-BY-1.0", "CC-BY-4.0", "CC-BY-3.0-AT", "ODC-By-1.0"), NAMED),
    **dict.fromkeys(("MIT", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0"), NAMED),
    **dict.fromkeys(("CC-BY-SA-2.1-JP", "CC-BY-SA-4.0", "ODbL-1.0", "GFDL-1.3-or-later"), ALIKE),
    **dict.fromkeys(("CC-BY-NC-2.0", "CC-BY-NC-3.0-DE"), NC),
    **dict.fromkeys(("CC-BY-NC-SA-2.0-FR", "CC-BY-NC-SA-4.0"), NC_ALIKE),
    **dict.fromkeys(("CC-BY-ND-2.5", "CC-BY-ND-4.0"), ND),
    **dict.fromkeys(("CC-BY-NC-ND-4.0",), NC_ND),
    **dict.fromkeys(
        ("LicenseRef-ours", "GPL-3.0-only", "unspecified", "", "MIT AND", "$$"), UNKNOWN
    ),
}
names = st.sampled_from(
    [name for name in TABLE if name not in ("", "unspecified", "MIT AND", "$$")]
)


def told(terms):
    alike = bool(terms.share_alike)
    return (
        *(terms.license_class, terms.attribution, alike),
        *(terms.no_derivatives, terms.redistribution),
    )


@pytest.mark.parametrize(("name", "expected"), TABLE.items(), ids=[n or "none" for n in TABLE])
def test_the_table_says_what_the_licenses_say(name, expected):
    assert told(license_terms(name)) == expected
    assert license_terms(name).reason


def rank(terms):
    """Of each thing how strict it is."""
    return (
        LICENSE_CLASSES.index(terms.license_class),
        (*REDISTRIBUTIONS, "unspecified").index(terms.redistribution),
        terms.attribution,
        terms.no_derivatives,
    )


@given(names, names)
def test_and_is_as_strict_as_its_strictest_part_in_each_thing(one, other):
    both = license_terms(f"{one} AND {other}")
    parts = license_terms(one), license_terms(other)
    assert rank(both) == tuple(max(pair) for pair in zip(*map(rank, parts), strict=True))
    assert set(both.share_alike) == {*parts[0].share_alike, *parts[1].share_alike}


@given(names, names)
def test_or_is_one_of_its_parts_and_never_of_a_stricter_class(one, other):
    parts = license_terms(one), license_terms(other)
    chosen = license_terms(f"{one} OR {other}")
    assert chosen in parts
    redistributed = [rank(part)[1] for part in parts]
    assert rank(chosen)[1] == min(redistributed)
    if len({*redistributed}) == 1:
        assert rank(chosen)[0] == min(rank(part)[0] for part in parts)


def test_with_is_the_license_itself():
    plain, excepted = license_terms("MIT"), license_terms("MIT WITH Classpath-exception-2.0")
    assert told(plain) == told(excepted)


def test_brackets_bind():
    terms = license_terms("(CC-BY-NC-4.0 OR MIT) AND CC-BY-SA-4.0")
    assert told(terms) == ALIKE
    assert license_terms("CC-BY-NC-4.0 OR MIT AND CC-BY-ND-4.0").license == "CC-BY-NC-4.0"


@pytest.mark.parametrize(
    ("expression", "least"),
    [
        ("LicenseRef-ours", "commercial"),
        ("LicenseRef-ours AND CC-BY-NC-4.0", "non-commercial"),
        ("LicenseRef-ours OR CC-BY-NC-4.0", "commercial"),
        ("CC-BY-NC-4.0 OR CC-BY-NC-SA-4.0", "non-commercial"),
    ],
)
def test_what_is_not_known_makes_no_license_stricter(expression, least):
    assert least_class(expression) == least


@pytest.mark.parametrize(
    ("licenses", "figures"),
    [
        (("CC-BY-4.0", "MIT"), ""),
        (("CC-BY-SA-4.0", "MIT"), "CC-BY-SA-4.0"),
        (("CC-BY-SA-2.0", "CC-BY-SA-4.0"), "CC-BY-SA-4.0"),
        (("CC-BY-SA-3.0-DE", "CC-BY-SA-3.0-AT"), "CC-BY-SA-4.0"),
        (("CC-BY-NC-SA-2.0", "CC-BY-NC-SA-3.0"), "CC-BY-NC-SA-3.0"),
        (("CC-BY-NC-SA-4.0", "CC-BY-NC-4.0"), "CC-BY-NC-SA-4.0"),
        (("CC-BY-SA-4.0", "LAL-1.3"), "CC-BY-SA-4.0"),
        (("GFDL-1.2-or-later", "GFDL-1.3-only"), "GFDL-1.3-only"),
    ],
)
def test_share_alike_licenses_are_carried_by_one_that_meets_all(licenses, figures):
    terms = strictest(license_terms(each) for each in licenses)
    assert license_of_figures(terms) == figures
    assert share_alike_conflict(terms) == ""


@pytest.mark.parametrize(
    "licenses",
    [
        ("CC-BY-SA-4.0", "CC-BY-NC-SA-4.0"),
        ("CC-BY-SA-4.0", "GFDL-1.3-or-later"),
        ("CC-BY-SA-1.0", "CC-BY-SA-4.0"),
        ("ODbL-1.0", "CC-BY-SA-4.0"),
        ("GFDL-1.2-only", "GFDL-1.3-only"),
    ],
)
def test_share_alike_licenses_that_cannot_be_met_at_once_are_named(licenses):
    terms = strictest(license_terms(each) for each in licenses)
    assert license_of_figures(terms) == ""
    for name in licenses:
        assert name in share_alike_conflict(terms)


def test_a_share_alike_license_for_commerce_does_not_carry_photos_that_are_not():
    terms = strictest(license_terms(each) for each in ("CC-BY-SA-4.0", "CC-BY-NC-4.0"))
    assert "CC-BY-SA-4.0 asks for itself on figures" in share_alike_conflict(terms)
    assert "other photos are non-commercial" in share_alike_conflict(terms)


def test_classes_are_ordered():
    assert is_laxer("commercial", "non-commercial")
    assert is_laxer("non-commercial", "academic")
    assert not is_laxer("academic", "academic")
