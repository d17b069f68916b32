"""Fields: functions of the coordinates, unknown or known, as they stand in an equation."""

import sys
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Literal

import sympy
from sympy.core.function import ArgumentIndexError

from pinr.errors import DeclarationError
from pinr.language.coordinates import Coordinate, namesakes
from pinr.language.known import AbstractKnown
from pinr.language.units import unit_text

Kind = Literal["unknown", "coefficient", "normal", "column"]


class Label(sympy.Atom):
    """The name tag of a field: what it is called, which component it is, where it lives.

    Args:
        name: What the user calls the field.
        coordinates: The names of its coordinates in argument order.
        index: Number of the component of a vector, or None for a scalar.
        size: Number of components of the whole.
        is_complex_valued: Whether its values are complex numbers.
        payload: Known data behind the name (a callable, a gridded array, the owner of a normal).
        unit: The unit of its values, or None.
        axes: The units of its coordinates, if any of them has one.
    """

    __slots__ = ("axes", "coordinates", "index", "is_complex_valued", "name", "payload", "size", "unit")
    is_commutative: ClassVar[bool] = True
    name: str
    coordinates: tuple[str, ...]
    index: int | None
    size: int
    is_complex_valued: bool
    payload: Any
    unit: str | None
    axes: tuple[str | None, ...]

    def __new__(
        cls,
        name: str,
        coordinates: tuple[str, ...],
        *,
        index: int | None = None,
        size: int = 1,
        is_complex_valued: bool = False,
        payload: Any = None,
        unit: str | None = None,
        axes: tuple[str | None, ...] = (),
    ) -> "Label":
        label = super().__new__(cls)
        label.name, label.coordinates = name, coordinates
        label.index, label.size = index, size
        label.is_complex_valued, label.payload = is_complex_valued, payload
        label.unit, label.axes = unit, axes
        return label

    def __getnewargs_ex__(self) -> tuple[tuple[str, tuple[str, ...]], dict[str, Any]]:
        named = ("index", "size", "is_complex_valued", "payload", "unit", "axes")
        return (self.name, self.coordinates), {name: getattr(self, name) for name in named}

    def __getstate__(self) -> None:
        return None

    def _hashable_content(self) -> tuple[Any, ...]:
        # Callables are compared by identity, texts and data by value.
        payload = self.payload if isinstance(self.payload, str | AbstractKnown) else id(self.payload)
        what = (self.name, self.coordinates, self.index, self.size, self.is_complex_valued, payload)
        return (*what, self.unit or "", tuple(unit or "" for unit in self.axes))  # SymPy compares these

    @property
    def text(self) -> str:
        """The name as it is printed: `u`, or `v[0]` for a component."""
        return self.name if self.index is None else f"{self.name}[{self.index}]"

    def _sympystr(self, printer: Any) -> str:
        return self.text


class FieldDerivative(sympy.Derivative):
    """A partial derivative of a field: real if the field is, because its coordinates are.

    SymPy does not deduce that, and fills `Abs(u.diff(x)).diff(x)` with `re` and `im` otherwise.
    """

    def _eval_is_real(self) -> bool | None:
        return self.expr.is_real

    def _eval_subs(self, old: sympy.Basic, new: sympy.Basic) -> sympy.Basic | None:
        result = super()._eval_subs(old, new)
        if type(result) is sympy.Subs and result.expr == self:
            return Elsewhere(self, result.variables, result.point)
        if type(result) is sympy.Derivative and isinstance(result.expr, Field):
            return FieldDerivative(result.expr, *result.variable_count)
        return result


