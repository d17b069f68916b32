"""A field over two coordinates."""

from typing import Any, Literal

import numpy as np
import xarray
from matplotlib.axes import Axes

from pinr.solution.figures.colors import ERROR, Scale, error_scale, field_scale
from pinr.solution.figures.panel import Panel

HEIGHT = 3.0  # inches of the picture itself
TITLE, BAR = 0.8, 1.15  # inches for title and axis label, for colour bar and ticks
BAR_GAP, BAR_WIDTH = 0.12, 0.13  # inches
NARROWEST, WIDEST = 1.2, 9.0


def image_size(panel: Panel) -> tuple[float, float]:
    """Inches that the row takes."""
    width, height = picture_size(panel)
    return (1 if panel.reference is None else 3) * (width + BAR + 0.5), height + TITLE


def picture_size(panel: Panel) -> tuple[float, float]:
    """Inches of one picture: by the region's own proportions where both axes are space."""
    horizontal, vertical = orientation(panel)
    if not is_spatial(panel):
        return 1.35 * HEIGHT, HEIGHT
    ratio = _extent(panel.values, horizontal) / (_extent(panel.values, vertical) or 1.0)
    width = float(np.clip(HEIGHT * ratio, NARROWEST, WIDEST / (1 if panel.reference is None else 2)))
    return width, min(HEIGHT, width / ratio)


def draw_images(figure: Any, panel: Panel) -> None:
    """The field, and beside it the reference and the pointwise error."""
    shown = [(panel.label, panel.values, field_scale(panel.values, panel.reference))]
    if panel.reference is not None and panel.error is not None:
        shown.append((panel.reference_label, panel.reference, shown[0][2]))
        shown.append((panel.error_label, panel.error, error_scale(panel.error)))
    places = figure.subplots(1, len(shown), squeeze=False)[0]
    for axes, (title, field, scale) in zip(places, shown, strict=True):
        mesh = draw_image(axes, field, panel, scale)
        add_color_bar(axes, mesh, width=picture_size(panel)[0])
        axes.set_title(title if not panel.fixed else f"{title} at {panel.fixed}", fontsize="medium")
        name_axes(axes, panel)


def draw_image(axes: Axes, field: xarray.DataArray, panel: Panel, scale: Scale) -> Any:
    """One picture with thin contour lines; what is not a number stays blank."""
    horizontal, vertical = orientation(panel)
    values = field.transpose(vertical, horizontal).values
    across, up = field.coords[horizontal].values, field.coords[vertical].values
    # Gouraud shading interpolates between the points, but loses the cells around those that are no numbers.
    shading: Literal["gouraud", "nearest"] = (
        "gouraud" if np.isfinite(values).all() and min(values.shape) > 1 else "nearest"
    )
    mesh = axes.pcolormesh(across, up, values, cmap=scale.colors, norm=scale.norm, shading=shading, rasterized=True)
    finite = values[np.isfinite(values)]
    levels = [v for v in scale.levels if finite.size and finite.min() < v < finite.max()]
    if levels and min(values.shape) > 1 and scale.colors != ERROR:
        axes.contour(across, up, values, levels=levels, colors="black", linewidths=0.45, alpha=0.35, linestyles="solid")
    if is_spatial(panel):
        axes.set_aspect("equal")
    if min(values.shape) > 1:
        axes.set_xlim(across.min(), across.max())
        axes.set_ylim(up.min(), up.max())
    axes.tick_params(direction="out", length=3, color="0.4")
    axes.spines[:].set_color("0.4")
    axes.locator_params(nbins=5)
    return mesh


def add_color_bar(axes: Axes, mesh: Any, *, width: float) -> None:
    """A colour bar exactly as high as a picture of this width in inches."""
    bar = axes.inset_axes((1 + BAR_GAP / width, 0.0, BAR_WIDTH / width, 1.0))
    drawn = axes.figure.colorbar(mesh, cax=bar)
    drawn.outline.set_visible(False)
    bar.ticklabel_format(axis="y", scilimits=(-2, 4), useMathText=True)
    bar.tick_params(length=3, color="0.4", labelsize="small")
    bar.yaxis.get_offset_text().set_fontsize("small")
    bar.locator_params(nbins=5)


def name_axes(axes: Axes, panel: Panel) -> None:
    """The coordinates' names, upright unless a unit makes them long."""
    horizontal, vertical = orientation(panel)
    axes.set_xlabel(panel.axis_label(horizontal))
    if "units" in panel.values.coords[vertical].attrs:
        axes.set_ylabel(panel.axis_label(vertical))
    else:
        axes.set_ylabel(panel.axis_label(vertical), rotation=0, labelpad=8)


def orientation(panel: Panel) -> tuple[str, str]:
    """The coordinates to the right and upwards: time runs to the right, a family upwards."""
    first, second = (str(axis) for axis in panel.values.dims[:2])
    if panel.role(second) == "time" or (panel.role(first) == "varying" and panel.role(second) == "space"):
        return second, first
    return first, second


def is_spatial(panel: Panel) -> bool:
    """Whether both axes are space, so that lengths compare."""
    return all(panel.role(axis) == "space" for axis in orientation(panel))


def _extent(field: xarray.DataArray, axis: str) -> float:
    positions = field.coords[axis].values
    return float(positions.max() - positions.min())
