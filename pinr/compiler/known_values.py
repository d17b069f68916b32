"""Values of known expressions at points: coordinates, formulas, coefficients, columns of samples."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import sympy
import torch
from numpy.typing import NDArray

from pinr.compiler.collect import Atom
from pinr.derivatives.engines.nested import NestedAutograd
from pinr.derivatives.request import Request
from pinr.errors import DeclarationError
from pinr.geometry.samples import Samples
from pinr.language.columns import MeasuredColumn, column_key
from pinr.language.evaluation import evaluate
from pinr.language.known import AbstractKnown

Array = NDArray[np.float64]


def known_values(
    expressions: Sequence[sympy.Expr],
    samples: Samples,
    atoms: Mapping[sympy.Symbol, Atom],
) -> list[Array]:
    """Each expression at all points of the samples, `(N,)`, in double precision.

    Raises:
        DeclarationError: A normal is used where the samples have none, or a coefficient gives values of
            another shape or is asked outside its data.
    """
    values: dict[str, Array] = dict(samples.points)
    substitution = {}
    for symbol, atom in _needed(expressions, atoms):
        named = sympy.Symbol(f"{symbol.name} #{symbol.dummy_index}")
        substitution[symbol] = named
        values[named.name] = _atom_values(atom, samples, atoms)
    return [_real(e, evaluate(e.xreplace(substitution), values), samples) for e in expressions]


def _real(expression: sympy.Expr, values: Array, samples: Samples) -> Array:
    if np.iscomplexobj(values) and np.any(values.imag != 0):
        message = f"`{expression}` is complex. Write one equation for its real part and one for its imaginary part."
        raise DeclarationError(message)
    return np.broadcast_to(values.real, (samples.count,)).astype(float)


def _needed(expressions: Sequence[sympy.Expr], atoms: Mapping[sympy.Symbol, Atom]) -> list[tuple[sympy.Symbol, Atom]]:
    used = {s for e in expressions for s in e.free_symbols}
    return [(s, a) for s, a in atoms.items() if s in used]


def _atom_values(atom: Atom, samples: Samples, atoms: Mapping[sympy.Symbol, Atom]) -> Array:
    if not atom.arguments:
        return _column(atom, samples)
    places = known_values(atom.arguments, samples, atoms)
    data = atom.label.payload
    if isinstance(data, AbstractKnown):
        names = atom.label.coordinates
        along, orders = dict(zip(names, places, strict=True)), dict(zip(names, atom.index, strict=True))
        return data.at(along, orders, name=atom.label.name)
    return _called(atom, data, places)


def _column(atom: Atom, samples: Samples) -> Array:
    is_measured = issubclass(atom.kind, MeasuredColumn)
    key = column_key(atom.label) if is_measured else atom.label.name
    if key not in samples.columns:
        if is_measured:
            place = "at points that are not the rows of its table. Use it on its own measurements only."
        else:
            carried = ", ".join(samples.columns) or "no such data"
            place = f"where it is not known: the points carry {carried}. Use it on that boundary only."
        owner = "" if is_measured else f" of `{atom.label.payload}`"
        message = f"`{atom.label.name}`{owner} is used {place}"
        raise DeclarationError(message)
    return samples.columns[key]


def _called(atom: Atom, function: Any, places: Sequence[Array]) -> Array:
    points = torch.as_tensor(np.stack(places, axis=1))

    def field(at: torch.Tensor) -> torch.Tensor:
        values = function(*at.unbind(1))
        if not isinstance(values, torch.Tensor) or values.shape != at.shape[:1]:
            shape = tuple(values.shape) if isinstance(values, torch.Tensor) else type(values).__name__
            message = (
                f"The coefficient `{atom.label.name}` returns {shape} for {at.shape[0]} points; it must return a "
                f"tensor of shape ({at.shape[0]},). Nothing is broadcast."
            )
            raise DeclarationError(message)
        return values[:, None].double()

    request = Request(len(places), (atom.index,))
    if not any(atom.index):
        with torch.no_grad():
            return field(points)[:, 0].numpy()
    return NestedAutograd().derivatives(field, points, request)[0, :, 0].detach().numpy()
