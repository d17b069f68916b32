"""What is measured of fine fields that a method has made."""

import time
from pathlib import Path
from typing import Any

import numpy as np
import xarray
from numpy.typing import NDArray

from benchmarks.superresolution.between import Finer, is_node
from benchmarks.superresolution.cases import BEGUN, FIELDS, PRANDTL, RAYLEIGH, SPLIT, Case
from benchmarks.superresolution.method import AbstractUpsampler
from pinr.superresolution import compare, residuals

PLATES = (0.0, 1.0)
Measured = dict[str, Any]


def on_run(upsampler: AbstractUpsampler, case: Case, run: Path, *, is_other: bool) -> Measured:
    """On the late frames of the run that trained, or on another run from the beginning of convection."""
    data = case.test(run, (BEGUN if is_other else SPLIT, None))
    truth = data.fine().load()
    began = time.process_time()
    found = upsampler(data.coarsened(), truth)
    seconds = time.process_time() - began
    scores = compare(found, truth, Ra=RAYLEIGH, Pr=PRANDTL, plates=PLATES)
    return {
        "r2": {name: rounded(scores.fields[name].r2, 6) for name in FIELDS},
        "error": rounded(float(np.sqrt(np.mean([scores.fields[name].error ** 2 for name in FIELDS])))),
        "residuals": relative(found),
        "floor": relative(truth),
        "statistics": {name: rounded(score.error) for name, score in scores.statistics.items()},
        "upsampling": rounded(seconds),
    }


def between_nodes(upsampler: AbstractUpsampler, case: Case, finer: Finer) -> Measured:
    """On a finer grid: at its nodes, which training knows the like of, and between them."""
    coarse = case.test(finer.nodes, (None, None)).coarsened()
    truth = finer.truth
    began = time.process_time()
    found = upsampler(coarse, truth)
    seconds = time.process_time() - began
    nodes = is_node(truth)
    return {
        "r2": {name: rounded(r2(found[name], truth[name], ~nodes), 6) for name in FIELDS},
        "r2_nodes": {name: rounded(r2(found[name], truth[name], nodes), 6) for name in FIELDS},
        "error": rounded(float(np.sqrt(np.mean([1 - r2(found[name], truth[name], ~nodes) for name in FIELDS])))),
        "error_nodes": rounded(float(np.sqrt(np.mean([1 - r2(found[name], truth[name], nodes) for name in FIELDS])))),
        "residuals": relative(found),
        "floor": relative(truth),
        "upsampling": rounded(seconds),
    }


def relative(dataset: xarray.Dataset) -> dict[str, float]:
    """The root mean square of each residual by that of its largest term."""
    found = residuals(dataset, Ra=RAYLEIGH, Pr=PRANDTL, plates=PLATES)
    return {str(name): rounded(values.attrs["relative"]) for name, values in found.data_vars.items()}


def r2(found: xarray.DataArray, truth: xarray.DataArray, where: NDArray[np.bool_]) -> float:
    """`1 − mean (f − t)² / var t` at some of the positions `(t, z, x)`."""
    values, right = (field.transpose("t", "z", "x").values[where].astype(np.float64) for field in (found, truth))
    return float(1 - np.mean((values - right) ** 2) / right.var())


def rounded(value: float, digits: int = 4) -> float:
    return float(f"{value:.{digits}g}")
