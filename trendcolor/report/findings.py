"""What tables say, in a sentence or two that claim no more than the intervals do."""

import polars as pl

from trendcolor.report.contents import Changes, ReportContents
from trendcolor.report.groups import Row
from trendcolor.report.words import Words

_MOST_NAMED = 4  # families of one direction in a sentence


def sentence(text: str) -> str:
    """A text as the start of a sentence."""
    return text[:1].upper() + text[1:]


def finding(families: pl.DataFrame, words: Words) -> str:
    """Which family leads, and whether that is certain."""
    shown = families.filter(pl.col("share") > 0)
    if families.is_empty():
        return words.text("No garment with a readable color was found.")
    if shown.is_empty():
        return words.text("Too few sources: no share of a color family can be shown.")
    first = shown.row(0, named=True)
    lead = _lead(first, words, has_hidden=families["share"].null_count() > 0)
    if shown.height == 1:
        return words.text("{lead}.", lead=lead)
    second = shown.row(1, named=True)
    said = {"lead": lead, "second": words.family(second["family"])}
    said["share"] = words.percent(second["share"])
    if second["high"] < first["low"]:
        return words.text("{lead}; {second} follows with {share}.", **said)
    return words.text(
        "{lead}; {second} follows with {share}. Their intervals overlap, so which of the two "
        "leads is not certain.",
        **said,
    )


def _lead(first: Row, words: Words, *, has_hidden: bool) -> str:
    """The start of a sentence: which family leads, and with how much of how many."""
    said = {
        "family": words.family(first["family"]),
        "share": words.percent(first["share"]),
        "n": words.count(first["denominator"]),
        "interval": words.interval(first["low"], first["high"]),
    }
    if has_hidden:
        return words.text(
            "Of the families that can be shown, {family} is the most frequent main color: {share} "
            "of {n} garments (interval {interval})",
            **said,
        )
    return sentence(
        words.text(
            "{family} is the most frequent main color: {share} of {n} garments "
            "(interval {interval})",
            **said,
        )
    )


def signature_finding(signatures: pl.DataFrame, words: Words) -> str:
    """The signature of the family with most garments, as a sentence; empty where none is told."""
    told = signatures.filter(pl.col("color").is_not_null())
    if told.is_empty():
        return ""
    first = told.row(0, named=True)
    radius = first["radius"]
    plus_minus = "" if radius is None else f" \N{PLUS-MINUS SIGN} {words.decimal(radius, 1)}"
    return words.text(
        "The run's {family} is {color} ({name}), found among {n} garments.",
        family=words.family(first["family"]),
        color=f"{first['color']}{plus_minus}",
        name=words.color(first["name"]),
        n=words.count(first["n"]),
    )


def tone_finding(contents: ReportContents, words: Words) -> str:
    """How neutral the whole is."""
    told = contents.tones.filter(pl.col("tone") == "neutral", pl.col("share").is_not_null())
    if told.is_empty():
        return words.text("Too few sources: this can't be shown.")
    row = told.row(0, named=True)
    return words.text(
        "{share} of {n} garments are neutral: black, white, gray, beige or brown (interval "
        "{interval}). The rest are chromatic.",
        share=words.percent(row["share"]),
        n=words.count(row["denominator"]),
        interval=words.interval(row["low"], row["high"]),
    )


def change_finding(changes: Changes, words: Words) -> str:
    """Which families rise and fall from one part to the other."""
    said = {"before": changes.before.label, "after": changes.after.label}
    up, down = (
        changes.families.filter(pl.col("verdict") == verdict).sort(
            pl.col("change").abs(), descending=True
        )
        for verdict in ("up", "down")
    )
    if up.is_empty() and down.is_empty():
        return words.text("From {before} to {after} no family is shown to rise or fall.", **said)
    rising, falling = (_most(table, words) for table in (up, down))
    if not falling:
        return words.text("From {before} to {after}, rising: {rising}.", **said, rising=rising)
    if not rising:
        return words.text("From {before} to {after}, falling: {falling}.", **said, falling=falling)
    return words.text(
        "From {before} to {after}, rising: {rising}; falling: {falling}.",
        **said,
        rising=rising,
        falling=falling,
    )


def distance_finding(changes: Changes, words: Words) -> str:
    """How far the two parts are apart as wholes; empty where that is withheld."""
    if changes.distance is None:
        return ""
    distance = words.decimal(changes.distance, 1)
    if changes.distance_p is None:
        return words.text("As wholes they are CIEDE2000 {distance} apart.", distance=distance)
    return words.text(
        "As wholes they are CIEDE2000 {distance} apart; between two draws of one population so "
        "much or more would have a chance of {p}.",
        distance=distance,
        p=words.decimal(changes.distance_p, 3),
    )


def _most(table: pl.DataFrame, words: Words) -> str:
    """The families of a table with their changes, the largest first, as a list."""
    named = [
        f"{words.family(row['family'])} ({words.points(row['change'])})"
        for row in table.head(_MOST_NAMED).iter_rows(named=True)
    ]
    listed = words.term("format", ", ").join(named)
    rest = table.height - len(named)
    if not rest:
        return listed
    return words.plural("{listed} and {n} more", "{listed} and {n} more", rest, listed=listed)
