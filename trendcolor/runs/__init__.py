"""A run where it is kept: `shards.py` writes it, `sealing.py` ends it, `folder.py` opens it.

`manifest.py` is what it tells of itself; `summary.py` adds up what its shards stored;
`corrections.py` keeps what a person corrected, and `correcting.py` lays it over; `files.py` knows
what all this is called, and `store.py` where it is; `fetching.py` brings what lies elsewhere.
"""

from trendcolor.runs.correcting import apply_corrections, undo_corrections
from trendcolor.runs.folder import RunFolder, folder_here, open_run_folder
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
from trendcolor.runs.sealing import seal
from trendcolor.runs.shards import (
    CLUSTER_KINDS,
    HISTOGRAM_KINDS,
    INDEX,
    ShardRows,
    finished_shards,
    only_writer,
    prepare_run_folder,
    read_receipt,
    stored_columns,
    write_frames,
    write_shard,
)
from trendcolor.runs.store import FolderStore, Place, Store, folder_of, store_of

__all__ = [
    "CLUSTER_KINDS",
    "FORMAT",
    "HISTOGRAM_KINDS",
    "INDEX",
    "FolderStore",
    "Header",
    "Manifest",
    "Place",
    "Receipt",
    "RunCard",
    "RunColumn",
    "RunFolder",
    "RunSettings",
    "ShardRows",
    "Store",
    "apply_corrections",
    "code_version",
    "finished_shards",
    "folder_here",
    "folder_of",
    "only_writer",
    "open_run_folder",
    "prepare_run_folder",
    "read_receipt",
    "run_card",
    "run_columns",
    "seal",
    "store_of",
    "stored_columns",
    "undo_corrections",
    "write_frames",
    "write_shard",
]
