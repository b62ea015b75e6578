"""The gate's whole table, and the rules as somebody else would state them."""

import datetime
import itertools
from dataclasses import replace

import pytest

from trendcolor.cards import PURPOSES, Card, Column, decide, photo_refusal
from trendcolor.errors import RefusedError

TODAY = datetime.date(2026, 11, 23)
YESTERDAY, TOMORROW = "2026-11-22", "2026-11-24"
READ_BY_OTHERS = {"internal-reporting", "publication", "commercial-report"}
LEAVING = {"publication", "commercial-report"}


def card(**keys):
    answers = {
        "name": "street",
        "version": "1",
        "title": "Street",
        "license": "LicenseRef-ours",
        "license_class": "commercial",
        "license_source": "the contract",
        "attribution": "Somebody",
        "redistribution": "figures",
        "people": "real",
        "consent_basis": "consent",
        "consent_purposes": PURPOSES,
        "period": "2026",
        "frame": "everybody who agreed",
        "contact": "somebody@example.org",
        "purposes_allowed": PURPOSES,
    }
    return Card(**(answers | keys))


# Columns of the table: what each license class and each state of a card leaves open.
BY_CLASS = {
    "commercial": {*PURPOSES},
    "non-commercial": {"research", "evaluation", "model-training", "publication"},
    "academic": {"research", "evaluation", "model-training"},
    "unspecified": set(),
}
BASES = ("consent", "contract", "legitimate-interest", "undocumented")
AGREED = ((), ("research", "publication"), PURPOSES)
# Days of license and consent, and whether anything is open on TODAY.
DAYS = (
    ({}, True),
    ({"license_expires": TODAY.isoformat()}, True),
    ({"license_expires": YESTERDAY}, False),
    ({"consent_expires": TODAY.isoformat()}, True),
    ({"consent_expires": YESTERDAY}, False),
    ({"consent_withdrawn": TOMORROW}, True),
    ({"consent_withdrawn": TODAY.isoformat()}, False),
    ({"consent_withdrawn": YESTERDAY}, False),
)


def open_by_consent(people, basis, agreed):
    if people != "real" or basis == "legitimate-interest":
        return {*PURPOSES}
    if basis == "undocumented" or not agreed:
        return {*PURPOSES} - READ_BY_OTHERS
    return {*agreed}


@pytest.mark.parametrize("redistribution", ["figures", "internal", ""])
@pytest.mark.parametrize("license_class", BY_CLASS)
def test_the_gate_is_as_its_rules_say_for_every_card(license_class, redistribution):
    n = 0
    for people, basis, agreed, (days, holds) in itertools.product(
        ("none", "real"), BASES, AGREED, DAYS
    ):
        asked = card(
            license_class=license_class,
            redistribution=redistribution,
            people=people,
            consent_basis=basis,
            consent_purposes=agreed,
            **days,
        )
        expected = BY_CLASS[license_class] & open_by_consent(people, basis, agreed)
        expected -= set() if redistribution == "figures" else LEAVING
        allowed = {each for each in PURPOSES if decide(asked, each, TODAY).allowed}
        assert allowed == (expected if holds else set()), asked
        n += 1
    assert n == 2 * 4 * 3 * 8


@pytest.mark.parametrize(
    ("license_name", "is_open"),
    [
        *(("CC-BY-4.0", True), ("CC0-1.0", True), ("CC-BY-SA-4.0", True)),
        *(("CC-BY-ND-4.0", False), ("LicenseRef-ours", False), ("GPL-3.0-only", False)),
        *(("LicenseRef-ours OR MIT", True), ("LicenseRef-ours AND MIT", False)),
        ("CC-BY-SA-4.0 AND GFDL-1.3-only", False),
    ],
)
@pytest.mark.parametrize("purpose", PURPOSES)
def test_without_a_statement_figures_go_where_the_license_lets_them(license_name, is_open, purpose):
    decision = decide(card(license=license_name, redistribution=""), purpose, TODAY)
    assert decision.allowed == (is_open or purpose not in LEAVING)


