"""TOML files as frozen dataclasses, strictly: an unknown key is an error, and all faults are told.

Paths are relative to the file that they stand in, addresses are taken as they are; `${NAME}` and
`${NAME:-default}` expand from the environment, and `${package}` is the folder of the installed
package.
"""

import dataclasses
import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import UnionType
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

import msgspec

from trendcolor.config.location import Address, Location, located
from trendcolor.errors import ConfigError, TrendColorError, did_you_mean

T = TypeVar("T")

PACKAGE = Path(__file__).resolve().parent.parent


def shipped_file(name: str) -> Path:
    """A file that ships with the package, such as `configs/demo.toml` or `data_cards/ccp.toml`.

    In the wheel these folders lie inside the package, in a checkout beside it.
    """
    inside = PACKAGE / name
    return inside if inside.exists() else PACKAGE.parent / name


def read_toml(path: Path, kind: type[T], error: Callable[[str], TrendColorError]) -> T:
    """A TOML file as one frozen dataclass, strictly.

    Args:
        path: The file.
        kind: The dataclass; nested dataclasses are tables, tuples of them arrays of tables.
        error: Which error to raise, `ConfigError` or `CardError`.

    Raises:
        TrendColorError: of the kind `error`, with every fault of the file, one a line, each with
            its place.
    """
    try:
        text = path.read_text(encoding="utf-8")
        table = tomllib.loads(text)
    except OSError as cause:
        raise error(f"{path}: can't be read ({cause.strerror or cause})") from cause
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as cause:
        raise error(f"{path}: not a TOML file ({cause})") from cause
    reader = _Reader(folder=path.resolve().parent, faults=[])
    value = reader.dataclass(table, kind, "")
    if reader.faults or value is None:
        raise error("\n".join(f"{path.name}: {fault}" for fault in reader.faults))
    return value


@dataclass(frozen=True, slots=True)
class _Reader:
    """Builds dataclasses from TOML tables and gathers faults instead of stopping at the first."""

    folder: Path
    faults: list[str]

    def dataclass(self, table: Mapping[str, Any], kind: type[T], place: str) -> T | None:
        before = len(self.faults)
        hints = get_type_hints(kind)
        fields = {f.name: f for f in dataclasses.fields(kind)}  # type: ignore[arg-type] # a dataclass
        for key in sorted(table.keys() - fields.keys()):
            self.faults.append(f"unknown key {place}{key}{did_you_mean(key, list(fields))}")
        values = {}
        for name, spec in fields.items():
            if name in table:
                n_faults = len(self.faults)
                value = self.value(table[name], hints[name], f"{place}{name}")
                if len(self.faults) == n_faults:
                    values[name] = value
            elif _is_required(spec):
                self.faults.append(f"{place}{name} is missing")
        is_whole = all(name in values or not _is_required(spec) for name, spec in fields.items())
        try:
            built = kind(**values) if is_whole else None
        except TrendColorError as fault:
            self.faults.extend(str(fault).splitlines())
        return built if len(self.faults) == before else None

    def value(self, value: object, kind: Any, place: str) -> object:  # noqa: ANN401 # a type hint
        optional = next((one for one in get_args(kind) if dataclasses.is_dataclass(one)), None)
        or_text = str in get_args(kind) and isinstance(value, str)
        is_location = Address in get_args(kind)
        if isinstance(kind, UnionType) and optional is not None and not (or_text or is_location):
            kind = optional
        if dataclasses.is_dataclass(kind):
            return self.table(value, kind, place)
        item = get_args(kind)[0] if get_origin(kind) is tuple else None
        if item is not None and dataclasses.is_dataclass(item):
            if not isinstance(value, list):
                self.faults.append(f"{place}: expected an array of tables [[{place}]]")
                return ()
            rows = enumerate(value, start=1)
            return tuple(self.table(row, item, f"{place}[{i}]") for i, row in rows)
        if get_origin(kind) is Literal and isinstance(value, str) and value not in get_args(kind):
            known = did_you_mean(value, get_args(kind))
            self.faults.append(f"{place} does not know '{value}'{known}")
            return None
        try:
            if is_location:
                return self.location(msgspec.convert(value, str))
            if kind is Path or Path in get_args(kind):
                return self.path(msgspec.convert(value, str))
            return msgspec.convert(value, kind, strict=True)
        except (msgspec.ValidationError, ConfigError) as fault:
            if is_location and isinstance(fault, ConfigError):  # which may speak of a password
                self.faults.append(f"{place}: {fault}")
                return None
            wanted = str(fault)[0].lower() + str(fault)[1:].split(", got")[0]
            self.faults.append(f"{place}: {wanted}, got {value!r}")
            return None

    def table(self, value: object, kind: Any, place: str) -> object:  # noqa: ANN401 # a type hint
        if not isinstance(value, dict):
            self.faults.append(f"{place}: expected a table [{place}], got {value!r}")
            return None
        return self.dataclass(value, kind, f"{place}.")

    def path(self, text: str) -> Path:
        return (self.folder / expand_variables(text)).resolve()

    def location(self, text: str) -> Location:
        return located(expand_variables(text), self.folder)


def _is_required(spec: "dataclasses.Field[Any]") -> bool:
    missing = dataclasses.MISSING
    return spec.default is missing and spec.default_factory is missing


def expand_variables(text: str) -> str:
    """`${NAME}` and `${NAME:-default}` replaced from the environment; `~` too.

    `${package}` is the folder of the installed package, where sample photos and weights are.

    Raises:
        ConfigError: a variable without a default is not set.
    """

    def replace(match: re.Match[str]) -> str:
        name, default = match["name"], match["default"]
        if name == "package":
            return str(PACKAGE)
        value = os.environ.get(name) or default
        if value is None:
            raise ConfigError(f"environment variable {name} is not set")
        return value

    pattern = r"\$\{(?P<name>\w+)(?::-(?P<default>[^}]*))?\}"
    return os.path.expanduser(re.sub(pattern, replace, text))  # noqa: PTH111 # text may be no path yet
