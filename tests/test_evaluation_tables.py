import polars as pl

from trendcolor.evaluation.tables import Table

FIGURES = pl.DataFrame({"name": ["a", "b"], "n": [3, None], "value": [0.12345, float("nan")]})


def test_a_figure_that_is_not_defined_is_a_dash():
    table = Table("Title", "Note.", FIGURES)
    assert table.header == ("name", "n", "value")
    assert table.is_text == (True, False, False)
    assert table.rows == [["a", "3", "0.1235"], ["b", "-", "-"]]


def test_markdown_has_title_note_and_table():
    assert Table("Title", "Note.", FIGURES, decimals=1).markdown() == (
        "## Title\n\nNote.\n\n"
        "| name | n | value |\n| --- | --- | --- |\n| a | 3 | 0.1 |\n| b | - | - |"
    )
