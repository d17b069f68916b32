"""All methods by the names that the command line knows."""

from benchmarks.superresolution.method import Method
from benchmarks.superresolution.methods.convolutional import CONVOLUTIONAL
from benchmarks.superresolution.methods.interpolation import CUBIC, LINEAR
from benchmarks.superresolution.methods.meshfree import MESHFREE, MESHFREE_EQUATIONS
from benchmarks.superresolution.methods.own import OWN, OWN_WITHOUT

METHODS: dict[str, Method] = {
    "linear": LINEAR,
    "cubic": CUBIC,
    "convnet": CONVOLUTIONAL,
    "meshfree": MESHFREE,
    "meshfree-equations": MESHFREE_EQUATIONS,
    "pinr-data": OWN_WITHOUT,
    "pinr": OWN,
}
