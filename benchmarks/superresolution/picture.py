"""The picture: buoyancy, its error and the divergence, method by method."""

from collections.abc import Mapping
from pathlib import Path
from textwrap import fill

import matplotlib
import numpy as np
import xarray

from benchmarks.superresolution.cases import BEGUN, PRANDTL, RAYLEIGH, SPLIT, Case
from benchmarks.superresolution.measure import PLATES
from benchmarks.superresolution.method import AbstractUpsampler
from pinr.superresolution import residuals

AROUND = 4  # coarse frames before and after the one that is shown
FRAMES = 8


def draw(upsamplers: Mapping[str, AbstractUpsampler], case: Case, run: Path, path: Path, *, is_other: bool) -> None:
    """One time of the test: halfway between two coarse frames, in the middle of the run."""
    matplotlib.use("Agg")
    from matplotlib import pyplot

    data = case.test(run, (BEGUN if is_other else SPLIT, None))
    truth, coarse = data.fine().load(), data.coarsened()
    factor = case.coarsen["t"]
    frame = coarse.sizes["t"] // 2 * factor + factor // 2
    part = truth.isel(t=slice(frame - FRAMES, frame + FRAMES + 1))
    found = {"truth": part} | {title: own(coarse, part) for title, own in upsamplers.items()}
    divergence = {title: _divergence(values) for title, values in found.items()}
    at = {title: values["b"].isel(t=FRAMES) for title, values in found.items()}
    errors = {title: values - at["truth"].values for title, values in at.items() if title != "truth"}
    largest = max(float(np.abs(error).quantile(0.999)) for error in errors.values())
    # Of the divergence the median of the methods: the worst of them would hide what the others have.
    own = [float(np.abs(values).quantile(0.999)) for title, values in divergence.items() if title != "truth"]
    widest = float(np.median(own))
    figure, axes = pyplot.subplots(len(found), 3, figsize=(15, 1.75 * len(found)), layout="constrained", squeeze=False)
    extent = (0.0, 4.0, *PLATES)
    for line, title in zip(axes, found, strict=True):
        shown = ((at[title], 0.5), (errors.get(title), largest), (divergence[title], widest))
        images = []
        for axis, (values, limit) in zip(line, shown, strict=True):
            axis.set(xticks=[], yticks=[])
            if values is None:
                axis.set_axis_off()
                continue
            style = {"cmap": "RdBu_r", "vmin": -limit, "vmax": limit, "origin": "lower", "extent": extent}
            images.append(axis.imshow(values.transpose("z", "x").values, **style))
        line[0].set_ylabel(fill(title.strip("*"), 14), fontsize="small")
    for axis, heading in zip(axes[0], ("buoyancy b", "", "u_x + w_z"), strict=True):
        axis.set_title(heading)
    axes[1][1].set_title("error of b")
    for column in range(3):
        figure.colorbar(axes[-1][column].images[0], ax=axes[:, column], shrink=0.6, location="bottom", aspect=40)
    figure.suptitle(f"t = {float(part['t'][FRAMES]):g}, between two coarse frames")
    figure.savefig(path, dpi=90)
    pyplot.close(figure)


def _divergence(dataset: xarray.Dataset) -> xarray.DataArray:
    found = residuals(dataset, Ra=RAYLEIGH, Pr=PRANDTL, plates=PLATES)["continuity"]
    return found.isel(t=found.sizes["t"] // 2)
