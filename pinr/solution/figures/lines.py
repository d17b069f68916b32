"""A field along one coordinate."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from pinr.solution.figures.colors import ACCENT, INK
from pinr.solution.figures.panel import Panel

WIDTH, HEIGHT = 5.2, 3.2


def line_size(panel: Panel) -> tuple[float, float]:
    """Inches that the row takes."""
    return (WIDTH if panel.reference is None else 1.8 * WIDTH), HEIGHT


def draw_lines(figure: Any, panel: Panel) -> None:
    """The field as a line, the reference dashed on it, and the pointwise error beside."""
    (axis,) = panel.values.dims
    positions = panel.values.coords[axis].values
    columns = 1 if panel.reference is None else 2
    places = figure.subplots(1, columns, squeeze=False, width_ratios=[1.25, 1][:columns])[0]
    places[0].plot(positions, panel.values.values, color=INK, linewidth=1.8, label=panel.label)
    _dress(places[0], panel.axis_label(str(axis)), positions)
    places[0].set_ylabel(panel.label)
    if panel.fixed:
        places[0].set_title(panel.fixed, fontsize="medium")
    if panel.reference is not None:
        places[0].plot(
            positions, panel.reference.values, color=ACCENT, linewidth=1.6, linestyle=(0, (4, 3)), label="reference"
        )
        places[0].legend(frameon=False)
        _draw_error(places[1], positions, np.abs(panel.values.values - panel.reference.values))
        _dress(places[1], panel.axis_label(str(axis)), positions)
        places[1].set_ylabel(panel.error_label)


def _draw_error(axes: Axes, positions: np.ndarray, error: np.ndarray) -> None:
    axes.fill_between(positions, error, color=ACCENT, alpha=0.18, linewidth=0)
    axes.plot(positions, error, color=ACCENT, linewidth=1.2)
    axes.ticklabel_format(axis="y", scilimits=(-2, 3), useMathText=True)
    if np.nanmax(error, initial=0.0) > 0:
        axes.set_ylim(bottom=0)


def _dress(axes: Axes, label: str, positions: np.ndarray) -> None:
    axes.set_xlabel(label)
    if positions[0] != positions[-1]:
        axes.set_xlim(positions.min(), positions.max())
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(color="0.9", linewidth=0.7)
    axes.set_axisbelow(True)
