"""Who was forgotten in a run, without saying who: `forgotten.json`, and the marks that it holds.

A mark is a keyed hash of a declared value or of a photo's id. With the value in hand anybody can
prove that it was forgotten; without it nobody reads it. A run that goes on leaves out whatever
bears a mark.

RUN/forgotten.json   what was forgotten, and when: one entry a call
RUN/forgetting.json  a call that is under way; while it is there the run doesn't open
"""

import hmac
import re
import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from trendcolor.errors import RunError
from trendcolor.runs.corrections import Provenance
from trendcolor.runs.files import read_json
from trendcolor.runs.manifest import Receipt
from trendcolor.runs.retention import check_not_expired
from trendcolor.runs.store import Place, store_of

FORGOTTEN, JOURNAL = "forgotten.json", "forgetting.json"
PHOTO = "photo"  # the column of ids
INSTEAD = "a photo that was forgotten"  # what a reason says in place of its id
_SALT = 32  # bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A value that was forgotten, as a keyed hash."""

    column: str  # whose value it is; `photo` for ids
    salt: str  # the key, hex
    digest: str  # HMAC-SHA-256 of column, line feed and value, hex
    key: str = ""  # fingerprint of the key that the value itself was hashed with; empty: with none

    @classmethod
    def of(cls, column: str, value: str, salt: str, key: str = "") -> "Mark":
        """The mark of a value, as the run holds it."""
        return cls(column=column, salt=salt, digest=_digest(column, value, salt), key=key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """One value that was forgotten, and what was removed for it."""

    mark: Mark
    photos: int  # those that an earlier one of the same call removed are counted there
    garments: int
    records: int  # rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """A shard that was written anew."""

    shard: int
    photos: int  # removed from it; 0 where only a reason named one of another shard
    before: Mapping[str, str]  # SHA-256 of its files, by folder
    after: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgetting:
    """One call of `forget`."""

    date: str  # UTC, ISO 8601
    named: tuple[Named, ...]
    shards: tuple[Touched, ...]
    corrections: int  # corrected garments that went with their photos
    deleted: tuple[str, ...]  # folders that may have held figures or ids, such as `report`

    def total(self, count: str) -> int:
        """The sum of a count of `Named`, such as `photos`."""
        return sum(getattr(each, count) for each in self.named)


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """All that was forgotten in a run: `forgotten.json`."""

    calls: tuple[Forgetting, ...] = ()

    @property
    def marks(self) -> tuple[Mark, ...]:
        """The marks of all calls, each once."""
        found = (each.mark for call in self.calls for each in call.named)
        return tuple(dict.fromkeys(found))


@dataclass(frozen=True, slots=True, kw_only=True)
class Journal:
    """A call under way: `forgetting.json`, written before anything changes, deleted last."""

    call: Forgetting  # its shards without `after`
    before: tuple[Receipt, ...]  # of the same shards
    is_sealed: bool  # whether the run was sealed, and is to be again
    seconds: float  # of its manifest
    finished: str
    provenance: Provenance | None  # of its corrections


@dataclass(slots=True)
class Marks:
    """Marks, to be looked up."""

    marks: Sequence[Mark]
    _known: dict[tuple[str, str], Mark | None] = field(default_factory=dict)
    _of: dict[str, dict[str, dict[str, Mark]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for mark in self.marks:
            self._of.setdefault(mark.column, {}).setdefault(mark.salt, {})[mark.digest] = mark

    def __bool__(self) -> bool:
        """Whether there is any."""
        return bool(self._of)

    def of(self, row: Mapping[str, object]) -> Sequence[Mark]:
        """The marks that a photo bears, by its `photo` and declared columns."""
        values = ((column, row.get(column)) for column in self._of)
        marks = (self._look_up(column, text) for column, text in values if isinstance(text, str))
        return [mark for mark in marks if mark is not None]

    def bearing(self, photos: pl.DataFrame) -> pl.DataFrame:
        """The photos that bear a mark, of a table with `needed`; each value is hashed once."""
        is_borne = pl.lit(False)
        for column in self._of:
            distinct = photos[column].drop_nulls().unique()
            hits = [value for value in distinct if self._look_up(column, value) is not None]
            is_borne |= pl.col(column).is_in(hits)
        return photos.filter(is_borne)

    @property
    def needed(self) -> Sequence[str]:
        """The columns of photos that `bearing` and `of` look at, and the id."""
        return [PHOTO, *(name for name in self._of if name != PHOTO)]

    def _look_up(self, column: str, value: str) -> Mark | None:
        if column == PHOTO:  # each comes once
            return self._hashed(column, value)
        key = (column, value)
        if key not in self._known:
            self._known[key] = self._hashed(column, value)
        return self._known[key]

    def _hashed(self, column: str, value: str) -> Mark | None:
        for salt, marks in self._of[column].items():
            mark = marks.get(_digest(column, value, salt))
            if mark is not None:
                return mark
        return None


def new_salt() -> str:
    """A key of its own for a run, hex."""
    return secrets.token_hex(_SALT)


def read_forgotten(place: Place) -> Forgotten:
    """Who was forgotten in a run; nobody where it says nothing of it.

    Raises:
        RunError: it can't be read.
    """
    store = store_of(place)
    return read_json(store, FORGOTTEN, Forgotten) if _has(place, FORGOTTEN) else Forgotten()


def read_journal(place: Place) -> Journal | None:
    """The call of `forget` that was broken off in a run; None: there is none.

    Raises:
        RunError: it can't be read.
    """
    return read_json(place, JOURNAL, Journal) if _has(place, JOURNAL) else None


def check_no_journal(place: Place) -> None:
    """Refuse a run in which a `forget` or an `expire` was broken off, or that was deleted.

    Raises:
        RunError: it was.
    """
    check_not_expired(place)
    if _has(place, JOURNAL):
        told = store_of(place).place
        raise RunError(
            f"{told}: a `forget` was broken off in it (`trendcolor forget {told}` finishes it)"
        )


def left_out(
    place: Place, photos: Iterable[tuple[str, Mapping[str, str | None]]]
) -> frozenset[str]:
    """The ids of the photos that a run has forgotten.

    Args:
        place: The run.
        photos: Id and declared columns of each; only looked at where somebody was forgotten.

    Raises:
        RunError: `forgotten.json` can't be read.
    """
    marks = Marks(read_forgotten(place).marks)
    if not marks:
        return frozenset()
    return frozenset(name for name, columns in photos if marks.of({**columns, PHOTO: name}))


def names_any(reasons: pl.Series, ids: Collection[str]) -> bool:
    """Whether a reason holds the id of one of some photos."""
    return bool(ids) and bool(reasons.str.contains_any(list(ids)).any())


def without_ids(text: str, ids: Iterable[str]) -> str:
    """A text that names none of some photos, such as the reason that another repeats one.

    Args:
        text: The reason.
        ids: Of the photos.
    """
    for name in ids:
        if name in text:
            text = re.sub(rf"(?<![\w/.-]){re.escape(name)}(?![\w/-])", INSTEAD, text)
    return text


def _digest(column: str, value: str, salt: str) -> str:
    return hmac.new(bytes.fromhex(salt), f"{column}\n{value}".encode(), "sha256").hexdigest()


def _has(place: Place, name: str) -> bool:
    return store_of(place).read(name) is not None
