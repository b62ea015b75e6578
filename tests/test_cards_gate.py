import dataclasses
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trendcolor.cards import (
    CONSENT_BASES,
    LICENSE_CLASSES,
    PEOPLE,
    PURPOSES,
    Card,
    admit,
    column_table,
    decide,
    explain,
    gate,
    read_card,
)
from trendcolor.config import DataConfig
from trendcolor.errors import CardError, RefusedError

CARDS = Path(__file__).parent.parent / "data_cards"

purposes = st.sampled_from(PURPOSES)
purpose_sets = st.sets(purposes).map(tuple)


def card(**keys):
    answers = {
        "name": "street",
        "version": "1",
        "title": "Street",
        "license": "CC-BY-4.0",
        "license_class": "commercial",
        "attribution": "Somebody",
        "people": "real",
        "consent_basis": "consent",
        "consent_purposes": PURPOSES,
        "period": "2026",
        "frame": "everybody who agreed",
        "contact": "somebody@example.org",
        "purposes_allowed": PURPOSES,
    }
    return Card(**(answers | keys))


def shipped(name):
    return read_card(CARDS / f"{name}.toml")


@st.composite
def cards(draw):
    people = draw(st.sampled_from(PEOPLE))
    bases = [base for base in CONSENT_BASES if people != "real" or base != "not-needed"]
    license_class = draw(st.sampled_from(LICENSE_CLASSES))
    stated = st.sampled_from(["MIT", "unspecified"])
    return card(
        license=draw(stated) if license_class == "unspecified" else "MIT",
        license_class=license_class,
        people=people,
        consent_basis=draw(st.sampled_from(bases)),
        purposes_allowed=draw(purpose_sets),
        purposes_denied=draw(purpose_sets),
    )


@given(cards(), purposes)
def test_only_what_is_licensed_and_listed_and_not_denied_is_allowed(card, purpose):
    decision = decide(card, purpose)
    if decision.allowed:
        assert purpose in card.purposes_allowed
        assert purpose not in card.purposes_denied
        assert card.license != "unspecified"
        assert card.license_class != "unspecified"
    else:
        assert all(reason.rule and reason.remedy for reason in decision.reasons)


@given(cards(), purposes)
def test_the_gate_opens_exactly_where_every_card_allows(card, purpose):
    if decide(card, purpose).allowed:
        gate([card], purpose)
    else:
        with pytest.raises(RefusedError, match=rf"street: purpose '{purpose}' is refused, "):
            gate([card], purpose)


@pytest.mark.parametrize("license_class", ["non-commercial", "academic"])
def test_no_figures_are_sold_from_photos_that_are_not_for_commerce(license_class):
    strict = card(license_class=license_class)
    for purpose in ("commercial-report", "internal-reporting"):
        with pytest.raises(RefusedError, match=f"'{license_class}' does not permit it"):
            gate([strict], purpose)


@pytest.mark.parametrize("purpose", PURPOSES)
def test_streetstyle27k_is_refused_for_every_purpose(purpose):
    with pytest.raises(RefusedError, match=r"streetstyle27k: .* license is unspecified"):
        gate([shipped("streetstyle27k")], purpose)


def test_ccp_is_for_research_evaluation_and_training_only():
    allowed = [purpose for purpose in PURPOSES if decide(shipped("ccp"), purpose).allowed]
    assert allowed == ["research", "evaluation", "model-training"]
    assert not shipped("ccp").may_show_photos


@pytest.mark.parametrize("name", ["lookbook", "renders", "clothing_cc0"])
def test_sets_without_people_under_cc0_are_for_everything(name):
    free = shipped(name)
    assert all(decide(free, purpose).allowed for purpose in PURPOSES)
    assert free.may_show_photos


def test_undocumented_consent_closes_the_gate_to_figures_for_others():
    undocumented = card(consent_basis="undocumented")
    with pytest.raises(RefusedError, match="consent of the people shown is undocumented"):
        gate([undocumented], "publication")
    gate([undocumented], "research")


