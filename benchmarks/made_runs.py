"""What run folders of made-up records tell of themselves."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trendcolor.cards import PURPOSES, CardDecision, RunDecision, license_terms
from trendcolor.color.vocabularies import shipped_vocabulary
from trendcolor.config import (
    AnalysisConfig,
    ColorConfig,
    EngineConfig,
    ImagesConfig,
    ReportConfig,
    SegmentationConfig,
)
from trendcolor.histograms import GRID_VERSION
from trendcolor.runs import Header, RunCard, RunColumn, RunSettings

_SETTINGS = RunSettings(
    purpose="research",
    images=ImagesConfig(),
    segmentation=SegmentationConfig(),
    color=ColorConfig(),
    engine=EngineConfig(),
    analysis=AnalysisConfig(),
    report=ReportConfig(),
)


def made_palettes(
    random: np.random.Generator, colors: NDArray[np.int64], *, fade: float
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Palettes of garments: the garment, the rank and the weight of each color.

    Args:
        random: What the weights are drawn from.
        colors: How many colors each garment has, shape (n,). Not modified.
        fade: How fast the weights of further colors fall.
    """
    of = np.repeat(np.arange(len(colors)), colors)
    rank = np.arange(len(of)) - np.repeat(np.cumsum(colors) - colors, colors)
    part = random.exponential(1, len(of)) * np.exp(-fade * rank)
    weight = np.maximum(np.floor(255 * part / np.bincount(of, part)[of]), 1).astype(np.int64)
    weight[rank == 0] += 255 - np.bincount(of, weight).astype(np.int64)
    return of, rank, weight


def made_header(kinds: Mapping[str, str], *, declared_by: str = "", **changed: Any) -> Header:  # noqa: ANN401 # fields of two classes
    """A header with default settings, given label maps and no photos, unless told otherwise.

    Args:
        kinds: The declared columns, name to kind.
        declared_by: Who declared them.
        **changed: Fields of `Header`, or sections of its settings.
    """
    sections = {name: value for name, value in changed.items() if hasattr(_SETTINGS, name)}
    rest = {name: value for name, value in changed.items() if name not in sections}
    whole = Header(
        name="street",
        settings_hash="5e" * 32,
        settings=replace(_SETTINGS, **sections),
        cards=(),
        columns=tuple(
            RunColumn(name=name, kind=kind, declared_by=declared_by) for name, kind in kinds.items()
        ),
        is_free_of_people=False,
        photos=0,
        index_hash="1d" * 32,
        weights="none",
        weights_hash="none",
        runtime="none",
        code_version="0.1.0",
        code_hash="c0" * 32,
        grid=GRID_VERSION,
        vocabulary=shipped_vocabulary().fingerprint,
        decision=made_decision(rest.get("cards", ()), sections.get("purpose", "research")),
    )
    return replace(whole, **rest)


def made_decision(cards: Sequence[RunCard], purpose: str) -> RunDecision:
    """What the gate says of made-up cards: all that they list; without a card, everything."""
    allowed = {card.sha256: card.purposes_allowed for card in cards} or {"": PURPOSES}
    return RunDecision(
        purpose=purpose,
        date="2026-01-31",
        cards=tuple(
            CardDecision(
                card="street",
                sha256=sha256,
                allowed=purposes,
                rule="made up",
                refusals=(),
                terms=license_terms("CC0-1.0"),
                license_expires="",
                consent_date="",
                consent_purposes=(),
                consent_expires="",
                consent_withdrawn="",
            )
            for sha256, purposes in allowed.items()
        ),
    )
