"""What holds "no face, no age": what must not be installed, used as a model, or written.

`packages.py` knows packages that look at faces or tell people apart, and finds them among what is
installed; `source.py` finds them in source; `models.py` knows what a segmenter must not be made
for. All answer with findings and raise nothing, so that tests and an audit of an installation can
ask the same.
"""

from trendcolor.faceless.models import Purpose, face_part, person_classes, purposes
from trendcolor.faceless.packages import (
    PersonPackage,
    installed_closure,
    modules_of,
    person_distributions,
    person_modules,
)
from trendcolor.faceless.source import PersonName, person_names, person_names_under

__all__ = [
    "PersonName",
    "PersonPackage",
    "Purpose",
    "face_part",
    "installed_closure",
    "modules_of",
    "person_classes",
    "person_distributions",
    "person_modules",
    "person_names",
    "person_names_under",
    "purposes",
]
