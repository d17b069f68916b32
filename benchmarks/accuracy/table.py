"""What is to be reached, problem by problem: an error within CPU seconds."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pinr import Solution

Measure = Callable[[ModuleType, "Solution"], float]
"""The error of a solution of the problem that a file declares."""


def largest_error(_: ModuleType, solution: "Solution") -> float:
    """The largest relative L² error of all unknowns."""
    return max(solution.errors().values())


def error_of(name: str) -> Measure:
    """The relative L² error of one unknown."""
    return lambda _, solution: solution.error(name)


def deviations_of_viscosity(module: ModuleType, solution: "Solution") -> float:
    """The error of `ν` by the least standard deviation that an unbiased method can have on these data."""
    found = float(solution.evaluate(module.nu))
    return abs(found - module.viscosity) / module.cramer_rao(module.draw)


@dataclass(frozen=True)
class Row:
    """A line of the table.

    Attributes:
        title: What it is called.
        file: The file in `problems/`, without its ending.
        goal: The error to be reached.
        seconds: CPU seconds within which.
        settings: Constants of the file with other values.
        measure: What counts as the error.
        unit: What the error is relative to.
        is_drawn: Whether the data are random: every run has a draw of its own.
        draws: How many draws there are, if not as many as seeds.
        example: DeepXDE's example of the same case.
    """

    title: str
    file: str
    goal: float
    seconds: float
    settings: Mapping[str, str] = field(default_factory=dict)
    measure: Measure = largest_error
    unit: str = ""
    is_drawn: bool = False
    draws: int | None = None
    example: str | None = None


OWN = "pinr"
BURGERS = "Burgers"
LEVEL = 5e-3  # the error on Burgers that both libraries are timed to
ROWS = (
    Row("Poisson 2-D", "poisson_2d", 1e-7, 10, example="poisson_2d"),
    Row("Poisson 5-D", "poisson_5d", 1e-5, 20),
    Row("Helmholtz (1, 4)", "helmholtz", 2e-5, 20, example="helmholtz"),
    Row("wave, two modes", "wave", 5e-4, 30, example="wave"),
    Row(BURGERS, "burgers", 2e-4, 30, example="burgers"),
    Row("Burgers, longer", "burgers", 1e-5, 300),
    Row("Allen–Cahn", "allen_cahn", 5e-4, 60, example="allen_cahn"),
    Row("KdV", "kdv", 1e-3, 180),
    Row("L-shape", "poisson_lshape", 2e-3, 60, example="poisson_lshape"),
    Row("four holes", "poisson_four_holes", 5e-3, 120),
    Row("cavity, lid u = 1", "lid_driven_cavity", 2e-2, 300, {"sharp_lid": "true"}, error_of("v"), unit="of v"),
    Row("cavity, smooth lid", "lid_driven_cavity", 2e-2, 300, {}, error_of("v"), unit="of v"),
    Row("Kovasznay", "kovasznay", 1e-6, 60),
    Row(
        "viscosity of Burgers",
        "inverse_burgers",
        1.5,
        60,
        measure=deviations_of_viscosity,
        unit="Cramér–Rao deviations",
        is_drawn=True,
        draws=20,
    ),
    Row(
        "conductivity from noise",
        "inverse_conductivity_noisy",
        0.1,
        120,
        measure=error_of("k"),
        unit="of k",
        is_drawn=True,
    ),
)


def rows_named(part: str | None) -> list[Row]:
    """The row of this title, or all whose titles or files contain the text.

    Raises:
        SystemExit: There is none.
    """
    chosen = [row for row in ROWS if row.title == part]
    chosen = chosen or [
        row for row in ROWS if part is None or part.lower() in row.title.lower() or part.lower() in row.file
    ]
    if not chosen:
        message = f"`--only {part}`: no such problem; there are {', '.join(row.title for row in ROWS)}."
        raise SystemExit(message)
    return chosen
