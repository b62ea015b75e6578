import datetime
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trendcolor.cards import PURPOSES, Card, decide, offer, write_offer
from trendcolor.errors import UsageError

TODAY = datetime.date(2026, 11, 23)
# The terms that are used, from the ODRL Vocabulary & Expression 2.2, sections 3 and 4.
OFFER = {"@context", "@type", "uid", "assigner", "conflict", "permission", "prohibition"}
RULE = {"target", "action", "constraint", "duty"}
ACTIONS = {"use", "distribute"}
DUTIES = {"attribute", "http://creativecommons.org/ns#ShareAlike"}
OPERATORS = {"purpose": {"isAnyOf"}, "dateTime": {"lteq", "lt"}}


def card(**keys):
    answers = {
        "name": "street",
        "version": "1",
        "title": "Street",
        "homepage": "https://example.org/street",
        "license": "CC-BY-SA-4.0",
        "license_class": "commercial",
        "attribution": "A. Photographer",
        "people": "none",
        "consent_basis": "not-needed",
        "period": "2026",
        "frame": "all",
        "contact": "somebody@example.org",
        "purposes_allowed": PURPOSES,
    }
    return Card(**(answers | keys))


def purposes_of(rules, action):
    found = [
        constraint["rightOperand"]
        for rule in rules
        for constraint in rule["constraint"]
        if rule["action"] == action and constraint["leftOperand"] == "purpose"
    ]
    return {purpose for purposes in found for purpose in purposes}


def check_vocabulary(told):
    assert set(told) <= OFFER
    assert {"@context", "@type", "uid", "assigner"} <= set(told)
    assert told["@context"][0] == "http://www.w3.org/ns/odrl.jsonld"
    assert (told["@type"], told["conflict"]) == ("Offer", "prohibit")
    rules = [*told.get("permission", ()), *told.get("prohibition", ())]
    assert rules  # an offer has a rule
    for rule in rules:
        assert set(rule) <= RULE
        assert rule["action"] in ACTIONS
        assert rule["target"]["@type"] in {"Asset", "AssetCollection"}
        for constraint in rule["constraint"]:
            assert set(constraint) == {"leftOperand", "operator", "rightOperand"}
            assert constraint["operator"] in OPERATORS[constraint["leftOperand"]]
        assert {duty["action"] for duty in rule.get("duty", ())} <= DUTIES
    assert not any("duty" in rule for rule in told.get("prohibition", ()))


@given(
    st.sets(st.sampled_from(PURPOSES)),
    st.sampled_from(["CC0-1.0", "CC-BY-4.0", "CC-BY-SA-4.0", "CC-BY-ND-4.0", "LicenseRef-ours"]),
    st.sampled_from(["", "2026-11-22", "2027-03-31"]),
)
def test_each_purpose_is_permitted_or_prohibited_as_the_gate_says(listed, license_name, day):
    asked = card(purposes_allowed=tuple(listed), license=license_name, license_expires=day)
    told = offer(asked, TODAY)
    check_vocabulary(told)
    permitted = purposes_of(told.get("permission", ()), "use")
    prohibited = purposes_of(told.get("prohibition", ()), "use")
    assert permitted == {each for each in PURPOSES if decide(asked, each, TODAY).allowed}
    assert permitted ^ prohibited == {*PURPOSES}
    leaving = purposes_of(told.get("permission", ()), "distribute")
    assert leaving == permitted & {"publication", "commercial-report"}
    assert json.loads(json.dumps(told)) == offer(asked, TODAY)


def test_figures_that_are_passed_on_carry_the_license_s_duties():
    use, distribute = offer(card(), TODAY)["permission"]
    assert "duty" not in use
    attribute, alike = distribute["duty"]
    assert attribute["attributedParty"]["schema:name"] == "A. Photographer"
    assert alike["action"] == "http://creativecommons.org/ns#ShareAlike"
    assert alike["dcterms:license"] == [{"@id": "https://spdx.org/licenses/CC-BY-SA-4.0.html"}]
    assert distribute["target"]["dcterms:source"]["@id"] == use["target"]["uid"]
    (_, free) = offer(card(license="CC0-1.0"), TODAY)["permission"]
    assert "duty" not in free


def test_last_days_are_constraints():
    ending = card(
        license_expires="2027-03-31", consent_expires="2027-01-31", consent_withdrawn="2027-02-01"
    )
    for rule in offer(ending, TODAY)["permission"]:
        days = [c for c in rule["constraint"] if c["leftOperand"] == "dateTime"]
        assert [(c["operator"], c["rightOperand"]["@value"]) for c in days] == [
            ("lteq", "2027-03-31"),
            ("lteq", "2027-01-31"),
            ("lt", "2027-02-01"),
        ]
        assert {c["rightOperand"]["@type"] for c in days} == {"xsd:date"}


def test_the_file_is_json(tmp_path):
    path = tmp_path / "offer.jsonld"
    write_offer(card(title="街头"), path, TODAY)
    assert json.loads(path.read_text(encoding="utf-8")) == offer(card(title="街头"), TODAY)
    with pytest.raises(UsageError, match=r"can't be written .*--odrl"):
        write_offer(card(), tmp_path / "nowhere" / "offer.jsonld")
