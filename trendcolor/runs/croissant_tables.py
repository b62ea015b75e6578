"""The tables of a run as Croissant describes them: each column with its data type and meaning."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from trendcolor.color.vocabularies import COMMON, FAMILIES
from trendcolor.histograms import LEVELS, MEASURES
from trendcolor.records import FIELDS, PHOTO_FIELDS
from trendcolor.runs.manifest import RunColumn
from trendcolor.runs.shards import stored_columns

_TEXT, _INTEGER, _FLOAT, _BOOLEAN = "sc:Text", "sc:Integer", "sc:Float", "sc:Boolean"
_PHOTO = "The photo's id, unique in the run."
_GARMENT = "The class of garment that the segmenter, or the data set's own label map, gave."

_RECORDS = {
    "photo": (_TEXT, _PHOTO),
    "wearer": (_INTEGER, "People of a photo who stand apart, 0 the largest."),
    "garment": (_TEXT, _GARMENT),
    "rank": (_INTEGER, "The color's place in its garment's palette, 0 the main color."),
    "r": (_INTEGER, "Red, sRGB under D65, 0 to 255."),
    "g": (_INTEGER, "Green, sRGB under D65, 0 to 255."),
    "b": (_INTEGER, "Blue, sRGB under D65, 0 to 255."),
    "weight": (_INTEGER, "Share of the garment in 255ths; those of a palette sum to 255."),
    "pixels": (_INTEGER, "Pixels of the whole garment at the photo's full size."),
}
_PHOTOS = {
    "photo": (_TEXT, _PHOTO),
    "status": (_TEXT, "What became of it: ok, screened or rejected."),
    "reason": (_TEXT, "Why it was left out; null where it was not."),
    "width": (_INTEGER, "Of the upright photo, in pixels; null where it was rejected."),
    "height": (_INTEGER, "Of the upright photo, in pixels; null where it was rejected."),
    "wearers": (_INTEGER, "People with a garment, bystanders left out."),
    "touching": (_INTEGER, "Wearers who are probably several people who touch."),
    "bystanders": (_INTEGER, "People in the background, who have no records."),
    "garments": (_INTEGER, "Garments with a palette."),
    "small_garments": (_INTEGER, "Garments of too few pixels for a palette."),
    "light_x": (_FLOAT, "CIE 1931 x of the light."),
    "light_y": (_FLOAT, "CIE 1931 y of the light."),
    "corrected": (_BOOLEAN, "Whether colors were corrected for the light."),
    "light_method": (_TEXT, "How the light is known."),
    "exposure": (_FLOAT, "What light was multiplied by."),
    "light_refused": (_TEXT, "Why a declared card or chart could not be read."),
}
_KEYS = {
    "month": (_TEXT, "Month of the declared date, such as 2026-03."),
    "garment": (_TEXT, "The class of garment; null for all classes together."),
}
_COUNTED = {
    "level": (_TEXT, f"At which level colors are counted: {', '.join(LEVELS)}."),
    "color": (
        _INTEGER,
        "The color's place at its level, from 0; null at the level whole. At the level family: "
        f"{', '.join(FAMILIES)}. At the level common: {', '.join(COMMON)}. At the level name the "
        "place in the vocabulary of manifest.json, at the level bin that on its color grid.",
    ),
    "replicate": (_INTEGER, "The random group of the cluster; null at the levels name and bin."),
}
_MEASURES = {
    "garments": "Garments, by their main color.",
    "looks": "Wearers of a photo that show the color.",
    "weight": "Of palettes, in 255ths of a garment.",
    "area": "Pixels in 255ths, as the palettes share them out.",
    "declared": "Declared weight of garments by main color, in millionths.",
    "weighed": "Garments with a declared weight above 0, by main color.",
    "photos": "Photos that have a garment of the group; at the level whole only.",
}
_SOURCES = {
    "cluster": (_TEXT, "The source, else the wearer or brand, that garments depend on together."),
    "garments": (_INTEGER, "How many garments come from it."),
}


@dataclass(frozen=True, slots=True)
class RunTable:
    """A table of a run, whose files are those of a folder."""

    name: str  # of the folder
    description: str
    columns: Mapping[str, tuple[str, str]]  # data type and meaning, by name
    key: Sequence[str] = ()  # the columns that tell a row

    @property
    def files(self) -> str:
        """The id of its files."""
        return f"{self.name}-files"


def run_tables(columns: Sequence[RunColumn]) -> Iterator[RunTable]:
    """The tables that each shard of a run has.

    Args:
        columns: The run's declared columns.
    """
    declared = {each.name: _declared(each) for each in columns}
    counted = stored_columns(columns)
    keys = {name: declared.get(name) or _KEYS[name] for name in counted.keys}
    measures = {name: (_INTEGER, _MEASURES[name]) for name in MEASURES}
    yield RunTable(
        "records",
        "One row is one color of one garment of one photo.",
        {**{name: _RECORDS[name] for name in FIELDS}, **declared},
        ("photo", "wearer", "garment", "rank"),
    )
    yield RunTable(
        "photos",
        "One row is one photo, with what became of it. No picture is stored.",
        {**{name: _PHOTOS[name] for name in PHOTO_FIELDS}, **declared},
        ("photo",),
    )
    yield RunTable(
        "histograms",
        "How much of each color each group has, in whole numbers that add up over rows.",
        {**keys, **_COUNTED, **measures},
    )
    yield RunTable("sources", "The sources of each group.", {**keys, **_SOURCES})


def record_set(table: RunTable) -> Mapping[str, Any]:
    """A table as a Croissant record set."""
    keys = [{"@id": f"{table.name}/{name}"} for name in table.key]
    described: dict[str, Any] = {
        "@type": "cr:RecordSet",
        "@id": table.name,
        "name": table.name,
        "description": table.description,
    }
    if keys:
        described["key"] = keys
    described["field"] = [_field(table, name) for name in table.columns]
    return described


def _declared(column: RunColumn) -> tuple[str, str]:
    who = f", declared by: {column.declared_by}" if column.declared_by else ""
    return (
        _FLOAT if column.kind == "weight" else _TEXT,
        f"Declared column of kind {column.kind}{who}",
    )


def _field(table: RunTable, name: str) -> Mapping[str, Any]:
    data_type, description = table.columns[name]
    described: dict[str, Any] = {
        "@type": "cr:Field",
        "@id": f"{table.name}/{name}",
        "name": name,
        "description": description,
        "dataType": data_type,
        "source": {"fileSet": {"@id": table.files}, "extract": {"column": name}},
    }
    if (table.name, name) == ("records", "photo"):
        described["references"] = {"field": {"@id": "photos/photo"}}
    return described
