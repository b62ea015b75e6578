import contextlib
import json
import re
import tomllib
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trendcolor.cards import card_from_croissant, read_card, write_starter
from trendcolor.cli import main
from trendcolor.errors import CardError, ConfigError, UsageError

CONTEXT = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "dct": "http://purl.org/dc/terms/",
    "citeAs": "cr:citeAs",
    "conformsTo": "dct:conformsTo",
    "recordSet": "cr:recordSet",
    "data": {"@id": "cr:data", "@type": "@json"},
}
RAI = {
    "rai:dataCollection": "Everybody who passed and agreed.",
    "rai:dataCollectionType": ["Physical data collection"],
    "rai:dataPreprocessingProtocol": ["Resized to 800 pixels."],
    "rai:dataAnnotationProtocol": "Three people drew outlines.",
    "rai:dataBiases": ["Two cities only.", "More women's wear."],
    "rai:dataLimitations": "No winter.",
    "rai:personalSensitiveInformation": ["Faces are blurred.", "Age group is declared."],
    "rai:dataUseCases": ["Training of segmenters."],
    "rai:dataCollectionTimeframe": ["2024-03-01", "2024-05-31"],
}


def described(**more):
    """A file as it might be written by hand, with one table of looks."""
    return {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.1",
        "name": "Street Looks",
        "description": "Looks of two cities.",
        "url": "https://example.org/looks",
        "version": "2.1.0",
        "license": "https://creativecommons.org/licenses/by/4.0/",
        "creator": {"@type": "sc:Organization", "name": "Example Institute"},
        **more,
    }


# The shapes of platforms, each made up here: Hugging Face tells columns of Parquet files by field
# ids with a slash, Kaggle has a license object and columns of CSV files in an archive, OpenML has
# "Public" and enumerations beside the fields.
HUGGING_FACE = {
    **described(license="https://choosealicense.com/licenses/apache-2.0/"),
    "keywords": ["fashion", "🇺🇸 Region: US"],
    "distribution": [
        {"@type": "cr:FileObject", "@id": "repo", "name": "repo", "encodingFormat": "git+https"},
        {"@type": "cr:FileSet", "@id": "parquet", "containedIn": {"@id": "repo"}},
    ],
    "recordSet": [
        {
            "@type": "cr:RecordSet",
            "@id": "default_splits",
            "dataType": "cr:Split",
            "field": [{"@type": "cr:Field", "@id": "default_splits/split_name"}],
            "data": [{"default_splits/split_name": "train"}],
        },
        {
            "@type": "cr:RecordSet",
            "@id": "default",
            "field": [
                {
                    "@type": "cr:Field",
                    "@id": f"default/{column}",
                    "dataType": kind,
                    "source": {"fileSet": {"@id": "parquet"}, "extract": {"column": column}},
                }
                for column, kind in (
                    ("image", "sc:ImageObject"),
                    ("season", "sc:Text"),
                    ("shot", "sc:Date"),
                    ("gender_predicted", "sc:Text"),
                )
            ],
        },
    ],
}
KAGGLE = {
    **described(
        license={
            "@type": "sc:CreativeWork",
            "name": "CC0: Public Domain",
            "url": "https://creativecommons.org/publicdomain/zero/1.0/",
        },
        creator={"@type": "sc:Person", "name": "Jo Doe", "url": "https://example.org/jo"},
        version=3,
        conformsTo="http://mlcommons.org/croissant/1.0",
    ),
    "alternateName": "What people wear",
    "isAccessibleForFree": True,
    "recordSet": [
        {
            "@type": "cr:RecordSet",
            "@id": "looks.csv",
            "field": [
                {
                    "@type": "cr:Field",
                    "@id": "looks.csv/Line+of+clothes",
                    "name": "Line of clothes",
                    "dataType": ["sc:Text"],
                    "source": {
                        "fileObject": {"@id": "looks.csv_fileobject"},
                        "extract": {"column": "Line of clothes"},
                    },
                }
            ],
        }
    ],
}
OPENML = {
    **described(
        license="Public",
        creator=[
            {"@type": "sc:Person", "name": "A. One"},
            {"@type": "sc:Person", "name": "B. Two"},
        ],
        citeAs="One and Two, 2024",
        conformsTo="http://mlcommons.org/croissant/1.0",
        dateCreated="2014-04-06T23:21:47",
    ),
    "recordSet": [
        {
            "@id": "enumerations/season",
            "@type": "cr:RecordSet",
            "name": "season",
            "dataType": "sc:Enumeration",
            "field": [{"@id": "enumerations/season/value", "@type": "cr:Field", "name": "value"}],
            "data": [{"enumerations/season/value": "summer"}],
        },
        {
            "@type": "cr:RecordSet",
            "@id": "data-file-description",
            "field": [
                {
                    "@id": "features/0-season",
                    "@type": "cr:Field",
                    "dataType": "sc:Text",
                    "name": "season",
                    "source": {
                        "fileObject": {"@id": "data-file"},
                        "extract": {"column": "season"},
                    },
                }
            ],
        },
    ],
}


