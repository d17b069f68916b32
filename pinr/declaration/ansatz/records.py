"""Ansätze as plain JSON and back, so that a stored solution is read as it was trained."""

from collections.abc import Mapping
from typing import Any

import sympy

from pinr.declaration.ansatz.exactness import Exactness
from pinr.declaration.ansatz.form import Ansatz
from pinr.declaration.ansatz.partials import MultiIndex
from pinr.declaration.problem import Problem
from pinr.errors import FileFormatError
from pinr.language.coordinates import Coordinate
from pinr.language.parameters import Parameter
from pinr.language.tree import from_tree, to_tree

Record = Mapping[str, Any]


def exactness_record(exactness: Exactness) -> dict[str, Any]:
    """The ansätze by the texts of their components, what they meet, and why not the rest."""
    return {
        "ansaetze": {label.text: _ansatz_record(ansatz) for label, ansatz in exactness.ansaetze.items()},
        "met": {name: sorted(numbers) for name, numbers in exactness.met.items()},
        "reasons": {name: list(reasons) for name, reasons in exactness.reasons.items()},
        "jumps": {name: [to_tree(r2) for r2 in found] for name, found in exactness.jumps.items()},
    }


def exactness_from_record(record: Record, problem: Problem) -> Exactness:
    """What `exactness_record` wrote, for the problem that was stored with it.

    Raises:
        FileFormatError: It is malformed, or of another problem.
    """
    own = {label.text: (label, u.coordinates) for u in problem.unknowns for label in u.labels}
    constraints = problem.named_constraints
    try:
        ansaetze = {own[t][0]: _ansatz_from_record(stored, own[t][1]) for t, stored in record["ansaetze"].items()}
        met = {str(name): frozenset(map(int, numbers)) for name, numbers in record["met"].items()}
        reasons = {str(name): tuple(map(str, found)) for name, found in record["reasons"].items()}
        everywhere = tuple(c for u in problem.unknowns for c in u.coordinates)
        jumps = {
            str(name): tuple(_known(r2, everywhere) for r2 in found) for name, found in record.get("jumps", {}).items()
        }
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        message = f"The stored ansatz is malformed ({type(error).__name__}: {error}). The file is damaged."
        raise FileFormatError(message) from error
    for name, numbers in met.items():
        if name not in constraints or not numbers <= set(range(len(constraints[name].components))):
            message = f"The file says that {name!r} is met exactly, which the problem does not have."
            raise FileFormatError(message)
    return Exactness(ansaetze, met, reasons, jumps)


def _ansatz_record(ansatz: Ansatz) -> dict[str, Any]:
    return {
        "lift": to_tree(ansatz.lift),
        "distance": to_tree(ansatz.distance),
        "slopes": [[list(index), to_tree(e)] for index, e in ansatz.slopes],
        "singular": [[to_tree(c), to_tree(s)] for c, s in ansatz.singular],
    }


def _ansatz_from_record(record: Record, coordinates: tuple[Coordinate, ...]) -> Ansatz:
    singular = []
    for factor, function in record["singular"]:
        number = from_tree(factor)
        if not isinstance(number, Parameter):
            message = "The stored ansatz has a factor that is no number to train. The file is damaged."
            raise FileFormatError(message)
        singular.append((number, _known(function, coordinates)))
    slopes = tuple((_multi_index(index, coordinates), _known(e, coordinates)) for index, e in record.get("slopes", ()))
    lift, distance = (_known(record[name], coordinates) for name in ("lift", "distance"))
    return Ansatz(coordinates, lift, distance, slopes, tuple(singular))


def _multi_index(stored: Any, coordinates: tuple[Coordinate, ...]) -> MultiIndex:
    index = tuple(map(int, stored))
    if len(index) != len(coordinates) or min(index) < 0:
        message = f"The stored ansatz has the multi-index {stored}, which is none. The file is damaged."
        raise FileFormatError(message)
    return index


def _known(tree: Any, coordinates: tuple[Coordinate, ...]) -> sympy.Expr:
    found = from_tree(tree)
    if not isinstance(found, sympy.Expr) or not found.free_symbols <= set(coordinates):
        message = "The stored ansatz has something else than formulas of the unknown's coordinates."
        raise FileFormatError(message)
    return found
