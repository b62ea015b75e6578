"""A network that is small enough to be built in a test."""

from trendcolor.segmentation.weights import NetworkSpec

TINY = NetworkSpec(
    architecture="FPN",
    encoder="mobilenet_v2",
    height=64,
    width=64,
    decoder={"decoder_pyramid_channels": 32, "decoder_segmentation_channels": 32},
)
