import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trendcolor.analysis.discoveries import adjusted

# The 15 p-values of Benjamini and Hochberg (1995), section 4.1: at .05 the four smallest are
# found, since .0095 <= 4 / 15 * .05 and .0201 > 5 / 15 * .05.
PAPER = [
    *(0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344),
    *(0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000),
]


def test_the_four_findings_of_the_paper_are_found():
    found = adjusted(pl.Series(PAPER))
    assert (found <= 0.05).sum() == 4
    assert found[:4].to_list() == pytest.approx([0.0015, 0.003, 0.0095, 0.035625])


@given(st.lists(st.one_of(st.none(), st.floats(0, 1)), max_size=30))
def test_adjusted_values_rise_with_p_and_untested_rows_are_no_part(values):
    found = adjusted(pl.Series(values, dtype=pl.Float64))
    assert found.is_null().to_list() == [value is None for value in values]
    tested = np.array([value for value in values if value is not None])
    told = found.drop_nulls().to_numpy()
    assert (told >= tested).all()
    assert (told <= 1).all()
    assert (np.diff(told[np.argsort(tested, kind="stable")]) >= 0).all()
    np.testing.assert_array_equal(adjusted(pl.Series(tested, dtype=pl.Float64)).to_numpy(), told)
