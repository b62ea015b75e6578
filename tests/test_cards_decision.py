import dataclasses
import datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trendcolor.cards import (
    NO_DECISION,
    PURPOSES,
    Card,
    RunDecision,
    check_cleared,
    decide,
    gate,
    joined_decision,
    run_decision,
)
from trendcolor.errors import RefusedError

DAY = datetime.date(2026, 11, 23)
LATER = datetime.date(2027, 4, 1)


def card(name="street", **keys):
    answers = {
        "name": name,
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
        "sha256": name,
    }
    return Card(**(answers | keys))


def clear(decision, purpose, today=DAY):
    check_cleared(decision, purpose, today, place="runs/street")


@given(st.sets(st.sampled_from(PURPOSES)), st.sampled_from(PURPOSES), st.sampled_from(PURPOSES))
def test_a_run_is_cleared_for_what_its_card_allows(listed, purpose, asked):
    narrow = card(purposes_allowed=tuple(listed))
    decision = run_decision([narrow], purpose, DAY)
    if decide(narrow, asked, DAY).allowed:
        clear(decision, asked)
    else:
        with pytest.raises(RefusedError, match="street did not clear it on 2026-11-23: the card"):
            clear(decision, asked)


def test_another_purpose_is_refused_with_the_rule_and_the_remedy():
    decision = run_decision([card(consent_purposes=("research",))], "research", DAY)
    with pytest.raises(RefusedError, match="refused") as caught:
        clear(decision, "publication")
    assert str(caught.value) == (
        "runs/street: purpose 'publication' is refused, street did not clear it on 2026-11-23: "
        "the people shown did not agree to it (they agreed to research; ask them, then add it to "
        'consent_purposes; then run its config again with purpose = "publication")'
    )


@pytest.mark.parametrize(
    ("keys", "rule"),
    [
        ({"license_expires": "2027-03-31"}, "the license ended on 2027-03-31"),
        ({"consent_expires": "2027-03-31"}, "the consent ended on 2027-03-31"),
        ({"consent_withdrawn": "2027-04-01"}, "the consent was withdrawn on 2027-04-01"),
    ],
)
def test_a_run_is_not_reported_once_license_or_consent_has_ended(keys, rule):
    decision = run_decision([card(**keys)], "research", DAY)
    clear(decision, "research", LATER - datetime.timedelta(days=1))
    with pytest.raises(RefusedError, match=f"purpose 'research' is refused, street: {rule}"):
        clear(decision, "research", LATER)


def test_what_a_decision_does_not_list_as_allowed_is_refused_whatever_it_says_of_refusals():
    decision = run_decision([card(purposes_allowed=("research",))], "research", DAY)
    (told,) = decision.cards
    silent = dataclasses.replace(decision, cards=(dataclasses.replace(told, refusals=()),))
    with pytest.raises(RefusedError, match="did not clear it on 2026-11-23: it allowed research"):
        clear(silent, "publication")


def test_what_no_card_cleared_is_refused():
    with pytest.raises(RefusedError, match="no data card cleared the run"):
        clear(NO_DECISION, "research")
    with pytest.raises(RefusedError, match="no purpose 'reserch', did you mean 'research'"):
        clear(run_decision([card()], "research", DAY), "reserch")


def test_a_run_whose_photos_were_asked_one_by_one_serves_its_own_purpose_alone():
    decision = run_decision([card()], "research", DAY, ["CC-BY-2.0"])
    decision = dataclasses.replace(decision, has_photo_licenses=True)
    clear(decision, "research")
    with pytest.raises(RefusedError, match="each photo's license was asked for 'research' alone"):
        clear(decision, "evaluation")
    assert decision.cleared("street") == ("research",)


PAIRS = [
    ("CC-BY-SA-4.0", "GFDL-1.3-or-later", False),
    ("CC-BY-SA-4.0", "CC-BY-NC-SA-4.0", False),
    ("CC-BY-SA-4.0", "CC-BY-SA-2.0", True),
    ("CC-BY-SA-4.0", "CC-BY-4.0", True),
]


def of_license(name, license_name):
    license_class = "non-commercial" if "-NC" in license_name else "commercial"
    return card(name, license=license_name, license_class=license_class)


@pytest.mark.parametrize(("one", "other", "fit"), PAIRS)
def test_mixed_licenses_close_the_gate_to_publication_where_they_do_not_fit(one, other, fit):
    cards = [of_license("one", one), of_license("other", other)]
    for each in cards:
        gate([each], "publication", DAY)
    gate(cards, "research", DAY)
    if fit:
        gate(cards, "publication", DAY)
        return
    with pytest.raises(RefusedError, match=rf"one, other: .*{one} and {other}"):
        gate(cards, "publication", DAY)
    decision = run_decision(cards, "research", DAY)
    with pytest.raises(RefusedError, match=f"{one} and {other} each ask for themselves"):
        clear(decision, "publication")
    assert "publication" not in decision.cleared("one")


def test_terms_of_a_mixed_run_are_the_strictest():
    cards = [of_license("one", "CC-BY-NC-SA-3.0"), of_license("other", "CC0-1.0")]
    decision = run_decision(cards, "research", DAY)
    assert decision.terms.license_class == "non-commercial"
    assert decision.terms.attribution
    assert decision.license_of_figures == "CC-BY-NC-SA-3.0"


def test_licenses_of_photos_count_like_those_of_cards():
    decision = run_decision([card()], "research", DAY, ["GFDL-1.3-only", "CC-BY-SA-4.0"])
    assert decision.photo_licenses == ("CC-BY-SA-4.0", "GFDL-1.3-only")
    with pytest.raises(RefusedError, match=r"CC-BY-SA-4\.0 and GFDL-1\.3-only each ask"):
        clear(decision, "publication")


def test_runs_that_are_put_together_answer_as_one_run_of_all_their_cards():
    cards = [of_license("one", "CC-BY-SA-4.0"), of_license("other", "GFDL-1.3-or-later")]
    whole = run_decision(cards, "research", DAY)
    parts = [run_decision([each], "research", DAY) for each in cards]
    assert joined_decision(parts) == whole
    later = run_decision([cards[1]], "research", LATER)
    assert joined_decision([later, parts[0]]).date == "2026-11-23"


def test_a_decision_comes_back_from_json_as_it_was():
    decision = run_decision([card(), of_license("b", "CC-BY-ND-4.0")], "research", DAY, ["MIT"])
    assert msgspec.json.decode(msgspec.json.encode(decision), type=RunDecision) == decision


def test_a_decision_says_by_which_rule_and_until_when():
    (told,) = run_decision(
        [card(consent_date="2026-01-31", consent_expires="2027-03-31")], "publication", DAY
    ).cards
    assert told.allowed == PURPOSES
    assert told.rule == (
        "license_class 'commercial' and purposes_allowed permit it, and consent_purposes has it"
    )
    assert (told.consent_date, told.consent_expires) == ("2026-01-31", "2027-03-31")
    assert told.terms.license == "CC-BY-4.0"
