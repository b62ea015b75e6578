"""What makes a photo unfit to have its colors counted."""

from dataclasses import dataclass

from trendcolor.config.bounds import no_fraction, refuse, too_small


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreeningConfig:
    """Thresholds of what `run` leaves out: the `[images.screening]` section.

    0 turns off what begins with `min_`; 1 (255 for `max_veil`) what begins with `max_`. All were
    chosen on half of 1,784 real and rendered photos and what was made from them; docs/screening.md
    has what they catch on the other half.
    """

    min_side: int = 120  # shorter side, pixels
    # Fraction of pixels at full black or white. High, because a shop's photo of a slim garment on
    # pure white is fit.
    max_clipped: float = 0.95
    min_brightest: float = 75.0  # largest channel of the brightest hundredth, 0..255: underexposed
    max_burnt: float = 0.6  # fraction of pixels with a channel at full strength: overexposed
    # 99th percentile of a pixel's largest minus smallest channel, 0..255; below this is a gray
    # photo. Gray copies have 0; the grayest of the 1,784 color photos has 9.
    min_colorfulness: float = 5.0
    min_color_spread: float = 3.3  # how far colors stray from one for each lightness: duotones
    max_text: float = 0.02  # fraction of rows that cross text: screenshots
    max_border: float = 0.25  # fraction of the photo that a plain frame or bars take up
    max_seam: float = 0.6  # of a straight seam's way across the photo where it is seen: collages
    max_posterised: float = 0.22  # 0..1, gaps between tones
    max_oversaturated: float = 0.006  # fraction of pixels with one channel at 0, one at 255
    max_tint: float = 0.8  # saturation that nine tenths of the photo exceed: colored glass
    max_veil: float = 110.0  # color of the shadows of a photo without contrast, 0..255
    min_sharpness: float = 0.125  # steepness of the sharpest edges, 0..1: blur
    needs_garment: bool = True  # leave out photos in which no garment is found

    def __post_init__(self) -> None:
        place = "images.screening"
        refuse(
            *too_small(
                place,
                0,
                min_side=self.min_side,
                min_brightest=self.min_brightest,
                min_colorfulness=self.min_colorfulness,
                min_color_spread=self.min_color_spread,
                max_veil=self.max_veil,
            ),
            *no_fraction(
                place,
                max_clipped=self.max_clipped,
                max_burnt=self.max_burnt,
                max_text=self.max_text,
                max_border=self.max_border,
                max_seam=self.max_seam,
                max_posterised=self.max_posterised,
                max_oversaturated=self.max_oversaturated,
                max_tint=self.max_tint,
                min_sharpness=self.min_sharpness,
            ),
        )
