"""Card and config -> photo references with declared columns and label maps."""

from trendcolor.datasets.opening import FORMATS, open_dataset
from trendcolor.datasets.reference import LabelSource, PhotoRef

__all__ = ["FORMATS", "LabelSource", "PhotoRef", "open_dataset"]
