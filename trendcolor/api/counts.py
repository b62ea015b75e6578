"""What is counted in a run: shares, signatures, histograms, palettes, pairs, patterns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from trendcolor import histograms
from trendcolor.analysis.combinations import CombinationsQuestion, combinations
from trendcolor.analysis.group_palette import group_palettes
from trendcolor.analysis.legends import Level
from trendcolor.analysis.nesting import NO_NESTING
from trendcolor.analysis.patterns import patterns
from trendcolor.analysis.signature import SignatureQuestion, signatures
from trendcolor.analysis.strips import strips
from trendcolor.analysis.tally import NO_CLUSTER, Question
from trendcolor.api.selection import Selection, level_of
from trendcolor.color.vocabularies import Vocabulary
from trendcolor.errors import QueryError, did_you_mean


@dataclass(frozen=True, slots=True, eq=False)
class Counts(Selection):
    """What garments of a run show: counts, and what is found in them."""

    def shares(
        self,
        by: str | Sequence[str] | None = None,
        *,
        colors: str | Level = "family",
        unit: str = "garments",
        disclosure: str = "raw",
        vocabulary: str | Path | Vocabulary | None = None,
    ) -> pl.DataFrame:
        """The share of each color in each group, with its interval; see `analysis/shares.py`.

        Args:
            by: Declared columns, `"garment"`, `"month"`, `"quarter"` or `"year"` of the declared
                date, or `"run"`: each combination that occurs is a group.
            colors: `"family"` (all twelve), `"common"` (all 26), `"name"`, `"bin"` or `"shade"`
                (those of the whole run; a shade is where its garments gather, see
                `analysis/shades.py`), or a `Level`, such as bins of another width.
            unit: `"garments"` by their main color, `"looks"` that show it, `"area"` of garments,
                or `"weight"`: the first declared column of that kind.
            disclosure: `"public"` hides cells that rest on too few sources, unless the run's cards
                say that nobody is in the pictures. A shade all of whose cells are hidden is null.
            vocabulary: Whose names, for `colors="name"`: what `open_vocabulary` takes or gives.
                Colors beyond the limit of an own library are `no match`.

        Raises:
            QueryError: a column, unit or level of colors is unknown, or a vocabulary is given for
                colors that are no names.
            VocabularyError: there is no such vocabulary, or its file can't be read.
        """
        level = level_of(colors, vocabulary)
        found = self._shares(self._question(by, level, unit), disclosure)
        if level.colors == "shade":
            found = self._veiled(found, disclosure, "shade")
        return self._told(found)

    def signatures(
        self,
        by: str | Sequence[str] | None = None,
        *,
        family: str | Sequence[str] = (),
        names: Mapping[str, str] | None = None,
        within: float = 5.0,
        unit: str = "garments",
        disclosure: str = "raw",
    ) -> pl.DataFrame:
        """The signature color of each group: one RGB, with spread, radius and n.

        See `analysis/signature.py` for the columns.

        Args:
            by: As of `shares`.
            family: One or several of the twelve: the signature of the group's garments of that
                family. Without it, of all its garments.
            names: Names of your own by color, `{"#161418": "95-degree black"}`; a signature
                within reach of the color has the name. None takes the config's `analysis.names`.
            within: Reach: CIEDE2000 that still counts as the same color, for `share`, `spread`
                and `names`.
            unit: `"garments"`, or `"weight"` as of `shares`.
            disclosure: As of `shares`.

        Raises:
            QueryError: a column, family, unit or color is unknown, or `within` is not above 0.
        """
        self._refuse_weights("signatures")
        asked = SignatureQuestion(
            question=self._question(by, Level(), unit),
            source=self._guard,
            families=tuple(dict.fromkeys([family] if isinstance(family, str) else family)),
            within=within,
            names=self._own_names() if names is None else names,
            min_cell=self._min_cell if self._is_guarded(disclosure) else None,
        )
        found = signatures(self._marked(), self.population.legend(Level()), asked)
        if asked.min_cell is not None:
            of_families = bool(asked.families)
            found = self._without_withheld(found, asked.question, of_families=of_families)
        return self._told(found)

    def histogram(
        self,
        *,
        by: str | Sequence[str] | None = None,
        colors: str | Level = "bin",
        unit: str = "palette",
        step: int = histograms.STEP,
    ) -> pl.DataFrame:
        """How much of each color, in whole numbers that add up over runs and machines.

        The histograms that the shards stored answer where they can; the records give the same.

        Args:
            by: As of `shares`.
            colors: As of `shares`; `"bin"` is the color grid.
            unit: `"palette"`: garments, shared out over their palettes, in 255ths: one garment's
                weights sum to 255; `"garments"` by their main color; `"looks"` that show the
                color; `"area"` in 255ths of a pixel; `"weight"`, the declared one, in millionths.
            step: A bin's width in L*, a* and b*, 1 to 32.

        Returns:
            The columns `by`; `bin`, or the level's name; `weight` (Int64). Sorted by all but the
            weight. Colors without weight have no row.

        Raises:
            QueryError: a column, unit or level is unknown, or no such step.
        """
        self._refuse_weights("histogram")
        level = Level(colors="bin", step=step) if colors == "bin" else level_of(colors, None)
        return self._told(self._histogram(self._question(by, level, unit)))

    def _histogram(self, question: Question) -> pl.DataFrame:
        counted = self.population.tally(replace(question, cluster=NO_CLUSTER))
        color = question.level.colors
        named = counted.cells.join(counted.legend.colors, on="_order").rename({"_color": color})
        weight = named.group_by(*question.by, color).agg(weight=pl.sum("_value"))
        return weight.sort(*question.by, color, nulls_last=True)

    def palette(
        self,
        by: str | Sequence[str] | None = None,
        *,
        n_colors: int = 8,
        disclosure: str = "raw",
    ) -> pl.DataFrame:
        """The representative colors of each group with weights; see `analysis/group_palette.py`.

        Args:
            by: As of `shares`.
            n_colors: Colors of a palette at most.
            disclosure: As of `shares`.

        Raises:
            QueryError: a column is unknown, or `n_colors` is below 1.
        """
        self._refuse_weights("palette")
        columns = self._columns(by)
        if not self._is_guarded(disclosure):
            found = self._histogram(self._question(columns, Level(colors="bin"), "palette"))
            return self._told(group_palettes(found, n_colors=n_colors))
        rows = self._near_records()
        apart = histograms.histogram(rows, by=(*columns, self._guard)).collect()
        return self._told(
            group_palettes(apart, n_colors=n_colors, source=self._guard, min_cell=self._min_cell)
        )

    def combinations(
        self,
        by: str | Sequence[str] | None = None,
        *,
        colors: str = "family",
        of: str = "main",
        given: str | None = None,
        same: bool = False,
        disclosure: str = "raw",
    ) -> pl.DataFrame:
        """Which colors meet in one look, and how much oftener than by chance.

        See `analysis/combinations.py` for the columns.

        Args:
            by: As of `shares`, but for `"garment"`.
            colors: `"family"`, `"common"`, `"name"` or `"shade"`.
            of: `"main"` colors of a look's garments, or all of their `"palette"`.
            given: Only companions of this color, as shares of the looks that show it.
            same: Also a color with itself: two garments that show it.
            disclosure: As of `shares`.

        Raises:
            QueryError: a column or color is unknown, or colors near a given one are asked for.
        """
        self._refuse_weights("combinations")
        question = self._question(by, Level(colors=colors), "looks")
        asked = CombinationsQuestion(
            by=question.by,
            colors=colors,
            of=of,
            given=given,
            same=same,
            confidence=question.confidence,
            cluster=None if question.cluster == NO_CLUSTER else question.cluster,
            source=self._guard,
            min_cell=self._min_cell if self._is_guarded(disclosure) else None,
        )
        words = self.population.legend(question.level)
        found = combinations(self._marked(), words, asked)
        if colors == "shade" and given is None:
            found = self._veiled(found, disclosure, "color", "with")
        return self._told(found)

    def patterns(
        self, by: str | Sequence[str] | None = None, *, disclosure: str = "raw"
    ) -> pl.DataFrame:
        """The share of garments that are solid, two-tone or multicolor.

        See `analysis/patterns.py` for the columns.

        Args:
            by: As of `shares`, and `"shade"`: that of the garment's main color.
            disclosure: As of `shares`.

        Raises:
            QueryError: a column is unknown, or colors near a given one are asked for.
        """
        self._refuse_weights("patterns")
        if self.population.targets:
            raise QueryError("patterns are of all garments, not of those near a color")
        asked = by.split(",") if isinstance(by, str) else by or ()
        names = [name.strip() for name in asked]
        question = self._question([name for name in names if name != "shade"], Level(), "garments")
        shades = None
        if "shade" in names:
            shades = self.population.legend(Level(colors="shade"))
            question = replace(question, by=(*question.by, "shade"))
        is_guarded = self._is_guarded(disclosure)
        found = patterns(
            self.population.dated_records(),
            question,
            shades=shades,
            source=self._guard if is_guarded else None,
            min_cell=self._min_cell,
            nesting=self._nesting() if is_guarded and question.by else NO_NESTING,
        )
        return self._told(found if shades is None else self._veiled(found, disclosure, "shade"))

    def strips(
        self, shades: Sequence[str], *, n_patches: int = 24, disclosure: str = "raw"
    ) -> pl.DataFrame:
        """The real colors of the garments of each shade, dark to light; see `analysis/strips.py`.

        Args:
            shades: As `shares(colors="shade")` names them.
            n_patches: Patches of a shade at most.
            disclosure: As of `shares`: a public patch is of enough sources.

        Raises:
            QueryError: the run has no such shade, or `n_patches` is below 1.
        """
        legend = self.population.legend(Level(colors="shade"))
        known = legend.colors["_color"].to_list()
        for shade in shades:
            if shade not in known:
                raise QueryError(f"no shade '{shade}'{did_you_mean(shade, known)}")
        if n_patches < 1:
            raise QueryError(f"n_patches must be at least 1, got {n_patches}")
        source = self._guard if self._is_guarded(disclosure) else None
        rows = self._near_records()
        found = strips(
            rows, legend, shades, n_patches=n_patches, source=source, min_cell=self._min_cell
        )
        return self._told(found)
