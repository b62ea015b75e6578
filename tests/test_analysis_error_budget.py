import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from share_tables import errors_of, leaking, perfect, share_table

from trendcolor.analysis.calibration import corrected_shares
from trendcolor.analysis.error_budget import error_budget
from trendcolor.color.vocabularies import FAMILIES
from trendcolor.errors import AuditError, QueryError

K = len(FAMILIES)
# Black 39 %, purple 2 %.
RIGHT = np.array([0.39, 0.1, 0.1, 0.1, 0.1, 0.05, 0.02, 0.02, 0.04, 0.04, 0.02, 0.02])
SHARES = share_table(RIGHT * 10_000)
NEW = [
    *("sampling", "segmentation_shift", "segmentation", "color_shift", "color"),
    *("audit_shift", "audit", "total", "unknown"),
]
counts = arrays(np.int64, (K, K), elements=st.integers(0, 30)).filter(lambda n: n.sum() > 0)
few = arrays(np.int64, K, elements=st.integers(0, 9))


def row(table, family="purple"):
    return table.filter(family=family).row(0, named=True)


def test_three_in_a_hundred_blacks_are_half_of_a_rare_color():
    budget = row(error_budget(SHARES, segmentation=leaking("black", "purple", 0.03, 1e6)))
    # 3 % of 39 % would be added to 2 %.
    assert budget["segmentation_shift"] == pytest.approx(0.0117, abs=1e-5)
    black = row(error_budget(SHARES, color=leaking("black", "purple", 0.03, 1e6)), "black")
    assert black["color_shift"] == pytest.approx(-0.0117, abs=1e-5)


def test_a_part_is_the_shift_and_its_doubt_in_quadrature():
    # 30 of 1,000 blacks are read as purple: .39 x .03, give or take .39 x sqrt(.03 x .97 / 1,000)
    # for them, and .02 x sqrt(q / 1,000) for purple's own errors, q one prior half of 1,001.
    budget = row(error_budget(SHARES, color=leaking("black", "purple", 0.03, 1000)))
    doubt = 1.96 * 0.39 * np.sqrt(0.03 * 0.97 / 1002)
    # The prior moves .03 by a thousandth part, and other families add a hundredth of the doubt.
    assert budget["color"] == pytest.approx(np.hypot(0.0117, doubt), rel=0.02)


def test_the_total_adds_what_is_known_in_quadrature():
    parts = {
        "segmentation": leaking("black", "purple", 0.03),
        "color": leaking("blue", "purple", 0.2),
    }
    budget = row(error_budget(SHARES, **parts))
    sampling = row(SHARES)
    assert budget["sampling"] == pytest.approx((sampling["high"] - sampling["low"]) / 2)
    together = np.sqrt(sum(budget[name] ** 2 for name in ("sampling", *parts)))
    assert budget["total"] == pytest.approx(together)
    assert (budget["unknown"], budget["audit"], budget["audit_shift"]) == ("", None, None)


@pytest.mark.parametrize(
    ("known", "unknown"),
    [((), "segmentation, color"), (("segmentation",), "color"), (("color",), "segmentation")],
    ids=["nothing", "segmentation", "color"],
)
def test_a_part_that_is_not_known_is_no_zero(known, unknown):
    budget = error_budget(SHARES, **{name: perfect(100) for name in known})
    assert budget["unknown"].unique().to_list() == [unknown]
    assert budget["total"].null_count() == K
    for name in unknown.split(", "):
        assert budget[name].null_count() == budget[f"{name}_shift"].null_count() == K
    assert budget["sampling"].null_count() == 0


def test_an_audit_stands_for_both_and_says_what_a_correction_would():
    audit = leaking("black", "purple", 0.03)
    budget = error_budget(SHARES, audit=audit)
    corrected = corrected_shares(SHARES, audit)
    np.testing.assert_allclose(budget["audit_shift"], -corrected["shift"].to_numpy())
    one = row(budget)
    assert one["total"] == pytest.approx(np.hypot(one["sampling"], one["audit"]))
    assert (one["unknown"], one["segmentation"], one["color"]) == ("", None, None)
    both = row(error_budget(SHARES, audit=audit, color=leaking("blue", "purple", 0.2)))
    assert both["color"] > 0
    assert both["total"] == one["total"]


@given(arrays(np.int64, K, elements=st.integers(1, 500)), counts, few, few)
def test_shifts_cancel_and_no_part_exceeds_the_total(garments, right, invented, missed):
    table = errors_of(right, invented, missed)
    budget = error_budget(share_table(garments), segmentation=table, color=perfect(20))
    assert budget.columns == [*SHARES.columns, *NEW]
    for name in ("segmentation_shift", "color_shift"):
        assert budget[name].sum() == pytest.approx(0, abs=1e-9)
    for name in ("sampling", "segmentation", "color"):
        assert (budget["total"] >= budget[name] - 1e-12).all()
    assert (budget["segmentation"] >= budget["segmentation_shift"].abs() - 1e-12).all()


def test_tables_without_errors_add_nothing():
    budget = error_budget(SHARES, segmentation=perfect(1e12), color=perfect(1e12))
    np.testing.assert_allclose(budget["total"], budget["sampling"], rtol=1e-6)


def test_fewer_garments_looked_at_leave_more_doubt():
    doubts = [error_budget(SHARES, color=perfect(n))["color"].sum() for n in (10, 100, 1000)]
    assert doubts[0] > doubts[1] > doubts[2] > 0


def test_missed_and_invented_garments_shift_shares():
    missed, invented = np.zeros(K), np.zeros(K)
    black, blue = FAMILIES.index("black"), FAMILIES.index("blue")
    missed[black], invented[blue] = 1000, 12_000 * 0.05
    lost = row(
        error_budget(SHARES, segmentation=errors_of(np.eye(K) * 1000, missed=missed)), "black"
    )
    # Half of the blacks are missed: .195 of .805 are black instead of .39.
    assert lost["segmentation_shift"] == pytest.approx(0.195 / 0.805 - 0.39)
    more = row(error_budget(SHARES, segmentation=errors_of(np.eye(K) * 1000, invented)), "blue")
    assert more["segmentation_shift"] == pytest.approx((0.04 + 0.05) / 1.05 - 0.04)


def test_groups_have_budgets_of_their_own_where_they_stand():
    both = pl.concat(
        [share_table(RIGHT * 9000, group="SS26"), share_table(RIGHT[::-1] * 90, group="AW26")]
    )
    budget = error_budget(both, segmentation=perfect(100), color=perfect(100))
    assert budget.select(both.columns).equals(both)
    sampling = dict(budget.group_by("season").agg(pl.col("sampling").sum()).rows())
    assert sampling["AW26"] > 5 * sampling["SS26"]


def test_shares_and_tables_that_don_t_fit_are_refused():
    with pytest.raises(QueryError, match="has not each of the 12 colors once"):
        error_budget(SHARES.head(2), color=perfect(5))
    with pytest.raises(QueryError, match="table of errors is of 'common', the shares are of 'fami"):
        error_budget(SHARES, color=perfect(5, level="common"))
    with pytest.raises(AuditError, match="has no garment that is there"):
        error_budget(SHARES, color=errors_of(np.zeros((K, K)), invented=np.ones(K)))
    with pytest.raises(QueryError, match="column 'high' is missing from the table of shares"):
        error_budget(SHARES.drop("high"))
