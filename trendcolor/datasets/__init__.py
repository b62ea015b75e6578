"""Card and config -> photo references with declared columns and label maps."""

from trendcolor.datasets.files import LocalFile, PhotoFile
from trendcolor.datasets.opening import FORMATS, open_dataset, stream_dataset
from trendcolor.datasets.reference import LabelSource, PhotoRef

__all__ = [
    "FORMATS",
    "LabelSource",
    "LocalFile",
    "PhotoFile",
    "PhotoRef",
    "open_dataset",
    "stream_dataset",
]
