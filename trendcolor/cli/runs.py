"""Commands on run folders themselves: end, check, put together, forget, delete."""

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from trendcolor.cli.program import app

Repeated = Annotated[tuple[str, ...], Parameter(negative="")]


@app.command
def seal(run: str, /) -> None:
    """End a run whose shards are all there, and print where it is.

    Args:
        run: A run folder or an address such as s3://bucket/run, whose shards several machines
            made, or one that died before the end.
    """
    from trendcolor.api.runs import seal_text

    print(seal_text(run))


@app.command
def verify(
    run: str,
    /,
    *,
    deep: Annotated[bool, Parameter(negative="")] = False,
    format: Literal["table", "csv", "json"] = "table",
) -> None:
    """Look through a finished run and print what is wrong, with exit code 1 if anything is.

    Args:
        run: A finished run folder, or an address. Nothing in it is changed.
        deep: Also count histograms again from the records.
        format: How to print.
    """
    from trendcolor.api.runs import verification_text
    from trendcolor.api.runs import verify as verify_run

    found = verify_run(run, deep=deep)
    print(verification_text(found, format))
    found.refuse()


@app.command
def audit_trust(
    run: Path,
    /,
    *,
    report: Path | None = None,
    key: Path | None = None,
    format: Literal["table", "csv", "json"] = "table",
) -> None:
    """Print what was allowed and whether it holds, looked at now; exit code 1 if anything fails.

    Args:
        run: A finished run folder. Nothing in it is changed.
        report: Its report; by default `report` inside the run folder.
        key: A minisign public key, which the report's signature must be of.
        format: How to print: the page, or its checks as CSV or JSON.
    """
    from trendcolor.api.trust import audit_trust as audit
    from trendcolor.api.trust import trust_text

    found = audit(run, report=report, key=key)
    print(trust_text(found, format))
    found.refuse()


@app.command
def merge(*runs: str, out: str) -> None:
    """Put runs of several machines together, and print where the whole is.

    Args:
        runs: Parts of one run, or finished runs of different data made by one recipe.
        out: Folder or address for the run.
    """
    from trendcolor.api.runs import merge_text

    print(merge_text(runs, out))


@app.command
def forget(
    run: str,
    /,
    *,
    source: Repeated = (),
    wearer: Repeated = (),
    photo: Repeated = (),
    where: Repeated = (),
    key: str = "",
) -> None:
    """Remove photos whose consent was withdrawn from a run, and print the receipt's path.

    Args:
        run: A run folder, or an address.
        source: Whose photos, as the data set writes it. May come again.
        wearer: Of whom. May come again.
        photo: A photo's id. May come again.
        where: Photos with this value of a declared column: "brand = Acme". May come again.
        key: The file of the key that the run's names are hashed with; by default the one that
            TRENDCOLOR_KEY names, else your own.
    """
    from trendcolor.api.runs import Whom, forget_text

    whom = Whom(sources=source, wearers=wearer, photos=photo, where=where, key=key)
    print(forget_text(run, whom))


@app.command
def expire(*runs: str, dry_run: Annotated[bool, Parameter(negative="")] = False) -> None:
    """Delete the runs whose last day is over, and print what became of each.

    Args:
        runs: Run folders, or addresses.
        dry_run: Delete nothing, only print what would be.
    """
    from trendcolor.api.runs import expire_text

    print(expire_text(runs, dry_run=dry_run))
