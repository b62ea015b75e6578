"""Reading that may end its process, done in a process of its own: who asked gets an error.

Native readers abort on some damaged files instead of raising anything, and no exception handler
sees that. What comes back are bytes that run no code, so that nothing is trusted which a reader
that a file misled may say. The process is a plain interpreter that imports only what answers:
unlike those of multiprocessing it never imports the caller's main module, so that scripts without
a guard may ask, too.
"""

import os
import resource
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from io import BufferedReader, BufferedWriter, RawIOBase
from typing import IO, cast

from trendcolor import errors
from trendcolor.errors import EndedError, TrendColorError

_HEAD = struct.Struct(">cQ")  # before each message: its kind, and how many bytes it has
_REQUEST, _PIECE, _ERROR, _BUG, _END = b"R", b"P", b"E", b"B", b"."
_MOST_READ = 1 << 16  # bytes of what a process says that are looked at
_MOST_SAID = 200  # characters of its last words that are told


def pieces_apart(
    answer: Callable[[bytes], Iterator[bytes]], request: bytes
) -> Generator[bytes, None, None]:
    """What a function yields in a process of its own, which ends with this iterator.

    The process is ahead by a piece, or by what a pipe holds. It ends when its parent does, and
    never sees Ctrl-C, which the parent answers by closing this iterator.

    Args:
        answer: A function that its module has under its own name; the process imports the module.
        request: What it is called with.

    Raises:
        EndedError: the process ended before its time; the message says how, and its last words.
        TrendColorError: whichever of ours the function raised.
        RuntimeError: it raised anything else; the message is its trace.

    Guarantees, each held by tests/test_apart.py:
        The process is gone when the iterator is closed, and when the parent is killed.
    """
    with tempfile.TemporaryFile() as said, _started(said) as (to, back, process):
        with suppress(BrokenPipeError):  # it is dead already, which the first piece tells
            _send(to, _REQUEST, f"{answer.__module__}:{answer.__name__}".encode())
            _send(to, _REQUEST, request)
        while (message := _received(back)) is not None:
            kind, content = message
            if kind == _END:
                return
            if kind != _PIECE:
                raise _raised(kind, content.decode("utf-8", "replace"))
            yield content
        raise EndedError(_end(process.wait(), said))


def serve() -> None:
    """Be that process: answer the request on standard input on standard output, and end."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    back = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what libraries print is no message
    with os.fdopen(os.dup(0), "rb", buffering=0) as to:
        asked = [_received(to), _received(to)]
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if asked[0] is not None and asked[1] is not None:
        module, _, name = asked[0][1].decode().partition(":")
        with suppress(BrokenPipeError):
            _answer(getattr(import_module(module), name), asked[1][1], back)
    os._exit(0)  # at once: the threads of readers have nothing to tidy up


def _answer(
    answer: Callable[[bytes], Iterator[bytes]], request: bytes, back: BufferedWriter
) -> None:
    try:
        for piece in answer(request):
            _send(back, _PIECE, piece)
    except BrokenPipeError:
        raise
    except TrendColorError as error:
        _send(back, _ERROR, f"{type(error).__name__}:{error}".encode("utf-8", "replace"))
    except Exception:  # noqa: BLE001 # raised again by the parent
        _send(back, _BUG, traceback.format_exc().encode("utf-8", "replace"))
    else:
        _send(back, _END, b"")


def _end_with_parent() -> None:
    """End this process when nobody holds the other end of its standard input any more."""
    while os.read(0, 1):
        pass
    os._exit(1)


@contextmanager
def _started(
    said: IO[bytes],
) -> "Iterator[tuple[BufferedWriter, BufferedReader, subprocess.Popen[bytes]]]":
    """The process and the pipes to it and back; ended at once at the end.

    Args:
        said: Gets what it writes to standard error.
    """
    path = [str(place) for place in sys.path]
    code = f"import sys; sys.path[:] = {path!a}; from trendcolor.apart import serve; serve()"
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        process = subprocess.Popen(
            [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said
        )
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    to, back = cast(BufferedWriter, process.stdin), cast(BufferedReader, process.stdout)
    try:
        yield to, back, process
    finally:
        process.kill()
        process.wait()
        back.close()
        with suppress(BrokenPipeError):
            to.close()


def _send(to: BufferedWriter, kind: bytes, content: bytes) -> None:
    to.write(_HEAD.pack(kind, len(content)))
    to.write(content)
    to.flush()


def _received(back: IO[bytes] | RawIOBase) -> tuple[bytes, bytes] | None:
    """The kind and content of the next message; None where the other side ended before it."""
    head = _exactly(back, _HEAD.size)
    if head is None:
        return None
    kind, size = _HEAD.unpack(head)
    content = _exactly(back, size)
    return None if content is None else (kind, content)


def _exactly(back: IO[bytes] | RawIOBase, size: int) -> bytes | None:
    """So many bytes; None where there are fewer."""
    found = bytearray()
    while len(found) < size:
        piece = back.read(size - len(found))
        if not piece:
            return None
        found += piece
    return bytes(found)


def _raised(kind: bytes, text: str) -> Exception:
    """The exception that a message tells of."""
    if kind == _ERROR:
        name, _, message = text.partition(":")
        error: type[TrendColorError] = getattr(errors, name)
        return error(message)
    return RuntimeError(f"in a process of its own: {text}")


def _end(code: int, said: IO[bytes]) -> str:
    """How a process ended, and what it said of it: a fatal message, or the end of a trace."""
    said.seek(0)
    lines = said.read(_MOST_READ).decode("utf-8", "replace").splitlines()
    lines = [line.strip() for line in lines if line.strip()]
    fatal = [line.removeprefix("what():").strip() for line in lines if line.startswith("what():")]
    words = [*fatal[:1], *(lines[:1] if code < 0 else lines[-1:])][:1]
    told = "".join(sign if sign.isprintable() else " " for sign in "".join(words))[:_MOST_SAID]
    if code >= 0:
        end = f"its reader ended with exit code {code}"
    else:
        known = {each.value: each.name for each in signal.Signals}
        end = f"its reader was ended by {known.get(-code, f'signal {-code}')}"
    if code == -signal.SIGKILL:
        end += ", as the system does where memory is short"
    return f"{end}: {told}" if told else end
