"""A finished run as others' tools read it: `croissant.json`, in MLCommons' Croissant 1.1 with RAI.

It describes the files, their columns, what they were made of, by what and for what, from the
manifest alone: the same run gives the same bytes, but for what the manifest tells of its time.
https://docs.mlcommons.org/croissant/docs/croissant-spec-1.1.html has the terms, and
https://www.w3.org/TR/prov-o/ those of provenance.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from trendcolor import __version__
from trendcolor.cards.licenses import UNSPECIFIED
from trendcolor.cards.purposes import PURPOSE_MEANINGS
from trendcolor.runs.corrections import CORRECTION_FILES
from trendcolor.runs.croissant_tables import RunTable, record_set, run_tables
from trendcolor.runs.files import CROISSANT, json_bytes, sha256_of
from trendcolor.runs.forgotten import FORGOTTEN, read_forgotten
from trendcolor.runs.manifest import Manifest, RunCard
from trendcolor.runs.store import Place, Store, store_of
from trendcolor.runs.summary import summary_name

_MANIFEST = "manifest.json"
_JSON, _PARQUET = "application/json", "application/x-parquet"
_OF_MANIFEST = "Settings, receipts with the hashes of their files, and the hashes of the summary."
_SPDX_NAME = r"(?!LicenseRef-)[A-Za-z0-9.+-]+"  # of one license, on the list
_NOT_INFERRED = (
    "No face, age, gender, race, emotion or identity is inferred of anyone, and no picture is "
    "stored: colors, counts and classes of garments are."
)
_PEOPLE = {
    "none": "photos without people",
    "synthetic": "photos of synthetic people",
    "real": "photos of real people",
}
_CONTEXT = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "arrayShape": "cr:arrayShape",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "containedIn": "cr:containedIn",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "description": {"@container": "@language"},
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isArray": "cr:isArray",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "name": {"@container": "@language"},
    "parentField": "cr:parentField",
    "path": "cr:path",
    "prov": "http://www.w3.org/ns/prov#",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "sdVersion": "cr:sdVersion",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}


def write_manifest(place: Place, manifest: Manifest) -> None:
    """Write a run's description and then its manifest, which says that all else is there.

    Raises:
        RunError: they can't be written.
    """
    store = store_of(place)
    content = json_bytes(manifest)
    store.write(CROISSANT, croissant_bytes(store, manifest, sha256_of(content)))
    store.write(_MANIFEST, content)


def croissant_bytes(store: Store, manifest: Manifest, sha256: str) -> bytes:
    """What `croissant.json` of a run holds.

    Args:
        store: The run; its settings, and what was forgotten or corrected, are read.
        manifest: Its manifest, which need not be written yet.
        sha256: Of the manifest's file.

    Raises:
        RunError: one of its files can't be read.
    """
    header, tables = manifest.header, [*run_tables(manifest.columns)]
    cards = list(dict.fromkeys(header.cards))
    # The data changes with each call of `forget`, which is a major version of a data set.
    version = 1 + len(read_forgotten(store).calls)
    document = {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": [
            "http://mlcommons.org/croissant/1.1",
            "http://mlcommons.org/croissant/RAI/1.0",
        ],
        "name": header.name,
        "description": _description(manifest),
        "url": f"urn:trendcolor:run:{header.settings_hash}",
        "version": f"{version}.0.0",
        "sdVersion": _release(),
        "datePublished": manifest.finished,
        "license": _license(manifest),
        "citeAs": "; ".join(dict.fromkeys(card.attribution for card in cards)),
        "creator": {
            "@type": "sc:Organization",
            "name": "the user of trendcolor who made this run (to be named before it is published)",
        },
        "keywords": ["color", "clothing", "fashion"],
        "isLiveDataset": False,
        **_responsibility(manifest, cards),
        "prov:wasDerivedFrom": [_source(card) for card in cards],
        "prov:wasGeneratedBy": _activity(manifest),
        "distribution": [
            *(_file_set(table, len(manifest.shards)) for table in tables),
            _file_object(_MANIFEST, _JSON, sha256, _OF_MANIFEST),
            *_file_objects(store, manifest),
        ],
        "recordSet": [record_set(table) for table in tables],
    }
    return json_bytes(document)


def described_manifest(content: bytes) -> str:
    """The SHA-256 of the manifest that a `croissant.json` describes; empty where it tells none."""
    try:
        for each in msgspec.json.decode(content)["distribution"]:
            if each.get("@id") == _MANIFEST:
                return str(each["sha256"])
    except (msgspec.DecodeError, UnicodeDecodeError, KeyError, TypeError, AttributeError):
        return ""
    return ""


def is_of_this_release(content: bytes) -> bool:
    """Whether a `croissant.json` says that this release wrote it, in its own words."""
    return f'"sdVersion": "{_release()}"'.encode() in content


def _release() -> str:
    found = re.match(r"\d+\.\d+\.\d+", __version__)
    return found[0] if found else __version__


def _description(manifest: Manifest) -> str:
    titles = ", ".join(dict.fromkeys(card.title for card in manifest.header.cards))
    laid_over = (
        " A person's corrections lie over the records, in corrections.parquet; the tables told of "
        "here are as measured."
    )
    return (
        f"Colors that people wear in {titles}, as trendcolor measured them: of each photo the "
        f"garments, of each garment the colors of its cloth with their shares. "
        f"{manifest.header.photos} photos in {len(manifest.shards)} shards."
        f"{laid_over if manifest.corrections is not None else ''}"
    )


def _license(manifest: Manifest) -> str | Mapping[str, str]:
    """The license of what is made of the photos: what share-alike asks for, else all of theirs."""
    decision = manifest.header.decision
    name = decision.license_of_figures or decision.terms.license or UNSPECIFIED
    if name != UNSPECIFIED and re.fullmatch(_SPDX_NAME, name):
        return f"https://spdx.org/licenses/{name}.html"
    return {
        "@type": "sc:CreativeWork",
        "name": name,
        "description": "An SPDX expression: the licenses of all photos together.",
    }


def _responsibility(manifest: Manifest, cards: Sequence[RunCard]) -> Mapping[str, Any]:
    """What the Responsible AI extension asks."""
    purpose = manifest.settings.purpose
    described: dict[str, Any] = {
        "rai:dataUseCases": [f"{purpose}: {PURPOSE_MEANINGS.get(purpose, 'as its cards allow')}"],
        "rai:dataCollection": " ".join(
            f"{card.title} ({card.name} {card.version}): {card.frame}; period: {card.period}."
            for card in cards
        ),
        "rai:dataLimitations": [
            f"Of {manifest.header.photos} photos {manifest.total('ok')} were measured, "
            f"{manifest.total('screened')} screened out, {manifest.total('rejected')} rejected and "
            f"{manifest.total('forgotten')} forgotten."
        ],
        "rai:personalSensitiveInformation": [*_of_people(manifest, cards)],
    }
    biases = [f"{card.name}: {bias}" for card in cards for bias in card.biases]
    if biases:
        described["rai:dataBiases"] = biases
    if manifest.header.weights != "none":
        described["rai:machineAnnotationTools"] = [
            f"trendcolor {manifest.header.code_version}, segmenter {manifest.header.weights} "
            f"(SHA-256 {manifest.header.weights_hash})"
        ]
    return described


def _of_people(manifest: Manifest, cards: Sequence[RunCard]) -> Iterator[str]:
    yield _NOT_INFERRED
    for card in cards:
        shown = _PEOPLE.get(card.people, card.people)
        yield f"{card.name}: {shown}; basis of consent: {card.consent_basis}."
    for column in manifest.columns:
        if column.kind in ("cohort", "wearer", "source"):
            who = column.declared_by or "whom the card names"
            yield f"Declared column {column.name} of kind {column.kind}, declared by: {who}"


def _source(card: RunCard) -> Mapping[str, Any]:
    """A data set that the run was made of, known by its card."""
    described = {
        "@type": "prov:Entity",  # mlcroissant takes any sc:Dataset for the one that is described
        "@id": f"urn:trendcolor:card:{card.sha256}",
        "prov:label": card.title,
        "identifier": card.name,
        "version": card.version,
        "license": card.license,
        "sha256": card.sha256,
    }
    return described | ({"url": card.homepage} if card.homepage else {})


def _activity(manifest: Manifest) -> Mapping[str, Any]:
    """What made the run, of what."""
    header = manifest.header
    used = [("settings", header.settings_hash), ("list of photos", header.index_hash)]
    if header.weights != "none":
        used.append((f"segmenter {header.weights}", header.weights_hash))
    return {
        "@type": "prov:Activity",
        "prov:label": "trendcolor run",
        "prov:endedAtTime": manifest.finished,
        "prov:used": [
            {"@type": "prov:Entity", "prov:label": label, "sha256": sha256}
            for label, sha256 in used
        ],
        "prov:wasAssociatedWith": {
            "@type": "prov:SoftwareAgent",
            "prov:label": f"trendcolor {header.code_version}",
            "softwareVersion": header.code_version,
            "sha256": header.code_hash,
        },
    }


def _file_set(table: RunTable, n_shards: int) -> Mapping[str, Any]:
    return {
        "@type": "cr:FileSet",
        "@id": table.files,
        "name": table.files,
        "description": (
            f"{n_shards} files, one a shard. The SHA-256 of each is in manifest.json: "
            f"shards[i].sha256.{table.name}."
        ),
        "encodingFormat": _PARQUET,
        "includes": f"{table.name}/*.parquet",
    }


def _file_objects(store: Store, manifest: Manifest) -> Iterator[Mapping[str, Any]]:
    """The files that a run has once, besides its manifest, each with its hash."""
    for part, sha256 in manifest.summary.items():
        told = "What all shards stored, added up."
        yield _file_object(summary_name(part), _PARQUET, sha256, told)
    others = {"settings.json": "What the run is of, before its first photo."}
    if manifest.forgotten:
        others[FORGOTTEN] = "That photos were taken out for good, without saying whose."
    for name, told in others.items():
        content = store.read(name)
        if content is not None:
            yield _file_object(name, _JSON, sha256_of(content), told)
    if manifest.corrections is not None:
        told = "Garments that a person corrected, a layer over the records."
        yield _file_object(CORRECTION_FILES[0], _PARQUET, manifest.corrections.stored_sha256, told)


def _file_object(name: str, encoding: str, sha256: str, description: str) -> Mapping[str, str]:
    return {
        "@type": "cr:FileObject",
        "@id": name,
        "name": name,
        "description": description,
        "contentUrl": name,
        "encodingFormat": encoding,
        "sha256": sha256,
    }
