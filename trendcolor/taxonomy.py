"""The garment classes, and the label sets of published data sets mapped onto them.

A label map holds one class id a pixel. Ids are fixed: files and other programs depend on them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trendcolor.errors import DataError, MaskError, did_you_mean

CLASSES = (
    "background",
    "skin",
    "hair",
    "top",
    "outerwear",
    "dress",
    "trousers",
    "skirt",
    "legwear",
    "footwear",
    "bag",
    "headwear",
    "accessory",
)
BACKGROUND, SKIN, HAIR, TOP, OUTERWEAR, DRESS, TROUSERS, SKIRT = range(8)
LEGWEAR, FOOTWEAR, BAG, HEADWEAR, ACCESSORY = range(8, 13)
IGNORE = 255  # neither garment nor background: not counted for or against anything
GARMENT_IDS = tuple(range(TOP, ACCESSORY + 1))
GARMENTS = CLASSES[TOP:]
MAIN_GARMENTS = ("top", "outerwear", "dress", "trousers", "skirt")

LabelMap = NDArray[np.uint8]  # (height, width), class ids


def is_garment(labels: LabelMap) -> NDArray[np.bool_]:
    """Which pixels of a label map are garment."""
    return (labels >= TOP) & (labels <= ACCESSORY)


def check_ids(labels: LabelMap, where: str) -> None:
    """Refuse a label map with ids outside the taxonomy.

    Args:
        labels: Class ids.
        where: What to call the label map in the message, such as its file name.

    Raises:
        MaskError: an id is neither 0 to 12 nor 255.
    """
    present = np.flatnonzero(np.bincount(labels.ravel(), minlength=256))
    unknown = [int(i) for i in present if i > ACCESSORY and i != IGNORE]
    if unknown:
        raise MaskError(
            f"{where}: unknown class ids {unknown}, wanted 0 to {ACCESSORY} or {IGNORE}"
        )


@dataclass(frozen=True, slots=True, eq=False)
class LabelSet:
    """A data set's own labels and the class that each one becomes."""

    name: str
    classes: Mapping[int, int]  # its label id -> class id of the taxonomy
    names: Mapping[int, str]  # its label id -> its label name, as `plain_name` gives it
    parts: frozenset[int] = frozenset()  # label ids of garment parts, whose garment has its own

    def label_id(self, name: str) -> int | None:
        """The id of a label by its name, however it is spelled; None if there is no such label."""
        plain = plain_name(name)
        return next((label for label, known in self.names.items() if known == plain), None)

    def to_classes(self, index_map: NDArray[np.integer], where: str) -> LabelMap:
        """A data set's index map as a label map of the taxonomy.

        Args:
            index_map: Its label ids, shape (height, width). Not modified.
            where: What to call the map in a message, such as its file name.

        Raises:
            MaskError: the map holds an id that the label set does not know.
        """
        present = np.unique(index_map)
        unknown = [int(i) for i in present if int(i) not in self.classes]
        if unknown:
            raise MaskError(f"{where}: label ids {unknown} are not in label set '{self.name}'")
        table = np.zeros(int(present.max(initial=0)) + 1, np.uint8)
        for label in present:
            table[label] = self.classes[int(label)]
        labels: LabelMap = table[index_map]
        return labels


def plain_name(name: str) -> str:
    """A label's name in one spelling: `Shirt, blouse` and `shirt_blouse` are `shirt-blouse`."""
    return "-".join(re.findall(r"[a-z0-9]+", name.lower()))


def _label_set(
    name: str, labels: str, classes: Mapping[str, str], first: int = 0, parts: str = ""
) -> LabelSet:
    """A label set from its label names in id order and a class for each name.

    Parts (a sleeve, a pocket) lie on a garment that has a region of its own: where regions may
    overlap, parts are left out and the garment shows. In an index map a pixel has one label only
    and nothing says which garment the part is of, so there a part is `IGNORE`.
    """
    ids = {label: i for i, label in enumerate(labels.split(), start=first)}
    classes = {**classes, **dict.fromkeys(parts.split(), "ignore")}
    return LabelSet(
        name=name,
        classes={i: _class_id(classes[label]) for label, i in ids.items()},
        names={i: label for label, i in ids.items()},
        parts=frozenset(ids[label] for label in parts.split()),
    )


def _class_id(name: str) -> int:
    return IGNORE if name == "ignore" else CLASSES.index(name)


def _inverse(groups: Mapping[str, str]) -> dict[str, str]:
    """`{"top": "shirt vest"}` as `{"shirt": "top", "vest": "top"}`."""
    return {label: name for name, labels in groups.items() for label in labels.split()}


CCP = _label_set(
    "ccp",
    "null accessories bag belt blazer blouse bodysuit boots bra bracelet cape cardigan clogs coat "
    "dress earrings flats glasses gloves hair hat heels hoodie intimate jacket jeans jumper "
    "leggings loafers necklace panties pants pumps purse ring romper sandals scarf shirt shoes "
    "shorts skin skirt sneakers socks stockings suit sunglasses sweater sweatshirt swimwear "
    "t-shirt tie tights top vest wallet watch wedges",
    _inverse(
        {
            "background": "null",
            "skin": "skin",
            "hair": "hair",
            "top": "blouse shirt t-shirt top sweater sweatshirt hoodie jumper vest bra bodysuit "
            "intimate cardigan",
            "outerwear": "coat jacket blazer cape suit",
            "dress": "dress romper swimwear",
            "trousers": "pants jeans shorts leggings panties",
            "skirt": "skirt",
            "legwear": "stockings tights socks",
            "footwear": "boots clogs flats heels loafers pumps sandals shoes sneakers wedges",
            "bag": "bag purse wallet",
            "headwear": "hat",
            "accessory": "accessories belt bracelet earrings glasses gloves necklace ring scarf "
            "sunglasses tie watch",
        }
    ),
)
OWN = LabelSet(
    name="trendcolor",
    classes={i: i for i in (*range(len(CLASSES)), IGNORE)},
    names={**dict(enumerate(CLASSES)), IGNORE: "ignore"},
)

