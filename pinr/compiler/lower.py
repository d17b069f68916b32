"""Fourth pass: real SymPy expressions to a short program of torch operations.

What does not depend on anything trained (sources, coefficients, coordinates) is *known*: it is evaluated once
for every set of points in double precision and enters as a column. The rest becomes a list of instructions,
common subexpressions once. No code is generated.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import singledispatchmethod
from typing import Any, final

import sympy
import torch
from sympy.functions.elementary.piecewise import ExprCondPair
from sympy.logic.boolalg import BooleanAtom
from torch import Tensor

from pinr.compiler.functions import FUNCTIONS
from pinr.errors import CompilationError

Slot = int
"""A register of the running program."""
LIKE: Slot = 0
"""The register of a tensor that gives length, dtype and device to what numbers alone make."""


@final
@dataclass(frozen=True)
class Number:
    """A number among the operands of an instruction."""

    value: float


@final
@dataclass(frozen=True)
class Instruction:
    """`registers[target] = function(*operands)`."""

    target: Slot
    function: Callable[..., Tensor]
    operands: tuple[Slot | Number, ...]


@final
@dataclass(frozen=True)
class Tape:
    """A straight-line program: inputs by symbol, instructions, and where the results are."""

    inputs: tuple[tuple[sympy.Symbol, Slot], ...]
    instructions: tuple[Instruction, ...]
    results: tuple[Slot | Number, ...]
    size: int

    def run(self, values: Mapping[sympy.Symbol, Tensor], like: Tensor) -> list[Tensor]:
        """The results, each of shape `(N,)`.

        Args:
            values: A tensor `(N,)` or a scalar tensor for every input.
            like: A tensor `(N,)` that gives length, dtype and device to constant results.
        """
        registers: list[Any] = [None] * self.size
        registers[LIKE] = like
        for symbol, slot in self.inputs:
            registers[slot] = values[symbol]
        for instruction in self.instructions:
            operands = (o.value if isinstance(o, Number) else registers[o] for o in instruction.operands)
            registers[instruction.target] = instruction.function(*operands)
        results = (o.value if isinstance(o, Number) else registers[o] for o in self.results)
        return [r.expand_as(like) if isinstance(r, Tensor) else torch.full_like(like, r) for r in results]


@final
@dataclass(frozen=True)
class Known:
    """Expressions of the point alone, by the symbol under which the tape finds their values."""

    columns: Mapping[sympy.Symbol, sympy.Expr]


def separate_known(
    components: Sequence[sympy.Expr], dynamic: frozenset[sympy.Symbol]
) -> tuple[tuple[sympy.Expr, ...], Known]:
    """Replace the largest parts that are free of dynamic symbols by columns.

    Args:
        components: Real expressions.
        dynamic: Symbols whose values change in training: network outputs, parameters.
    """
    columns: dict[sympy.Expr, sympy.Symbol] = {}

    def column(expression: sympy.Expr) -> sympy.Expr:
        if not expression.free_symbols:
            return expression
        if expression not in columns:
            columns[expression] = sympy.Dummy("known", real=True)
        return columns[expression]

    def rewrite(node: sympy.Basic) -> sympy.Basic:
        if not node.free_symbols & dynamic:
            return column(node) if isinstance(node, sympy.Expr) and node.args != () else _leaf(node, column)
        if node.is_Add or node.is_Mul:
            fixed = [a for a in node.args if not a.free_symbols & dynamic]
            moving = [rewrite(a) for a in node.args if a.free_symbols & dynamic]
            return node.func(column(node.func(*fixed)), *moving)
        if not node.args:
            return node
        return node.func(*(rewrite(a) for a in node.args))

    rewritten = tuple(rewrite(c) for c in components)
    return rewritten, Known({symbol: expression for expression, symbol in columns.items()})


def _leaf(node: sympy.Basic, column: Callable[[sympy.Expr], sympy.Expr]) -> sympy.Basic:
    if isinstance(node, sympy.Symbol):
        return column(node)
    if isinstance(node, sympy.Expr) or not node.args:
        return node
    return node.func(*(_leaf(a, column) if not isinstance(a, sympy.Expr) else column(a) for a in node.args))


def lower(components: Sequence[sympy.Expr]) -> Tape:
    """The program that evaluates real expressions, common subexpressions once."""
    shared, reduced = sympy.cse(list(components), symbols=sympy.numbered_symbols("s", cls=sympy.Dummy))
    compiler = _Compiler()
    for symbol, expression in shared:
        compiler.slots[symbol] = compiler.operand(expression)
    results = tuple(compiler.operand(expression) for expression in reduced)
    return Tape(tuple(compiler.inputs), tuple(compiler.instructions), results, compiler.size)


@final
class _Compiler:
    def __init__(self) -> None:
        self.slots: dict[sympy.Basic, Slot | Number] = {}
        self.inputs: list[tuple[sympy.Symbol, Slot]] = []
        self.instructions: list[Instruction] = []
        self.size = 1  # the register LIKE

    def operand(self, node: sympy.Basic) -> Slot | Number:
        if node not in self.slots:
            self.slots[node] = self.emit(node)
        return self.slots[node]

    def new_slot(self) -> Slot:
        self.size += 1
        return self.size - 1

    def instruction(self, function: Callable[..., Tensor], *operands: Slot | Number) -> Slot:
        target = self.new_slot()
        self.instructions.append(Instruction(target, function, operands))
        return target

    @singledispatchmethod
    def emit(self, node: sympy.Basic) -> Slot | Number:
        function = FUNCTIONS.get(type(node))
        if isinstance(node, sympy.Expr) and node.is_number:
            return _number(node)
        if function is None:
            message = (
                f"`{node}`: there is no rule for {type(node).__name__} of an unknown. Rewrite it in elementary "
                "functions."
            )
            raise CompilationError(message)
        return self.instruction(function, *(self.operand(a) for a in node.args))

    @emit.register
    def _(self, symbol: sympy.Symbol) -> Slot | Number:
        slot = self.new_slot()
        self.inputs.append((symbol, slot))
        return slot

    @emit.register
    def _(self, number: sympy.Number) -> Slot | Number:
        return _number(number)

    @emit.register
    def _(self, constant: sympy.NumberSymbol) -> Slot | Number:
        return _number(constant)

    @emit.register
    def _(self, truth: BooleanAtom) -> Slot | Number:
        return Number(float(bool(truth)))

    @emit.register
    def _(self, total: sympy.Add) -> Slot | Number:
        return self._chain(total, torch.add)

    @emit.register
    def _(self, product: sympy.Mul) -> Slot | Number:
        return self._chain(product, torch.mul)

    @emit.register
    def _(self, power: sympy.Pow) -> Slot | Number:
        base, exponent = power.args
        if exponent == 2:
            return self.instruction(torch.square, self.operand(base))
        if exponent == -1:
            return self.instruction(torch.reciprocal, self.operand(base))
        if exponent == sympy.S.Half:
            return self.instruction(torch.sqrt, self.operand(base))
        return self.instruction(torch.pow, self.operand(base), self.operand(exponent))

    @emit.register
    def _(self, pieces: sympy.Piecewise) -> Slot | Number:
        result: Slot | Number = Number(float("nan"))
        for pair in reversed([p for p in pieces.args if isinstance(p, ExprCondPair)]):
            value = self.operand(pair.expr)
            if pair.cond == sympy.true:
                result = value
            else:
                condition = self.operand(pair.cond)
                result = self.instruction(_where, LIKE, condition, value, result)
        return result

    def _chain(self, node: sympy.Expr, function: Callable[..., Tensor]) -> Slot | Number:
        numbers = [a for a in node.args if a.is_number]
        others = [self.operand(a) for a in node.args if not a.is_number]
        if not others:
            return _number(node)
        result = others[0]
        for other in others[1:]:
            result = self.instruction(function, result, other)
        if numbers:
            result = self.instruction(function, result, _number(node.func(*numbers)))
        return result


def _where(like: Tensor, condition: Tensor, value: Tensor | float, otherwise: Tensor | float) -> Tensor:
    if not isinstance(value, Tensor) and not isinstance(otherwise, Tensor):
        value = torch.full_like(like, value)  # of two numbers torch makes float32, whatever the program computes in
    return torch.where(condition.bool(), value, otherwise)


def _number(node: sympy.Expr) -> Number:
    value = complex(sympy.N(node, 17))
    if value.imag != 0:
        message = f"`{node}` is complex where only real numbers make sense."
        raise CompilationError(message)
    return Number(value.real)
