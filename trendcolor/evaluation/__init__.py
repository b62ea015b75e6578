"""Label maps against truth: how pure they are, where they fail, what that does to colors.

`running.py` scores a data set, `scores.py` one photo, by figures that add up over photos:
`strata.py` kinds of photos, `leak.py` what a mask does to a garment's colors, `curve.py` purity
against recall, `pictures.py` the worst photos. `result.py` holds the answers, `page.py` shows them.
"""

from trendcolor.evaluation.result import Evaluation
from trendcolor.evaluation.running import evaluate
from trendcolor.evaluation.scores import BAND, without_edges

__all__ = ["BAND", "Evaluation", "evaluate", "without_edges"]
