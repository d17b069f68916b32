"""Loss and gradient replayed from a CUDA graph: the hundreds of launches of a step become one.

The graph reads parameters, points and weights from tensors of its own, which are overwritten; it is recorded anew
where their shapes change. What a network does on the host, or decides by its numbers, is recorded once and not done
again: networks of one's own that do so must not be captured.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import final

import torch
from torch import Tensor

from pinr.compiler.block import PointSet
from pinr.compiler.integral_term import IntegralPoints
from pinr.errors import TrainingError
from pinr.optimizers import AutogradProducts, MatrixBlock
from pinr.training.objective import ProgramObjective

WARM_UP = 3  # evaluations before recording, in which kernels are compiled and libraries take their memory


@final
class CapturedObjective:
    """A program's objective; it takes over the graph of the one before it, of the draw before, if that fits."""

    def __init__(self, objective: ProgramObjective, before: "CapturedObjective | None" = None) -> None:
        self.objective = objective
        self.batch, self.weights = objective.batch, objective.weights
        self._losses: dict[str, Tensor] = {}
        self._step: _Step | None = None if before is None else before._step
        if self._step is not None and not self._step.took_over(objective):
            self._step = None

    @property
    def blocks(self) -> tuple[MatrixBlock, ...]:
        """Where the matrices of the networks lie in the vector."""
        return self.objective.blocks

    def value_and_gradient(self, theta: Tensor) -> tuple[Tensor, Tensor]:
        """The loss and its gradient."""
        if self._step is None:
            self._step = _Step(self.objective, theta)
        total, gradient, self._losses = self._step(theta)
        return total, gradient

    def value(self, theta: Tensor) -> Tensor:
        """The loss alone, not from the graph."""
        return self.objective.value(theta)

    def normal_equations(self, theta: Tensor, *, is_coarse: bool = False) -> tuple[Tensor, Tensor]:
        """What Gauss–Newton asks for, not from the graph."""
        return self.objective.normal_equations(theta, is_coarse=is_coarse)

    def row_count(self, theta: Tensor) -> int:
        """How many rows there are."""
        return self.objective.row_count(theta)

    def linearized(self, theta: Tensor, *, is_coarse: bool = False) -> tuple[Tensor, Tensor]:
        """Rows and their Jacobian, not from the graph."""
        return self.objective.linearized(theta, is_coarse=is_coarse)

    def products(self, theta: Tensor, *, is_coarse: bool = False) -> AutogradProducts:
        """Products with the Jacobian, not from the graph."""
        return self.objective.products(theta, is_coarse=is_coarse)

    def latest(self) -> dict[str, float]:
        """The loss of each constraint at the last evaluation, unweighted."""
        return {name: float(loss) for name, loss in self._losses.items()} or self.objective.latest()


@final
class _Step:
    """A recorded evaluation with the tensors that it reads and writes."""

    def __init__(self, objective: ProgramObjective, theta: Tensor) -> None:
        batch = {name: _copied(points) for name, points in objective.batch.items()}
        self._static = ProgramObjective(objective.program, objective.layout, batch, {})
        self._static.weights = {
            name: w.clone() if isinstance(w, Tensor) else theta.new_tensor(w) for name, w in objective.weights.items()
        }
        self._theta = theta.detach().clone()
        self._results, self._replay = recorded(self._evaluated, theta.device)

    def __call__(self, theta: Tensor) -> tuple[Tensor, Tensor, dict[str, Tensor]]:
        self._theta.copy_(theta)
        self._replay()
        total, gradient, *losses = (result.clone() for result in self._results)
        return total, gradient, dict(zip(self._static.losses, losses, strict=True))

    def took_over(self, objective: ProgramObjective) -> bool:
        """Whether points and weights of another objective fit, and so are what is read from now on."""
        ours, theirs = _tensors(self._static), _tensors(objective)
        if [t.shape for t in ours] != [t.shape for t in theirs]:
            return False
        for mine, other in zip(ours, theirs, strict=True):
            mine.copy_(other)
        return True

    def _evaluated(self) -> list[Tensor]:
        return [*self._static.value_and_gradient(self._theta), *self._static.losses.values()]


def recorded(function: Callable[[], list[Tensor]], device: torch.device) -> tuple[list[Tensor], Callable[[], None]]:
    """The results of a function, and what computes them anew in their place: a CUDA graph.

    Raises:
        TrainingError: The function does something that a graph cannot record.
    """
    try:
        with torch.cuda.device(device):
            beside = torch.cuda.Stream()
            beside.wait_stream(torch.cuda.current_stream())
            with torch.cuda.stream(beside):
                for _ in range(WARM_UP):
                    function()
            torch.cuda.current_stream().wait_stream(beside)
            graph = torch.cuda.CUDAGraph()
            with torch.cuda.graph(graph):
                results = function()
    except RuntimeError as error:
        reason = str(error).split("\n")[0].rstrip(".")
        message = f"`capture=True`: a CUDA graph cannot record this step ({reason}). Solve without it."
        raise TrainingError(message) from error
    return results, graph.replay


def _tensors(objective: ProgramObjective) -> list[Tensor]:
    weights = [w if isinstance(w, Tensor) else torch.tensor(w, dtype=torch.float64) for w in objective.weights.values()]
    return [*weights, *(t for points in objective.batch.values() for t in _of(points))]


def _of(points: PointSet) -> list[Tensor]:
    inner = [t for nodes in points.integrals for t in (nodes.weights, *_of(nodes.points))]
    factors = [] if points.factors is None else [points.factors]
    return [*points.columns, points.like, *factors, *inner]


def _copied(points: PointSet) -> PointSet:
    columns = tuple(column.clone() for column in points.columns)
    nodes = tuple(IntegralPoints(_copied(n.points), n.weights.clone()) for n in points.integrals)
    factors = None if points.factors is None else points.factors.clone()
    return replace(points, columns=columns, like=points.like.clone(), integrals=nodes, factors=factors)
