"""A folder of hostile files: pictures that are broken or lie, and names and kinds that trap.

    python tests/hostile.py FOLDER

writes it. What is written is the same each time. `write_hostile` says what must become of each
file; what can't be made here (a device without rights, a name that the file system refuses) is
left out and named.
"""

import os
import re
import socket
import stat
import sys
from dataclasses import dataclass
from pathlib import Path

from hostile_files import FILES, OK
from hostile_parts import jpeg, picture, saved

from trendcolor.datasets.location import plain_id

ABSENT = "absent"  # no photo of the data set: a link out of it, a folder


@dataclass(frozen=True)
class Hostile:
    """One hostile file, and what must become of it."""

    path: Path
    expected: tuple[int, int] | str | None  # its size, a reason's pattern, ABSENT; None: either

    def agrees(self, status, reason, width, height):
        """Whether an answer is the expected one: `status` is ok or rejected."""
        if isinstance(self.expected, tuple):
            return (status, width, height) == ("ok", *self.expected)
        if self.expected is None:
            return (status == "ok") == (reason is None)
        return status == "rejected" and re.search(self.expected, reason) is not None


@dataclass(frozen=True)
class Corpus:
    """The files by the id that a photo of a folder has, and what could not be made."""

    files: dict[str, Hostile]
    left_out: list[str]


def write_hostile(folder):
    """Write all hostile files below a new folder."""
    found, left_out = {}, []

    def add(path, expected):
        found[plain_id(path.relative_to(folder))] = Hostile(path, expected)

    for maker in FILES:
        below = folder / maker.__name__
        below.mkdir(parents=True)
        for name, content, expected in maker():
            (below / name).write_bytes(content)
            add(below / name, expected)
    for maker in (_names, _links, _kinds):
        below = folder / maker.__name__.strip("_")
        below.mkdir()
        for name, make, expected in maker(below):
            try:
                make(below / name)
            except (OSError, ValueError) as cause:
                left_out.append(f"{name!r}: {cause}")
            else:
                add(below / name, expected)
    return Corpus(found, left_out)


def _write(path):
    path.write_bytes(jpeg())


def _names(_):
    """Names that a shell, a page, a table or a terminal would trip over."""
    names = [
        *(
            "<script>alert(1)<\N{DIVISION SLASH}script>.jpg",
            '"><img src=x onerror=alert(1)>.jpg',
            "{{7*7}}.jpg",
        ),
        *("${HOME}.jpg", "$(touch owned).jpg", "`id`.jpg", "a;b&c|d.jpg", "-rf.jpg", "--help.jpg"),
        *("new\nline.jpg", "tab\tand\rreturn.jpg", "bell\a\x1b[31mred.jpg", "quote'\".jpg"),
        *(
            "=cmd|' \N{DIVISION SLASH}C calc'!A0.jpg",
            "@SUM(1).jpg",
            "+1.jpg",
            "%00.jpg",
            "%s%n.jpg",
            "a b  c.jpg",
        ),
        *("\u202egpj.exe.jpg", "\u200b.jpg", "\ufeffmark.jpg", "été.jpg", "e\u0301te\u0301.jpg"),
        *("照片.jpg", "👗.jpg", "a" * 251 + ".jpg", "CON.jpg", "trailing .jpg", "dots...jpg"),
        *("~.jpg", "back\\slash.jpg", "comma,semi;.jpg", "#hash?query.jpg"),
        *("literal\\udcff.jpg", "literal\\\\udcff.jpg", ",.jpg", "null.jpg", "nan.png.jpg"),
        *("</style>.jpg", "]]>.jpg"),
    ]
    for name in names:
        yield name.replace("/", "\N{DIVISION SLASH}"), _write, OK  # a name can't hold a slash
    # Bytes that are no UTF-8; the first is what a literal name above looks like when told.
    for name in (b"literal\xff.jpg", b"\xff\xfe.jpg", b"caf\xe9.jpg", b"\xed\xa0\x80.jpg"):
        yield os.fsdecode(name), _write, OK


def _links(below):
    """Links to a picture inside, outside, nowhere and in a circle."""
    outside = below.parent.parent / f"{below.parent.name}-outside"
    outside.mkdir()
    (outside / "secret.jpg").write_bytes(jpeg())
    inside = below.parent / "inside.jpg"
    inside.write_bytes(jpeg())
    yield "good.jpg", lambda path: path.symlink_to(inside), OK
    yield "relative.jpg", lambda path: path.symlink_to("../inside.jpg"), OK
    yield "hard.jpg", lambda path: path.hardlink_to(inside), OK
    yield "out.jpg", lambda path: path.symlink_to(outside / "secret.jpg"), ABSENT
    climbing = f"../../{outside.name}/secret.jpg"
    yield "out-relative.jpg", lambda path: path.symlink_to(climbing), ABSENT
    yield "folder-out", lambda path: path.symlink_to(outside), ABSENT
    yield "dangling.jpg", lambda path: path.symlink_to(below / "nobody.jpg"), "does not exist"
    yield "itself.jpg", lambda path: path.symlink_to(path.name), "can't be read|does not exist"
    yield "one.jpg", lambda path: path.symlink_to("two.jpg"), "can't be read|does not exist"
    yield "two.jpg", lambda path: path.symlink_to("one.jpg"), "can't be read|does not exist"
    yield "upwards", lambda path: path.symlink_to(".."), ABSENT
    yield "upwards.jpg", lambda path: path.symlink_to(".."), ABSENT
    yield "zero.jpg", lambda path: path.symlink_to("/dev/zero"), ABSENT
    yield "fifo.jpg", lambda path: path.symlink_to("../kinds/pipe.jpg"), "not a regular file"


def _kinds(_):
    """What has a photo's name and is no file, or may not be read."""
    yield "pipe.jpg", os.mkfifo, "not a regular file"
    yield "zero.jpg", _device, "not a regular file"
    yield "socket.jpg", _socket, "not a regular file"
    yield "folder.jpg", Path.mkdir, ABSENT
    yield "folder.jpg/inside.jpg", _write, OK
    yield "unreadable.jpg", _unreadable, "permission denied"
    yield "sparse.jpg", _sparse, r"file of \d+ bytes, more than \d+ \(images\.max_bytes\)"
    yield "deep/" * 40 + "deep.jpg", _deep, OK
    yield "executable.jpg", _executable, OK
    yield ".hidden.jpg", _write, ABSENT
    yield "..jpg.jpg", _write, ABSENT
    yield "no-ending", _write, ABSENT


def _device(path):
    os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(1, 5))  # as /dev/zero


def _socket(path):
    here = Path.cwd()
    os.chdir(path.parent)  # a socket's path may have 100 characters
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(path.name)
    finally:
        os.chdir(here)


def _unreadable(path):
    if os.geteuid() == 0:
        raise PermissionError("root may read everything, so that nothing is unreadable")
    _write(path)
    path.chmod(0)


def _sparse(path):
    with path.open("wb") as file:
        file.write(jpeg())
        file.truncate(1 << 40)  # a terabyte that takes no room


def _deep(path):
    path.parent.mkdir(parents=True)
    _write(path)


def _executable(path):
    path.write_bytes(saved(picture(), "JPEG"))
    path.chmod(0o777)


if __name__ == "__main__":
    corpus = write_hostile(Path(sys.argv[1]))
    sys.stdout.write("\n".join([f"{len(corpus.files)} files", *corpus.left_out, ""]))
