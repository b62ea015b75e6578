"""Made-up answers for charts: changes and pairs."""

import polars as pl

_CHANGE = ("share_a", "share_b", "change", "low", "high")
_PAIR = ("looks", "share", "low", "high", "expected", "lift", "lift_low", "lift_high", "p")


def compared():
    """Changes of four families; red is withheld."""
    rows = [
        ("black", 0.30, 0.40, 0.10, 0.04, 0.16, "up"),
        ("white", 0.20, 0.12, -0.08, -0.13, -0.03, "down"),
        ("blue", 0.10, 0.11, 0.01, -0.01, 0.03, "no change shown"),
        ("pink", 0.02, 0.03, 0.01, -0.06, 0.08, "not enough data"),
        ("red", None, None, None, None, None, None),
    ]
    return pl.DataFrame(rows, schema=["family", *_CHANGE, "verdict"], orient="row")


def no_changes():
    """Changes of nothing."""
    return compared().clear()


def met():
    """Pairs of four colors: one withheld, one that is too rare to tell."""
    rows = [
        ("black", "white", 60, 0.30, 0.24, 0.37, 40.0, 1.5, 1.2, 1.9, 0.001),
        ("black", "blue", 20, 0.10, 0.06, 0.15, 40.0, 0.5, 0.3, 0.8, 0.002),
        ("white", "blue", 21, 0.105, 0.07, 0.15, 20.0, 1.05, 0.8, 1.4, 0.7),
        ("black", "pink", 1, 0.005, 0.0, 0.03, 2.0, 0.5, 0.0, 2.5, None),
        ("white", "pink", None, None, None, None, None, None, None, None, None),
    ]
    names = ["color", "with", *_PAIR]
    return pl.DataFrame(rows, schema=names, orient="row").with_columns(n=pl.lit(200), tests=3)


def no_pairs():
    """Pairs of nothing."""
    return met().clear()
