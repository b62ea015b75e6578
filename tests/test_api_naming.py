import pytest
from swatch_files import ase, ase_color

import trendcolor as tc
from trendcolor.api.naming import name_answers
from trendcolor.errors import QueryError, ShapeError, UsageError, VocabularyError


def test_a_color_has_a_name_from_python():
    named = tc.name_color("#161418")
    assert (named.name, named.family, named.common) == ("ink black", "black", "black")
    assert named.distance == 0 < named.runner_up_distance
    assert tc.name_color((22, 20, 24)) == named
    assert tc.name_color("#161418", vocabulary="css").name == "black"
    assert tc.name_color("#161418", vocabulary=tc.open_vocabulary("iscc-nbs")).code == "235"


def test_a_color_has_the_code_of_an_own_library(tmp_path):
    path = tmp_path / "library.ase"
    path.write_bytes(ase(ase_color("19-4005 Noir", "RGB", 22 / 255, 20 / 255, 24 / 255)))
    assert tc.name_color("#161418", vocabulary=path).name == "19-4005 Noir"
    assert tc.name_color("#ffffff", vocabulary=path).name is None


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"color": "blurple"}, QueryError),
        ({"color": (1, 2, 300)}, ShapeError),
        ({"color": "#161418", "vocabulary": "cs"}, VocabularyError),
        ({"color": "#161418", "vocabulary": "missing.ase"}, VocabularyError),
    ],
)
def test_a_wrong_argument_is_refused(arguments, error):
    with pytest.raises(error, match=r"no color|wanted three|no vocabulary|no such file"):
        tc.name_color(**arguments)


def test_an_answer_has_the_runner_up_only_where_it_is_close():
    close, clear = name_answers(["#7a5c40", "#161418"])
    assert clear["runner_up"] is clear["runner_up_distance"] is None
    assert close["runner_up"] is not None
    assert 0 <= close["runner_up_distance"] - close["distance"] <= 1


def test_no_color_is_wrong_usage():
    with pytest.raises(UsageError, match="no color given"):
        list(name_answers([]))
