"""Runs are opened here, one or several as one."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from trendcolor.analysis.comparable import check_columns_agree, check_runs_differ, differences
from trendcolor.analysis.population import Population
from trendcolor.api.queries import Run
from trendcolor.errors import QueryError
from trendcolor.runs import RunFolder, open_run_folder


def open_run(path: str | Path) -> Run:
    """A finished run, to be queried.

    Args:
        path: The run folder, or its address, such as `s3://bucket/run`.

    Raises:
        RunError: there is no such folder, or it is unfinished or damaged.
    """
    folder = open_run_folder(path)
    return Run(Population({folder.manifest.header.name: folder}))


def open_runs(paths: Sequence[str | Path], *, mixed: bool = False) -> Run:
    """Several finished runs as one; answers may be grouped by `run`.

    Args:
        paths: The run folders, at least one. A photo's id is that of its run with the run's name
            before it.
        mixed: Open also runs whose weights, code or settings differ, so that their figures do not
            compare; each answer then has a column `mixed` that says what differs.

    Raises:
        RunError: there is no such folder, or it is unfinished or damaged.
        QueryError: there is no path, a run comes twice, two runs are of the same list of photos,
            their columns are of different kinds, or they differ and not `mixed`. Photos that two
            other lists share are not noticed, and count twice.
    """
    folders = _named([open_run_folder(path) for path in paths])
    manifests = {name: folder.manifest for name, folder in folders.items()}
    check_runs_differ(manifests)
    check_columns_agree(manifests)
    found = differences(manifests)
    if found and not mixed:
        raise QueryError(
            f"the runs differ in {', '.join(found)}: their figures do not compare (mixed=True "
            "opens them all the same; `trendcolor bridge` measures by how much they differ)"
        )
    return Run(Population(folders), mixed=", ".join(found))


def _named(folders: Sequence[RunFolder]) -> Mapping[str, RunFolder]:
    """Folders by the name of their config, with the folder's own where two have one name."""
    if not folders:
        raise QueryError("no run to open (open_runs needs at least one run folder)")
    names = [folder.manifest.header.name for folder in folders]
    if len({*names}) < len(names):
        names = [_own_name(folder) for folder in folders]
    if len({*names}) < len(names):
        names = [folder.place for folder in folders]
    if len({*names}) < len(names):
        raise QueryError(f"run {sorted(names)[0]} comes twice (give each run folder once)")
    return dict(zip(names, folders, strict=True))


def _own_name(folder: RunFolder) -> str:
    is_here = folder.place == str(folder.path)
    return folder.path.resolve().name if is_here else folder.place.rpartition("/")[2]