def write(folder, document):
    path = folder / "looks.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def read(folder, document):
    """The card's keys and the rest, of a file."""
    made = card_from_croissant(write(folder, document))
    return tomllib.loads(made.card), made


def proposed(card):
    """The proposed columns, with their number signs taken off."""
    lines = [line[2:] for line in card.splitlines() if re.match(r"# (\[\[c|\w+ = )", line)]
    text = "\n".join(line for line in lines if not line.startswith(("white", "gray", "color_ch")))
    return [each["name"] for each in tomllib.loads(text).get("columns", [])]


def test_what_the_file_says_becomes_answers(tmp_path):
    document = described(**RAI, citeAs="Example, 2024", temporalCoverage="2020/2021")
    card, made = read(tmp_path, document)
    assert made.card_name == "street_looks_card.toml"
    assert (card["name"], card["title"], card["version"]) == (
        "street_looks",
        "Street Looks",
        "2.1.0",
    )
    assert card["homepage"] == "https://example.org/looks"
    assert card["license"] == "CC-BY-4.0"
    assert card["license_source"] == (
        "the Croissant file looks.json of https://example.org/looks says: "
        "https://creativecommons.org/licenses/by/4.0/"
    )
    assert card["attribution"] == "Example Institute. Cite as: Example, 2024"
    assert card["period"] == "2024-03-01 to 2024-05-31"
    assert card["frame"] == (
        "Everybody who passed and agreed. | dataCollectionType: Physical data collection"
    )
    assert card["capture"] == "Resized to 800 pixels."
    assert card["annotation"] == "Three people drew outlines."
    assert card["biases"] == ["Two cities only.", "More women's wear.", "No winter."]
    assert card["people_note"] == "Faces are blurred.; Age group is declared."
    assert made.not_mapped == ()


def test_consent_purposes_and_the_license_class_stay_questions(tmp_path):
    card, made = read(tmp_path, described(**RAI, people="none", purposes_allowed=["publication"]))
    for key in ("people", "consent_basis", "license_class"):
        assert card[key].startswith("TODO")
    assert (card["purposes_allowed"], card["show_photos"]) == (["TODO"], False)
    beside = (
        r"# The Croissant file says \(dataUseCases\): Training of segmenters\.\npurposes_allowed"
    )
    assert re.search(beside, made.card)
    assert "people: none" in made.not_mapped
    with pytest.raises(CardError, match="consent_basis is not answered"):
        read_card(write_starter(None, tmp_path / "out", write(tmp_path, described(**RAI))).card)


@pytest.mark.parametrize(
    ("document", "license_name", "columns"),
    [
        pytest.param(HUGGING_FACE, "Apache-2.0", ["season", "shot"], id="Hugging Face"),
        pytest.param(KAGGLE, "CC0-1.0", ["line_of_clothes"], id="Kaggle"),
        pytest.param(OPENML, None, ["season"], id="OpenML"),
    ],
)
def test_files_of_platforms_are_read(tmp_path, document, license_name, columns):
    card, made = read(tmp_path, document)
    assert card["license"] == license_name or card["license"].startswith("TODO")
    assert proposed(made.card) == columns


def test_columns_that_were_inferred_are_left_out_with_the_reason(tmp_path):
    _, made = read(tmp_path, HUGGING_FACE)
    assert '# "gender_predicted" is left out, its name says that it is inferred.' in made.card
    assert 'field "gender_predicted": its name says that it is inferred' in made.not_mapped
    assert 'field "image": of type ImageObject, which no column holds' in made.not_mapped
    assert '# kind = "date"' in made.card  # of `shot`, by its data type


