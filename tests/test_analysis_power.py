import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from trendcolor.analysis.intervals import Intervals, change, wilson
from trendcolor.analysis.power import (
    DOWN,
    NO_CHANGE,
    NOT_ENOUGH,
    UP,
    VERDICTS,
    detectable_change,
    looks_needed,
    verdicts,
)
from trendcolor.errors import UsageError

# Of two proportions, 80 % power at a two-sided 5 %: by the formula of Fleiss, Levin and Paik
# (2003), as R's power.prop.test and the project's FIELD notes have them. The last is the example
# of the manual of `power.prop.test`: p1 = .50, p2 = .75, power = .90 gives n = 76.7.
NEEDED = [
    (0.05, 0.01, 0.8, 8158),
    (0.05, 0.025, 0.8, 1471),
    (0.50, 0.25, 0.9, 77),
]
middling = st.floats(0.01, 0.9)
sizes = st.floats(10, 1e6)


@pytest.mark.parametrize(("share", "rise", "power", "looks"), NEEDED)
def test_looks_needed_agree_with_published_numbers(share, rise, power, looks):
    assert looks_needed(share, rise, power=power) == looks


def test_a_design_effect_multiplies_the_looks():
    assert looks_needed(0.05, 0.01, design_effect=2) == 16316  # 2 * 8,157.73, rounded up
    assert looks_needed(0.05, 0.01, design_effect=1) == 8158


@given(middling, st.floats(0.002, 0.09), st.booleans(), st.floats(0.3, 0.99))
def test_the_looks_needed_are_the_fewest_that_see_the_change(share, size, falls, power):
    signed = -size if falls else size
    assume(0.001 < share + signed < 0.999)
    looks = looks_needed(share, signed, power=power)
    assume(looks > 2)
    at = detectable_change(share, looks, looks, power=power, falls=falls)
    below = detectable_change(share, looks - 1, looks - 1, power=power, falls=falls)
    assert at <= size * (1 + 1e-9)
    assert below > size * (1 - 1e-9)


@given(middling, st.floats(0.002, 0.04))
def test_larger_changes_and_less_power_take_fewer_looks(share, size):
    assert looks_needed(share, 2 * size) <= looks_needed(share, size)
    assert looks_needed(share, size, power=0.5) <= looks_needed(share, size)
    assert looks_needed(share, size, confidence=0.8) <= looks_needed(share, size)


@given(middling, sizes, sizes)
def test_more_looks_make_smaller_changes_detectable(share, n_a, n_b):
    base = detectable_change(share, n_a, n_b)
    assert detectable_change(share, 2 * n_a, n_b) <= base
    assert detectable_change(share, n_a, 2 * n_b) <= base


def test_detectable_changes_answer_in_arrays():
    found = detectable_change([0.05, 0.05, 0.3], [8158, 1471, 4], [8158, 1471, 4])
    np.testing.assert_allclose(found[:2], [0.01, 0.025], rtol=1e-3)
    # Four looks can't show anything but all of them.
    assert detectable_change(0.3, 2, 2) == np.inf
    assert detectable_change(0.02, 50, 50, falls=True) == np.inf


def test_a_change_of_the_size_planned_for_is_seen_as_often_as_planned():
    random = np.random.default_rng(0)
    n = looks_needed(0.05, 0.025)
    before = wilson(random.binomial(n, 0.05, 4000) / n, n)
    after = wilson(random.binomial(n, 0.075, 4000) / n, n)
    seen = verdicts(change(before, after), asked=0.025, detectable=0.025)
    # Two standard errors of 4,000 draws are 1.3 %.
    assert seen.count(UP) / 4000 == pytest.approx(0.8, abs=0.015)
    assert seen.count(NOT_ENOUGH) == 0


# Low, high, change asked for, change that would have been seen, verdict.
SAID = [
    (0.01, 0.05, 0.02, 0.1, UP),
    (-0.05, -0.01, 0.02, 0.1, DOWN),
    (-0.01, 0.05, 0.02, 0.015, NO_CHANGE),
    (-0.01, 0.05, 0.02, 0.03, NOT_ENOUGH),
    (-0.01, 0.015, 0.02, 0.03, NO_CHANGE),  # the interval rules 0.02 out, by luck
    (-0.5, 0.5, 0.02, np.inf, NOT_ENOUGH),
    (0.0, 0.05, 0.02, 0.03, NOT_ENOUGH),
    (0.0, 0.0, 0.02, 0.01, NO_CHANGE),
]


@pytest.mark.parametrize(("low", "high", "asked", "detectable", "said"), SAID)
def test_verdicts_say_what_the_interval_and_the_power_allow(low, high, asked, detectable, said):
    found = Intervals(*(np.array([x]) for x in ((low + high) / 2, low, high)))
    assert verdicts(found, asked=asked, detectable=detectable) == [said]


@given(st.floats(-1, 1), st.floats(0, 1), st.floats(0.001, 1), st.floats(0.001, 1))
def test_verdicts_of_mirrored_changes_are_mirrored(value, half, asked, detectable):
    one = Intervals(*(np.array([x]) for x in (value, value - half, value + half)))
    other = Intervals(*(np.array([x]) for x in (-value, -value - half, -value + half)))
    (said,), (mirrored,) = (
        verdicts(each, asked=asked, detectable=detectable) for each in (one, other)
    )
    assert said in VERDICTS
    assert mirrored == {UP: DOWN, DOWN: UP}.get(said, said)


REFUSALS = [
    ({"share": 0.0}, r"the share is 0 \(wanted above 0 and below 1: 0.05 for 5 %\)"),
    ({"share": 5.0}, "the share is 5 "),
    ({"share": float("nan")}, "the share is nan "),
    ({"change": 0.0}, "the change is 0 "),
    ({"change": float("nan")}, "the change is nan "),
    ({"change": 1.0}, "a share of 0.05 can't change by 1 to 1.05"),
    ({"change": -0.05}, "a share of 0.05 can't change by -0.05 to 0 "),
    ({"power": 1.0}, r"the power is 1 \(wanted above 0.05 and below 1\)"),
    ({"power": 0.01}, "the power is 0.01 "),
    ({"confidence": 95.0}, r"the confidence is 95 \(wanted above 0.5 and below 1\)"),
    ({"design_effect": 0.5}, r"the design effect is 0.5 \(wanted 1 or more\)"),
    ({"design_effect": float("inf")}, "the design effect is inf "),
]


@pytest.mark.parametrize(("wrong", "message"), REFUSALS)
def test_numbers_out_of_range_are_refused(wrong, message):
    with pytest.raises(UsageError, match=message):
        looks_needed(**({"share": 0.05, "change": 0.01} | wrong))


def test_wrong_tests_and_sizes_are_refused_elsewhere_too():
    with pytest.raises(UsageError, match="the power is 2 "):
        detectable_change(0.05, 10, 10, power=2)
    nothing = Intervals(*(np.zeros(1) for _ in range(3)))
    with pytest.raises(UsageError, match="the change asked for is 0 "):
        verdicts(nothing, asked=0, detectable=0.1)
