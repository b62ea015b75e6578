import pytest
from hypothesis import given
from hypothesis import strategies as st

from trendcolor.cards.license_names import spdx_name

# What the lists of Hugging Face, Kaggle and OpenML and the pages of the licenses themselves say.
SURE = {
    "https://creativecommons.org/licenses/by/4.0/": "CC-BY-4.0",
    "http://www.creativecommons.org/licenses/by-sa/3.0": "CC-BY-SA-3.0",
    "https://creativecommons.org/licenses/by-nc/4.0/legalcode": "CC-BY-NC-4.0",
    "https://creativecommons.org/licenses/by/4.0/deed.de": "CC-BY-4.0",
    "https://creativecommons.org/licenses/by-nc-sa/3.0/igo/": "CC-BY-NC-SA-3.0-IGO",
    "https://creativecommons.org/publicdomain/zero/1.0/": "CC0-1.0",
    "https://choosealicense.com/licenses/apache-2.0/": "Apache-2.0",
    "https://choosealicense.com/licenses/cc-by-4.0/": "CC-BY-4.0",
    "https://choosealicense.com/licenses/odbl/": "ODbL-1.0",
    "https://opensource.org/licenses/MIT": "MIT",
    "https://opensource.org/license/mit/": "MIT",
    "https://spdx.org/licenses/CC-BY-4.0.html": "CC-BY-4.0",
    "https://opendatacommons.org/licenses/by/1-0/": "ODC-By-1.0",
    "https://www.apache.org/licenses/LICENSE-2.0": "Apache-2.0",
    "https://cdla.dev/permissive-2-0/": "CDLA-Permissive-2.0",
    "CC0: Public Domain": "CC0-1.0",
    "CC BY-NC-SA 4.0": "CC-BY-NC-SA-4.0",
    "Attribution-NonCommercial-ShareAlike 3.0 IGO (CC BY-NC-SA 3.0 IGO)": "CC-BY-NC-SA-3.0-IGO",
    "Attribution 4.0 International (CC BY 4.0)": "CC-BY-4.0",
    "ODC Public Domain Dedication and Licence (PDDL)": "PDDL-1.0",
    "apache-2.0": "Apache-2.0",
    " mit\n": "MIT",
    "gpl-3.0": "GPL-3.0-only",
    "MIT OR Apache-2.0": "MIT OR Apache-2.0",
}
NOT_SURE = (
    *("", "Public", "publicly available", "other", "unknown", "cc", "bsd", "CC_BY", "openrail"),
    *("Database: Open Database, Contents: Database Contents", "Other (specified in description)"),
    *("photos: various; labels CC BY 4.0", "MIT OR something else", "https://example.org/mit"),
    *("https://creativecommons.org/licenses/by/9.9/", "https://opensource.org/licenses"),
    *("https://example.org/?creativecommons.org/licenses/by/4.0/", "LicenseRef-mine"),
)


@pytest.mark.parametrize(("told", "name"), SURE.items(), ids=SURE)
def test_the_license_of_a_page_or_a_platform_is_known(told, name):
    assert spdx_name(told) == name


@pytest.mark.parametrize("told", NOT_SURE)
def test_what_names_no_license_for_sure_is_not_guessed(told):
    assert spdx_name(told) == ""


@given(st.text())
def test_any_text_has_an_answer(told):
    assert isinstance(spdx_name(told), str)
