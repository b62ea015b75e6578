"""All checks of a photo, in order; the first that it fails is the reason."""

from collections.abc import Iterator

from trendcolor.config import ScreeningConfig
from trendcolor.images.decode import Photo
from trendcolor.images.screening.detail import posterised, sharpness
from trendcolor.images.screening.exposure import brightest, burnt_fraction, clipped_fraction
from trendcolor.images.screening.filters import oversaturated_fraction, tint, veil
from trendcolor.images.screening.layout import border_fraction, seam_share
from trendcolor.images.screening.sample import Sample, sample
from trendcolor.images.screening.text import text_share
from trendcolor.images.screening.tones import color_spread, colorfulness

_PLACE = "images.screening"


def screen(photo: Photo, config: ScreeningConfig) -> str | None:
    """Say why a photo is unfit to have its colors counted.

    Looks at a small copy. What is another kind of picture (a page, a collage) is told before what
    was done to its colors. A photo with few tones left may be told as a screenshot.

    Args:
        photo: The photo. Not modified. Transparent pixels are left out.
        config: The thresholds.

    Returns:
        The reason with the value met, the one wanted and the setting's name, or None for a photo
        that is fit.

    Guarantees, each held by tests/test_images_screening_verdict.py:
        Each check can be turned off alone. Any size of photo has an answer.
    """
    side = min(photo.width, photo.height)
    if side < config.min_side:
        wanted = f"wanted {config.min_side} ({_PLACE}.min_side)"
        return f"too small: shorter side {side} pixels, {wanted}"
    seen = sample(photo)
    if seen is None:
        return "wholly transparent"
    for reasons in (_exposure, _gray, _layout, _edits, _blur):
        reason = next(reasons(seen, config), None)
        if reason is not None:
            return reason
    return None


def _exposure(seen: Sample, config: ScreeningConfig) -> Iterator[str]:
    clipped = clipped_fraction(seen.pixels)
    if clipped > config.max_clipped:
        yield (
            f"badly exposed: {clipped:.0%} of pixels at full black or white, "
            f"wanted at most {config.max_clipped:.0%} ({_PLACE}.max_clipped)"
        )
    level = brightest(seen.pixels)
    if level < config.min_brightest:
        yield (
            f"underexposed: the brightest hundredth is at {level:.0f} of 255, "
            f"wanted {config.min_brightest:g} ({_PLACE}.min_brightest)"
        )
    burnt = burnt_fraction(seen.pixels)
    if burnt > config.max_burnt:
        yield (
            f"overexposed: {burnt:.0%} of pixels at full strength in a channel, "
            f"wanted at most {config.max_burnt:.0%} ({_PLACE}.max_burnt)"
        )


def _gray(seen: Sample, config: ScreeningConfig) -> Iterator[str]:
    strength = colorfulness(seen.pixels)
    if strength < config.min_colorfulness:
        yield (
            f"gray photo: colorfulness {strength:.1f}, "
            f"wanted {config.min_colorfulness:g} ({_PLACE}.min_colorfulness)"
        )


def _layout(seen: Sample, config: ScreeningConfig) -> Iterator[str]:
    if config.max_text < 1 and (text := text_share(seen)) > config.max_text:
        yield (
            f"screenshot: {text:.1%} of rows cross text, "
            f"wanted at most {config.max_text:.1%} ({_PLACE}.max_text)"
        )
    if config.max_border < 1 and (border := border_fraction(seen)) > config.max_border:
        yield (
            f"border: {border:.0%} of the picture is a plain frame or bars, "
            f"wanted at most {config.max_border:.0%} ({_PLACE}.max_border)"
        )
    if config.max_seam < 1 and (seam := seam_share(seen)) > config.max_seam:
        yield (
            f"collage: a straight seam runs along {seam:.0%} of the picture, "
            f"wanted at most {config.max_seam:.0%} ({_PLACE}.max_seam)"
        )


def _edits(seen: Sample, config: ScreeningConfig) -> Iterator[str]:
    if config.max_posterised < 1 and (few := posterised(seen)) > config.max_posterised:
        yield (
            f"posterised: {few:.2f} for gaps between tones, "
            f"wanted at most {config.max_posterised:g} ({_PLACE}.max_posterised)"
        )
    if (over := oversaturated_fraction(seen.pixels)) > config.max_oversaturated:
        yield (
            f"filter: {over:.1%} of pixels are oversaturated, "
            f"wanted at most {config.max_oversaturated:.1%} ({_PLACE}.max_oversaturated)"
        )
    if (saturation := tint(seen.pixels)) > config.max_tint:
        yield (
            f"filter: nine tenths of it are more saturated than {saturation:.2f}, "
            f"wanted at most {config.max_tint:g} ({_PLACE}.max_tint)"
        )
    if (strength := veil(seen.pixels)) > config.max_veil:
        yield (
            f"filter: a veil colors the shadows by {strength:.0f} of 255, "
            f"wanted at most {config.max_veil:g} ({_PLACE}.max_veil)"
        )
    if config.min_color_spread > 0 and (spread := color_spread(seen)) < config.min_color_spread:
        yield (
            f"duotone: colors stray by {spread:.1f} from one color for each lightness, "
            f"wanted {config.min_color_spread:g} ({_PLACE}.min_color_spread)"
        )


def _blur(seen: Sample, config: ScreeningConfig) -> Iterator[str]:
    if config.min_sharpness > 0 and (found := sharpness(seen)) < config.min_sharpness:
        yield (
            f"blurred: sharpness {found:.3f}, "
            f"wanted {config.min_sharpness:g} ({_PLACE}.min_sharpness)"
        )
