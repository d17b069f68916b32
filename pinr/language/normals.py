"""The outward unit normal of a boundary, as a vector in equations."""

from collections.abc import Iterable
from typing import Any

import sympy

from pinr.errors import DeclarationError
from pinr.language.coordinates import Coordinate, namesakes
from pinr.language.fields import Field, Label, Unknown, fields_in, space_coordinates


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


class _AlignedMatrix(sympy.ImmutableDenseMatrix):
    """A matrix that joins others by coordinate names; what SymPy makes of it otherwise is a plain matrix."""

    _op_priority = 10.1  # above SymPy's own matrices, so that these leave products and sums to it

    @classmethod
    def _fromrep(cls, rep: Any) -> sympy.ImmutableMatrix:
        return sympy.ImmutableMatrix._fromrep(rep)

    @classmethod
    def _made(cls, rows: Any) -> Any:
        return sympy.ImmutableDenseMatrix._fromrep.__func__(cls, sympy.ImmutableMatrix(rows)._rep)

    @property
    def func(self) -> Any:
        return sympy.ImmutableMatrix


class Normal(_AlignedMatrix):
    """The outward unit normal of a region's boundary, times a scalar, as a SymPy column vector.

    In sums and products with vectors of equations its components are matched to the coordinates by name, see
    `along`, so that the order in which the region lists its coordinates does not matter.
    """

    names: tuple[str, ...]
    owner: str
    factor: sympy.Expr

    def __new__(cls, owner: str, names: tuple[str, ...], factor: sympy.Expr = sympy.S.One) -> "Normal":
        vector = cls._made([factor * _normal_component(owner, names, name) for name in names])
        vector.names, vector.owner, vector.factor = names, owner, factor
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
        return self._components(c.name for c in coordinates)

    def _components(self, names: Iterable[str]) -> sympy.ImmutableMatrix:
        return sympy.ImmutableMatrix([self.factor * _normal_component(self.owner, self.names, n) for n in names])

    def beside(self, other: Any) -> sympy.ImmutableMatrix:
        """A plain vector in the order of another expression's unknowns, or of the region where there are none."""
        if isinstance(other, Normal):
            return self._components(other.names if set(other.names) == set(self.names) else self.names)
        if not any(isinstance(f, Unknown) for f in fields_in(other)):
            return self._components(self.names)
        return self.along(space_coordinates(other, written="… with the normal"))

    @property
    def T(self) -> "_NormalRow":  # noqa: N802  (SymPy's name)
        return _NormalRow(self)

    def transpose(self) -> "_NormalRow":
        return _NormalRow(self)

    def dot(self, b: Any, **options: Any) -> sympy.Expr:
        return self.beside(b).dot(_plain(b), **options)

    def __add__(self, other: Any) -> Any:
        return self.beside(other) + _plain(other)

    def __radd__(self, other: Any) -> Any:
        return other + self.beside(other)

    def __neg__(self) -> "Normal":
        return self * -1

    def __sub__(self, other: Any) -> Any:
        return self + (-other)

    def __rsub__(self, other: Any) -> Any:
        return other + (-self)

    def __mul__(self, other: Any) -> Any:
        if isinstance(other, sympy.MatrixBase):
            return _plain(self) * other
        return Normal(self.owner, self.names, self.factor * sympy.sympify(other))

    def __truediv__(self, other: Any) -> "Normal":
        return self * (1 / sympy.sympify(other))

    def __rmul__(self, other: Any) -> Any:
        if isinstance(other, sympy.MatrixBase):
            return other * (self.beside(other) if other.cols > 1 else _plain(self))
        return self * other


class _NormalRow(_AlignedMatrix):
    """A normal as a row, `normal.T * hessian(u)`."""

    normal: Normal

    def __new__(cls, normal: Normal) -> "_NormalRow":
        row = cls._made([normal.flat()])
        row.normal = normal
        return row

    @property
    def T(self) -> Normal:  # noqa: N802  (SymPy's name)
        return self.normal

    def __mul__(self, other: Any) -> Any:
        if isinstance(other, sympy.MatrixBase):
            return sympy.ImmutableMatrix([self.normal.beside(other).flat()]) * _plain(other)
        return _NormalRow(self.normal * other)

    def __rmul__(self, other: Any) -> Any:
        if isinstance(other, sympy.MatrixBase):
            return other * sympy.ImmutableMatrix([self.normal.beside(other).flat()])
        return self * other


def _plain(matrix: Any) -> Any:
    is_aligned = isinstance(matrix, _AlignedMatrix)
    return sympy.ImmutableMatrix(matrix.rows, matrix.cols, matrix.flat()) if is_aligned else matrix


def _normal_component(owner: str, names: tuple[str, ...], name: str) -> NormalComponent:
    label = Label(f"normal.{name}", names, payload=owner)
    return NormalComponent(label, *(sympy.Symbol(n, real=True) for n in names))
