"""The columns that a data set's owner declares, and those that are refused.

What a column says of people must have been declared by somebody who knew. What a program read off
a face or a body is refused, whatever the column is called.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from trendcolor.cards.purposes import PURPOSES
from trendcolor.errors import did_you_mean

KINDS = {
    "id": "the photo's own id",
    "date": "the day it was taken, as 2025-03-31",
    "season": "the season it belongs to, such as SS25",
    "region": "where it was taken",
    "market": "the market that the clothes are sold in",
    "category": "the garment category, as its owner names it",
    "brand": "who made the clothes",
    "source": "who contributed the photo; figures are protected by counting distinct sources",
    "wearer": "who wears the clothes, as a pseudonym",
    "cohort": "a group that people or clothes were declared to belong to",
    "license": "the photo's own license, as an SPDX name",
    "weight": "how much the photo counts, a number",
}
RESERVED = (  # columns of records, photos and answers
    *("photo", "wearer", "garment", "rank", "r", "g", "b", "weight", "pixels"),
    *("status", "reason", "width", "height", "wearers", "touching", "bystanders", "garments"),
    *("small_garments", "light_x", "light_y", "corrected", "light_method"),
    *("exposure", "light_refused"),
    *("share", "low", "high", "numerator", "denominator", "unit", "family", "name", "bin", "near"),
)

# A second column of these kinds would leave open which one is meant.
_ONCE = ("id", "date", "season", "source", "wearer", "license", "weight")
# Columns of these kinds speak of people: no inference of any sort may fill them.
_PERSON_KINDS = ("cohort", "wearer", "source")

_INFERRED = re.compile(
    r"(?<!never )(?<!not )\b(infer|estimat|predict|classifier|detect|recogni[sz]|guess"
    r"|algorithm|neural|machine|computer vision|ai\b)",
    re.IGNORECASE,
)
_BODY = re.compile(
    r"\b(faces?|facial|face\+\+|deepface|biometric\w*|bod(y|ies)|skin|gait|iris)\b|face\+\+",
    re.IGNORECASE,
)
_BODY_WORDS = {
    *("face", "faces", "facial", "emotion", "emotions", "expression", "biometric", "biometrics"),
    *("fitzpatrick", "skintone", "attractiveness", "gait", "deepface"),
}
_BODY_PAIRS = ({"skin", "tone"}, {"skin", "color"}, {"body", "type"}, {"body", "shape"})
_PERSON_WORDS = {"age", "ages", "gender", "sex", "race", "ethnicity", "identity", "person"}
_INFERENCE_WORDS = {
    *("estimated", "estimate", "est", "predicted", "prediction", "pred", "inferred", "detected"),
    *("guessed", "guess", "recognized", "recognised", "classified", "classifier", "proba"),
    *("probability", "confidence"),
}
# Words of a column that speak of children, and parts of Chinese ones.
_CHILD_WORDS = {
    *("kid", "kids", "kidswear", "child", "children", "childrens", "childrenswear", "baby"),
    *("babies", "babywear", "toddler", "toddlers", "infant", "infants", "newborn", "newborns"),
    *("junior", "juniors", "teen", "teens", "teenager", "teenagers", "minor", "minors", "youth"),
    *("boy", "boys", "boyswear", "girl", "girls", "girlswear", "school", "schools", "schoolwear"),
    *("pupil", "pupils", "underage"),
}
_CHILD_SIGNS = (
    "儿童",
    "童装",
    "小孩",
    "孩子",
    "婴",
    "幼儿",
    "少年",
    "男孩",
    "女孩",
    "学生",
    "校服",
)
_YEAR = re.compile(r"(19|20)\d\d")


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One declared column: a `[[columns]]` section of a card."""

    name: str = ""  # what queries call it
    kind: str = ""  # one of KINDS
    declared_by: str = ""  # who wrote the values, and how they knew
    declared_on: str = ""  # when, a day or a year; nothing of a cohort is published without
    table_column: str = ""  # what the table calls it; empty: the same as `name`
    values: tuple[str, ...] = ()  # the only values that may occur; empty: any
    inferred_from: str = ""  # what a program computed the values from; never a face or a body
    purposes: tuple[str, ...] = ()  # the only ones that it may serve; empty: the card's
    note: str = ""

    @property
    def from_name(self) -> str:
        """What the data set's table calls the column."""
        return self.table_column or self.name


def is_unanswered(text: str) -> bool:
    """Whether a value is still the question that a starter card put there."""
    return text.lstrip().startswith("TODO")


