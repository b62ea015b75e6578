"""A decoded photo -> the reason why its colors say nothing, if there is one.

`verdict.py` asks the checks in order; each of the others measures one thing on the small copy
that `sample.py` makes. Nothing is kept of a photo but the reason.
"""

from trendcolor.images.screening.verdict import screen

__all__ = ["screen"]
