"""A finished run looked through from end to end, and nothing changed: every fault is told."""

from dataclasses import dataclass

import polars as pl

from trendcolor.errors import RunError
from trendcolor.runs.checking import Fault, look_at_shards, read_header
from trendcolor.runs.files import read_json, shard_name
from trendcolor.runs.looking import (
    Look,
    look_at_corrections,
    look_at_croissant,
    look_at_files,
    look_at_forgotten,
    look_at_manifest,
    look_at_receipts,
    look_at_rows,
    look_at_summary,
)
from trendcolor.runs.manifest import Manifest
from trendcolor.runs.shards import RECEIPTS, SHARD_PARTS
from trendcolor.runs.store import Place, store_of


@dataclass(frozen=True, slots=True)
class Verification:
    """What was looked at in a run, and what is wrong with it."""

    place: str
    looked_at: dict[str, int]  # how many files, shards, photos or garments, by check
    faults: tuple[Fault, ...]

    def table(self) -> pl.DataFrame:
        """One row a fault, and one for each check without: `check`, `looked_at`, `where`, `fault`.

        `where` is the file, empty where nothing is wrong; `fault` is then "none".
        """
        rows = []
        for check in dict.fromkeys((*self.looked_at, *(each.check for each in self.faults))):
            number = self.looked_at.get(check, 0)
            found = [each for each in self.faults if each.check == check]
            sound = Fault(check=check, where="", fault="none")
            rows += [(check, number, each.where, each.fault) for each in found or [sound]]
        return pl.DataFrame(rows, ("check", "looked_at", "where", "fault"), orient="row")

    def refuse(self) -> None:
        """Raise an error if anything is wrong.

        Raises:
            RunError: something is; `table` tells what.
        """
        if self.faults:
            n = len(self.faults)
            told = (
                "1 fault (the answer tells it)" if n == 1 else f"{n} faults (the answer tells them)"
            )
            raise RunError(f"{self.place}: {told}")


def verify(place: Place, *, deep: bool = False) -> Verification:
    """Look through a finished run; nothing is changed.

    Each file is read once, one shard in memory at a time; ids take eight bytes a photo.

    Args:
        place: The run folder or address.
        deep: Also count the histograms and the corrected summary again from the records.

    Returns:
        Every fault, not only the first.

    Raises:
        RunError: there is no run, it is unfinished or of another version, or its manifest can't be
            read.
    """
    store = store_of(place)
    header = read_header(store)
    if store.read("manifest.json") is None:
        raise RunError(f"{store.place}: is unfinished (`trendcolor seal {store.place}`)")
    look = Look(store, header, read_json(store, "manifest.json", Manifest))
    look_at_manifest(look)
    look_at_files(look)
    looked = look_at_shards(store, header.shards)
    look.count("hashes", header.shards * len(SHARD_PARTS))
    look.count("rows", header.shards)
    look.faults += looked.faults
    for shard in looked.missing:
        look.tell("files", shard_name(RECEIPTS, shard), "is missing")
    look_at_receipts(look, [*looked.whole.values()])
    look_at_rows(look, [*looked.whole], deep=deep)
    is_whole = len(looked.whole) == header.shards
    if is_whole:
        look_at_summary(look)
    look_at_croissant(look)
    look_at_corrections(look, is_whole=is_whole, deep=deep)
    look_at_forgotten(look, [*looked.whole])
    return Verification(store.place, look.looked_at, tuple(look.faults))