def test_a_license_that_says_nothing_of_figures_names_the_remedy():
    (reason,) = decide(card(redistribution=""), "publication", TODAY).reasons
    assert reason.rule == "whether figures may leave the house is not in LicenseRef-ours"
    assert 'state redistribution = "figures"' in reason.remedy


def test_labels_under_another_license_count_too():
    narrow = card(license="MIT", redistribution="", annotations_license="CC-BY-ND-4.0")
    assert not decide(narrow, "publication", TODAY).allowed
    assert decide(narrow, "internal-reporting", TODAY).allowed


def test_children_s_columns_serve_only_what_was_stated():
    kids = Column(
        name="kids",
        kind="cohort",
        declared_by="the shop",
        declared_on="2026",
        purposes=("research",),
    )
    told = card(columns=(kids,))
    assert decide(told, "research", TODAY).allowed
    (reason,) = decide(told, "publication", TODAY).reasons
    assert reason.rule == "column 'kids', which speaks of children ('kids'), does not serve it"
    assert "take the column out of the card, or only the owner can add" in reason.remedy


def test_nothing_of_a_cohort_is_published_that_was_declared_nobody_knows_when():
    column = Column(name="line", kind="cohort", declared_by="the shops")
    undated, dated = card(columns=(column,)), card(columns=(replace(column, declared_on="2026"),))
    assert all(decide(dated, purpose, TODAY).allowed for purpose in PURPOSES)
    for purpose in PURPOSES:
        rules = [reason.rule for reason in decide(undated, purpose, TODAY).reasons]
        is_public = purpose in ("publication", "commercial-report")
        assert rules == ["when cohort 'line' was declared is not stated"] * is_public


def test_all_that_ended_is_named_with_its_day():
    over = card(license_expires=YESTERDAY, consent_expires=YESTERDAY, consent_withdrawn=YESTERDAY)
    rules = [reason.rule for reason in decide(over, "research", TODAY).reasons]
    assert rules == [
        "the license ended on 2026-11-22",
        "the consent ended on 2026-11-22",
        "the consent was withdrawn on 2026-11-22",
    ]
    assert decide(over, "research", datetime.date(2026, 11, 21)).allowed


def test_without_a_day_the_present_one_is_taken():
    present = datetime.date.today()
    assert not decide(card(license_expires="2020-01-01"), "research").allowed
    assert not decide(card(consent_withdrawn=present.isoformat()), "research").allowed
    assert decide(card(license_expires=present.isoformat()), "research").allowed


PHOTOS = [
    ("CC0-1.0", {*PURPOSES}),
    ("cc-by-4.0", {*PURPOSES}),
    ("CC-BY-NC-2.0", {*PURPOSES} - {"internal-reporting", "commercial-report"}),
    ("CC-BY-ND-4.0", {*PURPOSES} - LEAVING),
    ("CC-BY-NC-ND-4.0", {"research", "evaluation", "model-training"}),
    ("MIT OR CC-BY-NC-4.0", {*PURPOSES}),
    *((name, set()) for name in (None, "", "  ", "LicenseRef-x", "all rights reserved", "TODO")),
    *((name, set()) for name in ("MIT AND LicenseRef-x", "(" * 5000, "MIT OR " * 50 + "MIT")),
]


@pytest.mark.parametrize(("name", "serves"), PHOTOS, ids=[repr(p[0])[:24] for p in PHOTOS])
def test_a_photo_serves_what_its_own_license_permits(name, serves):
    assert {each for each in PURPOSES if not photo_refusal(name, each)} == serves


@pytest.mark.parametrize("name", [None, "CC-BY-NC-2.0", "CC-BY-ND-4.0", "mine\nor\tyours"])
def test_a_photo_s_refusal_names_license_and_purpose_on_one_line(name):
    reason = photo_refusal(name, "commercial-report")
    assert reason.startswith("license ")
    assert "commercial-report" in reason
    assert "\n" not in reason
    assert name is None or " ".join(name.split()) in reason


def test_an_unknown_purpose_is_refused():
    with pytest.raises(RefusedError, match="no purpose 'sale'"):
        decide(card(), "sale", TODAY)
