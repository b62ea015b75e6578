"""Run folders themselves: ended, checked, put together, deleted, and photos taken out of them."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from trendcolor.api.text import FORMATS
from trendcolor.cards.retention import today
from trendcolor.datasets.pseudonyms import is_pseudonym, read_key
from trendcolor.errors import RunError, UsageError, did_you_mean
from trendcolor.runs import (
    FORGOTTEN,
    Forgetting,
    Header,
    Manifest,
    RunRetention,
    Value,
    Verification,
    check_no_journal,
    check_whole,
    is_hashed,
    kind_of,
    look_at_retention,
    merge_runs,
    only_writer,
    read_header,
    store_of,
)
from trendcolor.runs import expire as expire_run
from trendcolor.runs import forget as forget_values
from trendcolor.runs import seal as seal_run
from trendcolor.runs import verify as verify_run

_LOG = logging.getLogger(__name__)


def seal(run: str | Path) -> Manifest:
    """End a run whose shards are all there, made by several machines or by one that died.

    Every file is read again and compared with its receipt.

    Args:
        run: The run folder, or an address such as `s3://bucket/run`.

    Raises:
        RunError: there is no run, shards are missing or damaged (all are told), or another process
            writes to it.
    """
    store = store_of(_place(run))
    header = read_header(store)
    with only_writer(store):
        check_no_journal(store)
        check_whole(store, header)
        manifest = seal_run(store, header, header.shards, 0.0)
    _LOG.info("%d shards, %d photos", len(manifest.shards), manifest.total("photos"))
    return manifest


def verify(run: str | Path, *, deep: bool = False) -> Verification:
    """Look through a finished run from end to end; nothing is changed.

    Args:
        run: The run folder, or an address.
        deep: Also count histograms again from the records.

    Returns:
        What was looked at, and every fault.

    Raises:
        RunError: there is no run, or it is unfinished or of another version.
    """
    return verify_run(_place(run), deep=deep)


def merge(runs: Sequence[str | Path], *, out: str | Path) -> Manifest:
    """Put runs together that were made on several machines.

    Args:
        runs: Parts of one run, or finished runs of different data made by one recipe.
        out: A folder or address for the run.

    Raises:
        RunError: runs are unfinished, differ, overlap, or are damaged.
    """
    manifest = merge_runs([_place(run) for run in runs], _place(out))
    _LOG.info("%d shards, %d photos", len(manifest.shards), manifest.total("photos"))
    return manifest


@dataclass(frozen=True, slots=True, kw_only=True)
class Whom:
    """Whose photos are to be forgotten; the options of `trendcolor forget`."""

    sources: Sequence[str] = ()  # values of the column of kind source
    wearers: Sequence[str] = ()  # of kind wearer
    photos: Sequence[str] = ()  # ids
    where: Sequence[str] = ()  # each "column = value"
    key: str = ""  # the file of the key that names are hashed with; empty takes the user's


def forget(run: str | Path, whom: Whom) -> Forgetting:
    """Remove photos from a run for good, with all that was counted of them.

    Args:
        run: The run folder, or an address; finished or not.
        whom: Whose photos.

    Returns:
        What was removed, as `forgotten.json` keeps it.

    Raises:
        RunError: there is no run, it is damaged, or no photo is theirs; or names are hashed with
            another key than the one that is there.
        ConfigError: names are hashed, and there is no key.
        UsageError: a condition is none, or the run has no such column.
    """
    store = store_of(_place(run))
    done = forget_values(store, _values(read_header(store), whom))
    counts = (done.total("photos"), done.total("garments"), len(done.shards))
    _LOG.info("forgotten on %s: %d photos with %d garments, from %d shards", done.date, *counts)
    if done.deleted:
        _LOG.info("deleted, as it may have told of them: %s", ", ".join(done.deleted))
    if done.corrections:
        _LOG.info("corrections that went with them: %d", done.corrections)
    return done


def expire(runs: Sequence[str | Path], *, dry_run: bool = False) -> list[RunRetention]:
    """Delete the runs whose last day is over; the others stay as they are.

    Args:
        runs: Run folders or addresses, finished or not.
        dry_run: Delete nothing, only say what would be.

    Returns:
        Of each run how long it may be kept, and what was deleted.

    Raises:
        RunError: one of them is no run, before anything is deleted; or one can't be deleted.
    """
    places = [_place(run) for run in runs]
    found = [look_at_retention(place) for place in places]
    return found if dry_run else [expire_run(place) for place in places]


def expire_text(runs: Sequence[str], *, dry_run: bool = False) -> str:
    """What `trendcolor expire` prints: a line for each run.

    Raises:
        UsageError: no run is given.
        RunError: as of `expire`.
    """
    if not runs:
        raise UsageError("no run to look at (wanted run folders or addresses)")
    found = expire(runs, dry_run=dry_run)
    for each in found:
        if each.expiry is not None and each.expiry.left:
            _LOG.warning(
                "%s: %d files or folders in it are no run's and stay; look what they hold",
                *(each.place, each.expiry.left),
            )
    return "\n".join(f"{each.place}: {_fate(each, dry_run=dry_run)}" for each in found)


def _fate(run: RunRetention, *, dry_run: bool) -> str:
    if run.retention is None:
        return "has no last day (retain_until of a card, privacy.retain_days)"
    told = f"kept until {run.retention.until} ({run.retention.rule})"
    if run.expiry is None:
        left = (date.fromisoformat(run.retention.until) - today()).days
        return f"{told}, {left} more {'day' if left == 1 else 'days'}"
    counts = f"{run.expiry.photos} photos, {run.expiry.records} records"
    if run.is_gone:
        return f"was deleted on {run.expiry.date[:10]}: {counts}; {told}"
    return f"{'would be deleted' if dry_run else 'deleted'}: {counts}; {told}"


def seal_text(run: str) -> str:
    """What `trendcolor seal` prints: the run."""
    seal(run)
    return run


def merge_text(runs: Sequence[str], out: str) -> str:
    """What `trendcolor merge` prints: the merged run."""
    merge(runs, out=out)
    return out


def forget_text(run: str, whom: Whom) -> str:
    """What `trendcolor forget` prints: the file that keeps what was done."""
    forget(run, whom)
    return f"{run.rstrip('/')}/{FORGOTTEN}"


def verification_text(found: Verification, format: str) -> str:
    """What was looked at, as a table, CSV or JSON; see `Verification.table`."""
    return FORMATS[format](found.table())


def _values(header: Header, whom: Whom) -> list[Value]:
    values = [Value("photo", name) for name in whom.photos]
    for kind, names in (("source", whom.sources), ("wearer", whom.wearers)):
        column = next((each.name for each in header.columns if each.kind == kind), None)
        if names and column is None:
            raise UsageError(f"the run declares no column of kind {kind} (--photo, --where)")
        values += [Value(str(column), name) for name in names]
    values += [_condition(header, text) for text in whom.where]
    return [_as_held(header, value, whom.key) for value in values]


def _as_held(header: Header, value: Value, key: str) -> Value:
    """A value as the run holds it: names are hashed, hashes are taken as they are."""
    if not is_hashed(header, value.column) or is_pseudonym(value.text):
        return value
    found, wanted = read_key(key), header.settings.privacy.key
    if found.fingerprint != wanted:
        raise RunError(
            f"{value.column} is hashed with key {wanted}, the one that is there is "
            f"{found.fingerprint} (--key names the file of the other; without it give what the run "
            "holds, p-..., or --photo)"
        )
    hashed = found.pseudonym(kind_of(header, value.column), value.text)
    return Value(value.column, hashed, spoken=value.text)


def _condition(header: Header, text: str) -> Value:
    """A value from a text such as `brand = Acme`."""
    name, sign, value = (part.strip() for part in text.partition("="))
    if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
        value = value[1:-1]
    texts = [column.name for column in header.columns if column.kind != "weight"]
    if not sign or not value:
        raise UsageError(f"no condition '{text}' (wanted \"column = value\")")
    if name not in texts:
        raise UsageError(f"no column '{name}' of text in the run{did_you_mean(name, texts)}")
    return Value(name, value)


def _place(run: str | Path) -> str:
    return str(run)
