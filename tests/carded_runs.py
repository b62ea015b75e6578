"""Finished runs with a data card, and with photos that were left out or whose light was read."""

from dataclasses import replace

from garment_rows import BLACK, GREEN, RED, WHITE, records
from made_runs import made_header
from report_runs import KINDS, NAVY, people

from trendcolor.api.opening import open_run
from trendcolor.config import ReportConfig, SegmentationConfig
from trendcolor.records import frame, photo_schema
from trendcolor.runs import RunCard, prepare_run_folder, seal, write_shard

CARD = RunCard(
    name="street",
    version="2026-1",
    title="Street photos",
    homepage="https://example.org/street",
    license="CC-BY-4.0",
    license_class="commercial",
    attribution="A. Photographer & friends",
    people="real",
    consent_basis="consent",
    period="2025",
    frame="every tenth passer-by",
    biases=("one city only",),
    purposes_allowed=("research", "publication"),
    sha256="c" * 64,
)
SOME = (
    *people(BLACK, 40),
    *people((2, 2, 4), 1, start=40),
    *people(WHITE, 15, region="UK"),
    *people(NAVY, 25, season="SS26", kind="dress"),
    *people(RED, 12, season="SS26", region="UK", kind="dress"),
    *people(GREEN, 3, region=None),
)
_LIGHT_METHODS = ("consensus", "gray-card", "color-checker", "consensus", "white-point")


def carded_header(**changed):
    """A header with a card, declared columns and weights."""
    usual = {
        "segmentation": SegmentationConfig(weights="segmenter.safetensors"),
        "report": ReportConfig(title="Winter & summer"),
        "cards": (CARD,),
        "weights": "segmenter.safetensors",
        "weights_hash": "3e" * 32,
        "runtime": "torch 2",
    }
    return made_header(KINDS, declared_by="the photographers", **usual | changed)


def carded_run(folder, garments=SOME, *, left_out=(), **changed):
    """A finished run of one photo a garment, and of photos that were left out."""
    whole = carded_header(**changed)
    kinds = {column.name: column.kind for column in whole.columns}
    ok = [
        {
            **{"photo": rows[0]["photo"], "status": "ok", "garments": 1, "small_garments": 1},
            **{"light_method": _LIGHT_METHODS[i % len(_LIGHT_METHODS)]},
            **{"light_refused": "gray card is too dark" if i == 3 else None},
            **{"corrected": i < 7, "touching": int(i < 3), "bystanders": 2 * (i < 5)},
            **{name: rows[0].get(name) for name in kinds},
        }
        for i, rows in enumerate(garments)
    ]
    lost = [
        {"photo": f"lost-{i}.jpg", "status": status, "reason": reason}
        for i, (status, reason) in enumerate(left_out)
    ]
    photos = frame([*ok, *lost], photo_schema(kinds))
    whole = replace(whole, photos=len(photos))
    prepare_run_folder(folder, whole, fresh=False)
    write_shard(folder, 0, records(*garments, columns=list(kinds)).collect(), photos)
    seal(folder, whole, 1, 2.5)
    return open_run(folder)
