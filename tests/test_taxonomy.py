import numpy as np
import pytest

from trendcolor.errors import DataError, MaskError
from trendcolor.taxonomy import CLASSES, IGNORE, LABEL_SETS, OWN, check_ids, label_set, plain_name

# DESIGN.md, "Fixed contracts", by hand.
CCP = {
    "top": "blouse, shirt, t-shirt, top, sweater, sweatshirt, hoodie, jumper, vest, bra, bodysuit, "
    "intimate, cardigan",
    "outerwear": "coat, jacket, blazer, cape, suit",
    "dress": "dress, romper, swimwear",
    "trousers": "pants, jeans, shorts, leggings, panties",
    "legwear": "stockings, tights, socks",
    "bag": "bag, purse, wallet",
    "headwear": "hat",
    "accessory": "accessories, belt, bracelet, earrings, glasses, gloves, necklace, ring, scarf, "
    "sunglasses, tie, watch",
    "background": "null",
    "skin": "skin",
    "hair": "hair",
    "skirt": "skirt",
    "footwear": "boots, clogs, flats, heels, loafers, pumps, sandals, shoes, sneakers, wedges",
}
# A few labels of each published list, with the id and the class that it must have.
ANCHORS = [
    ("ccp", 0, "null", "background"),
    ("ccp", 14, "dress", "dress"),
    ("ccp", 41, "skin", "skin"),
    ("ccp", 58, "wedges", "footwear"),
    ("atr", 4, "Upper-clothes", "top"),
    ("atr", 5, "Skirt", "skirt"),
    ("atr", 6, "Pants", "trousers"),
    ("atr", 11, "Face", "skin"),
    ("atr", 17, "Scarf", "accessory"),
    ("lip", 5, "Upper-clothes", "top"),
    ("lip", 7, "Coat", "outerwear"),
    ("lip", 9, "Pants", "trousers"),
    ("lip", 13, "Face", "skin"),
    ("lip", 19, "Right-shoe", "footwear"),
    ("fashionpedia", 0, "shirt, blouse", "top"),
    ("fashionpedia", 10, "dress", "dress"),
    ("fashionpedia", 23, "shoe", "footwear"),
    ("fashionpedia", 24, "bag, wallet", "bag"),
    ("fashionpedia", 26, "umbrella", "ignore"),
    ("fashionpedia", 31, "sleeve", "ignore"),
    ("fashionpedia", 45, "tassel", "ignore"),
    ("imaterialist", 15, "headband, head covering, hair accessory", "headwear"),
    ("modanet", 1, "bag", "bag"),
    ("modanet", 5, "outer", "outerwear"),
    ("modanet", 13, "scarf & tie", "accessory"),
    ("deepfashion2", 1, "short sleeve top", "top"),
    ("deepfashion2", 8, "trousers", "trousers"),
    ("deepfashion2", 13, "sling_dress", "dress"),
    ("trendcolor", 12, "accessory", "accessory"),
    ("trendcolor", 255, "ignore", "ignore"),
]
SIZES = {
    "trendcolor": 14,
    "ccp": 59,
    "atr": 18,
    "lip": 20,
    "fashionpedia": 46,
    "imaterialist": 46,
    "modanet": 13,
    "deepfashion2": 13,
}


def class_id(name):
    return IGNORE if name == "ignore" else CLASSES.index(name)


def test_ccp_becomes_the_classes_that_the_design_lists():
    wanted = {label: name for name, labels in CCP.items() for label in labels.split(", ")}
    assert len(wanted) == 59
    ccp = LABEL_SETS["ccp"]
    found = {ccp.names[i]: CLASSES[c] for i, c in ccp.classes.items()}
    assert found == wanted


@pytest.mark.parametrize(("name", "label_id", "label", "wanted"), ANCHORS)
def test_published_labels_keep_their_ids_and_classes(name, label_id, label, wanted):
    labels = label_set(name)
    assert labels.label_id(label) == label_id
    assert labels.classes[label_id] == class_id(wanted)


def test_each_label_set_has_its_published_size_and_known_classes():
    assert {name: len(labels.classes) for name, labels in LABEL_SETS.items()} == SIZES
    for labels in LABEL_SETS.values():
        assert labels.names.keys() == labels.classes.keys()
        assert set(labels.classes.values()) <= {*range(13), IGNORE}
        assert all(plain_name(label) == label for label in labels.names.values())


def test_garment_parts_are_the_last_nineteen_of_fashionpedia():
    assert LABEL_SETS["fashionpedia"].parts == frozenset(range(27, 46))
    assert not LABEL_SETS["ccp"].parts


def test_an_index_map_becomes_classes():
    indices = np.array([[0, 41], [31, 58]], np.uint16)
    labels = label_set("ccp").to_classes(indices, "0001.mat")
    np.testing.assert_array_equal(labels, [[0, 1], [6, 9]])
    assert labels.dtype == np.uint8


def test_unknown_ids_are_refused_by_name():
    with pytest.raises(
        MaskError, match=r"a\.png: label ids \[18, 200\] are not in label set 'atr'"
    ):
        label_set("atr").to_classes(np.array([[0, 18, 200]], np.uint8), "a.png")
    with pytest.raises(MaskError, match=r"a\.png: unknown class ids \[13\], wanted 0 to 12 or 255"):
        check_ids(np.array([[0, 13, 255]], np.uint8), "a.png")


def test_own_label_maps_pass_unchanged():
    labels = np.array([[*range(13), 255]], np.uint8)
    np.testing.assert_array_equal(OWN.to_classes(labels, "a.png"), labels)


def test_an_unknown_label_set_is_refused_with_the_nearest_name():
    with pytest.raises(DataError, match="no label set 'modanets', did you mean 'modanet'"):
        label_set("modanets")