def test_every_rule_that_refuses_is_named_for_every_card():
    denied = card(
        name="denied", license="unspecified", license_class="unspecified", purposes_allowed=()
    )
    narrow = card(name="narrow", purposes_denied=("publication",))
    with pytest.raises(RefusedError, match="refused") as caught:
        gate([denied, narrow], "publication")
    lines = str(caught.value).splitlines()
    assert [line.split(":")[0] for line in lines] == ["denied", "denied", "denied", "narrow"]
    assert all(line.endswith(")") for line in lines)  # the remedy


def test_unspecified_annotations_refuse_as_unspecified_photos_do():
    with pytest.raises(RefusedError, match="license is unspecified"):
        gate([card(annotations_license="unspecified")], "research")


def test_an_unknown_purpose_is_refused_with_the_nearest_known_one():
    with pytest.raises(RefusedError, match="no purpose 'reserch', did you mean 'research'"):
        decide(card(), "reserch")


@pytest.mark.parametrize("purpose", ["", "TODO", "TODO: which?"])
def test_a_purpose_that_is_still_a_question_is_refused(purpose):
    with pytest.raises(RefusedError, match=r"purpose is not answered \(wanted: one of research,"):
        gate([card()], purpose)


def test_no_card_at_all_is_refused():
    with pytest.raises(RefusedError, match="no data card"):
        gate([], "research")
    with pytest.raises(RefusedError, match="no data card"):
        admit((), "research")


def data(path, **keys):
    return DataConfig(card=path, root=path.parent, **keys)


def test_admitted_cards_come_one_for_each_data_set():
    sections = [data(CARDS / f"{name}.toml") for name in ("ccp", "lookbook", "ccp")]
    assert [card.name for card in admit(sections, "evaluation")] == ["ccp", "lookbook", "ccp"]


def test_all_that_keeps_a_run_from_starting_is_named_at_once(tmp_path):
    (tmp_path / "unfinished.toml").write_text('name = "x"\nlicense = "TODO"', encoding="utf-8")
    sections = [
        data(tmp_path / "missing.toml"),
        data(tmp_path / "unfinished.toml", photo="TODO"),
        data(CARDS / "atr.toml"),
    ]
    with pytest.raises(RefusedError, match="refused") as caught:
        admit(sections, "TODO")
    message = str(caught.value)
    assert "missing.toml: can't be read" in message
    assert "unfinished.toml: license is not answered" in message
    assert "unfinished.toml: contact is not answered" in message
    assert "data.photo is not answered" in message
    assert "purpose is not answered" in message
    assert "atr: any purpose is refused, license is unspecified" in message


@given(cards())
def test_the_explanation_answers_for_each_purpose_as_the_gate_does(card):
    table = explain(card)
    assert table.columns == ["purpose", "allowed", "rule", "remedy"]
    for purpose in PURPOSES:
        rows = table.filter(purpose=purpose)
        decision = decide(card, purpose)
        assert rows["allowed"].to_list() == [decision.allowed] * max(1, len(decision.reasons))


def test_declared_columns_are_listed_with_who_declared_them():
    table = column_table(shipped("clothing_cc0"))
    assert table["name"].to_list() == ["sender", "label", "kids"]
    assert table.filter(name="kids").row(0, named=True) == {
        "name": "kids",
        "kind": "cohort",
        "declared_by": "the contributors: whether the garment is made for kids",
        "declared_on": "2020",
        "values": "True, False",
        "purposes": ", ".join(PURPOSES),
        "note": "It describes the garment, not a person.",
    }


def test_a_card_without_columns_has_an_empty_table():
    assert column_table(card()).height == 0


def test_a_card_cannot_be_changed_into_one_with_faults():
    with pytest.raises(CardError, match="license_class does not know 'free'"):
        dataclasses.replace(card(), license_class="free")
