"""Parquet files of which one byte is wrong, which end the process that reads them."""

import io
import re

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

# A page's header up to the number of its values (parquet.thrift, PageHeader, compact protocol).
_SIZE = rb"[\x80-\xff]*[\x00-\x7f]"
_DATA_PAGE = re.compile(rb"\x15\x00\x15" + _SIZE + rb"\x15" + _SIZE + rb"\x2c\x15", re.DOTALL)


def negative_page(frame: pl.DataFrame) -> bytes:
    """A file whose first page holds a number of values below zero: polars asks for 2^61 bytes.

    The lowest bit of a number is its sign there.
    """
    file = io.BytesIO()
    frame.write_parquet(file)
    content = bytearray(file.getvalue())
    content[_DATA_PAGE.search(content).end()] ^= 1
    return bytes(content)


def untrue_statistics() -> bytes:
    """A file with images whose footer has statistics of a column that may be empty, which it may
    not be: pyarrow throws where nothing catches.
    """
    file = io.BytesIO()
    pq.write_table(pa.table({"image": [b"one", b"two"]}), file)
    content = file.getvalue()
    optional, required = b"\x25\x02\x18\x05image", b"\x25\x00\x18\x05image"
    assert content.count(optional) == 1
    return content.replace(optional, required)
