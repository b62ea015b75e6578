"""Whether files hold a text that nothing may hold: in their bytes, or in what they pack."""

import zipfile
from io import BytesIO
from pathlib import Path

import polars as pl
from pypdf import PdfReader


def traces(folder, texts):
    """Which of some texts are below a folder: pairs of a file and a text, or of its own name."""
    found = []
    for path in sorted(Path(folder).rglob("*")):
        content = _unpacked(path) if path.is_file() else b""
        name = path.relative_to(folder).as_posix()
        for text in texts:
            sought = text if isinstance(text, bytes) else text.encode()
            if sought in content or sought in name.encode():
                found.append((name, text))
    return found


def _unpacked(path):
    """A file's bytes, and after them what a table, a PDF or an archive has in packed form."""
    content = path.read_bytes()
    if zipfile.is_zipfile(BytesIO(content)):  # a spreadsheet is one
        with zipfile.ZipFile(path) as archive:
            return b"\n".join([content, *map(archive.read, archive.namelist())])
    if path.suffix == ".pdf":
        pdf = PdfReader(path)
        texts = [str(pdf.metadata), *(page.extract_text() for page in pdf.pages)]
        return b"\n".join([content, *(text.encode() for text in texts)])
    if path.suffix != ".parquet":
        return content
    values = [content]
    for column in pl.read_parquet(BytesIO(content)).iter_columns():
        binary = column if column.dtype == pl.Binary else column.cast(pl.String).cast(pl.Binary)
        values += binary.drop_nulls().to_list()
    return b"\n".join(values)
