"""Settings, read from `configs/*.toml`; an unknown key is an error.

`reading.py` turns TOML into frozen dataclasses, `running.py` holds the settings of runs,
`screening.py` those of which photos are unfit, `privacy.py` those of what is kept of people,
`training.py` those of trainings; `location.py` tells paths from addresses.
"""

from trendcolor.config.location import Address, Location, address_of
from trendcolor.config.privacy import PrivacyConfig
from trendcolor.config.reading import PACKAGE, expand_variables, read_toml, shipped_file
from trendcolor.config.running import (
    LANGUAGES,
    PHOTO_SUFFIXES,
    AnalysisConfig,
    ColorConfig,
    Config,
    DataConfig,
    EngineConfig,
    ImagesConfig,
    ReportConfig,
    SegmentationConfig,
    read_config,
)
from trendcolor.config.screening import ScreeningConfig
from trendcolor.config.training import (
    ModelConfig,
    TeacherConfig,
    TrainConfig,
    TrainingConfig,
    UnlabelledConfig,
    read_train_config,
)

__all__ = [
    "LANGUAGES",
    "PACKAGE",
    "PHOTO_SUFFIXES",
    "Address",
    "AnalysisConfig",
    "ColorConfig",
    "Config",
    "DataConfig",
    "EngineConfig",
    "ImagesConfig",
    "Location",
    "ModelConfig",
    "PrivacyConfig",
    "ReportConfig",
    "ScreeningConfig",
    "SegmentationConfig",
    "TeacherConfig",
    "TrainConfig",
    "TrainingConfig",
    "UnlabelledConfig",
    "address_of",
    "expand_variables",
    "read_config",
    "read_toml",
    "read_train_config",
    "shipped_file",
]
