"""All methods by the names that the command line knows."""

from benchmarks.shapes.method import Method
from benchmarks.shapes.methods.occupancy import OCCUPANCY
from benchmarks.shapes.methods.sal import SAL
from benchmarks.shapes.methods.screened import SCREENED
from benchmarks.shapes.methods.siren import SIREN

METHODS: dict[str, Method] = {
    "occupancy": OCCUPANCY,
    "sal": SAL,
    "screened": SCREENED,
    "siren": SIREN,
}
