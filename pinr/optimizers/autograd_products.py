"""Products with the Jacobian of rows by reverse sweeps of autograd."""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import final

import torch
from torch import Tensor

from pinr.optimizers.vector import Vector


@final
class AutogradProducts:
    """Rows `r(θ)` in parts, and `Jᵀw` and `JᵀJ v`.

    `Jᵀw` is one backward pass. It is linear in `w`, and its derivative by `w` in the direction of `v` is `J v`: one
    backward pass through the backward pass. That asks nothing of the rows that their own gradient does not ask but to
    be differentiable twice, and so it passes compiled derivatives, which forward differentiation does not.

    Args:
        parts: Functions of `θ` that give some rows each.
        theta: `θ`.
        is_kept: Whether the graphs of all parts are kept from product to product; else they are made anew for each,
            and only one is in memory at a time.
    """

    def __init__(self, parts: Sequence[Callable[[Vector], Tensor]], theta: Vector, *, is_kept: bool = True) -> None:
        self.parts, self.theta, self.is_kept = parts, theta.detach(), is_kept

    @cached_property
    def _kept(self) -> list["_Graph"]:
        return [_Graph(part, self.theta) for part in self.parts]

    def _graph(self, number: int) -> "_Graph":
        return self._kept[number] if self.is_kept else _Graph(self.parts[number], self.theta)

    @cached_property
    def rows(self) -> Vector:
        """`r(θ)`."""
        return self.moved(torch.zeros_like(self.theta))

    def moved(self, d: Vector) -> Vector:
        """`r(θ + d)`."""
        with torch.no_grad():
            return torch.cat([part(self.theta + d) for part in self.parts])

    def pull(self, w: Vector) -> Vector:
        """`Jᵀw`."""
        total, start = torch.zeros_like(self.theta), 0
        for number in range(len(self.parts)):
            graph = self._graph(number)
            end = start + graph.rows.numel()
            total += graph.pull(w[start:end])
            start = end
        return total

    def normal(self, v: Vector) -> Vector:
        """`JᵀJ v`."""
        total = torch.zeros_like(self.theta)
        for number in range(len(self.parts)):
            graph = self._graph(number)
            total += graph.pull(graph.push(v))
        return total


@final
class _Graph:
    """Some rows with the graph that leads to them."""

    def __init__(self, part: Callable[[Vector], Tensor], theta: Vector) -> None:
        with torch.enable_grad():
            self.variable = theta.clone().requires_grad_(True)
            self.rows = part(self.variable)

    @cached_property
    def _backward(self) -> tuple[Tensor, Tensor]:
        """A `w`, and `Jᵀw` as a function of it."""
        w = torch.zeros_like(self.rows, requires_grad=True)
        (pulled,) = torch.autograd.grad(self.rows, self.variable, w, create_graph=True)
        return w, pulled

    def pull(self, w: Vector) -> Vector:
        """`Jᵀw`."""
        (found,) = torch.autograd.grad(self.rows, self.variable, w, retain_graph=True)
        return found

    def push(self, v: Vector) -> Vector:
        """`J v`."""
        w, pulled = self._backward
        (found,) = torch.autograd.grad(pulled, w, v, retain_graph=True)
        return found
