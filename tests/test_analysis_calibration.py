from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from share_tables import errors_of, leaking, perfect, share_table

from trendcolor.analysis.calibration import calibrate, corrected_shares, push, wilson_n
from trendcolor.analysis.intervals import wilson
from trendcolor.analysis.misclassification import right_when_measured
from trendcolor.color.vocabularies import FAMILIES
from trendcolor.errors import QueryError

K = len(FAMILIES)
# About what a street shows, in the order of the families: black, white, gray, beige ...
TRUE = np.array([0.35, 0.14, 0.12, 0.07, 0.07, 0.05, 0.02, 0.02, 0.04, 0.08, 0.01, 0.03])
# Garments of a group, and of an audit by right family (rows) and measured family.
garments = arrays(np.int64, K, elements=st.integers(0, 500)).filter(lambda n: n.sum() > 0)
audits = st.tuples(
    arrays(np.int64, (K, K), elements=st.integers(0, 20)),
    arrays(np.int64, K, elements=st.integers(0, 5)),
).filter(lambda parts: parts[0].sum() > 0)

# Table 8 of Olofsson, Foody, Herold, Stehman, Woodcock and Wulder (2014), doi:10.1016/
# j.rse.2014.02.015, and its map areas; right classes in rows here, mapped ones in columns.
LAND = ("deforestation", "forest gain", "stable forest", "stable non-forest")
LAND_COUNTS = np.array([[66, 0, 5, 4], [0, 55, 8, 12], [1, 0, 153, 11], [2, 1, 9, 313]]).T
LAND_PIXELS = np.array([200_000, 150_000, 3_200_000, 6_450_000])
HECTARES = LAND_PIXELS.sum() * 0.09  # pixels of 30 m


def test_areas_corrected_for_their_map_agree_with_the_published_ones():
    table = errors_of(LAND_COUNTS, labels=LAND)
    mapped = (LAND_PIXELS / LAND_PIXELS.sum())[None]
    found = push(mapped, np.full((1, 4), 1e12), right_when_measured(table))
    # The page gives 21,158 ha of deforestation, plus or minus 6,158, where the map shows 18,000.
    assert found.share[0, 0] * HECTARES == pytest.approx(21_158, abs=1)
    plain = right_when_measured(table)
    # Its variance has no prior, and divides by n - 1 where ours divides by n + 2.
    as_there = replace(plain, smooth=plain.rate, smooth_out=plain.out, n=plain.n - 3)
    error = 1.96 * HECTARES * np.sqrt(push(mapped, np.full((1, 4), 1e12), as_there).rates[0, 0])
    assert error == pytest.approx(6_158, abs=1)
    # Of a class that has errors in 1 of 165 the prior makes them 1.2 of 166: a little wider.
    assert error < 1.96 * HECTARES * np.sqrt(found.rates[0, 0]) < 1.05 * error


def test_double_sampling_of_two_labels_agrees_with_its_formula():
    # Tenenbein (1970): p = q a + (1 - q) b of the true rates a, b among the two measured labels;
    # V = (a - b)^2 q (1 - q) / N + q^2 a (1 - a) / m1 + (1 - q)^2 b (1 - b) / m2. By hand, for q
    # .4, a .9 (of 2,000 looked at), b .05 (of 3,000), N 10,000: p = .39,
    # V = .85^2 x .24 / 10,000 + .16 x .09 / 2,000 + .36 x .0475 / 3,000.
    table = errors_of([[1800, 150], [200, 2850]], labels=("black", "other"))
    found = push(np.array([[0.4, 0.6]]), np.full((1, 2), 10_000.0), right_when_measured(table))
    assert found.share[0, 0] == pytest.approx(0.39)
    by_hand = 0.7225 * 0.24 / 10_000 + 0.16 * 0.09 / 2_000 + 0.36 * 0.0475 / 3_000
    total = found.sampling[0, 0] + found.rates[0, 0]
    # What the prior adds to 2,000 garments and n + 2 for n is some thousandths.
    assert total == pytest.approx(by_hand, rel=0.005)


