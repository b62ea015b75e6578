"""Photos from stores, read while others are analyzed.

The next few photos of a shard that wait for a network are fetched in threads. What is known of
them, and in which order, stays the same: only the wait is shorter.
"""

import dataclasses
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, TimeoutError
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

from trendcolor.datasets.files import PhotoFile, check_bytes
from trendcolor.datasets.index_masks import FarMask
from trendcolor.datasets.reference import PhotoRef
from trendcolor.errors import PhotoError, StoreError

PHOTOS = 8  # that are fetched or kept at a time
BYTES = 8_000_000  # of one of them; a larger photo is read when its turn comes, and alone
_PATIENCE = 300.0  # seconds to wait for one photo, all attempts of the store's client together
_STACK = 1 << 20  # bytes of a thread's stack, which count as the worker's memory

Waiting = Callable[[], AbstractContextManager[None]]


class Ahead:
    """The far photos of a shard; those that are near stay as they are."""

    def __init__(
        self, refs: Iterable[PhotoRef], pool: ThreadPoolExecutor, waiting: Waiting
    ) -> None:
        """Begin to read.

        Args:
            refs: The photos, in the order in which they are analyzed. Those that their license
                refuses are not fetched.
            pool: Reads them.
            waiting: Holds while a photo is waited for, so that a worker's clock stands still.
        """
        self._files = deque(ref.file for ref in refs if ref.file.is_far and ref.refused is None)
        self._pool, self._waiting = pool, waiting
        self._under_way: dict[str, Future[bytes]] = {}
        self._top_up()

    def near(self, ref: PhotoRef) -> PhotoRef:
        """A photo whose file and label map come from here."""
        labels = ref.labels
        if isinstance(labels, FarMask) and labels.file.is_far:
            labels = dataclasses.replace(labels, file=_Near(labels.file, self))
        file = _Near(ref.file, self) if ref.file.is_far else ref.file
        return dataclasses.replace(ref, file=file, labels=labels)

    def read(self, file: PhotoFile, most: int) -> bytes:
        """As `PhotoFile.read`; each photo once."""
        with self._waiting():
            early = self._under_way.pop(file.place, None)
            if early is None:
                self._files = deque(each for each in self._files if each.place != file.place)
                return self._wait(file, self._pool.submit(file.read, most))
            try:
                encoded = self._wait(file, early)
            except PhotoError:  # too large to be kept, or it fails now for what it will tell then
                encoded = self._wait(file, self._pool.submit(file.read, most))
            finally:
                self._top_up()
        check_bytes(len(encoded), most)
        return encoded

    def _top_up(self) -> None:
        while self._files and len(self._under_way) < PHOTOS:
            file = self._files.popleft()
            if file.size() <= BYTES and file.place not in self._under_way:
                self._under_way[file.place] = self._pool.submit(file.read, BYTES)

    @staticmethod
    def _wait(file: PhotoFile, read: "Future[bytes]") -> bytes:
        try:
            return read.result(_PATIENCE)
        except TimeoutError as cause:
            raise StoreError(
                f"{file.place}: the store has not answered for {_PATIENCE:g} s (once it does, the "
                "same command goes on)"
            ) from cause


@dataclass(frozen=True, slots=True)
class _Near:
    """A photo that is far, as the analysis gets it."""

    file: PhotoFile
    ahead: Ahead

    @property
    def place(self) -> str:
        return self.file.place

    @property
    def name(self) -> str:
        return self.file.name

    @property
    def is_far(self) -> bool:
        return True

    def size(self) -> int:
        return self.file.size()

    def read(self, most: int) -> bytes:
        return self.ahead.read(self.file, most)


@contextmanager
def reading_ahead(
    refs: Iterable[PhotoRef], waiting: Waiting
) -> Iterator[Callable[[PhotoRef], PhotoRef]]:
    """What gives each photo of a shard as one that is read early, if it is far."""
    photos = tuple(refs)
    if not any(ref.file.is_far for ref in photos):
        yield lambda ref: ref
        return
    before = threading.stack_size(_STACK)
    pool = ThreadPoolExecutor(PHOTOS, thread_name_prefix="trendcolor-ahead")
    try:
        yield Ahead(photos, pool, waiting).near
    finally:
        threading.stack_size(before)
        pool.shutdown(wait=False, cancel_futures=True)
