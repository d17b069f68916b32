"""Steps on fresh crops until the time is up: schedule, precision, processes, checkpoints."""

import hashlib
import json
import math
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

import torch
from torch import nn

from pinr.errors import FileFormatError, TrainingError
from pinr.files import atomic_path
from pinr.superresolution.abstract_crop_loss import AbstractCropLoss
from pinr.superresolution.local_grid import GridNetwork
from pinr.superresolution.recipes import Network
from pinr.training.processes import Processes
from pinr.training.progress import AbstractProgress, duration

RATE, LEAST_RATE, WARM_UP, DECAY = 2e-3, 1e-5, 100, 1e-3
HALF_UNTIL = 0.9  # of the time are convolutions in half precision, where that is faster; then come the last digits
EQUATIONS_FROM = 0.5  # of the time: a network that knows nothing yet learns values faster without them
SAID_EVERY = 10.0  # seconds between lines of progress
FILE = "checkpoint.pt"
FORMAT = 1


@final
@dataclass(frozen=True)
class Checkpoints:
    """Where a training is kept while it lasts.

    Attributes:
        folder: None keeps nothing.
        every: Seconds between two.
        mark: A hash of what is trained on what.
    """

    folder: Path | None = None
    every: float = 60.0
    mark: str = ""


@final
class Training:
    """AdamW for biases and both ends of a network, Muon for the matrices between, on losses of fresh crops.

    The rate falls to nothing at the end of the time. With several processes each has crops of its own, and all make
    the same step with the mean of their gradients.

    References: Loshchilov and Hutter, Decoupled weight decay regularization, ICLR 2019; Jordan et al., Muon, 2024.

    Args:
        loss: What falls.
        seconds: The time.
        precision: Of the convolutions until nine tenths of the time.
        processes: That train together.
        checkpoints: Where to go on from, and what to leave.
    """

    def __init__(
        self,
        loss: AbstractCropLoss,
        seconds: float,
        precision: torch.dtype,
        processes: Processes,
        checkpoints: Checkpoints,
    ) -> None:
        self.loss, self.seconds, self.precision = loss, seconds, precision
        self.processes, self.checkpoints = processes, checkpoints
        self.optimizers = optimizers_of(loss.network)
        self.steps, self.spent = 0, 0.0
        self._restore()

    def run(self, progress: AbstractProgress) -> None:
        """Until the time is up.

        Raises:
            TrainingError: The loss is not finite.
        """
        began, said, saved = time.perf_counter() - self.spent, -math.inf, self.spent
        try:
            while self.spent < self.seconds:
                parts = self._step()
                self.spent = self.processes.agreed(time.perf_counter() - began)
                if self.spent - said >= SAID_EVERY and self.processes.is_first:
                    said = self.spent
                    shown = ", ".join(f"{name} {value:.2e}" for name, value in parts.items())
                    left = max(0.0, self.seconds - self.spent)
                    progress.say(f"step {self.steps:,}, {duration(self.spent)}, {duration(left)} left, {shown}")
                if self.spent - saved >= self.checkpoints.every:
                    saved = self.spent
                    self.save()
        finally:
            self.save()

    def _step(self) -> dict[str, float]:
        fraction = self.spent / self.seconds
        rate = RATE * min(1.0, (self.steps + 1) / WARM_UP) * math.sqrt(max(0.0, 1 - fraction)) + LEAST_RATE
        precision = self.precision if fraction < HALF_UNTIL else torch.float32
        loss, parts = self.loss(precision, with_equations=fraction >= EQUATIONS_FROM)
        if not torch.isfinite(loss):
            shown = ", ".join(f"{name} {value:.2e}" for name, value in parts.items())
            message = (
                f"The loss is not finite at step {self.steps} ({shown}). Look for values in the data that are not."
            )
            raise TrainingError(message)
        for optimizer in self.optimizers:
            optimizer.zero_grad()
            for group in optimizer.param_groups:
                group["lr"] = rate
        loss.backward()  # type: ignore[no-untyped-call]
        self._average(list(self.loss.network.parameters()))
        for optimizer in self.optimizers:
            optimizer.step()
        self.steps += 1
        return parts

    def _average(self, parameters: list[nn.Parameter]) -> None:
        if self.processes.count == 1:
            return
        gradients = [p.grad if p.grad is not None else torch.zeros_like(p) for p in parameters]
        for parameter, total in zip(parameters, self.processes.summed(*gradients), strict=True):
            parameter.grad = total / self.processes.count

    def save(self) -> None:
        """Leave a checkpoint from which the training goes on; of several processes the first one's."""
        folder = self.checkpoints.folder
        if folder is None or not self.processes.is_first:
            return
        record = {
            "format": FORMAT,
            "mark": self.checkpoints.mark,
            "network": self.loss.network.state_dict(),
            "optimizers": [optimizer.state_dict() for optimizer in self.optimizers],
            "generator": json.dumps(self.loss.generator.bit_generator.state),
            "steps": self.steps,
            "spent": self.spent,
        }
        with atomic_path(folder / FILE) as temporary:
            torch.save(record, temporary)

    def _restore(self) -> None:
        """Go on where the checkpoint is.

        Raises:
            FileFormatError: It is damaged.
            TrainingError: It is that of another training.
        """
        folder = self.checkpoints.folder
        if folder is None or not (folder / FILE).exists():
            return
        try:
            record: dict[str, Any] = torch.load(folder / FILE, map_location=self.loss.device, weights_only=True)
            if (record["format"], record["mark"]) == (FORMAT, self.checkpoints.mark):
                self.loss.network.load_state_dict(record["network"])
                for optimizer, state in zip(self.optimizers, record["optimizers"], strict=True):
                    optimizer.load_state_dict(state)
                if self.processes.is_first:  # others draw on, each from its own beginning
                    self.loss.generator.bit_generator.state = json.loads(record["generator"])
                self.steps, self.spent = record["steps"], record["spent"]
                return
        except Exception as error:
            message = f"{folder / FILE} cannot be read ({type(error).__name__}). Remove it to start afresh."
            raise FileFormatError(message) from error
        message = f"{folder} holds the training of another network, or with other data. Choose another folder."
        raise TrainingError(message)


