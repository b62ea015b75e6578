"""The small line on a card: a color's share in each period, with its interval."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 200.0, 44.0  # of the picture, in its own units
_MARGIN = 5.0  # room for points


@dataclass(frozen=True, slots=True)
class Point:
    """One period that is told."""

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Piece:
    """Periods in a row that are told."""

    points: tuple[Point, ...]
    area: str  # the interval's outline, as an SVG polygon's points

    @property
    def path(self) -> str:
        """The line, as an SVG polyline's points."""
        return _written(self.points)


def pieces(periods: Sequence[Mapping[str, float | None]]) -> tuple[Piece, ...]:
    """The line of rows of shares, broken where a period is withheld; from 0 at the bottom."""
    told = [row["high"] for row in periods if row["high"] is not None]
    top = max(told, default=0.0) or 1.0
    found: list[list[int]] = [[]]
    for place, row in enumerate(periods):
        if row["share"] is None:
            found.append([])
        else:
            found[-1].append(place)
    scale = _Scale(len(periods), top)
    return tuple(
        Piece(
            tuple(scale.point(place, periods[place]["share"]) for place in run),
            _written(
                (
                    *(scale.point(place, periods[place]["low"]) for place in run),
                    *(scale.point(place, periods[place]["high"]) for place in reversed(run)),
                )
            ),
        )
        for run in found
        if run
    )


@dataclass(frozen=True, slots=True)
class _Scale:
    n_periods: int
    top: float  # the share at the upper edge

    def point(self, place: int, share: float | None) -> Point:
        across = 0.5 if self.n_periods < 2 else place / (self.n_periods - 1)
        up = (share or 0.0) / self.top
        return Point(
            round(_MARGIN + across * (WIDTH - 2 * _MARGIN), 1),
            round(HEIGHT - _MARGIN - up * (HEIGHT - 2 * _MARGIN), 1),
        )


def _written(points: Sequence[Point]) -> str:
    return " ".join(f"{point.x:g},{point.y:g}" for point in points)
