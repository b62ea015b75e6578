"""A run on disk: `folder.py` writes and opens it, `manifest.py` is what it tells of itself."""

from trendcolor.runs.folder import (
    HISTOGRAM_KINDS,
    RunFolder,
    only_writer,
    open_run_folder,
    prepare_run_folder,
    read_receipt,
    seal,
    write_shard,
)
from trendcolor.runs.manifest import (
    FORMAT,
    Header,
    Manifest,
    Receipt,
    RunCard,
    RunColumn,
    RunSettings,
    code_version,
    run_card,
    run_columns,
)

__all__ = [
    "FORMAT",
    "HISTOGRAM_KINDS",
    "Header",
    "Manifest",
    "Receipt",
    "RunCard",
    "RunColumn",
    "RunFolder",
    "RunSettings",
    "code_version",
    "only_writer",
    "open_run_folder",
    "prepare_run_folder",
    "read_receipt",
    "run_card",
    "run_columns",
    "seal",
    "write_shard",
]