def optimizers_of(network: Network) -> list[torch.optim.Optimizer]:
    """Muon for the matrices between the first and the last layer, AdamW for all else; both with rates of AdamW's size.

    Matrices of that kind are those of a `LocalImplicitGrid`, whose layers are alike.

    Reference: Liu et al., Muon is scalable for LLM training, 2025 (the size of its steps).
    """
    layers = len(network.residual) if isinstance(network, GridNetwork) else 0
    inner = {f"residual.{number}.weight" for number in range(layers)}
    named = dict(network.named_parameters())
    matrices, others = ([p for name, p in named.items() if (name in inner) == is_inner] for is_inner in (True, False))
    found: list[torch.optim.Optimizer] = [torch.optim.AdamW(others, lr=RATE, weight_decay=DECAY)]
    if matrices:
        muon = torch.optim.Muon(matrices, lr=RATE, weight_decay=DECAY, adjust_lr_fn="match_rms_adamw")
        found.append(muon)
    return found


def half_precision(device: str) -> torch.dtype:
    """bfloat16 where convolutions are several times faster in it, on CUDA and on CPUs with tiles; float32 elsewhere."""
    if torch.device(device).type == "cuda":
        return torch.bfloat16
    has_tiles = bool(torch.cpu.get_capabilities().get("amx_bf16", False))
    return torch.bfloat16 if has_tiles else torch.float32


def mark_of(description: dict[str, Any]) -> str:
    """A hash of what is trained on what."""
    return hashlib.sha256(json.dumps(description, sort_keys=True, default=str).encode()).hexdigest()
