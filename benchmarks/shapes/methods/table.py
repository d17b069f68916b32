"""All methods by the names that the command line knows."""

from benchmarks.shapes.method import Method
from benchmarks.shapes.methods.igr import IGR
from benchmarks.shapes.methods.occupancy import OCCUPANCY
from benchmarks.shapes.methods.sal import SAL
from benchmarks.shapes.methods.screened import SCREENED
from benchmarks.shapes.methods.siren import SIREN
from benchmarks.shapes.methods.supervised import SUPERVISED

METHODS: dict[str, Method] = {
    "igr": IGR,
    "occupancy": OCCUPANCY,
    "sal": SAL,
    "screened": SCREENED,
    "siren": SIREN,
    "supervised": SUPERVISED,
}
