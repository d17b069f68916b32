"""The compiled constraints of a loaded problem, compiled when first asked for."""

from collections.abc import Iterator, Mapping
from typing import final

from pinr.compiler.block import Block, compile_block
from pinr.compiler.fields import Assignment
from pinr.declaration.ansatz import Exactness
from pinr.declaration.problem import Problem
from pinr.networks.recipe import AbstractRecipe


@final
class BlocksOnDemand(Mapping[str, Block]):
    """One block per constraint. Loading compiles nothing, so that it is quick, and work on a hostile file bounded.

    Custom modules get nested autograd, which is right for any of them.
    """

    def __init__(self, problem: Problem, assignments: tuple[Assignment, ...], exactness: Exactness) -> None:
        self.problem, self.assignments, self.exactness = problem, assignments, exactness
        self._compiled: dict[str, Block] = {}

    def __getitem__(self, name: str) -> Block:
        if name not in self._compiled:
            fields = {text: c for a in self.assignments for text, c in a.components.items()}
            components = self.exactness.relieved(name, self.problem.named_constraints[name].components)
            block = compile_block(name, components, fields, self.exactness.ansaetze)
            for assignment in self.assignments:
                if not isinstance(assignment.choice, AbstractRecipe):
                    block = block.without_rules(assignment.name)
            self._compiled[name] = block
        return self._compiled[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.problem.named_constraints)

    def __len__(self) -> int:
        return len(self.problem.named_constraints)
