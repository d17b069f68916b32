"""Residuals by hand: the same networks, differentiated by nested autograd in the most direct way."""

from dataclasses import dataclass, field

import torch
from torch import Tensor
from torch.func import functional_call

from pinr.compiler.program import Program


def d(values: Tensor, *by: Tensor) -> Tensor:
    """The partial derivative of values at points, one sweep per order."""
    for variable in by:
        (found,) = torch.autograd.grad(
            values, variable, torch.ones_like(values), create_graph=True, allow_unused=True, materialize_grads=True
        )
        values = found
    return values


@dataclass
class ByHand:
    """The unknowns of a program as plain functions, its points as columns `(N,)`, its numbers by name."""

    program: Program
    parameters: dict[str, Tensor]
    points: dict[str, Tensor]
    columns: dict[str, Tensor] = field(default_factory=dict)

    def __getattr__(self, name: str):
        if name in self.points:
            return self.points[name]
        if f"parameter.{name}" in self.parameters:
            raw = self.parameters[f"parameter.{name}"]
            number = next(p for p in self.program.problem.parameters if p.name == name)
            return raw.exp() if number.is_forced_positive else raw * (number.value or 1.0)
        text = f"{name[0]}[{name[1:]}]" if name[1:].isdigit() else name
        for assignment in self.program.assignments:
            if text in assignment.components:
                return self._field(assignment, assignment.components[text].number)
        raise AttributeError(name)

    def _field(self, assignment, component: int):
        module, prefix = self.program.networks[assignment.name], assignment.name + "."
        own = {k.removeprefix(prefix): w for k, w in self.parameters.items() if k.startswith(prefix)}

        def values(*arguments: Tensor) -> Tensor:
            arguments = arguments or tuple(self.points[name] for name in assignment.inputs)
            like = next(iter(self.points.values()))
            columns = [torch.as_tensor(a, dtype=like.dtype).expand_as(like) for a in arguments]
            return functional_call(module, own, (torch.stack(columns, dim=1),))[:, component]

        return values


def by_hand(program: Program, parameters: dict[str, Tensor], samples) -> ByHand:
    points = {n: torch.as_tensor(p, dtype=program.dtype).requires_grad_(True) for n, p in samples.points.items()}
    columns = {n: torch.as_tensor(c, dtype=program.dtype) for n, c in samples.columns.items()}
    return ByHand(program, parameters, points, columns)
