"""A run on disk: `folder.py` writes and opens it, `manifest.py` is what it tells of itself.

`summary.py` adds up what its shards stored.
"""

from trendcolor.runs.folder import (
    CLUSTER_KINDS,
    HISTOGRAM_KINDS,
    RunFolder,
    only_writer,
    open_run_folder,
    prepare_run_folder,
    read_receipt,
    seal,
    stored_columns,
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
    "CLUSTER_KINDS",
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
    "stored_columns",
    "write_shard",
]