# Ids as in the ATR masks that mattmdjaga/segformer_b2_clothes is trained on. Upper-clothes holds
# coats too, so that tops of ATR are tops and outerwear.
ATR = _label_set(
    "atr",
    "background hat hair sunglasses upper-clothes skirt pants dress belt left-shoe right-shoe face "
    "left-leg right-leg left-arm right-arm bag scarf",
    _inverse(
        {
            "background": "background",
            "skin": "face left-leg right-leg left-arm right-arm",
            "hair": "hair",
            "top": "upper-clothes",
            "dress": "dress",
            "trousers": "pants",
            "skirt": "skirt",
            "footwear": "left-shoe right-shoe",
            "bag": "bag",
            "headwear": "hat",
            "accessory": "sunglasses belt scarf",
        }
    ),
)

# Look into Person (Gong et al., CVPR 2017).
LIP = _label_set(
    "lip",
    "background hat hair glove sunglasses upper-clothes dress coat socks pants jumpsuits scarf "
    "skirt face left-arm right-arm left-leg right-leg left-shoe right-shoe",
    _inverse(
        {
            "background": "background",
            "skin": "face left-arm right-arm left-leg right-leg",
            "hair": "hair",
            "top": "upper-clothes",
            "outerwear": "coat",
            "dress": "dress jumpsuits",
            "trousers": "pants",
            "skirt": "skirt",
            "legwear": "socks",
            "footwear": "left-shoe right-shoe",
            "headwear": "hat",
            "accessory": "glove sunglasses scarf",
        }
    ),
)

# Fashionpedia (Jia et al., ECCV 2020): 27 apparel categories, then 19 garment parts. It has no
# label for skin, hair or background. An umbrella is carried, not worn.
_FASHIONPEDIA_PARTS = (
    "hood collar lapel epaulette sleeve pocket neckline buckle zipper applique bead bow flower "
    "fringe ribbon rivet ruffle sequin tassel"
)
_FASHIONPEDIA_LABELS = (
    "shirt-blouse top-t-shirt-sweatshirt sweater cardigan jacket vest pants shorts skirt coat "
    "dress jumpsuit cape glasses hat headband-head-covering-hair-accessory tie glove watch belt "
    f"leg-warmer tights-stockings sock shoe bag-wallet scarf umbrella {_FASHIONPEDIA_PARTS}"
)
_FASHIONPEDIA_CLASSES = _inverse(
    {
        "top": "shirt-blouse top-t-shirt-sweatshirt sweater cardigan vest",
        "outerwear": "jacket coat cape",
        "dress": "dress jumpsuit",
        "trousers": "pants shorts",
        "skirt": "skirt",
        "legwear": "leg-warmer tights-stockings sock",
        "footwear": "shoe",
        "bag": "bag-wallet",
        "headwear": "hat headband-head-covering-hair-accessory",
        "accessory": "glasses tie glove watch belt scarf",
        "ignore": "umbrella",
    }
)
FASHIONPEDIA = _label_set(
    "fashionpedia", _FASHIONPEDIA_LABELS, _FASHIONPEDIA_CLASSES, parts=_FASHIONPEDIA_PARTS
)
# iMaterialist Fashion at FGVC6 and FGVC7 has Fashionpedia's categories.
IMATERIALIST = _label_set(
    "imaterialist", _FASHIONPEDIA_LABELS, _FASHIONPEDIA_CLASSES, parts=_FASHIONPEDIA_PARTS
)

# Zheng et al., ACM Multimedia 2018. Its "outer" also holds sweaters, vests and jumpsuits.
MODANET = _label_set(
    "modanet",
    "bag belt boots footwear outer dress sunglasses pants top shorts skirt headwear scarf-tie",
    _inverse(
        {
            "top": "top",
            "outerwear": "outer",
            "dress": "dress",
            "trousers": "pants shorts",
            "skirt": "skirt",
            "footwear": "boots footwear",
            "bag": "bag",
            "headwear": "headwear",
            "accessory": "belt sunglasses scarf-tie",
        }
    ),
    first=1,
)

# Ge et al., CVPR 2019.
DEEPFASHION2 = _label_set(
    "deepfashion2",
    "short-sleeve-top long-sleeve-top short-sleeve-outwear long-sleeve-outwear vest sling shorts "
    "trousers skirt short-sleeve-dress long-sleeve-dress vest-dress sling-dress",
    _inverse(
        {
            "top": "short-sleeve-top long-sleeve-top vest sling",
            "outerwear": "short-sleeve-outwear long-sleeve-outwear",
            "dress": "short-sleeve-dress long-sleeve-dress vest-dress sling-dress",
            "trousers": "shorts trousers",
            "skirt": "skirt",
        }
    ),
    first=1,
)

LABEL_SETS = {
    label_set.name: label_set
    for label_set in (OWN, CCP, ATR, LIP, FASHIONPEDIA, IMATERIALIST, MODANET, DEEPFASHION2)
}


def label_set(name: str) -> LabelSet:
    """The published label set of that name.

    Raises:
        DataError: there is no such label set.
    """
    if name not in LABEL_SETS:
        raise DataError(f"no label set '{name}'{did_you_mean(name, list(LABEL_SETS))}")
    return LABEL_SETS[name]
