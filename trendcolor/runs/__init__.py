"""A run where it is kept: `shards.py` writes it, `sealing.py` ends it, `folder.py` opens it.

`manifest.py` is what it tells of itself; `summary.py` adds up what its shards stored;
`corrections.py` keeps what a person corrected, and `correcting.py` lays it over; `checking.py`
looks whether shards are whole and `verifying.py` whether all is; `merging.py` makes one run of
several; `pseudonyms.py` compares how they keep names; `forgetting.py` takes photos out for good,
and `forgotten.py` keeps that they were; `retention.py` says until when a run may be kept, and
`expiring.py` deletes it then; `croissant.py` describes it for others' tools;
`files.py` knows what all this is called, and `store.py` where it is; `fetching.py` brings what lies
elsewhere.
"""

from trendcolor.runs.checking import Fault, check_whole, read_header
from trendcolor.runs.correcting import apply_corrections, undo_corrections
from trendcolor.runs.expiring import RunRetention, expire, look_at_retention
from trendcolor.runs.folder import RunFolder, folder_here, open_run_folder
from trendcolor.runs.forgetting import Value, forget
from trendcolor.runs.forgotten import (
    FORGOTTEN,
    Forgetting,
    check_no_journal,
    left_out,
    without_ids,
)
from trendcolor.runs.manifest import (
    FORMAT,
    Header,
    Manifest,
    Parent,
    Receipt,
    RunCard,
    RunColumn,
    RunPrivacy,
    RunSettings,
    code_version,
    run_card,
    run_columns,
    settings_hash,
)
from trendcolor.runs.merging import merge_runs
from trendcolor.runs.pseudonyms import is_hashed, kind_of, pseudonym_differences
from trendcolor.runs.recipe import recipe_differences
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
from trendcolor.runs.verifying import Verification, verify

__all__ = [
    "CLUSTER_KINDS",
    "FORGOTTEN",
    "FORMAT",
    "HISTOGRAM_KINDS",
    "INDEX",
    "Fault",
    "FolderStore",
    "Forgetting",
    "Header",
    "Manifest",
    "Parent",
    "Place",
    "Receipt",
    "RunCard",
    "RunColumn",
    "RunFolder",
    "RunPrivacy",
    "RunRetention",
    "RunSettings",
    "ShardRows",
    "Store",
    "Value",
    "Verification",
    "apply_corrections",
    "check_no_journal",
    "check_whole",
    "code_version",
    "expire",
    "finished_shards",
    "folder_here",
    "folder_of",
    "forget",
    "is_hashed",
    "kind_of",
    "left_out",
    "look_at_retention",
    "merge_runs",
    "only_writer",
    "open_run_folder",
    "prepare_run_folder",
    "pseudonym_differences",
    "read_header",
    "read_receipt",
    "recipe_differences",
    "run_card",
    "run_columns",
    "seal",
    "settings_hash",
    "store_of",
    "stored_columns",
    "undo_corrections",
    "verify",
    "without_ids",
    "write_frames",
    "write_shard",
]
