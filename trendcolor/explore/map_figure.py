"""Cells of the color grid as points: where in hue, chroma and lightness garments lie."""

from collections.abc import Mapping

import numpy as np
import polars as pl

from trendcolor.explore.swatches import hex_codes, names_of
from trendcolor.explore.words import interval, percent
from trendcolor.histograms import bin_to_lab

# The widest point, in pixels: that of the largest share.
_WIDEST = 44.0
_LEAST = 5.0
PLANE_NAMES: Mapping[str, str] = {
    "hue": "Hue and chroma",
    "lightness": "Hue and lightness",
    "chroma": "Chroma and lightness",
}


def cells_of(frame: pl.DataFrame) -> pl.DataFrame:
    """The cells that occur, with `hex`, `name`, `l`, `a*`, `b*`, `chroma` and `hue` (degrees)."""
    found = frame.filter(pl.col("share") > 0)
    lab = bin_to_lab(found["bin"].to_list()).reshape(-1, 3)
    codes = hex_codes("bin", found["bin"].to_list()) if len(found) else []
    return found.with_columns(
        hex=pl.Series(codes, dtype=pl.String),
        name=pl.Series(names_of(codes), dtype=pl.String),
        **{name: pl.Series(lab[:, i]) for i, name in enumerate(("l", "a*", "b*"))},
        chroma=pl.Series(np.hypot(lab[:, 1], lab[:, 2])),
        hue=pl.Series(np.degrees(np.arctan2(lab[:, 2], lab[:, 1])) % 360),
    )


def map_figure(cells: pl.DataFrame, plane: str) -> dict[str, object]:
    """A Plotly figure of cells.

    Args:
        cells: As of `cells_of`.
        plane: `"hue"`: a* and b*, where hue goes round and chroma outward; `"lightness"`: hue and
            L*; `"chroma"`: C* and L*.
    """
    across, up, titles = _AXES[plane]
    rows = cells.sort("share", descending=True)  # small points lie above large ones
    share = rows["share"].to_numpy()
    size = _WIDEST * np.sqrt(share / share.max()) if len(share) else share
    points = {
        "type": "scatter",
        "mode": "markers",
        "x": rows[across].to_list(),
        "y": rows[up].to_list(),
        "text": [
            f"{name} {code}<br>{percent(part)} ({interval(low, high)})"
            for name, code, part, low, high in rows.select(
                "name", "hex", "share", "low", "high"
            ).iter_rows()
        ],
        "hoverinfo": "text",
        "marker": {
            "color": rows["hex"].to_list(),
            "size": np.maximum(size, _LEAST).tolist(),
            "opacity": 1,
            "line": {"color": "#8a8a8a", "width": 1},
        },
    }
    return {"data": [points], "layout": _layout(plane, titles)}


# Of each plane: the columns of its axes, and their titles.
_AXES: Mapping[str, tuple[str, str, tuple[str, str]]] = {
    "hue": ("a*", "b*", ("a* (green to red)", "b* (blue to yellow)")),
    "lightness": ("hue", "l", ("hue h (degrees)", "lightness L*")),
    "chroma": ("chroma", "l", ("chroma C*", "lightness L*")),
}


def _layout(plane: str, titles: tuple[str, str]) -> dict[str, object]:
    across: dict[str, object] = {"title": {"text": titles[0]}, "zeroline": plane == "hue"}
    up: dict[str, object] = {"title": {"text": titles[1]}, "zeroline": plane == "hue"}
    if plane == "hue":
        up |= {"scaleanchor": "x", "scaleratio": 1}
    else:
        up |= {"range": [-4, 104]}
    if plane == "lightness":
        across |= {"range": [-8, 368], "tickvals": [0, 90, 180, 270, 360]}
    return {
        "xaxis": across,
        "yaxis": up,
        "height": 560,
        "margin": {"l": 56, "r": 16, "t": 16, "b": 52},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "showlegend": False,
        "dragmode": "pan",
        "hovermode": "closest",
        "uirevision": plane,
    }
