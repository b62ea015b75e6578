"""Whether what a run holds may be shown for a purpose, by what the gate decided of it."""

from dataclasses import replace
from datetime import date

from trendcolor.api.queries import Run
from trendcolor.cards import check_cleared, joined_decision


def check_run_cleared(run: Run, purpose: str, today: date | None = None) -> None:
    """Refuse a purpose that a run was not cleared for, or one of several, or all together.

    Args:
        run: One run, or several that were opened as one.
        purpose: What its figures shall serve.
        today: The day, on which licenses and consent may have ended; None: the present one.

    Raises:
        RefusedError: it is refused; every rule is named with its remedy.
    """
    folders, day = run.population.folders, today or date.today()
    decisions = {name: each.manifest.header.decision for name, each in folders.items()}
    for name, decision in decisions.items():
        check_cleared(decision, purpose, day, place=name)
    joined = replace(joined_decision([*decisions.values()]), purpose=purpose)
    check_cleared(joined, purpose, day, place=" + ".join(decisions))
