"""What somebody declares of the light in photos: a white point, a gray card or a ColorChecker.

It is the `[light]` section of a data card, and what `analyze` takes as `reference`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from math import isfinite

from trendcolor.errors import CardError

NOTHING_GIVEN = "light: nothing given"
FIND = "find"  # a ColorChecker that lies anywhere in the photo

# How far a light's chromaticity may be from those of glowing bodies between these temperatures, in
# u and v of CIE 1960. Daylight is within 0.004, lamps that are sold for rooms within 0.02.
_FARTHEST = 0.03
_COLDEST, _HOTTEST = 1500, 15000  # kelvin
_LEAST_REFLECTANCE = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class GrayCard:
    """A card of one neutral color at the same place in each photo.

    Raises:
        CardError: the box or the reflectance is out of range.
    """

    box: tuple[float, ...]  # left, top, right, bottom, fractions of the upright photo
    reflectance: float = 0.18  # of light, 0.02..1; white paper has about 0.85

    def __post_init__(self) -> None:
        faults = [f"light.gray_card.{fault}" for fault in _box_faults(self.box)]
        if not _LEAST_REFLECTANCE <= self.reflectance <= 1:
            faults.append(
                "light.gray_card.reflectance must be within 0.02 to 1 (0.18 for a gray card), "
                f"got {self.reflectance:g}"
            )
        _refuse(faults)


@dataclass(frozen=True, slots=True, kw_only=True)
class ColorChecker:
    """A ColorChecker Classic at about the same place in each photo.

    Raises:
        CardError: the box is out of range.
    """

    box: tuple[float, ...]  # left, top, right, bottom, fractions of the upright photo

    def __post_init__(self) -> None:
        _refuse([f"light.color_checker.{fault}" for fault in _box_faults(self.box)])


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredLight:
    """How the light of photos is known: exactly one of the three.

    Raises:
        CardError: none or several are given, or one is out of range; all faults at once.
    """

    # Of the light as the camera left it in the files, CIE 1931 x and y; D65 is 0.3127, 0.3290.
    white_point: tuple[float, ...] = field(default=())
    gray_card: GrayCard | None = None
    color_checker: ColorChecker | str | None = None  # its place, or "find"

    def __post_init__(self) -> None:
        given = [spec.name for spec in fields(self) if getattr(self, spec.name)]
        faults = []
        if len(given) != 1:
            named = f"light: {' and '.join(given)} given" if given else NOTHING_GIVEN
            faults.append(f"{named} (wanted exactly one of white_point, gray_card, color_checker)")
        if self.white_point:
            faults += [
                f"light.white_point {fault}" for fault in white_point_faults(self.white_point)
            ]
        if isinstance(self.color_checker, str) and self.color_checker != FIND:
            faults.append(
                f"light.color_checker does not know '{self.color_checker}' (wanted \"{FIND}\" or "
                "{box = [left, top, right, bottom]})"
            )
        _refuse(faults)

    def __str__(self) -> str:
        """The declaration in a reader's words."""
        if self.white_point:
            return "white point {:g}, {:g}".format(*self.white_point)
        if self.gray_card is not None:
            place = ", ".join(f"{value:g}" for value in self.gray_card.box)
            return f"gray card at {place}, reflectance {self.gray_card.reflectance:g}"
        if isinstance(self.color_checker, ColorChecker):
            return "ColorChecker at " + ", ".join(f"{v:g}" for v in self.color_checker.box)
        return "ColorChecker, found in each photo"


def white_point_faults(xy: tuple[float, ...]) -> Iterator[str]:
    """Why a chromaticity is that of no light, with the remedy; nothing where it may be one.

    A light may differ from a glowing body of 1500 to 15000 K by 0.03 in u, v of CIE 1960. The
    bodies' places are those of Krystek, Color Res. Appl. 10(1), 1985.

    Args:
        xy: CIE 1931 x and y.
    """
    if len(xy) != 2 or not all(isfinite(value) and 0 < value < 1 for value in xy):
        yield f"must be CIE 1931 x, y such as [0.3127, 0.3290], got {list(xy)}"
        return
    x, y = xy
    u, v = 4 * x / (12 * y - 2 * x + 3), 6 * y / (12 * y - 2 * x + 3)
    far = min(
        ((u - body_u) ** 2 + (v - body_v) ** 2) ** 0.5
        for body_u, body_v in map(_glowing_body, range(_COLDEST, _HOTTEST + 1, 50))
    )
    if far > _FARTHEST:
        yield (
            f"[{x:g}, {y:g}] is not the color of a light, {far:.3f} from glowing bodies in "
            f"CIE 1960 u, v, at most {_FARTHEST:g} (D65 is [0.3127, 0.3290], a lamp about "
            "[0.45, 0.41])"
        )


def _glowing_body(kelvin: float) -> tuple[float, float]:
    """Where a black body is in u, v of CIE 1960, to 8e-5 between 1000 and 15000 K (Krystek)."""
    t = kelvin
    u = (0.860117757 + 1.54118254e-4 * t + 1.28641212e-7 * t * t) / (
        1 + 8.42420235e-4 * t + 7.08145163e-7 * t * t
    )
    v = (0.317398726 + 4.22806245e-5 * t + 4.20481691e-8 * t * t) / (
        1 - 2.89741816e-5 * t + 1.61456053e-7 * t * t
    )
    return u, v


def parse_light(
    *, white_point: str | None, gray_card: str | None, color_checker: str | None
) -> DeclaredLight | None:
    """A declaration from the command line's words.

    Args:
        white_point: `X,Y`.
        gray_card: `LEFT,TOP,RIGHT,BOTTOM`, and perhaps `,REFLECTANCE`.
        color_checker: `find`, or `LEFT,TOP,RIGHT,BOTTOM`.

    Returns:
        None where nothing is given.

    Raises:
        CardError: a word is no list of numbers, or as `DeclaredLight`.
    """
    if white_point is None and gray_card is None and color_checker is None:
        return None
    card: GrayCard | None = None
    chart: ColorChecker | str | None = None
    if gray_card is not None:
        box = _numbers("light.gray_card", gray_card)
        five = len(box) == 5
        card = GrayCard(box=box[:4], reflectance=box[4]) if five else GrayCard(box=box)
    if color_checker is not None:
        is_box = "," in color_checker
        chart = color_checker
        if is_box:
            chart = ColorChecker(box=_numbers("light.color_checker", color_checker))
    xy = () if white_point is None else _numbers("light.white_point", white_point)
    return DeclaredLight(white_point=xy, gray_card=card, color_checker=chart)


def _numbers(place: str, text: str) -> tuple[float, ...]:
    try:
        return tuple(float(word) for word in text.split(","))
    except ValueError as cause:
        raise CardError(f"{place}: wanted numbers with commas between, got '{text}'") from cause


def _box_faults(box: tuple[float, ...]) -> Iterator[str]:
    wanted = "wanted left, top, right, bottom as fractions of the photo, 0..1"
    if len(box) != 4:
        yield f"box has {len(box)} numbers ({wanted})"
        return
    left, top, right, bottom = box
    if not all(0 <= value <= 1 for value in box):
        yield f"box {list(box)} lies outside the photo ({wanted})"
    elif not (left < right and top < bottom):
        yield f"box {list(box)} is empty ({wanted}, left below right, top below bottom)"


def _refuse(faults: list[str]) -> None:
    if faults:
        raise CardError("\n".join(faults))
