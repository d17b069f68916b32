"""Flows with formulas, on grids like those of simulations."""

import numpy as np
import xarray


def grid_of(counts, *, length=4.0, height=(0.0, 1.0), duration=1.0):
    """Cell centres in z and x, frames in t, from the counts of t, z and x."""
    frames, rows, columns = counts
    low, high = height
    return {
        "t": duration * np.arange(frames) / max(1, frames - 1),
        "z": low + (np.arange(rows) + 0.5) * (high - low) / rows,
        "x": (np.arange(columns) + 0.5) * length / columns,
    }


def dataset_of(formulas, coordinates, **attributes):
    """The fields of formulas of `(t, z, x)`, periodic in x."""
    axes = ("t", "z", "x")
    places = np.meshgrid(*(coordinates[axis] for axis in axes), indexing="ij")
    values = {name: (axes, formula(*places) + 0 * places[0]) for name, formula in formulas.items()}
    return xarray.Dataset(values, coordinates, {"periodic": "x", **attributes})
