"""Settings, read from `configs/*.toml`; an unknown key is an error.

`reading.py` turns TOML into frozen dataclasses, `running.py` holds the settings of runs,
`screening.py` those of which photos are unfit, `training.py` those of trainings.
"""

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
    "AnalysisConfig",
    "ColorConfig",
    "Config",
    "DataConfig",
    "EngineConfig",
    "ImagesConfig",
    "ModelConfig",
    "ReportConfig",
    "ScreeningConfig",
    "SegmentationConfig",
    "TeacherConfig",
    "TrainConfig",
    "TrainingConfig",
    "UnlabelledConfig",
    "expand_variables",
    "read_config",
    "read_toml",
    "read_train_config",
    "shipped_file",
]
