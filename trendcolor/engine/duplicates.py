"""Photos of a run that repeat an earlier one: fingerprints shard by shard, then one comparison.

Which photo repeats which is kept in the user's cache folder, so that a run that is asked again
doesn't open each photo another time. The fingerprints lie there until that is known: a run that is
broken off meanwhile goes on with them.
"""

import hashlib
import logging
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import msgspec
import numpy as np
from filelock import FileLock
from numpy.typing import NDArray
from platformdirs import user_cache_path

from trendcolor.config import Config, ImagesConfig
from trendcolor.datasets.reference import PhotoRef
from trendcolor.engine.cores import n_workers
from trendcolor.engine.index import Index, Shard, write_shards
from trendcolor.engine.local import run_shards
from trendcolor.engine.worker import Limits
from trendcolor.errors import EngineError, PhotoError
from trendcolor.images.decode import Photo
from trendcolor.images.duplicates import find_duplicates
from trendcolor.images.fingerprint import (
    FINGERPRINT,
    Fingerprints,
    fingerprint_of,
    fingerprint_of_photo,
)
from trendcolor.runs import FolderStore, Store, code_version

_LOG = logging.getLogger(__name__)

_KEPT = 30 * 24 * 3600.0  # seconds that answers are kept that nobody asks for
_FOUND = "found"  # the file of which photo repeats which
_PLACE = "<i4"


def mark_duplicates(index: Index, config: Config, listing: str, target: Store) -> Index:
    """The same index with each photo that repeats an earlier one marked as its duplicate.

    Args:
        index: The photos.
        config: What is looked for, and how many workers look.
        listing: A hash of the photos, under which their fingerprints are kept.
        target: Where the index is written to.

    Returns:
        The index in `target`; the same shards.
    """
    kept = FolderStore(_cache_folder(config, listing))
    # Another run of the same photos on this machine waits, and then has the answer.
    with FileLock(kept.path.with_suffix(".lock")):
        found = kept.read(_FOUND)
        if found is None:
            found = _find(index, config, kept).tobytes()
            kept.write(_FOUND, found)
        kept.delete(sorted(kept.names() - {_FOUND}))  # fingerprints are not kept longer than needed
    first = np.frombuffer(found, _PLACE)
    n_found = int((first >= 0).sum())
    if n_found:
        _LOG.info("%d of %d photos repeat an earlier one", n_found, index.photos)
    return write_shards(_marked(index, first), target)


def _find(index: Index, config: Config, kept: FolderStore) -> NDArray[np.int32]:
    """Of each photo the place of the one that it repeats, shape (n,); -1: it repeats none."""
    with tempfile.TemporaryDirectory(prefix="trendcolor-fingerprints-") as place:
        file = Path(place) / "all"
        _gather(index, config, kept.path, file)
        prints = np.memmap(file, FINGERPRINT, "r") if index.photos else np.zeros(0, FINGERPRINT)
        found = find_duplicates(prints, config.images)
    if found.crowded:
        _LOG.warning(
            "%d photos have very many look-alikes; some that repeat others may be missed",
            found.crowded,
        )
    return found.first.astype(_PLACE)


def _gather(index: Index, config: Config, folder: Path, file: Path) -> None:
    """Write the fingerprints of all photos, in order."""
    work = FingerprintWork(config.images, folder)
    todo = [number for number in range(len(index)) if work.finished(number) is None]
    if todo:
        _LOG.info("looking for photos that repeat others: %d of %d shards", len(todo), len(index))
    done = run_shards(
        work,
        (index[number] for number in todo),
        workers=n_workers(config.engine, len(todo)),
        limits=Limits.of(config),
        retries=config.engine.retries,
    )
    for _ in done:
        pass
    with file.open("wb") as whole:
        for number in range(len(index)):
            content = work.store.read(work.name(number))
            if content is None:
                raise EngineError(f"{folder}: lost the fingerprints of shard {number} (run again)")
            whole.write(content)


def _marked(index: Index, first: NDArray[np.int32]) -> Iterator[list[PhotoRef]]:
    is_asked = np.zeros(len(first), bool)
    is_asked[first[first >= 0]] = True
    ids: dict[int, str] = {}
    place = 0
    for shard in index:
        refs = []
        for ref in shard.photos:
            if is_asked[place]:
                ids[place] = ref.id
            of = int(first[place])
            refs.append(ref if of < 0 else replace(ref, duplicate_of=ids[of]))
            place += 1
        yield refs


@dataclass(frozen=True, slots=True)
class FingerprintWork:
    """The fingerprints of each shard's photos, each shard a file."""

    images: ImagesConfig
    folder: Path

    @property
    def store(self) -> FolderStore:
        """Where the files are."""
        return FolderStore(self.folder)

    @property
    def build(self) -> Callable[[], Callable[[PhotoRef], Fingerprints]]:
        """Gives what looks at a photo."""
        return partial(_looking, self.images)

    @staticmethod
    def name(number: int) -> str:
        """What a shard's file is called."""
        return f"{number:05d}.bin"

    def finish(
        self,
        look: Callable[[PhotoRef], Fingerprints],
        shard: Shard,
        poison: Mapping[str, str],
    ) -> int:
        """Write a shard's fingerprints; its number."""
        rows = [
            no_fingerprint(ref) if ref.id in poison or ref.refused is not None else look(ref)
            for ref in shard.photos
        ]
        self.store.write(self.name(shard.number), np.concatenate(rows).tobytes())
        return shard.number

    def refused(self, ref: PhotoRef, _: str) -> Fingerprints:
        """A photo that can't be looked at repeats no other."""
        return no_fingerprint(ref)

    def finished(self, number: int) -> int | None:
        """The number of a shard whose file is there."""
        return number if (self.folder / self.name(number)).is_file() else None


def no_fingerprint(ref: PhotoRef) -> Fingerprints:
    """What stands for a photo that can't be read, or may not be: like no other."""
    row = np.zeros(1, FINGERPRINT)
    digest = hashlib.blake2b(b"unread " + ref.id.encode(), digest_size=16).digest()
    row["exact"] = np.frombuffer(digest, "<u8")
    row["plain"] = True
    return row


def _looking(images: ImagesConfig) -> Callable[[PhotoRef], Fingerprints]:
    blank = np.zeros((8, 8, 3), np.uint8)
    fingerprint_of_photo(Photo(blank, None, 8, 8))  # compiles what is compiled at its first call
    return partial(_look, images)


def _look(images: ImagesConfig, ref: PhotoRef) -> Fingerprints:
    try:
        return fingerprint_of(ref.file.read(images.max_bytes), images)
    except PhotoError:
        return no_fingerprint(ref)


def _cache_folder(config: Config, listing: str) -> Path:
    """Where answers for these photos are kept; those that nobody asks for are deleted."""
    images, engine = config.images, config.engine
    limits = (images.max_bytes, images.max_pixels, images.max_memory, images.work_pixels)
    cut = (engine.shard_photos, engine.shard_bytes)
    key = msgspec.json.encode((listing, limits, cut, code_version(), FINGERPRINT.descr))
    home = user_cache_path("trendcolor") / "fingerprints"
    folder = home / hashlib.sha256(key).hexdigest()[:32]
    folder.mkdir(parents=True, exist_ok=True)
    folder.touch()
    for other in home.iterdir():
        if time.time() - other.stat().st_mtime > _KEPT:
            shutil.rmtree(other, ignore_errors=True)
    return folder
