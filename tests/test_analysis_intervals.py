import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trendcolor.analysis.intervals import change, effective_n, wilson

# Newcombe, Statistics in Medicine 17 (1998), 857-872, table I, method 3: numerator, n, low, high.
WILSON = [
    (81, 263, 0.2553, 0.3662),
    (15, 148, 0.0624, 0.1605),
    (0, 20, 0.0000, 0.1611),
    (1, 29, 0.0061, 0.1718),
]
# Newcombe, Statistics in Medicine 17 (1998), 873-890, table II, method 10: two shares, low, high.
NEWCOMBE = [
    ((56, 70), (48, 80), 0.0524, 0.3339),
    ((9, 10), (3, 10), 0.1705, 0.8090),
    ((6, 7), (2, 7), 0.0582, 0.8062),
    ((5, 56), (0, 29), -0.0381, 0.1926),
    ((0, 10), (0, 20), -0.1611, 0.2775),
    ((0, 10), (0, 10), -0.2775, 0.2775),
    ((10, 10), (0, 20), 0.6791, 1.0000),
    ((10, 10), (0, 10), 0.6075, 1.0000),
]
# The tables have four decimals: half a unit of the last is all the slack there is.
LAST_DECIMAL = 5e-5


@pytest.mark.parametrize(("numerator", "n", "low", "high"), WILSON)
def test_wilson_agrees_with_published_intervals(numerator, n, low, high):
    found = wilson(numerator / n, n)
    assert found.low == pytest.approx(low, abs=LAST_DECIMAL)
    assert found.high == pytest.approx(high, abs=LAST_DECIMAL)


@pytest.mark.parametrize(("one", "other", "low", "high"), NEWCOMBE)
def test_change_agrees_with_published_intervals(one, other, low, high):
    after, before = (wilson(numerator / n, n) for numerator, n in (one, other))
    found = change(before, after)
    assert found.value == pytest.approx(one[0] / one[1] - other[0] / other[1])
    assert found.low == pytest.approx(low, abs=LAST_DECIMAL)
    assert found.high == pytest.approx(high, abs=LAST_DECIMAL)


@given(st.floats(0, 1), st.floats(0.5, 1e9), st.floats(0.5, 0.999))
def test_an_interval_holds_its_share_and_stays_within_0_and_1(share, n, confidence):
    found = wilson(share, n, confidence=confidence)
    assert 0 <= found.low <= share <= found.high <= 1


@given(st.floats(0, 1), st.floats(1, 1e6))
def test_more_observations_make_the_interval_narrower(share, n):
    few, many = wilson(share, n), wilson(share, 4 * n)
    assert many.high - many.low < few.high - few.low


def test_95_percent_intervals_cover_the_true_share():
    random = np.random.default_rng(0)
    shares = random.binomial(400, 0.08, 2000) / 400
    found = wilson(shares, 400)
    covered = np.mean((found.low <= 0.08) & (found.high >= 0.08))
    # Two standard errors of 2,000 draws are 1 %; the binomial's own steps take the other.
    assert 0.93 <= covered <= 0.97


def test_effective_n_is_the_number_of_equal_weights():
    assert effective_n([4.0], [4.0]) == 4
    assert effective_n([10.0], [100.0]) == 1
    # 1, 2 and 3: 6^2 / 14.
    assert effective_n([6.0], [14.0])[0] == pytest.approx(36 / 14)
