"""Stores of photos that fsspec knows: listed page by page, read with patience.

What is wrong with one object rejects one photo. A store that can't be reached, or lets nobody in,
stops the run instead, which goes on from there later: it would reject every photo.
"""

import io
import logging
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, TypeVar

from fsspec.core import url_to_fs

from trendcolor.config import Address
from trendcolor.config.location import remedy
from trendcolor.errors import DataError, PhotoError, StoreError

T = TypeVar("T")

_LOG = logging.getLogger(__name__)

# Seconds to wait before trying again, after what its own client has tried.
PAUSES = (1.0, 2.0, 4.0, 8.0)
_S3, _HTTP = ("s3", "s3a"), ("http", "https")
_BUFFER = 1 << 20  # bytes that are read at once of a file that is looked through
# Answers that speak of one object only, of S3 and of HTTP servers.
_OF_OBJECT = ("InvalidObjectState", "KeyTooLongError", "InvalidURI")
_OF_STORE = (401, 403, 407, 408, 425, 429)  # of the statuses 400 to 499
# What a mistake of ours raises; it is no fault of a store.
_BUGS = (ArithmeticError, AssertionError, AttributeError, LookupError, MemoryError, TypeError)
_DEEPEST = 100  # folders within each other; a web page may link to itself for ever


@dataclass(frozen=True, slots=True)
class Listed:
    """A file as a store lists it."""

    path: str  # relative to what was listed
    size: int  # bytes; -1 where the store doesn't tell


def fetch(address: Address, most: int) -> bytes:
    """A file, at most one byte more than `most`.

    Raises:
        PhotoError: there is no such file, or the store gives everything but this one.
        StoreError: the store can't be reached or lets nobody in.
    """
    files, path = _opened(address)

    def get() -> bytes:
        if address.scheme in _HTTP:  # whose servers may send all where a part is asked for
            with files.open(path, "rb", block_size=0, size=1) as stream:
                return _up_to(stream, most + 1)
        try:
            content: bytes = files.cat_file(path, start=0, end=most + 1)
        except Exception as error:
            if _told(error) in ("InvalidRange", 416):  # of an empty object
                return b""
            raise
        return content

    return _patiently(address, get)


def fetch_part(address: Address, offset: int, size: int) -> bytes:
    """Bytes out of the middle of a file; fewer where it ends before.

    Raises:
        PhotoError, StoreError: as `fetch`.
    """
    if not size:
        return b""
    files, path = _opened(address)

    def get() -> bytes:
        if address.scheme in _HTTP:
            wanted = {"Range": f"bytes={offset}-{offset + size - 1}"}
            with files.open(path, "rb", block_size=0, size=1, headers=wanted) as stream:
                return _up_to(stream, size + 1)
        part: bytes = files.cat_file(path, start=offset, end=offset + size)
        return part

    content = _patiently(address, get)
    if len(content) > size:
        raise StoreError(f"{address}: its server gives no part of a file (copy it elsewhere first)")
    return content


def size_of(address: Address) -> int:
    """How many bytes a file has; -1 where the store doesn't tell.

    Raises:
        PhotoError, StoreError: as `fetch`.
    """
    files, path = _opened(address)
    size = _patiently(address, lambda: files.info(path).get("size"))
    return -1 if size is None else int(size)


def open_stream(address: Address) -> io.BufferedReader:
    """A file to be looked through, from any place; only what is read is fetched.

    Raises:
        PhotoError, StoreError: as `fetch`.
    """
    size = size_of(address)
    if size < 0:
        raise StoreError(f"{address}: its server does not tell its size (copy it elsewhere first)")
    return io.BufferedReader(_Ranges(address, size), _BUFFER)


def listed(root: Address, endings: Collection[str]) -> Iterator[Listed]:
    """The files below an address whose names end so, in an order that is the same each time.

    Of S3 one page of 1,000 objects is in memory at a time; of other stores what lies directly in
    one folder, about 1 KB an object. Hidden files and folders are passed over.

    Raises:
        DataError: there is nothing at the address.
        StoreError: as `fetch`.
    """
    files, path = _opened(root)
    found = _s3_pages(files, root, path) if root.scheme in _S3 else _folders(files, root, path)
    for each in found:
        parts = PurePosixPath(each.path)
        if parts.suffix.lower() in endings and not any(p.startswith(".") for p in parts.parts):
            yield each


def is_there(root: Address) -> bool:
    """Whether a file or folder is at an address; HTTP servers are not asked, which may list none.

    Raises:
        DataError, StoreError: as `listed`.
    """
    if root.scheme in _HTTP:
        return True
    files, path = _opened(root)
    try:
        return bool(_patiently(root, lambda: files.info(path)))
    except PhotoError:
        return False


