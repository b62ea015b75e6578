import random

import polars as pl
import pytest

from trendcolor.histograms import REPLICATES, replicate

# Stored histograms of older runs hold these groups: they must stay what they are.
KNOWN = {
    "": 0,
    "a": 37,
    "s1": 34,
    "seller-00001": 16,
    "Zoë": 6,
    "東京": 23,
    "brand with spaces": 60,
    "x" * 300: 45,
}
IDS = [f"seller-{i:05d}" for i in range(20_000)]


def groups(texts, dtype=pl.String):
    return pl.DataFrame({"id": pl.Series(texts, dtype=dtype)}).select(replicate(pl.col("id")))["id"]


@pytest.mark.parametrize(("text", "group"), KNOWN.items())
def test_a_text_has_the_group_that_it_always_had(text, group):
    assert groups([text]).to_list() == [group]


def test_a_group_is_that_of_the_text_whatever_stands_beside_it():
    texts = [*KNOWN] * 3
    random.Random(0).shuffle(texts)
    assert groups(texts).to_list() == [KNOWN[text] for text in texts]
    assert groups(texts[:5]).to_list() == groups(texts).to_list()[:5]
    assert groups(texts).dtype == pl.UInt8


@pytest.mark.parametrize("dtype", [pl.Categorical, pl.Enum([*KNOWN])], ids=["categorical", "enum"])
def test_a_categorical_has_the_groups_of_its_texts(dtype):
    texts = [*KNOWN, None]
    assert groups(texts, dtype).to_list() == groups(texts).to_list()


def test_what_is_missing_is_one_cluster():
    assert len({*groups([None, "a", None, None]).to_list()[::2]}) == 1
    assert groups([None]).to_list() == groups([""]).to_list()
    assert groups([]).to_list() == []


def test_numbers_have_the_groups_of_their_texts():
    assert groups([1.5, None], pl.Float64).to_list() == groups(["1.5", None]).to_list()


def test_a_frame_read_in_pieces_has_the_same_groups():
    lazy = pl.LazyFrame({"id": IDS}).select(replicate(pl.col("id")))
    assert lazy.collect(engine="streaming")["id"].to_list() == groups(IDS).to_list()


@pytest.mark.parametrize("pattern", ["seller-{:05d}", "{}", "{:x}", "IMG_{:08d}.jpg", "{}@shop"])
def test_ids_that_count_up_fill_all_groups_about_evenly(pattern):
    found = groups([pattern.format(i) for i in range(20_000)]).value_counts()
    assert found.height == REPLICATES
    mean = 20_000 / REPLICATES
    # A fair draw has a spread of sqrt(mean) = 17.5 around 312.5: five of them.
    assert (found["count"] - mean).abs().max() < 5 * mean**0.5


def test_ids_in_a_row_do_not_go_round_the_groups_in_turn():
    steps = (groups(IDS).cast(pl.Int64).diff().drop_nulls() % REPLICATES).value_counts()
    assert steps["count"].max() < 0.05 * len(IDS)
