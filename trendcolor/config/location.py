"""Where something is: a path of this machine, or an address in a store such as `s3://bucket/photos`.

Keys, endpoints and whatever else a store wants to know come from the environment and from fsspec's
own settings, never from a config file, so that a run can't keep a secret.
"""

import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from trendcolor.errors import ConfigError

# A scheme has two letters or more: one is a drive. A `Path` makes one slash of two.
_SCHEME = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]+):/{1,3}(?P<rest>[^/].*)?", re.DOTALL)
_HERE = ("file", "local")

# The package that reads each kind of address, and the extra that brings it.
EXTRAS = {
    **dict.fromkeys(("s3", "s3a"), "s3"),
    **dict.fromkeys(("gs", "gcs"), "gcs"),
    **dict.fromkeys(("az", "abfs", "abfss", "adl"), "azure"),
    **dict.fromkeys(("http", "https"), "http"),
}


@dataclass(frozen=True, slots=True, order=True)
class Address:
    """A file or folder in a store that fsspec knows."""

    text: str  # with its scheme, without a slash at the end

    def __str__(self) -> str:
        return self.text

    @property
    def scheme(self) -> str:
        """Such as `s3`."""
        return self.text.partition("://")[0]

    @property
    def name(self) -> str:
        """The last part."""
        return self.text.rpartition("/")[2]

    @property
    def suffix(self) -> str:
        """The ending of the name, with its dot."""
        return PurePosixPath(self.name).suffix

    def join(self, relative: str) -> "Address":
        """The address of what lies below."""
        return Address(f"{self.text}/{relative}")


Location = Path | Address


def address_of(text: str | Path) -> Address | None:
    """The address that a text is, even one that was taken for a path; None for a path.

    Raises:
        ConfigError: it chains several stores, or holds a password.
    """
    if "::" in str(text) and ":/" in str(text):
        raise ConfigError(f"'{text}' chains stores (wanted one, such as s3://bucket/photos)")
    match = _SCHEME.fullmatch(str(text))
    if match is None or match["scheme"].lower() in _HERE:
        return None
    scheme, rest = match["scheme"].lower(), match["rest"] or ""
    if re.match(r"[^/@]*:[^/@]*@", rest):
        raise ConfigError(
            f"'{scheme}://...@{rest.partition('@')[2]}' holds a password (give it by the "
            "environment or fsspec's settings)"
        )
    if scheme in ("http", "https") and ("?" in rest or "#" in rest):
        kept = re.split(r"[?#]", rest)[0]
        raise ConfigError(f"'{scheme}://{kept}' goes on with ? or # (wanted a plain address)")
    return Address(f"{scheme}://{rest.rstrip('/')}")


def located(text: str, folder: Path) -> Location:
    """The location that a text names; a path is relative to a folder and comes back absolute.

    Raises:
        ConfigError: as `address_of`.
    """
    address = address_of(text)
    if address is not None:
        return address
    match = _SCHEME.fullmatch(text)
    return (folder / (f"/{match['rest'] or ''}" if match else text)).resolve()


def remedy(scheme: str) -> str:
    """What to install for addresses of a kind."""
    extra = EXTRAS.get(scheme)
    return f"pip install 'trendcolor[{extra}]'" if extra else "install what fsspec asks for"
