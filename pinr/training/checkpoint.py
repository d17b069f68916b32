"""Checkpoints: everything a run needs to go on bit for bit, written atomically, read without running code."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, final

import torch
from torch import Tensor

from pinr.errors import FileFormatError, TrainingError
from pinr.files import atomic_path
from pinr.geometry.samples import Samples
from pinr.optimizers import OPTIMIZERS, AbstractState
from pinr.training.history import Row
from pinr.training.sampling.draw import Kept

FILE = "checkpoint.pt"
FORMAT = 3


@final
@dataclass(frozen=True)
class RunState:
    """Where a run is.

    Attributes:
        stage: Number of the stage, equal to the number of stages when all are done.
        optimizer: State of the stage's optimizer; of the last stage when all are done.
        draw: Number of the present draw of points.
        drawn_at: The parameters at which it was made.
        weights: Balanced weights in force.
        stage_seconds: Time spent in this stage.
        seconds: Time spent in all.
        steps: Steps of the stages that are done.
        stops: Why each finished stage ended.
        history: Logged rows.
        idle_draws: Draws in a row on which the optimizer has stopped at once.
        factors: How much the present points count, by constraint.
        kept: Points taken over from the draw before.
        held_out: The loss of every constraint at the fresh points of the present draw, before they were trained on.
        growth: How many times as many points as the stage usually has.
        overfitted_draws: Draws in a row whose points were over-fitted, since the number of points last grew.
        network: Record of the recipe in use, where the run chose it.
        notes: What the run chose, in words.
    """

    stage: int
    optimizer: AbstractState
    draw: int
    drawn_at: Tensor
    weights: Mapping[str, float]
    stage_seconds: float
    seconds: float
    steps: int
    stops: tuple[str, ...]
    history: tuple[Row, ...]
    idle_draws: int = 0
    factors: Mapping[str, Tensor] = field(default_factory=dict)
    kept: Kept = field(default_factory=dict)
    held_out: Mapping[str, float] = field(default_factory=dict)
    growth: float = 1.0
    overfitted_draws: int = 0
    network: Mapping[str, Any] | None = None
    notes: tuple[str, ...] = ()


def fingerprint(description: Mapping[str, Any]) -> str:
    """A hash of what the run was asked to do."""
    return hashlib.sha256(json.dumps(description, sort_keys=True).encode()).hexdigest()


def save_checkpoint(folder: Path, state: RunState, mark: str) -> None:
    """Write the state; a crash leaves the previous checkpoint whole."""
    record = {
        "format": FORMAT,
        "fingerprint": mark,
        "stage": state.stage,
        "kind": next(name for name, kind in OPTIMIZERS.items() if kind.state_type is type(state.optimizer)),
        "optimizer": state.optimizer.to_record(),
        "draw": state.draw,
        "drawn_at": state.drawn_at,
        "weights": dict(state.weights),
        "stage_seconds": state.stage_seconds,
        "seconds": state.seconds,
        "steps": state.steps,
        "stops": list(state.stops),
        "history": [dict(row) for row in state.history],
        "idle_draws": state.idle_draws,
        "factors": dict(state.factors),
        "kept": {name: _samples_record(samples) for name, samples in state.kept.items()},
        "held_out": dict(state.held_out),
        "growth": state.growth,
        "overfitted_draws": state.overfitted_draws,
        "network": None if state.network is None else dict(state.network),
        "notes": list(state.notes),
    }
    with atomic_path(folder / FILE) as temporary:
        torch.save(record, temporary)


def load_checkpoint(folder: Path, mark: str, *, device: str | torch.device = "cpu") -> RunState | None:
    """The state in a folder, on a device, or None if there is none yet.

    Raises:
        FileFormatError: The file is damaged.
        TrainingError: The folder holds the run of something else.
    """
    path = folder / FILE
    if not path.exists():
        return None
    try:
        record = torch.load(path, map_location=device, weights_only=True)
        version, found = record["format"], record["fingerprint"]
    except Exception as error:
        message = f"{path} cannot be read ({type(error).__name__}). Remove it to start the run afresh."
        raise FileFormatError(message) from error
    if version != FORMAT or found != mark:
        message = (
            f"{folder} holds a run of another problem, network, seed or list of stages, or on other data. "
            "Choose another folder, or remove this one."
        )
        raise TrainingError(message)
    return RunState(
        record["stage"],
        OPTIMIZERS[record["kind"]].state_type.from_record(record["optimizer"]),
        record["draw"],
        record["drawn_at"],
        record["weights"],
        record["stage_seconds"],
        record["seconds"],
        record["steps"],
        tuple(record["stops"]),
        tuple(record["history"]),
        record["idle_draws"],
        record["factors"],
        {name: _samples_from(samples) for name, samples in record["kept"].items()},
        record["held_out"],
        record["growth"],
        record["overfitted_draws"],
        record["network"],
        tuple(record["notes"]),
    )


def _samples_record(samples: Samples) -> dict[str, dict[str, Tensor]]:
    return {
        "points": {name: torch.as_tensor(values) for name, values in samples.points.items()},
        "columns": {key: torch.as_tensor(values) for key, values in samples.columns.items()},
    }


def _samples_from(record: Mapping[str, Mapping[str, Tensor]]) -> Samples:
    points, columns = ({n: v.cpu().numpy() for n, v in record[kind].items()} for kind in ("points", "columns"))
    return Samples(points, columns)