class Elsewhere(sympy.Subs):
    """A partial derivative of a field at other arguments: real if the field is, differentiated by the chain rule.

    SymPy 1.14 mixes up the places in `f(x + y, 2*y).diff(x, y)` when its `Subs` is done.
    """

    def _eval_is_real(self) -> bool | None:
        return self.expr.is_real

    @property
    def free_symbols(self) -> set[sympy.Basic]:
        return super().free_symbols.union(*(namesakes(c.name) for c in self._outer_coordinates))

    @property
    def _outer_coordinates(self) -> list[Coordinate]:
        return _coordinates_among(self.point)

    def doit(self, **hints: Any) -> sympy.Expr:
        done = isinstance(self.expr, sympy.Derivative) and isinstance(self.expr.expr, Field)
        return self if done else super().doit(**hints)

    def _eval_derivative(self, symbol: sympy.Symbol) -> sympy.Expr:
        for coordinate in self._outer_coordinates:
            if symbol.name == coordinate.name and symbol not in self._outer_coordinates:
                raise DeclarationError(_namesake_message(str(self), coordinate, symbol))
        places = dict(zip(self.variables, self.point, strict=True))
        terms = [place.diff(symbol) * _moved(self.expr.diff(v), places) for v, place in places.items()]
        if symbol not in places:
            terms.append(_moved(self.expr.diff(symbol), places))
        return sympy.Add(*terms)


class Field(sympy.Function):
    """A field at arguments: `Field(label, *arguments)`; at its own coordinates it prints as its name.

    Derivatives by an argument are taken, by a namesake of an argument refused: to let SymPy ask at
    all, the namesakes are listed among the free symbols.
    """

    kind_of_field: ClassVar[Kind]
    _diff_wrt: ClassVar[bool] = True

    @property
    def label(self) -> Label:
        return self.args[0]

    @property
    def arguments(self) -> tuple[sympy.Expr, ...]:
        return self.args[1:]

    @property
    def coordinates(self) -> tuple[Coordinate, ...]:
        """Those arguments that are coordinates."""
        return tuple(a for a in self.arguments if isinstance(a, Coordinate))

    @property
    def is_at_home(self) -> bool:
        """Whether the arguments are the field's own coordinates and not a point elsewhere."""
        return tuple(a.name if isinstance(a, Coordinate) else None for a in self.arguments) == (self.label.coordinates)

    @property
    def free_symbols(self) -> set[sympy.Basic]:
        free = set().union(*(argument.free_symbols for argument in self.arguments))
        for coordinate in _coordinates_among(self.arguments):
            free |= namesakes(coordinate.name)
        return free

    def _eval_is_real(self) -> bool | None:
        return None if self.label.is_complex_valued else True

    def _eval_is_complex(self) -> bool:
        return True

    def diff(self, *symbols: Any, **assumptions: Any) -> sympy.Expr:
        """The derivative, refused by a coordinate that the field does not have if it is asked for directly.

        Within sums and products SymPy asks every factor, and 0 is right.
        """
        asked_by = sys._getframe(1).f_globals.get("__name__", "")
        if self.is_at_home and not asked_by.startswith(("sympy.", "pinr.")):
            for symbol in symbols:
                if isinstance(symbol, Coordinate) and symbol not in _coordinates_among(self.arguments):
                    own = ", ".join(self.label.coordinates)
                    message = (
                        f"`{self.label.text}.diff({symbol})` would be 0: `{self.label.text}` depends on {own} alone. "
                        f"Declare it with {symbol} among its coordinates, `{self.label.name}({own}, {symbol})`."
                    )
                    raise DeclarationError(message)
        return super().diff(*symbols, **assumptions)

    def fdiff(self, argindex: int = 1) -> sympy.Expr:
        if not 2 <= argindex <= len(self.args):
            raise ArgumentIndexError(self, argindex)
        argument = self.args[argindex - 1]
        others = self.args[1 : argindex - 1] + self.args[argindex:]
        if argument.is_Symbol and not any(argument in other.free_symbols for other in others):
            return FieldDerivative(self, argument)
        place = sympy.Dummy("xi", real=True)
        moved = self.func(*self.args[: argindex - 1], place, *self.args[argindex:])
        return Elsewhere(FieldDerivative(moved, place), place, argument)

    def _eval_derivative(self, symbol: sympy.Symbol) -> sympy.Expr:
        inside = _coordinates_among(self.arguments)
        for coordinate in inside:
            if symbol.name == coordinate.name and symbol not in inside:
                raise DeclarationError(_namesake_message(self.label.text, coordinate, symbol))
        return sympy.Add(
            *(
                self.fdiff(position) * argument.diff(symbol)
                for position, argument in enumerate(self.arguments, start=2)
                if symbol in argument.free_symbols
            )
        )

    def _sympystr(self, printer: Any) -> str:
        if self.is_at_home:
            return self.label.text
        return f"{self.label.text}({', '.join(printer._print(a) for a in self.arguments)})"

    _sympyrepr = _sympystr

    def _printed_symbol(self) -> sympy.Symbol:
        label = self.label
        return sympy.Symbol(label.name if label.index is None else f"{label.name}_{label.index}")

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        name = printer._print(self._printed_symbol())
        if exp is not None:
            name = f"{name}^{{{exp}}}"
        if self.is_at_home:
            return name
        arguments = ", ".join(printer._print(a) for a in self.arguments)
        return rf"{name}\left({arguments}\right)"

    def _pretty(self, printer: Any) -> Any:
        if self.is_at_home:
            return printer._print(self._printed_symbol())
        name = self._printed_symbol().name
        return printer._print(sympy.Function(name)(*self.arguments))


