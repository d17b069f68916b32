"""A network as a list of operations on jets: what a `TapeJet` writes down while it passes through a module."""

from dataclasses import dataclass, field
from typing import Any, final

from torch import Tensor

from pinr.derivatives.algebra import Algebra, Weights

Place = int
"""The number of an operation on its tape, which stands for its result."""


@final
@dataclass(frozen=True)
class Mapped:
    """`W x + b` at every point for the values of a source that nobody wants a gradient of; its only channel."""

    source: int
    tensor: int
    has_bias: bool
    inputs: int
    width: int
    operands: tuple[Place, ...] = ()


@final
@dataclass(frozen=True)
class Activation:
    """An elementwise function or a derivative of it, of a result or of a source, a jet before the first nonlinearity.

    With both, the operand is what has been mapped of the source's values, and the rows are the source's.
    """

    operand: Place | None
    function: str
    width: int
    source: int | None = None
    derivative: int = 0

    @property
    def operands(self) -> tuple[Place, ...]:
        return () if self.operand is None else (self.operand,)


@final
@dataclass(frozen=True)
class Slope:
    """`g f⁽ʳ⁾(y)` of values alone: an elementwise function in reverse mode.

    The factor g is a result of the tape, or a tensor with one number for each unit.
    """

    operand: Place
    factor: Place | None
    function: str
    width: int
    derivative: int
    tensor: int = -1

    @property
    def operands(self) -> tuple[Place, ...]:
        return (self.operand,) if self.factor is None else (self.operand, self.factor)


@final
@dataclass(frozen=True)
class Curvature:
    """`Σ_n g_n f⁽ʳ⁾(y_n) ∂_i y_n ∂_j y_n` over the units n, for pairs of first derivatives (i, j): values alone.

    What an elementwise function adds to a Hessian if g is its cotangent and r = 2. The factor g is a result of the
    tape, or a tensor; with a source, its rows are the first derivatives.
    """

    operand: Place
    factor: Place | None
    function: str
    pairs: tuple[tuple[int, int], ...]
    derivative: int
    source: int | None = None
    tensor: int = -1

    @property
    def width(self) -> int:
        return len(self.pairs)

    @property
    def operands(self) -> tuple[Place, ...]:
        return (self.operand,) if self.factor is None else (self.operand, self.factor)


@final
@dataclass(frozen=True)
class Expansion:
    """A source with all of its channels at every point."""

    source: int
    width: int
    operands: tuple[Place, ...] = ()


@final
@dataclass(frozen=True)
class Linear:
    """`W y + b`, or `Wᵀ y`; the bias, if there is one, is the tensor after the weights."""

    operand: Place
    tensor: int
    has_bias: bool
    inputs: int
    width: int
    is_transposed: bool = False

    @property
    def operands(self) -> tuple[Place, ...]:
        return (self.operand,)


@final
@dataclass(frozen=True)
class Combination:
    """`a + b` or `a − b`."""

    first: Place
    second: Place
    is_difference: bool
    width: int

    @property
    def operands(self) -> tuple[Place, ...]:
        return (self.first, self.second)


@final
@dataclass(frozen=True)
class Scaling:
    """`s y` with a number, or one for each unit."""

    operand: Place
    tensor: int
    is_per_unit: bool
    width: int

    @property
    def operands(self) -> tuple[Place, ...]:
        return (self.operand,)


@final
@dataclass(frozen=True)
class Multiplication:
    """The product of two jets."""

    first: Place
    second: Place
    width: int

    @property
    def operands(self) -> tuple[Place, ...]:
        return (self.first, self.second)


@final
@dataclass(frozen=True)
class Join:
    """Units of several jets, one after the other."""

    operands: tuple[Place, ...]
    width: int


Operation = Mapped | Activation | Slope | Curvature | Expansion | Linear | Combination | Scaling | Multiplication | Join


@final
@dataclass
class Tape:
    """Operations in the order in which they were written, and the tensors they refer to.

    Attributes:
        has_every_weight: Whether trained maps before the first nonlinearity are written down too, instead of being
            carried out at once on the rows of a source.
    """

    algebra: Algebra
    weights: Weights
    operations: list[Operation] = field(default_factory=list)
    tensors: list[Tensor] = field(default_factory=list)
    sources: list[tuple[Tensor, Tensor]] = field(default_factory=list)
    has_every_weight: bool = False

    @property
    def inputs(self) -> tuple[Tensor, ...]:
        """What the results depend on: the values of the sources, their living rows, then the tensors."""
        rows = [c - 1 for c in self.algebra.living[1:]]
        values, constant = (v for v, _ in self.sources), (every[rows] for _, every in self.sources)
        return (*values, *constant, *self.tensors)

    def written(self, operation: Operation) -> Place:
        self.operations.append(operation)
        return len(self.operations) - 1

    def tensor(self, *tensors: Any) -> int:
        """The number of the first of these tensors."""
        self.tensors += tensors
        return len(self.tensors) - len(tensors)

    def source(self, value: Tensor, rows: Tensor) -> int:
        """The number of a source: each use has one of its own, so that gradients need not be added up."""
        self.sources.append((value, rows))
        return len(self.sources) - 1
