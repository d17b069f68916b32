"""What a row of a figure shows: a scalar field on few axes, with its reference where there is one."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, final

import numpy as np
import sympy
import xarray

from pinr.language.operators import Expression, as_expression
from pinr.solution.compiled import compile_expression
from pinr.solution.figures.axes import shown_axes
from pinr.solution.grid import TRAILING, grid
from pinr.solution.labels import symbol, with_unit

if TYPE_CHECKING:
    from pinr.solution.solution import Solution


@final
@dataclass(frozen=True, eq=False)
class Panel:
    """A scalar field on at most three axes.

    Attributes:
        label: Its name for titles.
        values: The field; fixed coordinates are scalar coordinates of it.
        reference: The exact one at the same positions, or None.
    """

    label: str
    values: xarray.DataArray
    reference: xarray.DataArray | None

    @property
    def error(self) -> xarray.DataArray | None:
        """`|u − u*|`."""
        return None if self.reference is None else abs(self.values - self.reference)

    @property
    def reference_label(self) -> str:
        return f"{self.label}, reference"

    @property
    def error_label(self) -> str:
        return f"error of {self.label}"

    @property
    def fixed(self) -> str:
        """The fixed coordinates as text, `$t$ = 0.5`."""
        scalars = ((name, c) for name, c in self.values.coords.items() if c.ndim == 0)
        return ", ".join(f"{symbol(str(name))} = {float(c):.3g}" for name, c in scalars)

    def axis_label(self, axis: str) -> str:
        """A coordinate as axes are named, `$x$ in mm`."""
        return with_unit(symbol(axis), self.values.coords[axis].attrs.get("units"))

    def role(self, axis: str) -> str:
        return str(self.values.coords[axis].attrs.get("role", "space"))


def panels_of(solution: "Solution", expressions: Mapping[str, Any], written: Mapping[str, Any]) -> tuple[Panel, ...]:
    """The panels of named expressions, one per component, two of complex ones."""
    panels: list[Panel] = []
    for name, expression in expressions.items():
        expression = as_expression(expression)
        compiled = compile_expression(solution.program, expression)
        axes = shown_axes(solution.problem, compiled.coordinates, written)
        values = grid(solution, expression, axes).squeeze()
        reference = _reference_on(solution, expression, values, len(compiled.shape))
        # An expression without a name of its own is called by its text.
        label = symbol(name) if name != "expression" else compiled.text
        for index, title in _components(label, expression, compiled.shape):
            known = None if reference is None else reference.isel(index).where(values.isel(index).notnull())
            title = with_unit(title, compiled.unit)
            panels += _real_panels(title, values.isel(index), known)
    return tuple(panels)


def _real_panels(title: str, values: xarray.DataArray, reference: xarray.DataArray | None) -> list[Panel]:
    """One panel of a real field; of a complex one a panel of each part."""
    if not any(np.iscomplexobj(field.values) for field in (values, reference) if field is not None):
        return [Panel(title, values, reference)]
    return [
        Panel(f"{word} {title}", part(values), None if reference is None else part(reference))
        for word, part in (("Re", np.real), ("Im", np.imag))
    ]


def _components(label: str, expression: Expression, shape: tuple[int, ...]) -> Iterator[tuple[dict[str, int], str]]:
    names = TRAILING[len(shape)]
    for position in np.ndindex(shape):
        # Dimensions of size 1 have been squeezed away.
        index = {n: i for n, i, size in zip(names, position, shape, strict=True) if size > 1}
        yield index, label + (f"[{', '.join(map(str, position))}]" if shape else "")


def _reference_on(
    solution: "Solution", expression: Expression, values: xarray.DataArray, rank: int
) -> xarray.DataArray | None:
    exact = _reference_of(solution, expression)
    if exact is None:
        return None
    places = {str(n): c.values for n, c in values.coords.items()}
    if not isinstance(exact, xarray.DataArray):
        axes = {n: float(p) if p.ndim == 0 else p for n, p in places.items()}
        return grid(solution, exact, axes).squeeze()
    along = {n: p for n, p in places.items() if n in exact.dims}
    shown = {*values.dims, *TRAILING[rank]}
    if not set(places) - set(along) <= set(exact.coords) or set(exact.dims) - shown - set(along):
        return None
    if set(values.dims) - set(exact.dims):
        return None
    found = exact.sortby(list(along)).interp(along, method="linear")
    return found.drop_vars([n for n in found.coords if n not in places]).transpose(*values.dims)


def _reference_of(solution: "Solution", expression: Expression) -> Any:
    for key, value in solution.problem.reference.items():
        if key == expression:
            return value
        if isinstance(key, sympy.MatrixBase) and expression in list(key):
            number = list(key).index(expression)
            return value.isel(component=number) if isinstance(value, xarray.DataArray) else value[number]
    return None
