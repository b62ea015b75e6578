"""Color in whole numbers: `grid.py` cuts the color space into bins, the others count on it.

`weights.py` counts records by bin; `stored.py` is what each shard stores so that usual questions
never read records; `replicates.py` cuts sources into the random groups of its rows.
"""

from trendcolor.histograms.grid import (
    GRID_VERSION,
    STEP,
    bin_to_lab,
    color_key,
    key_to_rgb,
    rgb_to_bin,
)
from trendcolor.histograms.replicates import REPLICATES, replicate
from trendcolor.histograms.stored import (
    LEVELS,
    MEASURES,
    StoredColumns,
    merge_stored,
    stored_histogram,
    stored_sources,
    with_period,
)
from trendcolor.histograms.weights import histogram, merge, pixel_histogram

__all__ = [
    "GRID_VERSION",
    "LEVELS",
    "MEASURES",
    "REPLICATES",
    "STEP",
    "StoredColumns",
    "bin_to_lab",
    "color_key",
    "histogram",
    "key_to_rgb",
    "merge",
    "merge_stored",
    "pixel_histogram",
    "replicate",
    "rgb_to_bin",
    "stored_histogram",
    "stored_sources",
    "with_period",
]
