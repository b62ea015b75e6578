"""Finished runs of a few hundred garments of real people, whose report is guarded."""

from dataclasses import replace

from garment_rows import BLACK, GREEN, RED, WHITE, garment, records
from made_runs import made_header

from trendcolor.api.opening import open_run
from trendcolor.config import ReportConfig
from trendcolor.records import frame, photo_schema
from trendcolor.report.contents import Asked, parts_to_compare, periods_of, report_contents
from trendcolor.runs import prepare_run_folder, seal, write_shard

NAVY = (20, 30, 70)
KINDS = {"season": "season", "region": "region", "source": "source"}


def people(color, n, *, season="AW25", region="EU", kind="top", start=0, **more):
    """One garment of each of n sources."""
    palette = color if isinstance(color[0], tuple) else (color,)
    return [
        garment(
            f"{season}-{region}-{kind}-{palette}-{start + i}",
            *palette,
            garment=kind,
            season=season,
            region=region,
            source=f"s{start + i}",
            **more,
        )
        for i in range(n)
    ]


CROWD = (
    *people(BLACK, 60, region="EU"),
    *people(BLACK, 45, region="UK", start=60),
    *people(BLACK, 60, season="AW26"),
    *people(BLACK, 45, season="AW26", region="UK", start=60),
    *people(WHITE, 40),
    *people(WHITE, 15, season="AW26"),
    *people(RED, 45, season="AW26", region="UK", kind="dress"),
    *people(RED, 12, season="AW25", region="UK", kind="dress"),
    *people(NAVY, 30, season="AW26", kind="trousers"),
    *people(NAVY, 30, season="AW25", kind="trousers"),
    *people(((BLACK, 155), (WHITE, 100)), 20, kind="skirt"),
    *people(((BLACK, 155), (WHITE, 100)), 20, season="AW26", kind="skirt"),
    *people(GREEN, 3),
)


def built_run(folder, garments=CROWD, *, kinds=KINDS, **changed):
    """A finished run of one photo a garment, opened."""
    usual = {"report": ReportConfig(title="Winter & summer"), "is_free_of_people": False}
    header = made_header(kinds, declared_by="the photographers", **usual | changed)
    ok = [
        {
            **{"photo": rows[0]["photo"], "status": "ok", "garments": 1, "corrected": False},
            **{"touching": 0, "bystanders": 0, "small_garments": 0},
            **{name: rows[0].get(name) for name in kinds},
        }
        for rows in garments
    ]
    numbers = [name for name, kind in kinds.items() if kind == "weight"]
    texts = [name for name in kinds if name not in numbers]
    photos = frame(ok, photo_schema(kinds))
    header = replace(header, photos=len(photos))
    prepare_run_folder(folder, header, fresh=False)
    write_shard(folder, 0, records(*garments, columns=texts, numbers=numbers).collect(), photos)
    seal(folder, header, 1, 2.5)
    return open_run(folder)


def asked(run, *, baseline=None, focus=None, line=None):
    """What a report of a run asks, as `trendcolor.api.reports` puts it together."""
    found = periods_of(run)
    parts = parts_to_compare(found, baseline=baseline, focus=focus)
    purpose = run.population.manifests[0].settings.purpose
    return Asked(
        about=run, run=run, whole=run, periods=found, parts=parts, purpose=purpose, line=line
    )


def contents(run, **options):
    """Everything that the report of a run shows."""
    return report_contents(asked(run, **options))
