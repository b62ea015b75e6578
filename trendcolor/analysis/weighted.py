"""Counts with the weights of the photos that they are of."""

from dataclasses import replace

import polars as pl

from trendcolor.analysis.tally import NO_CLUSTER, Question, Tally


def finer_question(question: Question, weights: pl.DataFrame) -> Question:
    """The question whose groups have one weight each.

    Garments that count unequally tell less, which is read from random groups: of photos where
    the question names no cluster.

    Args:
        question: What is asked.
        weights: The columns that the weights depend on, `_weight`.
    """
    columns = [name for name in weights.columns if name not in ("_weight", *question.by)]
    cluster = "photo" if question.cluster == NO_CLUSTER else question.cluster
    return replace(question, by=(*question.by, *columns), cluster=cluster)


def weigh(
    finer: Tally, weights: pl.DataFrame, question: Question, sources: pl.DataFrame | None
) -> Tally:
    """The tally of a question, each photo counted with its weight.

    Args:
        finer: What the `finer_question` counted.
        weights: As of that.
        question: What is asked.
        sources: The clusters of its groups; they are counted without weights.

    Returns:
        As `Tally`, with values that are no longer whole numbers. `_n` counts garments as they are.
    """

    def weighed(counts: pl.DataFrame, *keys: str) -> pl.DataFrame:
        columns = [name for name in weights.columns if name != "_weight"]
        joined = counts.join(weights, on=columns, how="left", nulls_equal=True)
        value = pl.col("_value") * pl.col("_weight")
        grouped = joined.group_by(*question.keys, "_part", *keys, maintain_order=True)
        return grouped.agg(value.sum().alias("_value"), pl.sum("_n"))

    return Tally(
        question=replace(question, cluster=finer.question.cluster),
        legend=finer.legend,
        cells=weighed(finer.cells, "_order"),
        groups=weighed(finer.groups),
        sources=sources,
        design=None if finer.design is None else weighed(finer.design, "_order"),
        has_rest=finer.has_rest,
    )
