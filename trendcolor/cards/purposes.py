"""What answers may be for; a card allows some of these and a config names one."""

PURPOSE_MEANINGS = {
    "research": "study, without a product or a sale",
    "evaluation": "measure how well this software works",
    "model-training": "train a segmenter; its weights inherit the license's terms",
    "internal-reporting": "figures for decisions inside an organization",
    "publication": "figures shown to the public",
    "commercial-report": "figures that are sold, or used to sell",
}
PURPOSES = tuple(PURPOSE_MEANINGS)
# Those whose figures leave the organization.
PUBLIC_PURPOSES = ("publication", "commercial-report")
# Those whose figures others read, inside the organization or out of it.
PURPOSES_FOR_OTHERS = ("internal-reporting", *PUBLIC_PURPOSES)
