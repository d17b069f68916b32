"""All methods by the names that the command line knows."""

from benchmarks.shapes.method import Method
from benchmarks.shapes.methods.siren import SIREN

METHODS: dict[str, Method] = {
    "siren": SIREN,
}
