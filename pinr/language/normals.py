"""The outward unit normal of a boundary, as a vector in equations."""

from typing import Any

import sympy

from pinr.errors import DeclarationError
from pinr.language.coordinates import Coordinate, namesakes
from pinr.language.fields import Field, Label, space_coordinates


class NormalComponent(Field):
    """One component of the outward unit normal of a region's boundary; known only there.

    Its arguments are plain symbols, since a region knows its coordinates by name only; all
    coordinates of those names count as free, so that a derivative is refused instead of being 0.
    """

    kind_of_field = "normal"

    @property
    def key(self) -> str:
        """The column of the samples that holds the values."""
        return self.label.name

    @property
    def owner(self) -> str:
        """The text of the region whose boundary has this normal."""
        return self.label.payload

    @property
    def is_at_home(self) -> bool:
        return True

    @property
    def free_symbols(self) -> set[sympy.Basic]:
        return set().union(*(namesakes(name) for name in self.label.coordinates))

    def _eval_derivative(self, symbol: sympy.Symbol) -> sympy.Expr:
        message = (
            f"`{self.label.text}` is differentiated by `{symbol}`: a normal is known on the boundary only. "
            "Write the curvature or the surface derivative out."
        )
        raise DeclarationError(message)


class Normal(sympy.ImmutableDenseMatrix):
    """The outward unit normal of a region's boundary, as a SymPy column vector.

    In products with vectors of equations its components are matched to the coordinates by name, see
    `along`, so that the order in which the region lists its coordinates does not matter.
    """

    names: tuple[str, ...]
    owner: str

    def __new__(cls, owner: str, names: tuple[str, ...]) -> "Normal":
        vector = super().__new__(cls, [_normal_component(owner, names, name) for name in names])
        vector.names, vector.owner = names, owner
        return vector

    def along(self, coordinates: tuple[Coordinate, ...]) -> sympy.ImmutableMatrix:
        """The components along these coordinates, in their order."""
        missing = [c.name for c in coordinates if c.name not in self.names]
        if missing:
            message = (
                f"The normal of `{self.owner}` has components along {', '.join(self.names)}; "
                f"the equation asks for one along {', '.join(missing)}."
            )
            raise DeclarationError(message)
        return sympy.ImmutableMatrix([_normal_component(self.owner, self.names, c.name) for c in coordinates])

    def __rmul__(self, other: Any) -> Any:
        if isinstance(other, sympy.MatrixBase) and other.cols > 1:
            return other * self.along(space_coordinates(other, written="matrix * normal"))
        return sympy.ImmutableMatrix(self.flat()).__rmul__(other)


def _normal_component(owner: str, names: tuple[str, ...], name: str) -> NormalComponent:
    label = Label(f"normal.{name}", names, payload=owner)
    return NormalComponent(label, *(sympy.Symbol(n, real=True) for n in names))
