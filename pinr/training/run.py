"""One call of `solve`: what it was asked for, and trainers that do it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, final

from torch import nn

from pinr.compiler.fields import NetworkChoices
from pinr.compiler.program import Program, compile_problem
from pinr.declaration.ansatz.records import exactness_record
from pinr.declaration.problem import Problem
from pinr.errors import TrainingError
from pinr.language.known import AbstractKnown
from pinr.networks.recipe import AbstractRecipe
from pinr.optimizers import AbstractOptimizer, optimizer_record
from pinr.training.balance import AbstractBalance
from pinr.training.checkpoint import RunState, fingerprint, load_checkpoint
from pinr.training.processes import ALONE, Processes
from pinr.training.progress import AbstractProgress
from pinr.training.sampling import AbstractSampling
from pinr.training.trainer import Trainer


@final
@dataclass(frozen=True)
class Run:
    """What `solve` was asked for, checked; its arguments are those of `solve`.

    Attributes:
        network: The networks, or None where they are left open.
        stages: The stages, or None where they are left open.
        began: When `solve` was called, by `time.perf_counter`: its time counts from there.
    """

    problem: Problem
    network: NetworkChoices | None
    stages: tuple[AbstractOptimizer, ...] | None
    seconds: float | None
    tolerance: float | None
    device: str
    dtype: str | None
    seed: int
    folder: Path | None
    checkpoint_every: float
    balance: AbstractBalance
    sampling: AbstractSampling
    progress: AbstractProgress
    is_captured: bool
    is_exact: bool
    began: float
    processes: Processes = ALONE

    def compiled(self, network: NetworkChoices) -> Program:
        """The problem on networks."""
        return compile_problem(self.problem, network, dtype="float64", device=self.device, exact=self.is_exact)

    def trainer(self, program: Program, stages: Sequence[AbstractOptimizer]) -> Trainer:
        """A trainer of a program."""
        return Trainer(
            program,
            stages,
            self.seed,
            self.dtype,
            self.balance,
            self.sampling,
            self.progress,
            self.seconds,
            self.folder,
            self.mark,
            self.checkpoint_every,
            self.is_captured,
            processes=self.processes,
        )

    def loaded(self) -> RunState | None:
        """The state that an earlier call has left in the folder."""
        if self.folder is None:
            return None
        state = load_checkpoint(self.folder, self.mark, device=self.device)
        own = -1.0 if state is None else float(state.draw)
        if self.processes.agreed(own) != own:
            message = f"`{self.folder}` is not the same for all processes. Take a folder that all machines see."
            raise TrainingError(message)
        return state

    def say_where(self, state: RunState | None, stages: int) -> None:
        """Tell where a run goes on."""
        if state is not None:
            after = f"after {state.seconds:.0f} s"
            is_finished = state.stage == stages
            self.progress.say(
                f"{self.folder} is finished, {after}" if is_finished else f"going on from {self.folder} {after}"
            )

    @cached_property
    def mark(self) -> str:
        """What a run in a folder is known by; without a folder nobody asks."""
        return "" if self.folder is None else fingerprint(self._description())

    def _description(self) -> dict[str, Any]:
        """What makes two runs the same run: problem, data, networks, stages, seed, precision, rules of points.

        Data are known by their SHA-256, measurements and images by that in the records of their regions. Of callables
        and modules only the name is known. References change nothing in a run, and are left out. The time counts only
        where the stages follow from it.
        """
        from pinr.declaration.ansatz import exactness_of

        problem = self.problem
        return {
            "problem": str(problem),
            "constraints": [(c.region.record(), c.points, c.weight, c.loss) for c in problem.constraints],
            "parameters": [(p.name, p.value, p.is_forced_positive) for p in problem.parameters],
            "data": _digests(problem),
            "ansatz": exactness_record(exactness_of(problem))["ansaetze"] if self.is_exact else None,
            "networks": _described(self.network),
            "stages": self.seconds if self.stages is None else [optimizer_record(stage) for stage in self.stages],
            "tolerance": self.tolerance,
            "seed": self.seed,
            "dtype": self.dtype,
            "balance": repr(self.balance),
            "sampling": repr(self.sampling),
        }


def _described(choices: NetworkChoices | None) -> Any:
    if isinstance(choices, AbstractRecipe):
        return choices.record()
    if isinstance(choices, Mapping):
        return {str(key): _described(choice) for key, choice in choices.items()}
    return repr(choices) if isinstance(choices, nn.Module) else None


def _digests(problem: Problem) -> list[tuple[str, str]]:
    fields = (f.label for c in problem.constraints for f in c.fields)
    return sorted({(label.text, label.payload.digest) for label in fields if isinstance(label.payload, AbstractKnown)})
