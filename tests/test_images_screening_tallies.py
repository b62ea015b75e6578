import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from trendcolor.images.screening import tallies
from trendcolor.images.screening.tallies import tally


@settings(deadline=None)
@given(arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(0, 30))))
def test_the_compiled_loop_and_numpy_agree(lines):
    assert tallies.IS_COMPILED
    for each in (lines, lines[:, ::-1], lines[::2]):
        compiled = tally(each)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(tallies, "IS_COMPILED", False)
            plain = tally(each)
        np.testing.assert_array_equal(compiled, plain)
        assert compiled.shape == (len(each), 256)
        assert compiled.dtype == plain.dtype


def test_levels_are_counted_by_line():
    counts = tally(np.array([[0, 255, 255, 7, 255]], np.uint8))
    assert {level: n for level, n in enumerate(counts[0]) if n} == {0: 1, 7: 1, 255: 3}