def test_a_description_that_speaks_of_inference_leaves_a_column_out(tmp_path):
    field = {"name": "age", "description": "As a neural network guessed.", "dataType": "sc:Integer"}
    _, made = read(tmp_path, described(recordSet={"name": "looks", "field": field}))
    assert proposed(made.card) == []
    assert made.not_mapped == ('field "age": note says "As a neural network guessed."',)


def test_everything_that_no_key_takes_is_listed(tmp_path):
    _, kaggle = read(tmp_path, KAGGLE)
    assert set(kaggle.not_mapped) == {
        "alternateName: What people wear",
        "isAccessibleForFree: true",
    }
    _, openml = read(tmp_path, OPENML)
    assert set(openml.not_mapped) == {
        "license: Public (no license that the SPDX list is sure to name)",
        'recordSet "season": a list of values',
    }
    for each in (*kaggle.not_mapped, *openml.not_mapped):
        assert f"# {each}" in (kaggle.card + openml.card)


@pytest.mark.parametrize(
    "spelled",
    [
        pytest.param(lambda key: f"sc:{key}", id="prefix"),
        pytest.param(lambda key: f"http://schema.org/{key}", id="http"),
        pytest.param(lambda key: f"https://schema.org/{key}", id="https"),
    ],
)
def test_keys_may_be_spelled_with_prefixes_and_in_full(tmp_path, spelled):
    plain, other = described(**RAI), {}
    for key, value in plain.items():
        rai = key.startswith("rai:")
        full = key.replace("rai:", "http://mlcommons.org/croissant/RAI/")
        strange = {"conformsTo": "http://purl.org/dc/terms/conformsTo"}.get(key, spelled(key))
        other[full if rai else key if key.startswith("@") else strange] = value
    one, also = (tmp_path / "one", tmp_path / "other")
    one.mkdir()
    also.mkdir()
    assert read(also, other)[1] == read(one, plain)[1]


def test_a_list_of_one_data_set_is_that_data_set(tmp_path):
    assert read(tmp_path, [described()])[0]["title"] == "Street Looks"


def test_a_context_of_its_own_and_a_graph_are_understood(tmp_path):
    looks = described()
    looks["@type"] = "https://schema.org/Dataset"
    looks["bias"], looks["x:dataBiases"] = "of mine", "strange"
    context = ["https://example.org/context", {**looks.pop("@context"), "bias": "rai:dataBiases"}]
    graph = {"@context": context, "@graph": [{"@type": "sc:Person", "name": "Jo"}, looks]}
    card, made = read(tmp_path, graph)
    assert card["biases"] == ["of mine"]
    assert made.not_mapped == ("x:dataBiases: strange",)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("mit", "MIT", id="text"),
        pytest.param(["mit", "https://opensource.org/licenses/MIT"], "MIT", id="twice"),
        pytest.param(["mit", "cc-by-4.0"], "MIT AND CC-BY-4.0", id="both"),
        pytest.param(
            ["MIT OR Apache-2.0", "cc-by-4.0"], "(MIT OR Apache-2.0) AND CC-BY-4.0", id="or"
        ),
        pytest.param({"@id": "https://spdx.org/licenses/MIT"}, "MIT", id="reference"),
        pytest.param({"@type": "CreativeWork", "name": "CC BY 4.0"}, "CC-BY-4.0", id="object"),
        pytest.param(["mit", "mine"], None, id="one of two is unknown"),
        pytest.param(7, None, id="number"),
        pytest.param(None, None, id="null"),
    ],
)
def test_licenses_of_any_shape(tmp_path, value, expected):
    license_name = read(tmp_path, described(license=value))[0]["license"]
    assert license_name == expected if expected else license_name.startswith("TODO")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("Jo", "Jo", id="text"),
        pytest.param([{"name": "Jo"}, {"name": "Al"}, {"name": "Jo"}], "Jo, Al", id="list"),
        pytest.param({"@id": "https://orcid.org/1"}, "https://orcid.org/1", id="reference"),
    ],
)
def test_creators_of_any_shape(tmp_path, value, expected):
    assert read(tmp_path, described(creator=value))[0]["attribution"] == expected


