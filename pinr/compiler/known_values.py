"""Values of known expressions at points: coordinates, formulas, coefficients, columns of samples."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import sympy
import torch
from numpy.typing import NDArray
from scipy.interpolate import NdBSpline, make_interp_spline

from pinr.compiler.collect import Atom
from pinr.derivatives.engines.nested import NestedAutograd
from pinr.derivatives.request import Request
from pinr.errors import DeclarationError
from pinr.geometry.samples import Samples
from pinr.language.evaluation import evaluate

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
    if hasattr(data, "dims"):
        return _interpolated(atom, data, places)
    return _called(atom, data, places)


def _column(atom: Atom, samples: Samples) -> Array:
    key = atom.label.name
    if key not in samples.columns:
        message = (
            f"`{key}` of `{atom.label.payload}` is used where it is not known: the points carry "
            f"{', '.join(samples.columns) or 'no such data'}. Use it on that boundary only."
        )
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


def _interpolated(atom: Atom, data: Any, places: Sequence[Array]) -> Array:
    """A tensor-product cubic spline through the gridded data, or its derivative."""
    names = atom.label.coordinates
    data = data.transpose(*names)
    axes = [np.asarray(data.coords[name].values, dtype=float) for name in names]
    for name, axis, place in zip(names, axes, places, strict=True):
        slack = 1e-9 * (axis[-1] - axis[0])
        outside = (place < axis[0] - slack) | (place > axis[-1] + slack)
        if outside.any():
            message = (
                f"The coefficient `{atom.label.name}` is asked at {name} = {place[outside][0]:g}, outside its data "
                f"({axis[0]:g} to {axis[-1]:g}). Extend the data or shrink the region."
            )
            raise DeclarationError(message)
    clipped = [np.clip(p, a[0], a[-1]) for p, a in zip(places, axes, strict=True)]
    spline = _tensor_product_spline(axes, np.asarray(data.values, dtype=float))
    return spline(np.stack(clipped, axis=1), nu=atom.index)


def _tensor_product_spline(axes: Sequence[Array], values: Array) -> NdBSpline:
    """The cubic spline through gridded values (of lower degree along axes of fewer than four)."""
    knots, degrees = [], []
    for number, axis in enumerate(axes):
        degree = min(3, len(axis) - 1)
        along = make_interp_spline(axis, np.moveaxis(values, number, 0), k=degree)
        values = np.moveaxis(along.c, 0, number)
        knots.append(along.t)
        degrees.append(degree)
    return NdBSpline(tuple(knots), np.ascontiguousarray(values), degrees)