def test_three_in_a_hundred_blacks_don_t_inflate_a_rare_color_any_more():
    # 3 % of black (39 %) are read as purple (2 %): purple seems to be 3.17 %, half as much again.
    right = np.array([0.39, 0.1, 0.1, 0.1, 0.1, 0.05, 0.02, 0.02, 0.04, 0.04, 0.02, 0.02])
    black, purple = FAMILIES.index("black"), FAMILIES.index("purple")
    measured = right.copy()
    measured[[black, purple]] += [-0.0117, 0.0117]
    assert measured[purple] / right[purple] == pytest.approx(1.585)
    audit = np.diag(right * 1e6)
    audit[black, [black, purple]] = [390_000 * 0.97, 390_000 * 0.03]
    table = corrected_shares(share_table(measured * 1e4), errors_of(audit))
    rows = {row["family"]: row for row in table.to_dicts()}
    assert rows["purple"]["share"] == pytest.approx(0.02)
    assert rows["purple"]["measured"] == pytest.approx(0.0317)
    assert rows["purple"]["shift"] == pytest.approx(-0.0117)
    assert rows["black"]["share"] == pytest.approx(0.39)


@given(garments, audits)
def test_shares_keep_their_sum_and_their_interval_and_grow_no_surer(counts, audit):
    before = share_table(counts)
    after = corrected_shares(before, errors_of(*audit))
    assert after["share"].sum() == pytest.approx(1)
    tiny = 1e-9  # of rounding
    held = after.select(
        (pl.col("low") >= 0) & (pl.col("high") <= 1 + tiny),
        pl.col("share").is_between(pl.col("low") - tiny, pl.col("high") + tiny).alias("inside"),
    )
    assert held.select(pl.all_horizontal(pl.all()).all()).item()
    widths = [(table["high"] - table["low"]).to_numpy() for table in (before, after)]
    assert (widths[1] >= widths[0] - tiny).all()
    assert after["family"].to_list() == before["family"].to_list()


@given(garments)
def test_a_perfect_audit_without_end_changes_nothing(counts):
    before = share_table(counts)
    after = corrected_shares(before, perfect(1e15))
    for name in ("share", "low", "high"):
        # 1e-6: what a prior of one garment is beside 1e15, seen through a square root.
        np.testing.assert_allclose(after[name], before[name], atol=1e-6)
    assert after["shift"].abs().max() < 1e-12


def simulated(n, audited, right_rate, invented=0.0, draws=2000, seed=0):
    """How often 95 % intervals hold the truth: corrected ones and those that were measured."""
    random = np.random.default_rng(seed)
    wrong = random.dirichlet(np.full(K, 0.7), K) * (1 - right_rate)
    joint = TRUE[:, None] * (wrong + np.eye(K) * right_rate) * (1 - invented)
    whole = np.vstack([joint, random.dirichlet(np.ones(K)) * invented])
    held, plain = np.zeros(K), np.zeros(K)
    for population in random.multinomial(n, whole.ravel(), size=draws):
        measured = population.reshape(K + 1, K).sum(axis=0) / n
        looked_at = random.multivariate_hypergeometric(population, audited).reshape(K + 1, K)
        table = errors_of(looked_at[:K], looked_at[K])
        found = calibrate(measured[None], np.full((1, K), float(n)), table)
        held += ((found.low <= TRUE) & (found.high >= TRUE))[0]
        raw = wilson(measured, n)
        plain += (raw.low <= TRUE) & (raw.high >= TRUE)
    return held / draws, plain / draws


@pytest.mark.parametrize(
    ("n", "audited", "right_rate", "invented"),
    [(5000, 700, 0.9, 0.0), (20_000, 1000, 0.9, 0.03), (5000, 1000, 0.95, 0.02)],
)
def test_intervals_of_corrected_shares_hold_the_truth_as_often_as_they_say(
    n, audited, right_rate, invented
):
    held, plain = simulated(n, audited, right_rate, invented)
    # 2,000 draws tell a rate of .95 to within .01 (two standard errors); colors of which some ten
    # garments were looked at have a point more to spare.
    assert 0.93 <= held.mean() <= 0.97
    assert ((held > 0.92) & (held < 0.98)).all()
    assert plain.mean() < 0.8


def test_a_color_that_was_never_looked_at_keeps_its_share_and_loses_its_certainty():
    counts = TRUE * 10_000
    looked_at = np.eye(K) * 500
    beige = FAMILIES.index("beige")
    all_seen = corrected_shares(share_table(counts), errors_of(looked_at))
    looked_at[beige, beige] = 0
    one_unseen = corrected_shares(share_table(counts), errors_of(looked_at))
    seen, unseen = (
        table.filter(family="beige").row(0, named=True) for table in (all_seen, one_unseen)
    )
    assert (seen["audited"], unseen["audited"]) == (500, 0)
    assert unseen["share"] == pytest.approx(unseen["measured"])
    # Half of the 7 % may be something else: the interval is as wide as that, not 1 %.
    assert seen["high"] - seen["low"] < 0.015
    assert unseen["high"] - unseen["low"] > 0.07


