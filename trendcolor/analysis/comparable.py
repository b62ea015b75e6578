"""Whether several runs may be asked as one."""

from collections.abc import Mapping

from trendcolor.errors import QueryError
from trendcolor.runs import Manifest, pseudonym_differences, recipe_differences


def differences(manifests: Mapping[str, Manifest]) -> list[str]:
    """What differs between runs that their figures depend on, such as `color.trust`.

    Args:
        manifests: Of the runs, by name; at least one.
    """
    headers = [manifest.header for manifest in manifests.values()]
    return [*recipe_differences(headers), *pseudonym_differences(headers)]


def check_runs_differ(manifests: Mapping[str, Manifest]) -> None:
    """Refuse runs that are of the same photos, which would count twice.

    Raises:
        QueryError: two runs are.
    """
    seen: dict[str, str] = {}
    for name, manifest in manifests.items():
        other = seen.setdefault(manifest.header.index_hash, name)
        if other != name:
            raise QueryError(
                f"runs {other} and {name} are of the same photos, which would count twice (open "
                "one of them; `trendcolor bridge` compares the two)"
            )


def check_columns_agree(manifests: Mapping[str, Manifest]) -> None:
    """Refuse runs that declare one column as different kinds.

    Raises:
        QueryError: a column is of two kinds, or is called `run`.
    """
    kinds: dict[str, tuple[str, str]] = {}
    for name, manifest in manifests.items():
        for column in manifest.columns:
            if column.name == "run":
                raise QueryError(
                    f"{name} declares a column 'run', which tells several runs apart (rename it "
                    "in the card: name, with table_column)"
                )
            run, kind = kinds.setdefault(column.name, (name, column.kind))
            if kind != column.kind:
                raise QueryError(
                    f"column '{column.name}' is of kind {kind} in {run} and {column.kind} in "
                    f"{name} (rename one of them in its card: name, with table_column)"
                )
