"""All methods by the names that the command line knows."""

from benchmarks.shapes.method import Method
from benchmarks.shapes.methods.igr import IGR
from benchmarks.shapes.methods.siren import SIREN
from benchmarks.shapes.methods.supervised import SUPERVISED

METHODS: dict[str, Method] = {
    "igr": IGR,
    "siren": SIREN,
    "supervised": SUPERVISED,
}