def column_faults(columns: Sequence[Column]) -> Iterator[str]:
    """All that is wrong with a card's columns, each fault with its place and remedy.

    Args:
        columns: As the card gives them.
    """
    for number, column in enumerate(columns, start=1):
        place = f"column '{column.name}'" if column.name else f"columns[{number}]"
        for faults in (_answer_faults, _name_faults, _inference_faults, _purpose_faults):
            yield from (f"{place}: {fault}" for fault in faults(column))
    names = Counter(column.name.lower() for column in columns if column.name)
    for name in (name for name, count in names.items() if count > 1):
        yield f"column '{name}': declared {names[name]} times (give each column its own name)"
    kinds = Counter(column.kind for column in columns if column.kind in _ONCE)
    for kind in (kind for kind, count in kinds.items() if count > 1):
        yield f"columns: {kinds[kind]} columns are of kind '{kind}', at most one may be"


def _answer_faults(column: Column) -> Iterator[str]:
    wanted = {
        "name": "what queries call it",
        "kind": f"one of {', '.join(KINDS)}",
        "declared_by": "who wrote the values, and how they knew",
    }
    for key, want in wanted.items():
        value = getattr(column, key)
        if not value or is_unanswered(value):
            yield f"{key} is not answered (wanted: {want})"
    if column.kind and not is_unanswered(column.kind) and column.kind not in KINDS:
        yield f"no kind '{column.kind}'{did_you_mean(column.kind, list(KINDS))}"
    yield from _day_faults(column)
    if any(is_unanswered(text) for text in (*column.values, column.note, column.table_column)):
        yield "values, note or table_column still holds a question (answer it, or leave it out)"


def _day_faults(column: Column) -> Iterator[str]:
    day = column.declared_on
    if is_unanswered(day):
        yield "declared_on is not answered (wanted: when it was declared, as 2026-03-31 or 2026)"
    elif day and not _YEAR.fullmatch(day) and not is_day(day):
        yield f"declared_on is '{day}' (wanted: a day as 2026-03-31, or a year)"


def _name_faults(column: Column) -> Iterator[str]:
    if not column.name or is_unanswered(column.name):
        return
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", column.name):
        yield "a name has letters, digits and _ only (say what the table calls it in table_column)"
    if column.name.lower() in RESERVED:
        yield (
            "a run's tables have a column of that name (choose another name, and say what "
            "your table calls it in table_column)"
        )


def _inference_faults(column: Column) -> Iterator[str]:
    reason = inference(column)
    if reason:
        yield (
            f"refused, {reason}: what a program reads off a face or a body is never used (leave "
            "the column out, or declare values that people or owners gave themselves)"
        )


def _purpose_faults(column: Column) -> Iterator[str]:
    if any(is_unanswered(text) for text in column.purposes):
        yield f"purposes is not answered (wanted: any of {', '.join(PURPOSES)})"
        return
    for purpose in column.purposes:
        if purpose not in PURPOSES:
            yield f"purposes does not know '{purpose}'{did_you_mean(purpose, PURPOSES)}"
    word = child_word(column)
    if word and not column.purposes:
        yield (
            f"it speaks of children ('{word}') and has no purposes of its own (the owner states "
            "purposes, those that it may serve; or leave the column out)"
        )


def child_word(column: Column) -> str:
    """The word by which a column speaks of children; empty where it doesn't.

    Args:
        column: Its name, what its table calls it, and its values are read.
    """
    texts = (column.name, column.table_column, *column.values)
    return next((word for text in texts if (word := child_word_in(text))), "")


@lru_cache(maxsize=4096)  # of a table's values, of which there are few
def child_word_in(text: str) -> str:
    """The word by which a text speaks of children; empty where it doesn't."""
    found = sorted(_words(text) & _CHILD_WORDS) or [sign for sign in _CHILD_SIGNS if sign in text]
    return found[0] if found else ""


def is_day(text: str) -> bool:
    """Whether a text is a day as `2026-03-31`."""
    try:
        return bool(re.fullmatch(r"\d{4}-\d\d-\d\d", text)) and bool(date.fromisoformat(text))
    except ValueError:
        return False


def inference(column: Column) -> str:
    """Why a column counts as inferred from a person's looks; empty where it doesn't.

    Args:
        column: Its kind decides how strict the reading is: a region may come from a GPS position,
            a cohort may come from nobody's guess.
    """
    words = _words(column.name) | _words(column.table_column)
    if words & _BODY_WORDS or any(pair <= words for pair in _BODY_PAIRS):
        return "its name speaks of a face or a body"
    of_people = column.kind in _PERSON_KINDS or bool(words & _PERSON_WORDS)
    if words & _INFERENCE_WORDS and of_people:
        return "its name says that it is inferred"
    for key in ("inferred_from", "declared_by", "note"):
        text = getattr(column, key)
        is_inferred = bool(text) if key == "inferred_from" else bool(_INFERRED.search(text))
        speaks_of_body = bool(_BODY.search(text)) and (is_inferred or key == "declared_by")
        if speaks_of_body or (is_inferred and of_people):
            return f'{key} says "{text}"'
    return ""


def _words(name: str) -> set[str]:
    """`predictedGender` and `predicted_gender` as the same two words."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    return set(re.split(r"[^a-z0-9]+", spaced.lower())) - {""}
