"""Equations and what refines by them as plain data, for files."""

from collections.abc import Mapping
from typing import Any

import h5py
import numpy as np

from pinr.language.tree import from_tree, to_tree
from pinr.superresolution.equation_rows import EquationRows
from pinr.superresolution.equations import Equations
from pinr.superresolution.grid_axes import ends_of
from pinr.superresolution.local_grid import GridAxis
from pinr.superresolution.refinement import Refinement
from pinr.superresolution.standardisation import Standardisation
from pinr.superresolution.walls import Walls

ERRORS = "errors"


def equations_record(equations: Equations) -> dict[str, Any]:
    """As JSON."""
    return {
        "equations": {name: to_tree(equation) for name, equation in equations.items()},
        "unknowns": {name: to_tree(unknown) for name, unknown in equations.unknowns.items()},
        "coordinates": {name: to_tree(coordinate) for name, coordinate in equations.coordinates.items()},
        "weights": dict(equations.weights),
        "mirrors": {axis: list(names) for axis, names in equations.mirrors.items()},
        "walls": {axis: walls.record() for axis, walls in equations.walls.items()},
    }


def equations_from(record: Mapping[str, Any]) -> Equations:
    """The other way, through the whitelist of expressions.

    Raises:
        FileFormatError: A tree is malformed.
    """
    equations, unknowns, coordinates = (
        {name: from_tree(tree) for name, tree in record[part].items()}
        for part in ("equations", "unknowns", "coordinates")
    )
    mirrors = {axis: tuple(names) for axis, names in record["mirrors"].items()}
    walls = {axis: Walls.from_record(own) for axis, own in record["walls"].items()}
    return Equations(equations, unknowns, coordinates, record["weights"], mirrors, walls)  # type: ignore[arg-type]


def write_refinement(file: h5py.File, refinement: Refinement) -> dict[str, Any]:
    """Put the errors into a file and give the rest as JSON."""
    file.create_dataset(ERRORS, data=refinement.errors, compression="gzip", shuffle=True)
    return {"equations": equations_record(refinement.rows.equations), "tolerances": refinement.tolerances}


def read_refinement(
    file: h5py.File,
    record: Mapping[str, Any],
    axes: tuple[GridAxis, ...],
    fields: tuple[str, ...],
    standardisation: Standardisation,
) -> Refinement:
    """The other way."""
    equations = equations_from(record["equations"])
    rows = EquationRows(equations, standardisation, fields, [axis.name for axis in axes])
    tolerances = {name: float(record["tolerances"][name]) for name in equations}
    errors = np.asarray(file[ERRORS][()], dtype=np.float32)
    if errors.ndim != 1 + len(axes):
        message = f"errors have {errors.ndim} dimensions"
        raise ValueError(message)
    return Refinement(rows, errors, tolerances, ends_of(axes, equations.walls, fields, standardisation))
