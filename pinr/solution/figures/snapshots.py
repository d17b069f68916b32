"""A field over three coordinates: a row of images along the third."""

from typing import Any

import xarray

from pinr.solution.figures.colors import Scale, error_scale, field_scale
from pinr.solution.figures.image import BAR, TITLE, add_color_bar, draw_image, name_axes, picture_size
from pinr.solution.figures.panel import Panel
from pinr.solution.labels import symbol

SHRINK = 0.75


def snapshot_size(panel: Panel) -> tuple[float, float]:
    """Inches that the rows take."""
    series = series_axis(panel)
    width, height = picture_size(_still(panel, series, 0))
    rows = 1 if panel.reference is None else 3
    count = panel.values.sizes[series]
    return SHRINK * count * (width + 0.35) + BAR + 0.6, rows * (SHRINK * height + 0.35) + TITLE


def draw_snapshots(figure: Any, panel: Panel) -> None:
    """A row of images on one colour scale; below it the reference and the error, where there is a reference."""
    series = series_axis(panel)
    shown: list[tuple[str, xarray.DataArray, Scale]] = [
        (panel.label, panel.values, field_scale(panel.values, panel.reference))
    ]
    if panel.reference is not None and panel.error is not None:
        shown.append(("reference", panel.reference, shown[0][2]))
        shown.append(("error", panel.error, error_scale(panel.error)))
    positions = panel.values.coords[series].values
    places = figure.subplots(len(shown), len(positions), squeeze=False, sharex=True, sharey=True)
    for index, (row, (title, field, scale)) in enumerate(zip(places, shown, strict=True)):
        for number, (axes, position) in enumerate(zip(row, positions, strict=True)):
            still = _still(panel, series, number)
            mesh = draw_image(axes, field.isel({series: number}), still, scale)
            name_axes(axes, still)
            axes.label_outer()
            axes.locator_params(axis="x", nbins=3)  # so that the numbers of neighbours keep apart
            if index == 0:
                axes.set_title(f"{symbol(series)} = {position:.3g}", fontsize="medium")
        add_color_bar(row[-1], mesh, width=SHRINK * picture_size(still)[0])
        if len(shown) > 1:
            row[0].annotate(
                title, (0, 0.5), (-52, 0), xycoords="axes fraction", textcoords="offset points",
                ha="right", va="center", rotation=90, fontsize="large",
            )  # fmt: skip
    if len(shown) == 1 or panel.fixed:
        figure.suptitle(panel.label + (f" at {panel.fixed}" if panel.fixed else ""), fontsize="large")


def series_axis(panel: Panel) -> str:
    """The coordinate along which the images follow: time, a family, or the last of space."""
    axes = [str(axis) for axis in panel.values.dims]
    return next((a for role in ("time", "varying") for a in axes if panel.role(a) == role), axes[-1])


def _still(panel: Panel, series: str, number: int) -> Panel:
    at = {series: number}
    reference = None if panel.reference is None else panel.reference.isel(at)
    return Panel(panel.label, panel.values.isel(at), reference)
