import pytest

from trendcolor.report.contents import REASON_WORDS, reason_group

REASONS = [
    ("too small: shorter side 90 pixels, wanted 120 (images.screening.min_side)", "too small"),
    ("badly exposed: 99% of pixels at full black or white, wanted at most 95%", "badly exposed"),
    ("gray photo: colorfulness 1.0, wanted 5 (images.screening.min_colorfulness)", "gray photo"),
    ("underexposed: the brightest hundredth is at 50 of 255, wanted 75", "underexposed"),
    ("overexposed: 80% of pixels at full strength in a channel", "overexposed"),
    ("duotone: colors stray by 1.2 from one color for each lightness", "duotone"),
    ("screenshot: 9.0% of rows cross text", "screenshot"),
    ("border: 30% of the picture is a plain frame or bars", "border"),
    ("collage: a straight seam runs along 90% of the picture", "collage"),
    ("posterised: 0.50 for gaps between tones", "posterised"),
    ("filter: 2.0% of pixels are oversaturated", "filter"),
    ("blurred: sharpness 0.070", "blurred"),
    ("no garment: 0 pixels of any class", "no garment"),
    ("truncated JPEG", "truncated image"),
    ("claims 9 x 9 pixels, more than 5 (images.max_pixels)", "claims too many"),
    ("PNG of 9 x 9 pixels takes up to 9 MiB to decode, more than 5 (images.max_m", "claims too"),
    ("TIFF claims over 1000000 numbers in its tags", "damaged image"),
    ("JPEG paints over itself more than 100 times", "damaged image"),
    ("link to a file that does not exist", "file is missing"),
    ("named .png but holds JPEG", "named as another"),
    ("jane-doe.png: label map has 2 x 2 pixels, its photo 3 x 3", "label map of another size"),
    ("label map jane-doe.png is missing", "label map is missing"),
    ("the data set has no label map for jane-doe", "label map is missing"),
    ("jane-doe.mat: no such label map", "label map is missing"),
    ("jane-doe.png: unknown class ids [99], wanted 0 to 12 or 255", "label map holds unknown"),
    ("jane-doe.png: damaged PNG (x)", "label map can't be read"),
    ("its analysis ended the worker process", "its analysis ended"),
    ("jane-doe did something new", "another reason"),
]


@pytest.mark.parametrize(("reason", "words"), REASONS)
def test_a_reason_is_told_without_naming_a_file(reason, words):
    assert reason_group(reason).startswith(words)
    assert "jane" not in reason_group(reason)


def test_reasons_are_told_in_a_closed_list_of_words():
    assert {reason_group(reason) for reason, _ in REASONS} <= set(REASON_WORDS)
