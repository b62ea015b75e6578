"""Commands that ask a finished run."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from trendcolor.cli.program import app, listed


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class ColorOptions:
    """Which colors `shares` lists.

    Attributes:
        colors: The level of colors.
        vocabulary: Whose names, with --colors name: default, xkcd, css, iscc-nbs, or an .ase,
            .aco, .gpl or .csv file.
    """

    colors: Literal["family", "common", "name", "bin"] = "family"
    vocabulary: str | None = None


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class GroupOptions:
    """Which garments a query is of, and how it prints.

    Attributes:
        by: Declared columns or garment, with commas: season,garment.
        where: An SQL condition on declared columns: "region = 'EU'".
        format: How to print.
    """

    by: str = ""
    where: str | None = None
    format: Literal["table", "csv", "json"] = "table"


@app.command
def shares(
    run: Path,
    /,
    *,
    of: ColorOptions = ColorOptions(),
    unit: Literal["garments", "looks", "area", "weight"] = "garments",
    audit: Path | None = None,
    budget: Annotated[bool, Parameter(negative="")] = False,
    group: GroupOptions = GroupOptions(),
) -> None:
    """Print the share of each color, with interval and denominator, safe to pass on.

    Args:
        run: A finished run folder.
        of: The colors.
        unit: What is counted.
        audit: A marked sheet of `trendcolor audit`: shares are corrected by what it says.
        budget: Print how far each share may be off, and for which reason.
        group: The garments.
    """
    from trendcolor.api.text import SharesQuestion, shares_text

    question = SharesQuestion(
        by=listed(group.by),
        colors=of.colors,
        unit=unit,
        where=group.where,
        vocabulary=of.vocabulary,
        audit=audit,
        budget=budget,
    )
    print(shares_text(run, question, group.format))


@app.command
def signature(
    run: Path,
    /,
    *,
    family: str = "",
    name: Annotated[tuple[str, ...], Parameter(negative="")] = (),
    within: float = 5.0,
    unit: Literal["garments", "weight"] = "garments",
    group: GroupOptions = GroupOptions(),
) -> None:
    """Print the signature color of each group: one RGB, with spread, radius and n.

    Args:
        run: A finished run folder.
        family: Only garments of these families, one signature for each: black,blue.
        name: A name of your own for a color: "95-degree black=#161418". May come again.
        within: CIEDE2000 that still counts as the same color.
        unit: What is counted.
        group: The garments.
    """
    from trendcolor.api.text import SignatureOptions, signature_text

    options = SignatureOptions(
        by=listed(group.by),
        family=listed(family),
        names=name,
        within=within,
        unit=unit,
        where=group.where,
    )
    print(signature_text(run, options, group.format))


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class PowerOptions:
    """How sure `plan` is to be.

    Attributes:
        power: How often a change of that size is to be seen.
        confidence: How often no change is to be seen where there is none.
        design_effect: How many looks of a cluster tell as much as an independent one.
    """

    power: float = 0.8
    confidence: float = 0.95
    design_effect: float = 1.0


@app.command
def plan(
    *,
    share: float,
    change: float,
    test: PowerOptions = PowerOptions(),
    run: Path | None = None,
    group: GroupOptions = GroupOptions(),
) -> None:
    """Print how many looks each of two periods needs, for a change of a share to be seen.

    Args:
        share: Share in the first period: 0.05 for 5 %.
        change: By how much it rises, or falls if below 0: 0.01 takes 5 % to 6 %.
        test: How sure.
        run: A finished run folder, whose looks are held against that, by --by and --where.
        group: The groups of the run.
    """
    from trendcolor.api.planning import PlanQuestion, plan_text

    question = PlanQuestion(
        share=share,
        change=change,
        power=test.power,
        confidence=test.confidence,
        design_effect=test.design_effect,
        run=run,
        by=listed(group.by),
        where=group.where,
    )
    print(plan_text(question, group.format))


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class BridgeShares:
    """Which shares `bridge` is about.

    Attributes:
        by: Declared columns of both runs or garment, with commas: garment,region.
        colors: The level of colors.
        unit: What is counted.
    """

    by: str = ""
    colors: Literal["family", "common", "name"] = "family"
    unit: Literal["garments", "looks", "area", "weight"] = "garments"


@app.command
def bridge(
    old: Path,
    new: Path,
    /,
    *,
    of: BridgeShares = BridgeShares(),
    out: Path | None = None,
    format: Literal["table", "csv", "json"] = "table",
) -> None:
    """Print how far shares move between two versions of a run, on the photos of both.

    Args:
        old: The finished run folder of the published series.
        new: That of other weights or settings, over the same photos.
        of: The shares.
        out: A CSV file to write the offsets to as well.
        format: How to print.
    """
    from trendcolor.api.bridging import BridgeOptions, bridge_text

    options = BridgeOptions(by=listed(of.by), colors=of.colors, unit=of.unit)
    print(bridge_text(old, new, options, out=out, format=format))


@app.command
def explore(
    run: Path,
    /,
    *,
    public: Annotated[bool, Parameter(negative="")] = False,
    by: str = "",
    port: int | None = None,
    open: bool = True,
) -> None:
    """Look at a run in a browser, on a page of this machine whose address is printed.

    It ends with Ctrl-C.

    Args:
        run: A finished run folder.
        public: Only tables that may leave the house; no filters, no raw figures.
        by: The columns of a public page, at most two, with commas: season,garment.
        port: Of 127.0.0.1; by default 8420, or the next that is free.
        open: Open a browser, where there is a screen.
    """
    from functools import partial

    from trendcolor.explore.serving import explore as serve

    tell = partial(print, flush=True)
    serve(run, by=listed(by), public=public, port=port, opens=open, tell=tell)
