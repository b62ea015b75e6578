"""Keyed hashes in place of what a data set calls its sources, wearers and photos.

They are made in one place, when photos are listed, so that nothing that a run writes holds a name.
One key gives one name the same hash in each data set and run: a source that is in several counts
once, also where runs are merged. Who has no key learns nothing from a hash, and can't tell by
trying names.
"""

import hmac
import logging
import os
import re
import secrets
import stat
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from platformdirs import user_data_path

from trendcolor.cards import Card, Column
from trendcolor.config import PrivacyConfig
from trendcolor.datasets.files import PhotoFile, stem_of
from trendcolor.datasets.reference import PhotoRef
from trendcolor.errors import ConfigError

_LOG = logging.getLogger(__name__)

PERSON_KINDS = ("source", "wearer")  # kinds of declared columns whose values name people
PHOTO_KIND = "id"  # the kind of photo ids

# Hex digits that are kept of a hash, 80 bits. That any two of n names share one has a probability
# of about n^2 / 2^81: 4e-13 for a million names, 4e-9 for a hundred million.
_DIGITS = 20
_FORM = re.compile(r"p-[0-9a-f]{20}")
_KEY = re.compile(r"[0-9a-fA-F]{64}")
_VARIABLE = "TRENDCOLOR_KEY"
_INSTEAD = "its file"  # what a reason says in place of a file's name


@dataclass(frozen=True, slots=True)
class Key:
    """A secret of 32 bytes that only its owner has."""

    secret: bytes = field(repr=False)

    @property
    def fingerprint(self) -> str:
        """What tells keys apart and gives none away: 16 hex digits."""
        return hmac.digest(self.secret, b"fingerprint", "sha256").hex()[:16]

    def pseudonym(self, kind: str, text: str) -> str:
        """What stands for a name: `p-` and 20 hex digits of its HMAC-SHA-256.

        Args:
            kind: Of the column, `id` for photo ids. A source and a wearer of one name differ, so
                that nothing links who took a photo to who is in one.
            text: The name as the data set writes it.
        """
        digest = hmac.digest(self.secret, f"{kind}\n{text}".encode(), "sha256")
        return f"p-{digest.hex()[:_DIGITS]}"


def is_pseudonym(text: str) -> bool:
    """Whether a text has the form of a pseudonym."""
    return _FORM.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Pseudonyms:
    """Which names of a run are hashed, and with what."""

    kinds: frozenset[str] = frozenset()  # of declared columns
    key: Key | None = None  # None where there is nothing to hash

    @property
    def fingerprint(self) -> str:
        """Of the key; empty where nothing is hashed."""
        return "" if self.key is None else self.key.fingerprint

    def of(self, ref: PhotoRef, columns: Sequence[Column]) -> PhotoRef:
        """A photo as a run may know it.

        Args:
            ref: As its data set has it.
            columns: The declared ones.
        """
        if self.key is None:
            return ref
        kinds = {column.name: column.kind for column in columns if column.kind in self.kinds}
        told = {
            name: self.key.pseudonym(kinds[name], text) if text and name in kinds else text
            for name, text in ref.columns.items()
        }
        is_hashed = PHOTO_KIND in self.kinds
        name = self.key.pseudonym(PHOTO_KIND, ref.id) if is_hashed else ref.id
        return replace(ref, id=name, columns=told)


def pseudonyms_of(config: PrivacyConfig, cards: Sequence[Card]) -> Pseudonyms:
    """What a run hashes; where no column needs it, no key is read or made.

    Raises:
        ConfigError: the key's file is missing, holds no key, or can't be made.
    """
    kinds = set(PERSON_KINDS) if config.pseudonyms == "hashed" else set()
    kinds &= {column.kind for card in cards for column in card.columns}
    kinds |= {PHOTO_KIND} if config.photo_ids == "hashed" else set()
    return Pseudonyms(frozenset(kinds), read_key(config.key, makes=True)) if kinds else Pseudonyms()


def read_key(path: str = "", *, makes: bool = False) -> Key:
    """The user's key.

    Args:
        path: Its file; empty takes that of TRENDCOLOR_KEY, else the user's own.
        makes: Make the user's own where it is missing; any other must be there.

    Raises:
        ConfigError: the file is missing, holds no key, or can't be made.
    """
    named = path or os.environ.get(_VARIABLE, "")
    place = Path(named).expanduser() if named else user_data_path("trendcolor") / "pseudonyms.key"
    if makes and not named and not place.exists():
        _make(place)
    try:
        text = place.read_text(encoding="ascii").strip()
        is_open = stat.S_IMODE(place.stat().st_mode) & (stat.S_IRWXG | stat.S_IRWXO)
    except FileNotFoundError as cause:
        raise ConfigError(
            f"{place}: no such key file (name the one that the run was made with by {_VARIABLE}, "
            "privacy.key or --key; `openssl rand -hex 32` makes a new one)"
        ) from cause
    except (OSError, UnicodeDecodeError) as cause:
        raise ConfigError(f"{place}: the key can't be read ({cause})") from cause
    if _KEY.fullmatch(text) is None:
        raise ConfigError(
            f"{place}: holds no key (wanted 64 hex digits and nothing else, as of `openssl rand "
            "-hex 32`)"
        )
    if is_open:
        _LOG.warning("%s: others may read this key (chmod 600 keeps it to yourself)", place)
    return Key(bytes.fromhex(text))


def without_file(reason: str, file: PhotoFile) -> str:
    """A reason that does not name a photo's file, nor that of its label map."""
    stem = re.escape(stem_of(file))
    return re.sub(rf"[^\s'\"(]*(?<![\w-]){stem}\.\w+", _INSTEAD, reason)


def _make(place: Path) -> None:
    """Write a new key that only its owner may read; one that was made meanwhile stays."""
    try:
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=place.parent, suffix=".part") as aside:
            aside.write(f"{secrets.token_hex(32)}\n")
            aside.flush()
            os.fsync(aside.fileno())
            os.link(aside.name, place)
    except FileExistsError:
        return
    except OSError as cause:
        raise ConfigError(
            f"{place}: the key can't be written ({cause.strerror or cause}); name a file by "
            f"{_VARIABLE} or privacy.key"
        ) from cause
    _LOG.warning(
        "made a key for pseudonyms: %s (keep a copy elsewhere: without it nobody can be forgotten "
        "by name, and runs don't go on)",
        place,
    )