@pytest.mark.parametrize(
    "name",
    [
        pytest.param({"de": "Blicke", "en": "Looks"}, id="by language"),
        pytest.param(
            [{"@language": "de", "@value": "Blicke"}, {"@language": "en", "@value": "Looks"}],
            id="values",
        ),
        pytest.param({"@value": "Looks"}, id="value"),
    ],
)
def test_names_in_several_languages_are_taken_in_english(tmp_path, name):
    assert read(tmp_path, described(name=name))[0]["title"] == "Looks"


def test_a_date_of_publication_is_not_when_photos_were_taken(tmp_path):
    card, made = read(tmp_path, described(datePublished="2024-01-01"))
    assert card["period"].startswith("TODO")
    assert "# The Croissant file says (datePublished): 2024-01-01\nperiod" in made.card


def test_somebody_who_can_be_written_to_is_the_contact(tmp_path):
    maker = {"@type": "Person", "name": "Jo", "email": "jo@example.org"}
    assert read(tmp_path, described(creator=maker))[0]["contact"] == "Jo <jo@example.org>"


def test_many_columns_are_cut_and_counted(tmp_path):
    fields = [{"name": f"c{i}", "dataType": "sc:Text"} for i in range(120)]
    _, made = read(tmp_path, described(recordSet=[{"name": "t", "field": fields}]))
    assert len(proposed(made.card)) == 100
    assert len(made.not_mapped) == 20
    assert made.not_mapped[0] == 'field "c100": more than 100 columns'


def nested(depth):
    return b'{"@type":"Dataset","x":' + b"[" * depth + b"]" * depth + b"}"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(b"name = 1", r"looks\.json: not a JSON file", id="not JSON"),
        pytest.param(b"", "not a JSON file", id="empty"),
        pytest.param(b'{"name": "\xff"}', "not a JSON file", id="not UTF-8"),
        pytest.param(b'{"name": "\\ud800"}', "not a JSON file", id="half a pair"),
        pytest.param(b"[1, 2]", "no Croissant file", id="a list"),
        pytest.param(b"7", "no Croissant file", id="a number"),
        pytest.param(b"{}", r"@type is missing \(wanted sc:Dataset\)", id="nothing"),
        pytest.param(b'{"@type": "sc:Person"}', "@type is Person", id="no data set"),
        pytest.param(
            b'{"@type": "Dataset"}', r"conformsTo is missing \(wanted http", id="no version"
        ),
        pytest.param(
            b'{"@type": "Dataset", "conformsTo": "\\u001b[31m"}',
            r"conformsTo is \[31m",
            id="strange",
        ),
        pytest.param(
            b'{"@type":"Dataset","dct:conformsTo":"http://mlcommons.org/croissant/2.0"}',
            r"is of Croissant 2\.0 \(wanted http",
            id="a later version",
        ),
        pytest.param(b"[" * 900 + b"]" * 900, "no Croissant file", id="lists in lists"),
        pytest.param(nested(900), "is nested deeper than 32 objects and lists", id="deeper"),
        pytest.param(nested(40), "is nested deeper than 32 objects and lists", id="deep"),
        pytest.param(
            nested(200_000), "is nested deeper than 32 objects and lists", id="bottomless"
        ),
    ],
)
def test_bad_files_are_refused(tmp_path, content, message):
    path = tmp_path / "looks.json"
    path.write_bytes(content)
    with pytest.raises(CardError, match=message):
        card_from_croissant(path)


def test_a_file_that_is_not_there_or_too_large_is_refused(tmp_path):
    with pytest.raises(CardError, match=r"nowhere\.json: can't be read \(No such file"):
        card_from_croissant(tmp_path / "nowhere.json")
    large = tmp_path / "large.json"
    with large.open("wb") as file:
        file.truncate((32 << 20) + 1)
    with pytest.raises(CardError, match="33,554,433 bytes, wanted at most 33,554,432"):
        card_from_croissant(large)


