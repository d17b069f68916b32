"""Training a network that makes fine fields of coarse ones, under equations."""

import math
import os
from dataclasses import asdict, replace
from pathlib import Path
from typing import Literal

import torch

from pinr.errors import DeclarationError
from pinr.superresolution.abstract_crop_loss import AbstractCropLoss
from pinr.superresolution.consistency import check_consistency
from pinr.superresolution.crop_loss import CropLoss
from pinr.superresolution.equations import Equations
from pinr.superresolution.grid_dataset import GridDataset
from pinr.superresolution.latent_grid import LatentGrid
from pinr.superresolution.local_grid import LocalImplicitGrid
from pinr.superresolution.model import SuperResolution
from pinr.superresolution.point_loss import PointLoss
from pinr.superresolution.recipes import Recipe, recipe_record
from pinr.superresolution.refinement import Refinement
from pinr.superresolution.training import Checkpoints, Training, half_precision, mark_of
from pinr.training.processes import Processes
from pinr.training.progress import AbstractProgress, Silent, progress_for

SECONDS = 1200.0
BATCH = 4
GAMMA = 0.01  # weight of the equations
LOSSES: dict[type[Recipe], type[AbstractCropLoss]] = {LocalImplicitGrid: CropLoss, LatentGrid: PointLoss}


def fit(
    data: GridDataset,
    equations: Equations | None = None,
    *,
    seconds: float = SECONDS,
    network: Recipe | None = None,
    gamma: float = GAMMA,
    batch: int = BATCH,
    device: str = "cpu",
    precision: Literal["mixed", "single"] | None = None,
    seed: int = 0,
    out: str | os.PathLike[str] | None = None,
    checkpoint_every: float = 60.0,
    progress: AbstractProgress | bool = True,
) -> SuperResolution:
    """Train a network that makes the fine fields of a dataset from its coarse ones.

    The loss is the mean absolute error of standardised fields at nodes, and `gamma` times that of the equations at
    points between them, each divided by the size of its largest term; the equations count from half of the time on.
    With equations the model also brings what the network finds to obey them, see `SuperResolution.upsample`. Under
    `torchrun` processes train together, each on crops of its own.

    Args:
        data: What to learn from.
        equations: What fine fields obey, with their mirror images and walls; None trains on values alone.
        seconds: Time for training.
        network: The network, a `LocalImplicitGrid(…)` or a `LatentGrid(…)`; None is the first.
        gamma: Weight of the equations, beside which each has its own; with 0 they only say where walls are and which
            mirror images are solutions.
        batch: Crops of a step, of every process.
        device: Where to compute, as torch names it.
        precision: `"mixed"` takes bfloat16 for the convolutions of the first nine tenths of the time; None does so
            where they are faster for it.
        seed: Of weights and crops.
        out: Folder for checkpoints and the model, `model.h5`. The same call on the same folder goes on where the
            training stopped.
        checkpoint_every: Seconds between checkpoints.
        progress: Whether to show progress, or how.

    Raises:
        DeclarationError: An argument is not as said, or the data are not of a kind that a network can see.
        FileFormatError: The checkpoint in the folder is damaged.
        ConsistencyWarning: The training data do not obey the equations.
        TrainingError: The loss is not finite, or the folder holds another training.
    """
    if not (isinstance(seconds, int | float) and 0 < seconds < math.inf):
        message = f"`fit(…, seconds={seconds!r})`: the time must be positive."
        raise DeclarationError(message)
    if not 0 <= gamma < math.inf:
        message = f"`fit(…, gamma={gamma!r})`: the weight of the equations is a number that is 0 or larger."
        raise DeclarationError(message)
    if precision not in (None, "mixed", "single"):
        message = f'`fit(…, precision={precision!r})`: give "mixed", "single" or None.'
        raise DeclarationError(message)
    recipe: Recipe = LocalImplicitGrid() if network is None else network
    if type(recipe) not in LOSSES:
        message = f"`fit(…, network={network!r})`: give a {' or a '.join(f'`{kind.__name__}(…)`' for kind in LOSSES)}."
        raise DeclarationError(message)
    if equations is not None:
        check_consistency(data, equations)
    if isinstance(recipe, LocalImplicitGrid) and recipe.keeps_averages is None:
        recipe = replace(recipe, keeps_averages=data.noise == 0)
    processes = Processes.present(device)
    own = processes.own_device(device)
    kinds = {None: half_precision(own), "mixed": torch.bfloat16, "single": torch.float32}
    draws = seed if processes.rank == 0 else (seed, processes.rank)
    loss = LOSSES[type(recipe)](data, equations, recipe, gamma=gamma, batch=batch, seed=seed, device=own, draws=draws)
    folder = None if out is None else Path(out)
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
    mark = mark_of(
        {
            "network": recipe_record(recipe),
            "axes": [asdict(axis) for axis in loss.axes],
            "standardisation": asdict(data.standardisation),
            "fields": data.fields,
            "equations": str(equations),
            "gamma": gamma,
            "batch": batch,
            "seed": seed,
        }
    )
    training = Training(loss, seconds, kinds[precision], processes, Checkpoints(folder, checkpoint_every, mark))
    shown = progress if isinstance(progress, AbstractProgress) else progress_for() if progress else Silent()
    with shown:
        training.run(shown)
    notes = {
        "seconds": seconds,
        "steps": training.steps,
        "gamma": gamma,
        "seed": seed,
        "precision": "mixed" if kinds[precision] != torch.float32 else "single",
        "equations": list(equations or ()),
    }
    walls = {} if equations is None else {a.name: equations.walls[a.name] for a in loss.axes if a.walls is not None}
    refinement = None if loss.rows is None else Refinement.measured(loss, seed)
    model = SuperResolution(loss.network.cpu(), data.fields, data.standardisation, notes, walls, refinement)
    if folder is not None and processes.is_first:
        model.save(folder / "model.h5")
    return model