class Unknown(Field):
    """A field to solve for."""

    kind_of_field = "unknown"


def unknown(
    name: str, *coordinates: Coordinate, size: int | None = None, complex: bool = False, unit: str | None = None
) -> Unknown | sympy.ImmutableMatrix:
    """Declare an unknown field `Φ(x, …)` of the given coordinates.

    `u = unknown("u", x, y)` is a SymPy expression; with `size=n` it is a SymPy column vector whose
    components are `u[0], …, u[n - 1]`. With `complex=True` the values are complex numbers: `I`, `conjugate`, `re`,
    `im` and `Abs` of SymPy apply, an equation stands for its real and its imaginary part. `dot` conjugates nothing.
    With `unit="K"` its values, those of results included, are in that unit.

    Raises:
        DeclarationError: No coordinates, something that is no coordinate, a size below 1, or a unit that is none.
        ImportError: A unit is given and pint is not installed.
    """
    check_field("unknown", name, coordinates)
    names = tuple(c.name for c in coordinates)
    text = unit_text(unit, written=f"unknown({name!r}, …, unit={unit!r})")
    shared: dict[str, Any] = {"is_complex_valued": complex, "unit": text, "axes": axis_units(coordinates)}
    if size is None:
        return Unknown(Label(name, names, **shared), *coordinates)
    if not isinstance(size, int) or isinstance(size, bool) or size < 1:
        message = f"`unknown({name!r}, size={size!r})`: the size must be a whole number of at least 1."
        raise DeclarationError(message)
    labels = [Label(name, names, index=i, size=size, **shared) for i in range(size)]
    return sympy.ImmutableMatrix([Unknown(label, *coordinates) for label in labels])


def axis_units(coordinates: Iterable[Coordinate]) -> tuple[str | None, ...]:
    """The units of coordinates as a label has them: nothing if there are none."""
    units = tuple(c.unit for c in coordinates)
    return units if any(units) else ()


def check_field(word: str, name: str, coordinates: tuple[Any, ...]) -> None:
    """Refuse a field without a name or with arguments that are no coordinates."""
    written = f"{word}({name!r}, {', '.join(map(str, coordinates))})"
    if not isinstance(name, str) or not name.isidentifier():
        message = f"`{written}`: the name must consist of letters, digits and underscores."
        raise DeclarationError(message)
    if not coordinates:
        message = f"`{written}` has no coordinates. Write for example `{word}({name!r}, x, y)`."
        raise DeclarationError(message)
    for coordinate in coordinates:
        if not isinstance(coordinate, Coordinate):
            message = (
                f"`{written}`: {coordinate!r} is no coordinate. "
                "Declare it with `coordinates(...)`; a plain SymPy symbol will not do."
            )
            raise DeclarationError(message)
    if len({c.name for c in coordinates}) < len(coordinates):
        message = f"`{written}` names a coordinate twice."
        raise DeclarationError(message)


