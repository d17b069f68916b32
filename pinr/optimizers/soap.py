"""SOAP: Adam in the basis in which the gradients of each layer are least correlated."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Literal, final

import torch
from torch import Tensor
from typing_extensions import override

from pinr.errors import DeclarationError
from pinr.optimizers.argument_checks import check_argument, is_count
from pinr.optimizers.budget import check_budget
from pinr.optimizers.eigenbasis import eigenbasis, refreshed
from pinr.optimizers.first_order import AbstractFirstOrder, AbstractFirstOrderState
from pinr.optimizers.matrix_block import MatrixBlock
from pinr.optimizers.named_arguments import with_checked_fields
from pinr.optimizers.objective import Layered, Objective
from pinr.optimizers.vector import Vector, owned_vector


@final
@dataclass(frozen=True, eq=False, kw_only=True)
class SOAPState(AbstractFirstOrderState):
    """The moments of the gradient, `mean` as it is and `square` in the bases, and for each matrix two bases.

    Attributes:
        covariances: `L` and `R` of every matrix, one after the other; nothing before the first step.
        bases: `Q_L` and `Q_R` of every matrix.
    """

    covariances: tuple[Tensor, ...] = ()
    bases: tuple[Tensor, ...] = ()


@final
@with_checked_fields
@dataclass(frozen=True, kw_only=True)
class SOAP(AbstractFirstOrder[SOAPState]):
    """Adam with every layer's gradient turned into the eigenbasis of its covariances.

    For the matrix `G` of a layer, `[W b]` with its bias: `L ← β₂ L + (1 − β₂) G Gᵀ`, `R ← β₂ R + (1 − β₂) Gᵀ G`, with
    eigenvectors `Q_L` and `Q_R`. Adam's `v` is the decaying mean of the square of `Q_Lᵀ G Q_R`, its step is taken with
    `Q_Lᵀ M Q_R` and turned back. So directions of small gradients get large steps, even where no single weight is such
    a direction. The bases are refreshed every `frequency` steps. Numbers and vectors apart from a matrix are stepped
    by Adam, and so is everything if the objective does not say where its matrices lie. The first step only looks.

    Reference: Vyas, Morwani, Zhao, Kwun, Shapira, Brandfonbrener, Janson and Kakade, SOAP: improving and stabilizing
    Shampoo using Adam, ICLR 2025, algorithm 3; for differential equations: Wang, Bhartari, Li and Perdikaris, Gradient
    alignment in physics-informed neural networks: a second-order optimization perspective, 2025, arXiv:2502.00604.

    Attributes:
        steps: budget in steps, one evaluation each.
        rate: largest step per parameter in the basis, `α`.
        betas: memories `(β₁, β₂)` of the means.
        epsilon: `ε`, below which a gradient counts as zero.
        frequency: steps from one refreshment of the bases to the next.
        schedule: course of the rate over the budget.
        warmup: steps until the full rate; `None` is 100, or a tenth of `steps` if that is less.
        seconds: budget in seconds.
    """

    state_type: ClassVar = SOAPState

    steps: int | None = None
    rate: float = 3e-3
    betas: tuple[float, float] = (0.95, 0.99)
    epsilon: float = 1e-8
    frequency: int = 10
    schedule: Literal["constant", "cosine"] = "cosine"
    warmup: int | None = None
    seconds: float | None = None

    def __post_init__(self) -> None:
        check_budget(self)
        self._check_rate()
        is_frequency = is_count(self.frequency, least=1)
        check_argument(self, "frequency", is_frequency, rule="a whole number from 1 on (usually 10)")

    @override
    def initial(self, theta: Vector) -> SOAPState:
        theta = owned_vector(theta)
        return SOAPState(theta=theta, previous=theta, mean=torch.zeros_like(theta), square=torch.zeros_like(theta))

    @override
    def _moved(self, state: SOAPState, objective: Objective, g: Vector, rate: float) -> SOAPState:
        blocks = _checked_blocks(objective, state)
        products = _products(blocks, g)
        if state.steps == 0:
            # In the basis of a gradient the gradient itself is diagonal, and Adam would step along its rounding errors.
            return replace(state, covariances=products, bases=tuple(eigenbasis(C) for C in products))
        beta1, beta2 = self.betas
        k = state.steps
        mean = state.mean.lerp(g, 1 - beta1)
        turned = _turned(blocks, state.bases, g)
        square = (state.square * beta2).addcmul_(turned, turned, value=1 - beta2)
        root = (square / (1 - beta2**k)).sqrt_().add_(self.epsilon)
        change = _turned_back(blocks, state.bases, _turned(blocks, state.bases, mean).div_(root))
        state = replace(
            state,
            theta=state.theta.add(change, alpha=-rate / (1 - beta1**k)),
            mean=mean,
            square=square,
            covariances=tuple(C.lerp(P, 1 - beta2) for C, P in zip(state.covariances, products, strict=True)),
        )
        return _refreshed(blocks, state) if k % self.frequency == 0 else state


def _checked_blocks(objective: Objective, state: SOAPState) -> Sequence[MatrixBlock]:
    """The matrices that the objective knows of, none if it does not say.

    Raises:
        DeclarationError: They do not fit the vector, or are not those for which the bases are.
    """
    blocks = objective.blocks if isinstance(objective, Layered) else ()
    if any(block.stop > state.theta.numel() for block in blocks):
        message = f"`blocks` of the objective reach beyond its {state.theta.numel()} parameters: {blocks}."
        raise DeclarationError(message)
    if state.steps > 0 and 2 * len(blocks) != len(state.bases):
        message = (
            f"`SOAP` has bases for {len(state.bases) // 2} matrices, but `blocks` of this objective has {len(blocks)}. "
            "Begin with `initial` where the layers change."
        )
        raise DeclarationError(message)
    return blocks


def _products(blocks: Sequence[MatrixBlock], g: Vector) -> tuple[Tensor, ...]:
    """`G Gᵀ` and `Gᵀ G` of every matrix."""
    matrices = [block.matrix(g) for block in blocks]
    return tuple(product for G in matrices for product in (G @ G.T, G.T @ G))


def _turned(blocks: Sequence[MatrixBlock], bases: Sequence[Tensor], vector: Vector) -> Vector:
    """`Q_Lᵀ G Q_R` of every matrix, in the places of its entries; all else as it is."""
    result = vector.clone()
    for block, left, right in zip(blocks, bases[::2], bases[1::2], strict=True):
        block.write(left.T @ block.matrix(vector) @ right, result)
    return result


def _turned_back(blocks: Sequence[MatrixBlock], bases: Sequence[Tensor], vector: Vector) -> Vector:
    """`Q_L G Q_Rᵀ` of every matrix."""
    return _turned(blocks, [basis.T for basis in bases], vector)


def _refreshed(blocks: Sequence[MatrixBlock], state: SOAPState) -> SOAPState:
    """The state with new bases, and `square` in the order of their columns."""
    square, bases = state.square.clone(), []
    for number, block in enumerate(blocks):
        orders = []
        for side in (2 * number, 2 * number + 1):
            basis, order = refreshed(state.bases[side], state.covariances[side])
            bases.append(basis)
            orders.append(order)
        block.write(block.matrix(state.square)[orders[0]][:, orders[1]], square)
    return replace(state, square=square, bases=tuple(bases))
