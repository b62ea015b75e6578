"""What became of a run's photos, in words that quote no file."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

# What is told of a photo that was left out, for each way that its reason may be put. The list is
# closed: a reason can quote a file's name, and names may be people's.
_REASONS: Mapping[str, str] = {
    r"license .*does not permit purpose": "its own license does not permit the purpose",
    r"license (is empty|'.*' is not known), which": "its own license is not known",
    r"too small": "too small: the shorter side has too few pixels",
    r"badly exposed": "badly exposed: too much at full black or white",
    r"underexposed": "underexposed: nothing in it is bright",
    r"overexposed": "overexposed: colors burnt to full strength",
    r"gray photo": "gray photo: it holds no color",
    r"duotone": "duotone: printed in one or two inks, such as sepia",
    r"screenshot": "screenshot: lines of text on a plain ground",
    r"border": "border: a wide plain frame or bars",
    r"collage": "collage: several photos side by side",
    r"posterised": "posterised: few tones are left",
    r"filter": "filter: a veil, a tint or oversaturated colors",
    r"blurred": "blurred: no edge is sharp",
    r"no garment": "no garment was found",
    r"wholly transparent": "wholly transparent",
    r"duplicate of": "repeats an earlier photo",
    r"took longer|needs more memory|file of .* more than": "takes too much memory or time",
    r"no such file|link to a file that": "file is missing",
    r"file may not be read|file can't be read|is a folder|is not a regular": "file can't be read",
    r"empty file": "empty file",
    r"not an image": "not an image of a known kind",
    r"named .* but holds": "named as another kind of image than it holds",
    r"truncated": "truncated image",
    r"damaged|(JPEG|PNG|GIF|TIFF|AVIF) (has|claims|with) over|JPEG paints": "damaged image",
    r"claims .* pixels|.* claims more pixels|.* pixels takes up to": "claims too many pixels",
    r"32-bit": "32-bit samples, whose white is unknown",
    r"label map .* is missing|.*no label map|.*: no such label map": "label map is missing",
    r".*: label map has": "label map of another size than its photo",
    r".*: (unknown class|label) ids": "label map holds unknown class ids",
    r"label map": "label map can't be read",
    r".*: (can't be read|damaged PNG|not a PNG|PNG of color)": "label map can't be read",
    r".*: (no MATLAB|run lengths|'.*' holds)": "label map can't be read",
    r"its analysis ended": "its analysis ended the worker process",
}
_OTHER_REASON = "another reason (the run's table of photos has its words)"
REASON_WORDS = tuple(dict.fromkeys((*_REASONS.values(), _OTHER_REASON)))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Screening:
    """What became of the photos."""

    without_garments: int  # photos that are ok and show no garment with a palette
    touching: int  # photos with a wearer who is probably several people
    bystanders: int  # people in the background, whose garments are left out
    small_garments: int  # too few pixels for a palette
    corrected: int  # photos whose colors were corrected for a cast
    from_cards: int  # of these, by a gray card or a ColorChecker in the photo
    from_white_points: int  # of these, by a declared white point
    refused_cards: int  # photos whose declared card could not be read
    reasons: pl.DataFrame  # `status`, `reason`, `photos`; most photos first


def screening(photos: pl.DataFrame) -> Screening:
    """What became of a run's photos, with reasons in words that quote no file.

    Args:
        photos: Rows of `records.PHOTO_FIELDS`.
    """
    left_out = photos.filter(pl.col("status") != "ok").with_columns(
        pl.col("status").cast(pl.String),
        pl.col("reason").map_elements(reason_group, return_dtype=pl.String, skip_nulls=False),
    )
    is_bare = (pl.col("status") == "ok") & (pl.col("garments").fill_null(0) == 0)
    method, is_applied = pl.col("light_method"), pl.col("corrected")
    counts = photos.select(
        without=is_bare.sum(),
        touching=(pl.col("touching") > 0).sum(),
        bystanders=pl.col("bystanders").cast(pl.Int64).sum(),
        small=pl.col("small_garments").cast(pl.Int64).sum(),
        corrected=pl.col("corrected").sum(),
        from_cards=(is_applied & method.is_in(("gray-card", "color-checker"))).sum(),
        from_white_points=(is_applied & (method == "white-point")).sum(),
        refused_cards=pl.col("light_refused").is_not_null().sum(),
    ).row(0, named=True)
    return Screening(
        without_garments=counts["without"],
        touching=counts["touching"],
        bystanders=counts["bystanders"],
        small_garments=counts["small"],
        corrected=counts["corrected"],
        from_cards=counts["from_cards"],
        from_white_points=counts["from_white_points"],
        refused_cards=counts["refused_cards"],
        reasons=left_out.group_by("status", "reason")
        .agg(photos=pl.len())
        .sort("photos", "status", "reason", descending=[True, False, False]),
    )


def reason_group(reason: str | None) -> str:
    """A photo's reason without its particulars: no number and no file's name."""
    for pattern, words in _REASONS.items():
        if re.match(pattern, reason or ""):
            return words
    return _OTHER_REASON
