"""What a person corrected of a run's garments: a layer over its records, which stay as they are.

A correction is of one garment of one photo. It drops the garment, gives it another class, or
another main color, or both. `written.py` reads what a person wrote, `checking.py` compares it with
the run, `layer.py` lays it over records.
"""

from trendcolor.corrections.checking import Known, checked, known_garments
from trendcolor.corrections.layer import Layer, corrected, laid_over, layer_of
from trendcolor.corrections.written import (
    CORRECTION_FIELDS,
    DROP,
    VERDICTS,
    Written,
    as_written,
    corrections_from_audit,
    is_audit,
    read_written,
)

__all__ = [
    "CORRECTION_FIELDS",
    "DROP",
    "VERDICTS",
    "Known",
    "Layer",
    "Written",
    "as_written",
    "checked",
    "corrected",
    "corrections_from_audit",
    "is_audit",
    "known_garments",
    "laid_over",
    "layer_of",
    "read_written",
]
