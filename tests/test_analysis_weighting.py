import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trendcolor.analysis.weighting import Bounds, rake
from trendcolor.errors import QueryError, UsageError

# Schools by type and by whether they met their target, and the mean score of each (apiclus1 of the
# R package survey), with the margins that its help page of `rake` takes from the population.
SCHOOLS = {
    ("E", "No"): (12, 596.3333),
    ("E", "Yes"): (132, 653.6439),
    ("H", "No"): (3, 659.3333),
    ("H", "Yes"): (11, 607.4545),
    ("M", "No"): (8, 606.375),
    ("M", "Yes"): (17, 643.2353),
}
TYPES = {"E": 4421, "H": 755, "M": 1018}
TARGETS = {"No": 1072, "Yes": 5122}
# What `rake` of that package gives, in schools of the population a school, and the mean score.
RAKED = {
    ("E", "No"): 39.8385,
    ("E", "Yes"): 29.8705,
    ("H", "No"): 67.1258,
    ("H", "Yes"): 50.3302,
    ("M", "No"): 49.0701,
    ("M", "Yes"): 36.7922,
}
RAKED_MEAN = 641.2302
# Its page on post-stratification, by type alone.
STRATIFIED_MEAN = 642.31

# Bishop, Fienberg and Holland (1975, Discrete Multivariate Analysis, 3.6): people by age and
# marital status in one year, and the margins of the next.
AGES = [
    [1306, 83, 0],
    [619, 765, 3],
    [263, 1194, 9],
    [173, 1372, 28],
    [171, 1393, 51],
    [159, 1372, 81],
    [208, 1350, 108],
    [1116, 4100, 2329],
]
AGE_TOTALS = [1412, 1402, 1450, 1541, 1681, 1532, 1662, 7644]
STATUS_TOTALS = [3988, 11702, 2634]

counts = st.lists(st.integers(1, 30), min_size=6, max_size=6)
margin = st.lists(st.floats(0.05, 1), min_size=2, max_size=3).map(lambda v: np.divide(v, sum(v)))


def schools():
    rows = [key for key, (n, _) in SCHOOLS.items() for _ in range(n)]
    return pl.DataFrame(rows, schema=["type", "target"], orient="row")


def looks(cells):
    """Two regions by three markets, with so many looks of each."""
    keys = [(region, market) for region in ("EU", "NA") for market in "xyz"]
    rows = [key for key, n in zip(keys, cells, strict=True) for _ in range(n)]
    return pl.DataFrame(rows, schema=["region", "market"], orient="row")


def shares(units, weights, column):
    weighed = units.with_columns(w=pl.Series(weights)).group_by(column).agg(pl.sum("w"))
    return {name: w / weights.sum() for name, w in weighed.iter_rows()}


def test_raking_agrees_with_a_published_survey():
    units = schools()
    found = rake(units, {"type": TYPES, "target": TARGETS})
    scale = 6194 / 183  # of the population's schools by those of the sample
    for (kind, target), expected in RAKED.items():
        of_kind = units.select((pl.col("type") == kind) & (pl.col("target") == target))
        got = found.weights[of_kind.to_series().to_numpy()]
        # That package stops when a cell moves by less than a school.
        assert got * scale == pytest.approx(expected, rel=1e-4)
    scores = np.array([score for n, score in SCHOOLS.values() for _ in range(n)])
    assert np.average(scores, weights=found.weights) == pytest.approx(RAKED_MEAN, abs=1e-3)


def test_one_margin_is_post_stratification():
    units = schools()
    found = rake(units, {"type": TYPES})
    scores = np.array([score for n, score in SCHOOLS.values() for _ in range(n)])
    assert np.average(scores, weights=found.weights) == pytest.approx(STRATIFIED_MEAN, abs=5e-3)
    sampled = {"E": 144, "H": 14, "M": 25}
    expected = [TYPES[kind] / 6194 / (sampled[kind] / 183) for kind in units["type"]]
    np.testing.assert_allclose(found.weights, expected)


