"""Lines of text on a plain ground, as pictures of screens have them."""

import numpy as np

from trendcolor.images.screening.sample import Sample
from trendcolor.images.screening.tallies import tally

_GROUND = 3  # steps from a row's commonest tone: exactly that tone, but for JPEG
_NEAR_GROUND, _INK = 12, 60  # steps: what a letter begins in, and what it is drawn in
_PLAIN = 0.45  # of a row of text that is ground
_LETTERS = 12  # sharp edges from ground to ink in a row of text


def text_share(seen: Sample) -> float:
    """The fraction of a photo's rows that cross text, 0 to 1.

    A row crosses text if about half of it has one exact tone and it goes at least 12 times from
    that tone to another far from it, within two samples. No letter is read.

    Args:
        seen: The photo. Not modified.
    """
    rows = seen.across
    tone = tally(rows).argmax(axis=1).astype(np.uint8)[:, None]
    distance = np.maximum(rows, tone) - np.minimum(rows, tone)
    plain = distance[np.count_nonzero(distance <= _GROUND, axis=1) >= _PLAIN * rows.shape[1]]
    letters = np.count_nonzero((plain[:, :-2] <= _NEAR_GROUND) & (plain[:, 2:] >= _INK), axis=1)
    return np.count_nonzero(letters >= _LETTERS) / len(rows)
