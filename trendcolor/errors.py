"""Every error that is raised on purpose.

Each has one base, `TrendColorError`, and one builtin beside it, and takes one message, so that it
survives the way back from a worker process. A message gives the value met, the value wanted and
where to change it.
"""

from collections.abc import Sequence
from difflib import get_close_matches


class TrendColorError(Exception):
    """Base of all errors below."""


class ConfigError(TrendColorError, ValueError):
    """A config file or a setting is not usable."""


class CardError(TrendColorError, ValueError):
    """A data card is not readable or not complete."""


class RefusedError(TrendColorError, PermissionError):
    """A data card does not allow what was asked of its data."""


class DataError(TrendColorError, LookupError):
    """A data set is not on disk as its config says."""


class EndedError(TrendColorError, RuntimeError):
    """A process that was started to read one file ended before it had read it."""


class StoreError(TrendColorError, RuntimeError):
    """A store of photos does not answer or lets nobody in: a run stops and rejects no photo."""


class PhotoError(TrendColorError, ValueError):
    """One photo can't be read; the batch counts it and goes on."""


class MaskError(PhotoError):
    """One photo's label map is missing, of another size, or holds unknown ids."""


class ShapeError(TrendColorError, ValueError):
    """An array has another shape than its function takes."""


class VocabularyError(TrendColorError, ValueError):
    """A vocabulary of color names is missing, or its file can't be read."""


class NoPixelsError(TrendColorError, ValueError):
    """A garment shows too few pixels to say what color it is."""


class ModelError(TrendColorError, ValueError):
    """A segmenter's weights can't be read or don't fit."""


class RunError(TrendColorError, ValueError):
    """A run folder is missing, unfinished, damaged, or of other settings."""


class CorrectionError(TrendColorError, ValueError):
    """A table of corrections, or a marked audit sheet, has faults or does not fit its run."""


class EngineError(TrendColorError, RuntimeError):
    """The workers could not finish a shard."""


class UsageError(TrendColorError, ValueError):
    """A command was called with arguments that don't go together."""


class AuditError(TrendColorError, ValueError):
    """A marked audit sheet, or a table of errors, can't be used as it is."""


class QueryError(TrendColorError, LookupError):
    """A query names a column, garment, color or unit that does not exist."""


def did_you_mean(name: str, known: Sequence[str]) -> str:
    """A message's ending that names the nearest known name, or lists them all.

    Args:
        name: What was asked for.
        known: What exists.

    Returns:
        `, did you mean 'coat'?` or `; there are: coat, dress`.
    """
    near = get_close_matches(name, known, n=1, cutoff=0.6)
    return f", did you mean '{near[0]}'?" if near else f"; there are: {', '.join(known)}"