def test_raking_keeps_the_odds_ratios_of_a_published_table():
    table = np.array(AGES)
    rows = [(str(a), str(s)) for (a, s), n in np.ndenumerate(table) for _ in range(n)]
    units = pl.DataFrame(rows, schema=["age", "status"], orient="row")
    margins = {
        "age": {str(age): total for age, total in enumerate(AGE_TOTALS)},
        "status": {str(status): total for status, total in enumerate(STATUS_TOTALS)},
    }
    found = rake(units, margins)
    fitted = np.zeros(table.shape)
    np.add.at(fitted, tuple(np.array(rows, int).T), found.weights * 18324 / len(rows))
    np.testing.assert_allclose(fitted.sum(1), AGE_TOTALS)
    np.testing.assert_allclose(fitted.sum(0), STATUS_TOTALS)
    # The book's point: what is fitted has the margins of one table and the odds of the other.
    odds = table[1:, 0] * table[:-1, 1] / (table[:-1, 0] * table[1:, 1])
    fitted_odds = fitted[1:, 0] * fitted[:-1, 1] / (fitted[:-1, 0] * fitted[1:, 1])
    np.testing.assert_allclose(fitted_odds, odds)


@given(counts, margin, margin)
def test_margins_are_met_and_the_mean_is_1(cells, one, other):
    other = np.resize(other, 3) / np.resize(other, 3).sum()
    one = one[:2] / one[:2].sum()
    units = looks(cells)
    margins = {
        "region": dict(zip(("EU", "NA"), one, strict=True)),
        "market": dict(zip("xyz", other, strict=True)),
    }
    found = rake(units, margins)
    for column, wanted in margins.items():
        got = shares(units, found.weights, column)
        assert got == {name: pytest.approx(value, abs=2e-9) for name, value in wanted.items()}
    assert found.weights.mean() == pytest.approx(1)
    assert found.deviation < 1e-9
    assert found.effect >= 1 - 1e-12
    of_cell = units.with_columns(w=pl.Series(found.weights)).group_by("region", "market")
    assert of_cell.agg(pl.col("w").n_unique())["w"].max() == 1


def test_weights_follow_their_units():
    units = schools()
    order = np.random.default_rng(0).permutation(len(units))
    margins = {"type": TYPES, "target": TARGETS}
    one, other = rake(units, margins), rake(units[order].lazy(), margins)
    np.testing.assert_allclose(other.weights, one.weights[order], rtol=1e-7)


def test_the_design_effect_is_kish_s():
    # 75 of EU and 25 of NA for halves: weights 2/3 and 2, n sum(w^2) / sum(w)^2 = 4/3.
    units = pl.DataFrame({"region": ["EU"] * 75 + ["NA"] * 25})
    found = rake(units, {"region": {"EU": 0.5, "NA": 0.5}})
    np.testing.assert_allclose(found.weights[[0, -1]], [2 / 3, 2])
    assert found.effect == pytest.approx(4 / 3)
    assert str(found) == (
        "100 weights from 0.67 to 2.00 after 1 round, design effect 1.33 (they tell as much as "
        "75 equal ones), margins met within 0.0000"
    )


def test_rows_that_stand_for_several_units_say_what_these_tell():
    cells = pl.DataFrame({"region": ["EU", "NA"], "photos": [75, 25]})
    found = rake(cells, {"region": {"EU": 0.5, "NA": 0.5}}, n="photos")
    np.testing.assert_allclose(found.weights, [2 / 3, 2])
    assert str(found).startswith("100 weights from 0.67 to 2.00")
    assert "as much as 75 equal ones" in str(found)


def test_weights_are_trimmed_and_say_what_that_leaves_off():
    units = pl.DataFrame({"region": ["EU"] * 90 + ["NA"] * 10})
    margins = {"region": {"EU": 0.5, "NA": 0.5}}
    assert rake(units, margins).weights.max() == pytest.approx(5)
    found = rake(units, margins, bounds=Bounds(high=3))
    # NA may carry 30 of 100, EU the other 70: off by 20 %.
    np.testing.assert_allclose(found.weights[[0, -1]], [70 / 90, 3])
    assert found.deviation == pytest.approx(0.2)
    assert found.trimmed == 10
    assert "10 weights trimmed" in str(found)


