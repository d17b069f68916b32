"""Integrals over regions, as they stand in an equation."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Protocol, runtime_checkable

import sympy

from pinr.errors import DeclarationError
from pinr.language.coordinates import Coordinate
from pinr.language.fields import Field
from pinr.language.operators import Expression, as_expression

# Nodes per axis by the dimension of the region; once for a number, and once for every point of a region.
NODES_OF_A_NUMBER = {0: 1, 1: 64, 2: 24}
NODES_AT_EVERY_POINT = {0: 1, 1: 32, 2: 12}
NODES_BEYOND = 10


@runtime_checkable
class Domain(Protocol):
    """What an integral asks of a region: language knows no more of them."""

    @property
    def names(self) -> tuple[str, ...]: ...

    @property
    def dimension(self) -> int: ...

    def quadrature(self, order: int, *, seed: Any = 0) -> Any: ...


class DomainTag(sympy.Atom):
    """A region as an atom of an expression."""

    __slots__ = ("domain",)
    domain: Any

    def __new__(cls, domain: Any) -> "DomainTag":
        tag = super().__new__(cls)
        tag.domain = domain
        return tag

    def __getnewargs_ex__(self) -> tuple[tuple[Any], dict[str, Any]]:
        return (self.domain,), {}

    def __getstate__(self) -> None:
        return None

    def _hashable_content(self) -> tuple[Any, ...]:
        return (self.domain,)

    def _sympystr(self, printer: Any) -> str:
        return repr(self.domain)


class RegionIntegral(sympy.Expr):
    """`∫ f` over a region: `args` are the integrand, the region's tag, and the nodes per axis (0 for the default).

    The coordinates of the region are bound, all others stay free.
    """

    is_commutative: ClassVar[bool] = True

    @property
    def integrand(self) -> sympy.Expr:
        return self.args[0]

    @property
    def domain(self) -> Any:
        return self.args[1].domain

    @property
    def bound(self) -> frozenset[Coordinate]:
        """The coordinates of the integrand that are integrated over."""
        return frozenset(c for c in self._coordinates if c.name in self.domain.names)

    @property
    def free(self) -> tuple[Coordinate, ...]:
        """The coordinates that the value depends on."""
        found = {c for c in self._coordinates if c.name not in self.domain.names}
        return tuple(sorted(found, key=lambda c: (c.name, c.role)))

    @property
    def _coordinates(self) -> list[Coordinate]:
        return [s for s in written_symbols(self.integrand) if isinstance(s, Coordinate)]

    @property
    def nodes(self) -> int:
        """The number of nodes along each axis."""
        table = NODES_AT_EVERY_POINT if self.free else NODES_OF_A_NUMBER
        return int(self.args[2]) or table.get(self.domain.dimension, NODES_BEYOND)

    @property
    def free_symbols(self) -> set[sympy.Basic]:
        return {s for s in self.integrand.free_symbols if s.name not in self.domain.names}

    def _eval_is_real(self) -> bool | None:
        return self.integrand.is_real

    def _eval_derivative(self, symbol: sympy.Symbol) -> sympy.Expr:
        return self.func(self.integrand.diff(symbol), *self.args[1:])

    def _eval_subs(self, old: sympy.Basic, new: sympy.Basic) -> sympy.Basic | None:
        if old in self.bound:
            return self
        if isinstance(old, sympy.Symbol) and isinstance(new, sympy.Basic):
            captured = sorted(c.name for c in new.atoms(Coordinate) if c.name in self.domain.names)
            if captured and old in self.free_symbols:
                message = (
                    f"`{self}` with `{new}` in place of `{old}`: {captured[0]} is what is integrated over. Name the "
                    "variable of integration otherwise."
                )
                raise DeclarationError(message)
        return None

    def _xreplace(self, rule: Any) -> tuple[sympy.Basic, bool]:
        return super()._xreplace({old: new for old, new in rule.items() if old not in self.bound})

    def doit(self, **hints: Any) -> sympy.Expr:
        return self.func(self.integrand.doit(**hints), *self.args[1:])

    def _sympystr(self, printer: Any) -> str:
        return f"integral({printer._print(self.integrand)}, {self.domain!r})"

    def _latex(self, printer: Any) -> str:
        region = repr(self.domain).replace("_", r"\_").replace("&", r"\&").replace("%", r"\%")
        return rf"\int_{{\text{{{region}}}}} {printer._print(self.integrand)}"

    def _pretty(self, printer: Any) -> Any:
        from sympy.printing.pretty.stringpict import prettyForm

        inner = printer._print(self.integrand)
        if isinstance(self.integrand, sympy.Add):
            inner = prettyForm(*inner.parens())
        inner = prettyForm(*inner.left("∫ "))
        return prettyForm(*inner.right(f" over {self.domain!r}"), binding=prettyForm.MUL)


def integral(expression: Expression, region: Any, *, order: int | None = None) -> Expression:
    """The integral of an expression over a region, `Eq(integral(u, plate), 1)`; of a vector componentwise.

    The coordinates of the region are integrated over, all others stay: with `wire = Box(x=(0, 1))` the integral
    `integral(u, wire)` of `u(x, t)` is a function of `t`. A kernel is written with a coordinate of its own,
    `integral(exp(-x * s) * u.subs(x, s), Box(s=(0, 1)))`. In training, boxes, balls, polygons, their products and
    boundaries are integrated by Gauss rules, regions that are cut by quasi-random points, new ones at every draw.

    Args:
        expression: The integrand.
        region: Where, of any dimension; on a boundary its `normal` may be used.
        order: Nodes along each axis; None takes what the dimension suggests (`NODES_OF_A_NUMBER`).

    Raises:
        DeclarationError: The second argument is no region, the order no positive integer.
    """
    if not isinstance(region, Domain):
        message = (
            f"`integral({expression}, {region})`: the second argument must be a region such as `Box(x=(0, 1))`, not a "
            f"{type(region).__name__}."
        )
        raise DeclarationError(message)
    if order is not None and (not isinstance(order, int) or isinstance(order, bool) or order < 1):
        message = f"`integral({expression}, …, order={order!r})`: the order must be a positive integer."
        raise DeclarationError(message)
    expression = as_expression(expression)
    tag, nodes = DomainTag(region), sympy.Integer(order or 0)
    if isinstance(expression, sympy.MatrixBase):
        return sympy.ImmutableMatrix(expression.applyfunc(lambda e: RegionIntegral(e, tag, nodes)))
    return RegionIntegral(expression, tag, nodes)


def integrals_in(expression: sympy.Basic) -> tuple[RegionIntegral, ...]:
    """The integrals of an expression, outer ones first, each once."""
    found = (node for node in sympy.preorder_traversal(expression) if isinstance(node, RegionIntegral))
    return tuple(dict.fromkeys(found))


def written_symbols(node: sympy.Basic, bound: frozenset[sympy.Basic] = frozenset()) -> Iterator[sympy.Symbol]:
    """Symbols in the order in which they stand there, those that a `Subs` or an integral binds left out.

    Unlike `free_symbols`, without the namesakes that fields list there.
    """
    if isinstance(node, sympy.Symbol):
        if node not in bound:
            yield node
    elif isinstance(node, RegionIntegral):
        yield from written_symbols(node.integrand, bound | node.bound)
    elif isinstance(node, sympy.Subs):
        yield from written_symbols(node.expr, bound | frozenset(node.variables))
        yield from written_symbols(node.point, bound)
    else:
        for child in node.args:
            yield from written_symbols(child, bound)


def is_pointwise(expression: sympy.Basic) -> bool:
    """Whether the value differs from point to point: there are fields or coordinates outside integrals."""
    if isinstance(expression, RegionIntegral):
        return bool(expression.free)
    if isinstance(expression, Field | Coordinate):
        return True
    return any(is_pointwise(child) for child in expression.args)


def quadrature_values(node: RegionIntegral, values: Mapping[str, Any]) -> tuple[dict[str, Any], Any]:
    """Where to evaluate the integrand, `(…, nodes)` for free values `(…)`, and the weights `(nodes,)`."""
    samples = node.domain.quadrature(node.nodes)
    kept = {name: value[..., None] for name, value in values.items() if name not in samples.points}
    return {**kept, **samples.points}, samples.columns["weight"]
