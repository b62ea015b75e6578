"""What a report states of itself: run, model and cards that it is of, and its files, by hash.

`statement.json` lies beside the page. Whoever has a minisign key may sign it; whoever has the
public half can tell that nothing was changed since (https://jedisct1.github.io/minisign/).
"""

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from trendcolor import __version__
from trendcolor.errors import RunError, UsageError
from trendcolor.runs import Header

FILE = "statement.json"
SIGNATURE = f"{FILE}.minisig"  # as the minisign command names it
PASSWORD = "TRENDCOLOR_SIGN_PASSWORD"  # the variable's name: of an encrypted key
_GUARDS = Path(__file__).with_name("guards.json")
Signer = Callable[[bytes], bytes]  # a statement's text to the bytes of its signature
_NO_MINISIGN = "needs pip install 'trendcolor[sign]'"


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedCard:
    """A data card, by hash."""

    name: str
    version: str
    license: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What a report is of; all hashes are SHA-256, in hexadecimal."""

    run: str  # name of its config
    purpose: str  # that the run was cleared for
    photos: int
    settings: str  # hash of all that the records depend on
    manifest: str  # hash of the run's manifest.json
    model: str  # name of the segmenter's weights
    weights: str  # their hash
    runtime: str
    cards: tuple[StatedCard, ...]
    software: str  # version of the software that wrote the report
    code: str  # hash of the code that made the records
    guards: str  # hash of `guards.json`: which tests hold what the documentation promises
    infers: str = "no face, age, gender, race, emotion or identity"
    files: Mapping[str, str]  # of the report, by path in its folder
    format: int = 1


def statement_of(header: Header, manifest: bytes, folder: Path) -> Statement:
    """The statement of a report whose files are all written.

    Args:
        header: Of the run.
        manifest: The bytes of its `manifest.json`.
        folder: The report's; whatever lies in it is named.
    """
    cards = tuple(
        StatedCard(name=c.name, version=c.version, license=c.license, sha256=c.sha256)
        for c in header.cards
    )
    return Statement(
        run=header.name,
        purpose=header.settings.purpose,
        photos=header.photos,
        settings=header.settings_hash,
        manifest=_hash(manifest),
        model=header.weights,
        weights=header.weights_hash,
        runtime=header.runtime,
        cards=cards,
        software=f"trendcolor {__version__}",
        code=header.code_hash,
        guards=_hash(_GUARDS.read_bytes()),
        files=dict(_hashes(folder)),
    )


def write_statement(statement: Statement, folder: Path, sign: Signer | None = None) -> None:
    """Write the statement, and its signature if somebody signs.

    Args:
        statement: What to state.
        folder: The report's.
        sign: As `signer` gives it.
    """
    text = msgspec.json.format(msgspec.json.encode(statement, order="sorted"), indent=2) + b"\n"
    (folder / FILE).write_bytes(text)
    if sign is not None:
        (folder / SIGNATURE).write_bytes(sign(text))


def signer(key: Path) -> Signer:
    """What signs with a minisign secret key; $TRENDCOLOR_SIGN_PASSWORD opens an encrypted one.

    Raises:
        UsageError: the key can't be read or opened, or the package that signs is missing.
    """
    try:
        import minisign
    except ImportError as cause:
        raise UsageError(f"--sign: {_NO_MINISIGN}") from cause
    try:
        secret = minisign.SecretKey.from_file(str(key))
        if secret.is_encrypted():
            secret.decrypt(os.environ.get(PASSWORD, ""))
    except (minisign.Error, OSError, ValueError) as cause:
        raise UsageError(
            f"{key}: no minisign secret key that can be opened ({cause}; ${PASSWORD} opens an "
            "encrypted one)"
        ) from cause
    return lambda text: bytes(secret.sign(text, trusted_comment=f"file:{FILE}"))


def clear_statement(folder: Path) -> None:
    """Take away the statement of a report that is written anew."""
    for name in (FILE, SIGNATURE):
        (folder / name).unlink(missing_ok=True)


def read_statement(folder: Path) -> Statement:
    """The statement of a report.

    Raises:
        RunError: there is none, or it is none.
    """
    path = folder / FILE
    try:
        return msgspec.json.decode(path.read_bytes(), type=Statement)
    except FileNotFoundError as cause:
        raise RunError(f"{path}: is missing (`trendcolor report` writes it)") from cause
    except (OSError, msgspec.MsgspecError) as cause:
        raise RunError(f"{path}: is no statement ({cause})") from cause


def statement_faults(
    folder: Path, manifest: bytes, public_key: Path | None = None
) -> Iterator[str]:
    """What of a report is not as its statement says; nothing where all is.

    Args:
        folder: The report's.
        manifest: The bytes of the run's `manifest.json`.
        public_key: A minisign public key; None leaves the signature unchecked.

    Raises:
        RunError: there is no statement.
        UsageError: the key can't be read, or the package that checks is missing.
    """
    statement = read_statement(folder)
    if statement.manifest != _hash(manifest):
        yield "the report is of another manifest (write it anew)"
    there = dict(_hashes(folder))
    for name in sorted({*there, *statement.files}):
        if name not in there:
            yield f"{name} is missing"
        elif name not in statement.files:
            yield f"{name} is not stated"
        elif there[name] != statement.files[name]:
            yield f"{name} was changed"
    if public_key is not None:
        yield from _signature_faults(folder, public_key)


def _hashes(folder: Path) -> Iterator[tuple[str, str]]:
    own = {folder / FILE, folder / SIGNATURE}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path not in own:
            yield path.relative_to(folder).as_posix(), _hash(path.read_bytes())


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _signature_faults(folder: Path, public_key: Path) -> Iterator[str]:
    try:
        import minisign
    except ImportError as cause:
        raise UsageError(f"--key: {_NO_MINISIGN}") from cause
    try:
        public = minisign.PublicKey.from_file(str(public_key))
    except (minisign.Error, OSError, ValueError) as cause:
        raise UsageError(f"{public_key}: no minisign public key ({cause})") from cause
    path = folder / SIGNATURE
    if not path.exists():
        yield f"{SIGNATURE} is missing (`trendcolor report --sign KEY` writes it)"
        return
    try:
        signature = minisign.Signature.from_file(str(path))
        public.verify((folder / FILE).read_bytes(), signature)
    except (minisign.Error, ValueError) as cause:
        yield f"{SIGNATURE} is not of this statement and key ({cause})"
