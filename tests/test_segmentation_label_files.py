import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from photos import figure

from trendcolor.datasets.index_masks import IndexMask
from trendcolor.segmentation.label_files import write_label_map
from trendcolor.taxonomy import CLASSES, IGNORE

ids = st.sampled_from([*range(len(CLASSES)), IGNORE])
maps = arrays(np.uint8, st.tuples(st.integers(1, 20), st.integers(1, 20)), elements=ids)


@pytest.mark.parametrize("size", [(240, 160), (1, 1), (3, 500)], ids=str)
def test_the_file_is_an_8_bit_gray_png_of_the_map_s_size(tmp_path, size):
    path = tmp_path / "a.b.png"
    write_label_map(figure(*size), path)
    encoded = path.read_bytes()
    assert encoded[:8] == b"\x89PNG\r\n\x1a\n"
    assert encoded[12:16] == b"IHDR"
    width, height, depth, color_type = struct.unpack(">IIBB", encoded[16:26])
    assert (height, width) == size
    assert (depth, color_type) == (8, 0)
    assert b"PLTE" not in encoded
    assert [file.name for file in tmp_path.iterdir()] == ["a.b.png"]


@settings(deadline=None)
@given(maps)
def test_what_is_written_is_read_back(tmp_path_factory, labels):
    path = tmp_path_factory.getbasetemp() / "label_map.png"
    before = labels.copy()
    write_label_map(labels, path)
    np.testing.assert_array_equal(IndexMask(path, "trendcolor").read(*labels.shape), before)
    np.testing.assert_array_equal(labels, before)


def test_a_folder_that_is_missing_is_an_error_of_the_system(tmp_path):
    with pytest.raises(FileNotFoundError, match="missing"):
        write_label_map(figure(4, 4), tmp_path / "missing" / "a.png")