def _opened(address: Address) -> tuple[Any, str]:
    """The file system of an address and the path there."""
    try:
        files, path = url_to_fs(str(address), use_listings_cache=False)
    except ImportError as cause:
        raise DataError(f"{address}: {remedy(address.scheme)} first ({cause})") from cause
    except ValueError as cause:
        raise DataError(f"{address}: no store is known for this address ({cause})") from cause
    return files, path


def _patiently(address: Address, act: Callable[[], T]) -> T:
    """Act, and again after a while where the network or the store is at fault."""
    for pause in (*PAUSES, None):
        try:
            return act()
        except _BUGS:
            raise
        except Exception as error:  # each store's client has errors of its own
            _refuse(address, error)
            if pause is None:
                raise StoreError(
                    f"{address}: the store does not answer ({_why(error)}; once it does, the same "
                    "command goes on)"
                ) from error
            _LOG.warning("%s: %s; trying again in %g s", address, _why(error), pause)
            time.sleep(pause)
    raise AssertionError  # the last pause is None


def _refuse(address: Address, error: Exception) -> None:
    """Raise what trying again doesn't mend."""
    told = _told(error)
    if isinstance(error, FileNotFoundError) or told in (404, "NoSuchKey"):
        if told == "NoSuchBucket":
            raise StoreError(f"{address}: there is no such bucket") from error
        raise PhotoError("no such file") from error
    is_odd = isinstance(told, int) and 400 <= told < 500 and told not in _OF_STORE
    if is_odd or told in _OF_OBJECT or isinstance(error, IsADirectoryError):
        raise PhotoError(f"the store does not give it ({_why(error)})") from error
    is_shut = isinstance(error, PermissionError) or told in (401, 403, 407)
    if is_shut or "Credentials" in type(error).__name__:
        raise StoreError(
            f"{address}: the store lets nobody in ({_why(error)}; keys come from the environment "
            "or fsspec's settings)"
        ) from error


def _told(error: BaseException) -> str | int | None:
    """What the store itself said: the code of S3, or the status of HTTP."""
    for each in (error, error.__cause__):
        response = getattr(each, "response", None)
        if isinstance(response, dict):
            return str(response.get("Error", {}).get("Code"))
        for name in ("status", "status_code", "code"):
            if isinstance(status := getattr(each, name, None), int):
                return status
    return None


def _why(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def _up_to(stream: Any, size: int) -> bytes:  # noqa: ANN401 # fsspec has no types
    content = bytearray()
    while len(content) < size and (block := stream.read(size - len(content))):
        content += block
    return bytes(content)


def _s3_pages(files: Any, root: Address, path: str) -> Iterator[Listed]:  # noqa: ANN401 # s3fs
    bucket, key, _ = files.split_path(path)
    prefix = f"{key}/" if key else ""
    asked = {"Bucket": bucket, "Prefix": prefix}
    while True:
        page = _listing(root, lambda: files.call_s3("list_objects_v2", **asked))
        for each in page.get("Contents", ()):
            yield Listed(each["Key"][len(prefix) :], each["Size"])
        if not page.get("IsTruncated"):
            return
        asked["ContinuationToken"] = page["NextContinuationToken"]


def _folders(files: Any, root: Address, path: str) -> Iterator[Listed]:  # noqa: ANN401 # fsspec
    start = len(path.rstrip("/")) + 1

    def below(folder: str, depth: int) -> Iterator[Listed]:
        found = _listing(root, lambda: files.ls(folder, detail=True))
        for each in sorted(found, key=lambda entry: str(entry["name"])):
            name, size = str(each["name"]).rstrip("/"), each.get("size")
            own = name[len(folder.rstrip("/")) + 1 :]
            if not own or "/" in own or own.startswith("."):
                continue  # the folder itself, or what a page links to elsewhere
            if each["type"] != "directory":
                yield Listed(name[start:], -1 if size is None else int(size))
            elif depth < _DEEPEST:
                yield from below(name, depth + 1)

    return below(path, 0)


def _listing(root: Address, act: Callable[[], T]) -> T:
    try:
        return _patiently(root, act)
    except PhotoError as cause:
        raise DataError(f"{root}: can't be listed ({cause})") from cause


class _Ranges(io.RawIOBase):
    """A file in a store whose bytes are fetched where they are read."""

    def __init__(self, address: Address, size: int) -> None:
        self._address, self._size, self._place = address, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._size}[whence]
        self._place = start + offset
        return self._place

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 # any writable buffer
        size = min(len(buffer), self._size - self._place)
        content = fetch_part(self._address, self._place, size) if size > 0 else b""
        buffer[: len(content)] = content
        self._place += len(content)
        return len(content)
