"""A run at an address, to be read: its files are fetched into a folder of this machine when asked.

They are kept in the user's cache folder, in one folder for each address, and each is checked
against the run's manifest. When the run at the address changes, such as by forgetting a source,
what the folder holds of it before goes away the next time that the run is opened.
"""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import msgspec
import platformdirs

from trendcolor.cards.retention import is_past
from trendcolor.config import Address
from trendcolor.errors import RunError
from trendcolor.runs.corrections import CORRECTION_FILES
from trendcolor.runs.files import sha256_of, shard_name
from trendcolor.runs.manifest import Manifest
from trendcolor.runs.retention import check_kept, check_not_expired
from trendcolor.runs.store import Store, store_of
from trendcolor.runs.summary import PARTS, summary_name

_MANIFEST = "manifest.json"
_AT_ONCE = 8  # files that are fetched together


@dataclass(frozen=True, slots=True)
class FetchedRun:
    """Where a run is, and the folder that holds what was fetched of it."""

    store: Store
    path: Path
    manifest: Manifest

    def part(self, part: str) -> None:
        """Have a part of all shards at hand, such as `records`.

        Raises:
            RunError: a file is missing, is another than the manifest says, or can't be kept.
        """
        self._fetch(
            {shard_name(part, each.shard): each.sha256[part] for each in self.manifest.shards}
        )

    def summary(self) -> None:
        """Have the summary at hand, and the corrections where the run has some.

        Raises:
            RunError: as `part`.
        """
        self._fetch({summary_name(part): self.manifest.summary[part] for part in PARTS})
        if self.manifest.corrections is not None:
            names = [name for name in CORRECTION_FILES if not name.endswith(".part")]
            self._fetch({name: None for name in names})
            self._fetch({summary_name(part, corrected=True): None for part in PARTS})

    def _fetch(self, wanted: Mapping[str, str | None]) -> None:
        """Fetch what isn't there; what has no hash is fetched each time."""
        absent = [
            name
            for name, sha256 in wanted.items()
            if sha256 is None or not (self.path / name).is_file()
        ]
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for _ in pool.map(lambda name: self._bring(name, wanted[name]), absent):
                pass  # raises what went wrong with it

    def _bring(self, name: str, sha256: str | None) -> None:
        content = self.store.read(name)
        if content is None:
            raise RunError(f"{self.store.place}/{name}: is missing")
        if sha256 not in (None, sha256_of(content)):
            raise RunError(
                f"{self.store.place}/{name}: is not the file of the manifest (`trendcolor verify` "
                "says what is wrong with the run)"
            )
        keep(self.path / name, content)


def fetched_run(address: Address) -> FetchedRun:
    """A run at an address, its manifest and summary at hand.

    Raises:
        RunError: there is no finished run, it is past its last day, or the store can't be read.
    """
    store = store_of(str(address))
    told = store.read(_MANIFEST)
    if told is None:
        check_not_expired(store)
        if store.read("settings.json") is not None:
            raise RunError(f"{address}: the run is unfinished (`trendcolor run` goes on with it)")
        raise RunError(f"{address}: no run is there (it has no manifest.json)")
    try:
        manifest = msgspec.json.decode(told, type=Manifest)
    except msgspec.DecodeError as cause:
        raise RunError(f"{address}/{_MANIFEST}: not readable by this version ({cause})") from cause
    path = cache_folder(address)
    if is_past(manifest.retain_until):
        shutil.rmtree(path, ignore_errors=True)
    check_kept(manifest, str(address))
    if not _is_same(path / _MANIFEST, told):
        _forget_others(path, manifest)
        keep(path / _MANIFEST, told)
    run = FetchedRun(store, path, manifest)
    run.summary()
    return run


def cache_folder(address: Address) -> Path:
    """Where the files of a run at an address are kept; only this user may look."""
    name = hashlib.sha256(str(address).encode()).hexdigest()[:16]
    return Path(platformdirs.user_cache_dir("trendcolor")) / "runs" / name


def keep(file: Path, content: bytes) -> None:
    """Write a file of the cache, in place only when whole.

    Raises:
        RunError: it can't be written.
    """
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=file.parent, suffix=".part", delete=False) as aside:
            aside.write(content)
        os.replace(aside.name, file)  # noqa: PTH105 # a name, as the other gives it
    except OSError as cause:
        raise RunError(
            f"{file}: can't be written ({cause.strerror or cause}); XDG_CACHE_HOME names another "
            "place"
        ) from cause


def _is_same(file: Path, content: bytes) -> bool:
    return file.is_file() and file.read_bytes() == content


def _forget_others(path: Path, manifest: Manifest) -> None:
    """Delete what the folder has of an earlier state of the run."""
    known = dict(_hashes(manifest))
    files: Iterable[Path] = list(path.rglob("*")) if path.is_dir() else ()
    for file in files:
        name = file.relative_to(path).as_posix()
        if file.is_file() and known.get(name) != sha256_of(file.read_bytes()):
            file.unlink(missing_ok=True)
    if path.is_dir() and not any(each.is_file() for each in path.rglob("*")):
        shutil.rmtree(path, ignore_errors=True)


def _hashes(manifest: Manifest) -> Iterator[tuple[str, str]]:
    for part, sha256 in manifest.summary.items():
        yield summary_name(part), sha256
    for receipt in manifest.shards:
        for part, sha256 in receipt.sha256.items():
            yield shard_name(part, receipt.shard), sha256
