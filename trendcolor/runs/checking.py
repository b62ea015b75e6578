"""Whether a shard is whole: its files' hashes, and their rows against its receipt."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO

import polars as pl
from polars.exceptions import PolarsError

from trendcolor.color.vocabularies import shipped_vocabulary
from trendcolor.errors import RunError
from trendcolor.histograms import GRID_VERSION
from trendcolor.records import FIELDS
from trendcolor.runs.files import read_json, sha256_of, shard_name
from trendcolor.runs.manifest import FORMAT, Header, Receipt
from trendcolor.runs.retention import check_not_expired
from trendcolor.runs.shards import RECEIPTS, SHARD_PARTS
from trendcolor.runs.store import Place, Store, store_of

_MOST = 5  # faults that one message tells


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that is wrong in a run."""

    check: str  # what was looked at, such as `hashes`
    where: str  # the file
    fault: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What became of a run's shards."""

    whole: Mapping[int, Receipt]  # by number
    missing: Sequence[int]  # have no receipt
    damaged: Sequence[int]
    faults: Sequence[Fault]  # of the damaged ones


@dataclass(frozen=True, slots=True, kw_only=True)
class _FormatMark:
    """What any version's `settings.json` holds."""

    format: int


@dataclass(frozen=True, slots=True, eq=False)
class ReadShard:
    """The rows of one shard, as they are stored but for pixels, which are whole numbers."""

    records: pl.DataFrame
    photos: pl.DataFrame
    histograms: pl.DataFrame
    sources: pl.DataFrame


def read_header(place: Place) -> Header:
    """What a run is of.

    Raises:
        RunError: there is no run, it was deleted, it is of another format, or its histograms count
            on another grid or by another vocabulary than this version's.
    """
    store = store_of(place)
    check_not_expired(store)
    if store.read("settings.json") is None:
        raise RunError(f"{store.place}: not a run (it has no settings.json)")
    found = read_json(store, "settings.json", _FormatMark).format
    if found != FORMAT:
        raise RunError(
            f"{store.place}: is of format {found}, this version reads {FORMAT} (`trendcolor run` "
            "its config again, into another folder or with --fresh)"
        )
    header = read_json(store, "settings.json", Header)
    if (header.grid, header.vocabulary) != (GRID_VERSION, shipped_vocabulary().fingerprint):
        raise RunError(
            f"{store.place}: counts on another color grid or by other names than this version (use "
            f"trendcolor {header.code_version})"
        )
    if not header.shards:
        raise RunError(f"{store.place}: settings.json does not say how many shards there are")
    return header


def remedy(header: Header, place: str) -> str:
    """How shards of a run that are missing or damaged are made again."""
    if header.parents:
        return f"`trendcolor merge PARENT ... --out {place}` copies them again"
    return f"`trendcolor run CONFIG --out {place}` makes them again"


def look_at_shards(store: Store, n_shards: int) -> Looked:
    """Read every file of every shard, one shard at a time, and compare it with its receipt."""
    whole: dict[int, Receipt] = {}
    missing: list[int] = []
    damaged: list[int] = []
    faults: list[Fault] = []
    for shard in range(n_shards):
        name = shard_name(RECEIPTS, shard)
        if store.read(name) is None:
            missing.append(shard)
            continue
        try:
            receipt = read_json(store, name, Receipt)
            found = list(shard_faults(store, shard, receipt))
        except (RunError, PolarsError):
            found = [Fault(check="receipts", where=name, fault="can't be read")]
        if found:
            damaged.append(shard)
            faults += found
        else:
            whole[shard] = receipt
    return Looked(whole=whole, missing=missing, damaged=damaged, faults=faults)


def check_whole(store: Store, header: Header) -> Mapping[int, Receipt]:
    """The receipts of all shards of a run.

    Raises:
        RunError: shards are missing or damaged; it tells which, what is wrong, and what helps.
    """
    looked = look_at_shards(store, header.shards)
    told = [f"{_listed(looked.missing)} missing"] if looked.missing else []
    told += [f"{_listed(looked.damaged)} damaged"] if looked.damaged else []
    if told:
        lines = [f"  {each.where}: {each.fault}" for each in looked.faults]
        more = [f"  ... and {len(lines) - _MOST} more"] if len(lines) > _MOST else []
        first = f"{store.place}: of {header.shards} shards {' and '.join(told)}"
        helps = f"({remedy(header, store.place)})"
        raise RunError("\n".join([f"{first} {helps}", *lines[:_MOST], *more]))
    return looked.whole


def shard_faults(store: Store, shard: int, receipt: Receipt) -> Iterator[Fault]:
    """What is wrong with a shard's files: hashes and rows."""
    contents: dict[str, bytes] = {}
    if receipt.shard != shard:
        told = f"is the receipt of shard {receipt.shard}"
        yield Fault(check="receipts", where=shard_name(RECEIPTS, shard), fault=told)
    for part in SHARD_PARTS:
        name = shard_name(part, shard)
        content = store.read(name)
        if content is None:
            yield Fault(check="hashes", where=name, fault="is missing")
        elif sha256_of(content) != receipt.sha256.get(part):
            yield Fault(check="hashes", where=name, fault="is not the file of its receipt")
        else:
            contents[part] = content
    for part in ("photos", "records"):
        if part in contents:
            yield from _row_faults(part, shard_name(part, shard), contents[part], receipt)


def _row_faults(part: str, name: str, content: bytes, receipt: Receipt) -> Iterator[Fault]:
    """Where a table has other numbers of rows than its shard's receipt says."""
    if part == "photos":
        status = pl.read_parquet(BytesIO(content), columns=["status"])["status"]
        counts = dict(status.cast(pl.String).value_counts().iter_rows())
        found = {"photos": len(status)}
        found |= {each: counts.get(each, 0) for each in ("ok", "screened", "rejected")}
    else:
        rank = pl.read_parquet(BytesIO(content), columns=["rank"])["rank"]
        found = {"rows": len(rank), "garments": int((rank == 0).sum())}
    for count, rows in found.items():
        told = getattr(receipt, count)
        if rows != told:
            yield Fault(check="rows", where=name, fault=f"has {rows} {count}, its receipt {told}")


def read_shard(store: Store, shard: int) -> ReadShard:
    """The rows of a shard that is whole.

    Raises:
        RunError: a file is missing.
    """
    frames = {part: pl.read_parquet(BytesIO(_read(store, part, shard))) for part in SHARD_PARTS}
    frames["records"] = frames["records"].with_columns(pl.col("pixels").cast(FIELDS["pixels"]))
    return ReadShard(**frames)


def read_part(store: Store, part: str, shard: int, columns: Sequence[str]) -> pl.DataFrame:
    """Some columns of one of a shard's tables.

    Raises:
        RunError: it is missing.
    """
    return pl.read_parquet(BytesIO(_read(store, part, shard)), columns=list(columns))


def _read(store: Store, part: str, shard: int) -> bytes:
    content = store.read(shard_name(part, shard))
    if content is None:
        raise RunError(f"{store.place}/{shard_name(part, shard)}: is missing")
    return content


def _listed(numbers: Sequence[int]) -> str:
    more = f" and {len(numbers) - _MOST} more" if len(numbers) > _MOST else ""
    return ", ".join(map(str, numbers[:_MOST])) + more
