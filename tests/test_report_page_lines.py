from hypothesis import given
from hypothesis import strategies as st

from trendcolor.report.page.lines import HEIGHT, WIDTH, pieces


def row(share, width=0.0):
    if share is None:
        return dict.fromkeys(("share", "low", "high"))
    return {"share": share, "low": max(0.0, share - width), "high": min(1.0, share + width)}


def test_a_line_breaks_where_a_period_is_withheld():
    found = pieces([row(0.2), row(0.3), row(None), row(0.1), row(None)])
    assert [len(piece.points) for piece in found] == [2, 1]
    assert [piece.points[0].x for piece in found] == [5.0, 147.5]


def test_a_larger_share_stands_higher_and_none_at_the_foot():
    (found,) = pieces([row(0.0), row(0.1), row(0.2)])
    heights = [point.y for point in found.points]
    assert heights == sorted(heights, reverse=True)
    assert heights[0] == HEIGHT - 5
    assert found.path == "5,39 100,22 195,5"


def test_a_color_that_is_nowhere_told_has_no_line():
    assert pieces([row(None), row(None)]) == ()
    assert pieces([]) == ()


@given(st.lists(st.none() | st.floats(0, 1), max_size=24))
def test_all_points_are_within_the_picture(shares):
    for piece in pieces([row(share, 0.05) for share in shares]):
        for point in piece.points:
            assert 0 <= point.x <= WIDTH
            assert 0 <= point.y <= HEIGHT