def test_garments_that_are_not_there_leave_the_whole():
    labels = ("black", "white")
    table = errors_of([[300, 0], [0, 400]], invented=[100, 0], labels=labels)
    after = corrected_shares(share_table([500, 500], labels=labels), table)
    # Of .5 black a quarter is no garment: .375 of .875.
    rows = dict(after.select("family", "share").rows())
    assert rows == {"black": pytest.approx(0.375 / 0.875), "white": pytest.approx(0.5 / 0.875)}


def test_groups_are_corrected_one_by_one_and_rows_stay_where_they_are():
    one, other = share_table(TRUE * 900, group="SS26"), share_table(TRUE[::-1] * 500, group=None)
    other = other.select(pl.lit(None, pl.String).alias("season"), pl.all())
    both = pl.concat([one, other]).sample(fraction=1, shuffle=True, seed=1)
    table = leaking("black", "blue", 0.2)
    after = corrected_shares(both, table)
    assert after.select("season", "family").equals(both.select("season", "family"))
    alone = corrected_shares(one, table)
    again = both.select("season", "family").with_columns(after["share"]).filter(season="SS26")
    joined = alone.join(again, on=["season", "family"], suffix="_again")
    assert joined.height == K
    np.testing.assert_allclose(joined["share"], joined["share_again"])
    assert after.filter(pl.col("season").is_null())["share"].sum() == pytest.approx(1)


def test_an_effective_n_is_taken_where_the_table_has_one():
    table = leaking("black", "blue", 0.2, garments=100_000)
    wide = corrected_shares(share_table(TRUE * 10_000, n=100), table)
    narrow = corrected_shares(share_table(TRUE * 10_000), table)
    assert (wide["high"] - wide["low"]).min() > 2 * (narrow["high"] - narrow["low"]).min()


def test_shares_near_a_color_keep_what_they_sum_to():
    table = share_table(TRUE * 1000).with_columns(pl.col("share", "low", "high") / 4)
    after = corrected_shares(table, leaking("black", "blue", 0.2))
    assert after["share"].sum() == pytest.approx(0.25)
    none = table.with_columns(share=0.0, low=0.0)
    assert corrected_shares(none, leaking("black", "blue", 0.2))["share"].sum() == 0


@settings(deadline=None)
@given(st.floats(0, 1), st.integers(2, 10**7), st.sampled_from([0.8, 0.95, 0.99]))
def test_n_comes_back_from_wilson_s_interval(share, n, confidence):
    found = wilson([share], [n], confidence=confidence)
    back = wilson_n(found.value, found.low, found.high, confidence=confidence)
    # The width of an interval of 1e-7 is a difference of numbers near 1.
    assert back[0] == pytest.approx(n, rel=1e-3)


WHOLE = share_table(TRUE * 1000)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (WHOLE.head(3), "has not each of the 12 colors once"),
        (pl.concat([WHOLE, WHOLE]), "has not each of the 12 colors once"),
        (WHOLE.drop("low"), "column 'low' is missing from the table of shares"),
        (WHOLE.rename({"family": "common"}), "errors is of 'family', the shares are of 'common'"),
        (WHOLE.with_columns(unit=pl.lit("looks")), "shares of looks can't be corrected by garment"),
        (
            WHOLE.with_columns(pl.col("family").replace({"black": "blak"})),
            "the table of errors has no family 'blak', did you mean 'black'",
        ),
        (
            WHOLE.with_columns(pl.when(pl.col("family") != "red").then("share").alias("share")),
            "the table has withheld shares; correct raw shares first",
        ),
    ],
    ids=["few", "twice", "column", "level", "looks", "label", "withheld"],
)
def test_tables_that_can_t_be_corrected_are_refused(table, message):
    with pytest.raises(QueryError, match=message):
        corrected_shares(table, perfect(10))


def test_a_group_of_which_nothing_seems_to_be_there_keeps_its_sum():
    # One black garment, and the two blacks that were looked at are no garments.
    table = errors_of([[0, 0], [0, 9]], invented=[2, 0], labels=("black", "white"))
    after = corrected_shares(share_table([1, 0], labels=("black", "white")), table)
    assert after["share"].sum() == pytest.approx(1)
    assert after["share"][0] == pytest.approx(0.5 / 0.75)  # by the prior alone