# What TOML, terminals and readers mind: quotes, brackets, ends of lines, controls, marks that turn
# text around.
NASTY = st.text(
    st.one_of(
        st.sampled_from("\"'\\\n\r\t#=[]{}\x00\x1b\x7f\x85\u2028\u202e\u2066<>&%$"),
        st.characters(codec="utf-8"),
    ),
    max_size=40,
) | st.sampled_from(['"\npeople = "none"', '"""', "\n[[columns]]\n", "TODO", "{name}", "\\"])
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | NASTY,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NASTY, inner, max_size=3),
    max_leaves=8,
)
KEYS = (*described(), *RAI, "temporalCoverage", "recordSet", "keywords", "citeAs", "usageInfo")
FREE = [key for key in KEYS if key not in ("@context", "@type", "conformsTo")]
CARD_KEYS = {
    *("name", "version", "title", "homepage", "license", "license_class", "license_source"),
    *("attribution", "people", "people_note", "consent_basis", "consent_scope"),
    *("purposes_allowed", "purposes_denied", "show_photos", "period", "frame", "capture"),
    *("annotation", "label_set", "biases", "contact", "license_expires", "redistribution"),
    *("consent_date", "consent_purposes", "consent_expires", "consent_withdrawn", "retain_until"),
}
FIELDS = st.fixed_dictionaries(
    {}, optional={key: VALUES for key in ("name", "@id", "description", "dataType", "source")}
)


@settings(max_examples=300, deadline=None)
@given(
    st.dictionaries(st.sampled_from(FREE) | NASTY, VALUES, max_size=6),
    st.lists(FIELDS, max_size=4),
)
def test_whatever_the_file_says_the_card_is_toml_and_no_text_leaves_its_place(
    tmp_path_factory, values, fields
):
    values.pop("@graph", None)
    fixed = {"@type": "Dataset", "conformsTo": "http://mlcommons.org/croissant/1.0"}
    document = {"cr:recordSet": {"field": fields}, **values, **fixed}
    path = tmp_path_factory.mktemp("any") / "looks.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    made = card_from_croissant(path)
    card = tomllib.loads(made.card)
    assert set(card) <= CARD_KEYS
    assert card["people"] == "TODO: none or synthetic or real"
    assert card["consent_basis"].startswith("TODO: consent or")
    assert (card["purposes_allowed"], card["show_photos"]) == (["TODO"], False)
    assert re.fullmatch(r"[a-z0-9_-]+", card["name"])
    for line in made.not_mapped:
        assert not [each for each in line if unicodedata.category(each) in ("Cc", "Cs")]
    made.card.encode("utf-8")


@settings(max_examples=100, deadline=None)
@given(VALUES | st.dictionaries(st.sampled_from(KEYS), st.sampled_from([*KEYS, "x:", "a:b"])))
def test_any_context_is_read_or_refused(tmp_path_factory, context):
    path = write(tmp_path_factory.mktemp("any"), {**described(**RAI), "@context": context})
    with contextlib.suppress(CardError):
        tomllib.loads(card_from_croissant(path).card)


def test_the_command_writes_the_card_and_says_what_is_not_in_it(tmp_path, capsys):
    path = write(tmp_path, KAGGLE)
    assert main(["init", "--croissant", str(path), "--out", str(tmp_path / "out")]) == 0
    said = capsys.readouterr()
    assert said.out == f"{tmp_path / 'out' / 'street_looks_card.toml'}\n"
    assert "not in the card: alternateName: What people wear\n" in said.err
    assert [each.name for each in (tmp_path / "out").iterdir()] == ["street_looks_card.toml"]


def test_photos_and_a_croissant_file_together_give_card_and_config(tmp_path):
    photos = tmp_path / "photos"
    photos.mkdir()
    (photos / "a.jpg").touch()
    files = write_starter(photos, tmp_path / "out", write(tmp_path, KAGGLE))
    assert (files.card.name, files.config.name) == ("street_looks_card.toml", "street_looks.toml")
    config = tomllib.loads(files.config.read_text(encoding="utf-8"))
    assert config["data"][0]["card"] == "street_looks_card.toml"
    assert tomllib.loads(files.card.read_text(encoding="utf-8"))["license"] == "CC0-1.0"


def test_nothing_to_start_from_is_wrong_usage(tmp_path, capsys):
    with pytest.raises(UsageError, match="nothing to start from"):
        write_starter(None, tmp_path)
    assert main(["init"]) == 2
    assert "give PHOTOS, --croissant FILE.json or both" in capsys.readouterr().err


def test_a_card_that_is_there_is_not_overwritten(tmp_path):
    path = write(tmp_path, KAGGLE)
    write_starter(None, tmp_path, path)
    with pytest.raises(ConfigError, match="exists already, and is never overwritten"):
        write_starter(None, tmp_path, path)