@given(counts, margin, st.floats(0, 0.9), st.floats(1.2, 3))
def test_trimmed_weights_lie_within_bounds_and_keep_the_mean(cells, other, low, high):
    wanted = np.resize(other, 3) / np.resize(other, 3).sum()
    margins = {
        "region": {"EU": 0.5, "NA": 0.5},
        "market": dict(zip("xyz", wanted, strict=True)),
    }
    found = rake(looks(cells), margins, bounds=Bounds(low=low, high=high))
    assert found.weights.min() >= low
    assert found.weights.max() <= high
    assert found.weights.mean() == pytest.approx(1)


def test_wide_bounds_change_nothing():
    margins = {"type": TYPES, "target": TARGETS}
    free, bound = rake(schools(), margins), rake(schools(), margins, bounds=Bounds(high=50))
    np.testing.assert_allclose(free.weights, bound.weights, atol=1e-7)
    assert bound.trimmed == 0


def test_bounds_come_near_margins_that_no_weights_meet():
    units = looks([10, 0, 5, 0, 10, 0])  # EU has x and z, NA has y
    margins = {"region": {"EU": 0.5, "NA": 0.5}, "market": {"x": 0.6, "y": 0.2, "z": 0.2}}
    with pytest.raises(UsageError, match=r"no weights meet the margins: after 1000 rounds "):
        rake(units, margins)
    with pytest.raises(UsageError, match=r"3 of 6 combinations of region, market have no units"):
        rake(units, margins)
    found = rake(units, margins, bounds=Bounds(low=0.2, high=4))
    assert 0.05 < found.deviation < 0.4


HALVES = {"EU": 0.5, "NA": 0.5}
REFUSALS = [
    ({}, QueryError, r'there are no margins \(such as {"region": {"EU": 0.4, "NA": 0.6}}\)'),
    ({"regoin": HALVES}, QueryError, "no column 'regoin', did you mean 'region'"),
    ({"region": {}}, QueryError, "the margin of column 'region' is empty"),
    ({"region": {"EU": 1.0}}, QueryError, r"column 'region' has 'NA' \(3 units\) without a margin"),
    (
        {"region": {"EU": 0.4, "NA": 0.4, "UK": 0.2}},
        QueryError,
        "the margin of column 'region' has 'UK', which no unit has",
    ),
    ({"region": {"EU": 0.5, "NA": 0.4}}, UsageError, r"margins sum to: region 0.9 \(wanted 1"),
    (
        {"region": HALVES, "market": {"x": 40, "y": 60}},
        UsageError,
        "margins don't agree in their sum: region 1, market 100",
    ),
    ({"region": {"EU": 1.0, "NA": 0.0}}, UsageError, "the margin of region 'NA' is 0"),
    ({"region": {"EU": 1.1, "NA": -0.1}}, UsageError, "the margin of region 'NA' is -0.1"),
    ({"market": {"x": 0.5, "y": 0.5}}, QueryError, r"'market' has nothing \(1 units\) without"),
]


@pytest.mark.parametrize(("margins", "error", "message"), REFUSALS)
def test_wrong_margins_are_refused(margins, error, message):
    units = pl.DataFrame({"region": ["EU", "EU", "NA", "NA", "NA"], "market": [*"xyxy", None]})
    with pytest.raises(error, match=message):
        rake(units, margins)


def test_no_units_are_refused():
    with pytest.raises(QueryError, match="there are no units to weigh"):
        rake(looks([0] * 6), {"region": HALVES})


@pytest.mark.parametrize("bounds", [(0, 1), (1, 2), (-1, 3), (0, float("nan"))])
def test_bounds_that_leave_no_mean_of_1_are_refused(bounds):
    with pytest.raises(UsageError, match=r"bounds of weights are .* the mean weight is 1"):
        Bounds(*bounds)


def test_rows_that_stand_for_many_units_are_told_as_many():
    units = pl.DataFrame({"region": ["EU", "NA"], "photos": [70, 30]})
    with pytest.raises(QueryError, match=r"column 'region' has 'NA' \(30 units\) without a margin"):
        rake(units, {"region": {"EU": 1}}, n="photos")
    found = rake(units, {"region": {"EU": 0.5, "NA": 0.5}}, n="photos")
    assert found.weights.tolist() == pytest.approx([50 / 70, 50 / 30])
