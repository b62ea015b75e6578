"""Settings of what a run keeps of people, and for how long: the `[privacy]` section."""

from dataclasses import dataclass
from typing import Literal

from trendcolor.config.bounds import refuse, too_large, too_small


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivacyConfig:
    """What a run keeps of people, and for how long."""

    # How values of columns of kind source and wearer are stored: as hashes under a key that the run
    # does not hold, or as the data set has them.
    pseudonyms: Literal["hashed", "declared"] = "hashed"
    photo_ids: Literal["declared", "hashed"] = "declared"  # the same of photo ids
    # The file that holds the key, 64 hex digits; empty takes the one that the environment variable
    # TRENDCOLOR_KEY names, else one of the user's own, which is made when it is first needed.
    key: str = ""
    retain_days: int = 0  # a finished run is kept so many days; 0: as long as the cards allow

    def __post_init__(self) -> None:
        refuse(
            *too_small("privacy", 0, retain_days=self.retain_days),
            *too_large("privacy", 36_525, retain_days=self.retain_days),  # a hundred years
        )