def fields_in(expression: sympy.Basic) -> tuple[Field, ...]:
    """The fields of an expression, in the order in which they stand in it, each once."""
    found = (node for node in sympy.preorder_traversal(expression) if isinstance(node, Field))
    return tuple(dict.fromkeys(found))


def space_coordinates(expression: sympy.Basic, *, written: str) -> tuple[Coordinate, ...]:
    """The space coordinates of the unknowns in an expression, in argument order.

    Raises:
        DeclarationError: The expression has no field whose coordinates could be meant.
    """
    if isinstance(expression, sympy.MatrixBase):
        expression = sympy.ImmutableMatrix(expression)  # a mutable one is no node of an expression
    fields = fields_in(expression)
    fields = tuple(f for f in fields if isinstance(f, Unknown)) or fields
    inside = [c for c in _coordinates_inside(expression, fields) if c.role == "space"]
    declared = list(dict.fromkeys(name for f in fields for name in f.label.coordinates))
    places = {name: number for number, name in enumerate(declared)}
    found = tuple(sorted(dict.fromkeys(inside), key=lambda c: (places.get(c.name, len(places)), c.name)))
    if not found:
        message = (
            f"`{written}` of `{expression}`: there is no unknown in it whose space coordinates could be meant. "
            f"Name the coordinates, as in `{written}(…, x, y)`."
        )
        raise DeclarationError(message)
    return found


def _coordinates_inside(
    node: sympy.Basic, fields: tuple[Field, ...], bound: frozenset[sympy.Basic] = frozenset()
) -> list[Coordinate]:
    """The coordinates that the arguments of these fields depend on, those that a `Subs` binds left out."""
    if isinstance(node, sympy.Subs):
        outside = _coordinates_among(node.point)
        return outside + _coordinates_inside(node.expr, fields, bound | frozenset(node.variables))
    if node in fields:
        return [c for c in _coordinates_among(node.arguments) if c not in bound]
    return [c for child in node.args for c in _coordinates_inside(child, fields, bound)]


def _coordinates_among(expressions: Iterable[sympy.Basic]) -> list[Coordinate]:
    # Not by free symbols: those of fields have the namesakes, coordinates of other roles among them.
    found = set().union(*(expression.atoms(Coordinate) for expression in expressions))
    return sorted(found, key=lambda c: (c.name, c.role))


def _moved(expression: sympy.Basic, places: Mapping[sympy.Symbol, sympy.Expr]) -> sympy.Basic:
    """An expression with symbols replaced by places, derivatives by these symbols taken there."""
    if expression in places:
        return places[expression]
    used = [v for v in places if v in expression.free_symbols]
    if not used:
        return expression
    if isinstance(expression, sympy.Subs):
        inner = [v for v in used if v not in expression.variables and v in expression.expr.free_symbols]
        points = [_moved(p, places) for p in expression.point]
        return Elsewhere(expression.expr, (*expression.variables, *inner), (*points, *(places[v] for v in inner)))
    if isinstance(expression, sympy.Derivative):
        return Elsewhere(expression, used, [places[v] for v in used])
    return expression.func(*(_moved(argument, places) for argument in expression.args))


def _namesake_message(field: str, coordinate: Coordinate, symbol: sympy.Symbol) -> str:
    return (
        f"`{field}` is differentiated by a symbol `{symbol.name}` that is not its coordinate "
        f"`{coordinate.name}` ({coordinate.role}), only a namesake: the derivative would be 0. "
        f"Use the object that `coordinates(...)` returned."
    )
