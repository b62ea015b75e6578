"""WebDataset: tar files in which the members of one sample stand together, by one stem.

`000123.jpg`, `000123.json`, `000123.cls`, `000123.txt`, `000123.seg.png`: a photo, its declared
columns, and its label map. A stem ends at the first dot of a member's own name.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import msgspec

from trendcolor.cards import Card, Column
from trendcolor.config import PHOTO_SUFFIXES, DataConfig
from trendcolor.datasets.archives import archives
from trendcolor.datasets.declared import as_text, declared, own_id
from trendcolor.datasets.faults import Faults
from trendcolor.datasets.files import Archive, PhotoFile
from trendcolor.datasets.index_masks import FarMask, named_label_set
from trendcolor.datasets.location import plain_id
from trendcolor.datasets.reference import PhotoRef
from trendcolor.datasets.tar_members import NoMember, TarMember, members
from trendcolor.errors import DataError, PhotoError

_PACKED = (".tar.gz", ".tgz", ".tar.zst", ".tar.bz2", ".tar.xz")
_LABELS = "seg.png"
_TEXTS = ("cls", "txt")  # members whose whole text is a column of that name
_MOST_TEXT = 1 << 20  # bytes of one of them, and of a JSON member
_USUAL = "{path}"  # what `data.photo` is where nobody set it


def photos(card: Card, config: DataConfig, faults: Faults) -> Iterator[PhotoRef]:
    """The photos of tar files, in the order of the files' names and of their members.

    Nothing is extracted: headers are read, and the members that hold declared columns. A photo's
    id is the column of kind "id" if the card declares one, else `<tar>/<stem>`. A sample without a
    photo comes as one that can't be read, so that it is accounted for.

    Args:
        card: Declares the columns that are used.
        config: `root`, a folder, an address, one tar or a pattern of several; and `photo`.
        faults: Gets a fault for each value that the card doesn't allow, each link or device, and
            each archive that is cut off.

    Raises:
        DataError: there is no tar, or one is compressed or can't be read.
        StoreError: the store can't be reached.
    """
    number = 0
    for found in archives(config.root, (".tar",), _PACKED):
        wrong: list[str] = []
        for sample in _samples(found.file, wrong):
            yield _reference(sample, found.relative, _Wanted.of(card, config), wrong)
            faults.add(wrong)
            wrong.clear()
            number += 1
        faults.add(wrong)
    if not number:
        raise DataError(f"{config.root}: no samples in its tar files (data.root)")


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is taken of a sample."""

    columns: tuple[Column, ...]
    ending: str  # of the photo; empty takes any photo's
    labels: str  # label set of its label map; empty takes none

    @classmethod
    def of(cls, card: Card, config: DataConfig) -> "_Wanted":
        ending = "" if config.photo == _USUAL else config.photo.strip("{}").lower()
        return cls(card.columns, ending, named_label_set(card) if card.label_set else "")


@dataclass(frozen=True, slots=True)
class _Sample:
    """The members of one stem."""

    stem: str
    members: dict[str, TarMember] = field(default_factory=dict)  # by what follows the stem


def _samples(archive: Archive, faults: list[str]) -> Iterator[_Sample]:
    sample: _Sample | None = None
    for member in members(archive, faults):
        folder, slash, own = member.member.rpartition("/")
        stem, _, ending = own.partition(".")
        if not stem or stem.startswith("__") or not ending:
            continue  # hidden, or about the archive itself
        stem, ending = f"{folder}{slash}{stem}", ending.lower()
        if sample is None or sample.stem != stem:
            if sample is not None:
                yield sample
            sample = _Sample(stem)
        if ending in sample.members:
            faults.append(f"{archive.name}: '{member.member}' occurs twice")
        sample.members[ending] = member
    if sample is not None:
        yield sample


def _reference(sample: _Sample, archive: str, wanted: _Wanted, faults: list[str]) -> PhotoRef:
    where = f"{archive}/{plain_id(sample.stem)}"
    found: list[str] = []
    row = _row(sample, wanted, found)
    columns = {} if found else declared(row, wanted.columns, found)
    faults.extend(f"{where}: {fault}" for fault in found)
    label_map = sample.members.get(_LABELS) if wanted.labels else None
    return PhotoRef(
        id=own_id(columns, wanted.columns) or plain_id(where),
        file=_photo(sample, wanted.ending),
        columns=columns,
        labels=None if label_map is None else FarMask(label_map, wanted.labels),
    )


def _photo(sample: _Sample, ending: str) -> PhotoFile:
    """The sample's photo: the member of the wanted ending, else the first that may be one."""
    for name, member in sample.members.items():
        is_photo = f".{name.rpartition('.')[2]}" in PHOTO_SUFFIXES and name != _LABELS
        if name == ending or (is_photo and not ending):
            return member
    return NoMember(sample.stem)


def _row(sample: _Sample, wanted: _Wanted, faults: list[str]) -> dict[str, str | None]:
    """What a sample says of itself, all as text; only what the card declares is read."""
    if not wanted.columns:
        return {}
    content: Mapping[str, object] = {}
    try:
        if "json" in sample.members:
            encoded = sample.members["json"].read(_MOST_TEXT)
            content = msgspec.json.decode(encoded, type=dict[str, object])
        texts = {
            name: sample.members[name].read(_MOST_TEXT).decode().strip()
            for name in _TEXTS
            if name in sample.members and any(each.from_name == name for each in wanted.columns)
        }
    except (PhotoError, UnicodeDecodeError, msgspec.MsgspecError) as cause:
        faults.append(f"its columns can't be read ({cause})")
        return {}
    row = {column.from_name: as_text(content.get(column.from_name)) for column in wanted.columns}
    return {**row, **texts}
