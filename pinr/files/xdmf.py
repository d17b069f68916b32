"""XDMF: a light XML page that lets ParaView and VTK read the fields of an HDF5 file in place."""

import math
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

import h5py
import numpy as np

from pinr.errors import FileFormatError
from pinr.files.atomic import atomic_path
from pinr.files.fields import read_layout, value_datasets
from pinr.files.grid import check_increasing, common_axes
from pinr.files.hdf5 import open_hdf5
from pinr.files.layout import Layout
from pinr.files.names import check_distinct
from pinr.files.padded_view import padded_view
from pinr.files.slab import Slab, scalar_slabs, slab_of

_NUMBER_TYPES = {"f4": "Float", "f8": "Float", "i1": "Char", "i4": "Int", "i8": "Int", "u1": "UChar", "u4": "UInt"}
_ATTRIBUTE_TYPES = {(): "Scalar", (3,): "Vector", (3, 3): "Tensor"}


def write_xdmf(
    path: str | os.PathLike[str], heavy: str | os.PathLike[str], *, names: Sequence[str] | None = None
) -> None:
    """Write the page for the fields `names` (default: all) of the HDF5 file `heavy`, which it names relative to itself.

    The fields share a grid in space; one without time is shown at every time. A grid in one or two dimensions is a
    grid in three with single positions along the others.
    """
    with open_hdf5(heavy) as file:
        names = tuple(file.get("fields", ())) if names is None else tuple(names)
        if not names:
            message = f"`{heavy}` has no fields to show. Write some with `write_fields` first."
            raise FileFormatError(message)
        page = ElementTree.ElementTree(_page(file, names, _reference(Path(path), Path(heavy))))
    ElementTree.indent(page)
    with atomic_path(path) as temporary:
        page.write(temporary, encoding="utf-8", xml_declaration=True)


def write_xdmf_series(path: str | os.PathLike[str], heavy: str | os.PathLike[str], names: Sequence[str]) -> None:
    """Write the page for fields at the root of the HDF5 file `heavy`, as `create_series` makes them.

    It is written a moment at a time, however many there are.
    """
    reference = _reference(Path(path), Path(heavy))
    with open_hdf5(heavy) as file, atomic_path(path) as temporary, temporary.open("w", encoding="utf-8") as page:
        fields = [file[name] for name in names]
        times, *space = (dimension[0] for dimension in fields[0].dims)
        page.write('<?xml version="1.0" encoding="utf-8"?>\n<Xdmf Version="3.0">\n<Domain>\n')
        page.write('<Grid Name="times" GridType="Collection" CollectionType="Temporal">\n')
        for step, time in enumerate(times[()]):
            moment = _moment(time, space[::-1], reference)
            for name, field in zip(names, fields, strict=True):
                start, sizes = (step,) + (0,) * len(space), field.shape[1:]
                slab = Slab(field, start, (1, *sizes), (1,) * (3 - len(sizes)) + sizes, ())
                _add_attribute(moment, name, slab, reference=reference)
            ElementTree.indent(moment)
            page.write(ElementTree.tostring(moment, encoding="unicode") + "\n")
        page.write("</Grid>\n</Domain>\n</Xdmf>\n")


def _moment(time: float, positions: Sequence[h5py.Dataset], reference: str) -> Element:
    """The grid at one time, still without values."""
    grid = Element("Grid", Name="grid", GridType="Uniform")
    SubElement(grid, "Time", Value=repr(float(time)))
    _add_mesh(grid, positions, reference)
    return grid


def _reference(page: Path, heavy: Path) -> str:
    reference = Path(os.path.relpath(heavy, page.parent)).as_posix()
    if ":" in reference:
        message = f"`{heavy}`: XDMF separates file and dataset by a colon, so the path may have none. Rename it."
        raise FileFormatError(message)
    return reference


def _page(file: h5py.File, names: Sequence[str], reference: str) -> Element:
    layouts = {name: read_layout(file, name) for name in names}
    axes = common_axes(layouts)
    times = _common_times(layouts)
    root = Element("Xdmf", Version="3.0")
    parent = SubElement(root, "Domain")
    if times is not None:
        parent = SubElement(parent, "Grid", Name="times", GridType="Collection", CollectionType="Temporal")
    geometry = [value_datasets(file, names[0])[0].parent[axis] for axis in axes]
    # A page without any time is legal, but pyvista's reader fails on it.
    for step, time in enumerate([0.0] if times is None else times):
        grid = _moment(time, geometry, reference)
        parent.append(grid)
        for shown, slab in _shown_slabs(file, layouts, step):
            _add_attribute(grid, shown, slab, reference=reference)
    check_distinct(attribute.attrib["Name"] for attribute in grid.iter("Attribute"))
    return root


def _common_times(layouts: Mapping[str, Layout]) -> np.ndarray | None:
    times = {name: layout.positions[layout.time] for name, layout in layouts.items() if layout.time is not None}
    if not times:
        return None
    (first, common), *others = times.items()
    check_increasing(first, str(layouts[first].time), common)
    for name, other in others:
        if not np.array_equal(other, common):
            message = (
                f"`{name}` has other times than `{first}`, and an XDMF page has one list of them. Bring them together "
                f"with `{name}.interp_like({first})`, or write two pages with `names=`."
            )
            raise FileFormatError(message)
    return common


def _shown_slabs(file: h5py.File, layouts: Mapping[str, Layout], step: int) -> Iterator[tuple[str, Slab]]:
    """What VTK shows at a time, by name: `u`, or `u_re` and `u_im`; vectors of more than three as `u_0`, `u_1` …."""
    for name, layout in layouts.items():
        for dataset in value_datasets(file, name):
            shown = name + dataset.name.rpartition("/")[2].removeprefix("values")
            slab = slab_of(padded_view(dataset), layout, step)
            if slab.components in _ATTRIBUTE_TYPES:
                yield shown, slab
            else:
                yield from scalar_slabs(shown, slab)


def _add_mesh(grid: Element, positions: Sequence[h5py.Dataset], reference: str) -> None:
    sizes = [axis.size for axis in positions] + [1] * (3 - len(positions))
    SubElement(grid, "Topology", TopologyType="3DRectMesh", Dimensions=_listed(reversed(sizes)))
    geometry = SubElement(grid, "Geometry", GeometryType="VXVYVZ")
    for axis in positions:
        _add_dataset(geometry, axis, reference)
    for _ in range(3 - len(positions)):
        SubElement(geometry, "DataItem", Dimensions="1", NumberType="Float", Precision="8", Format="XML").text = "0"


def _add_attribute(grid: Element, name: str, slab: Slab, *, reference: str) -> None:
    kind = _ATTRIBUTE_TYPES[slab.components]
    attribute = SubElement(grid, "Attribute", Name=name, AttributeType=kind, Center="Node")
    shape = (*slab.grid, math.prod(slab.components)) if slab.components else slab.grid
    selection = SubElement(attribute, "DataItem", ItemType="HyperSlab", Dimensions=_listed(shape))
    corners = SubElement(selection, "DataItem", Dimensions=f"3 {len(slab.start)}", Format="XML")
    corners.text = " ".join((_listed(slab.start), _listed([1] * len(slab.start)), _listed(slab.count)))
    _add_dataset(selection, slab.dataset, reference)


def _add_dataset(parent: Element, dataset: h5py.Dataset, reference: str) -> None:
    kind = f"{dataset.dtype.kind}{dataset.dtype.itemsize}"
    if kind not in _NUMBER_TYPES:
        message = (
            f"`{dataset.name}` has values of type {dataset.dtype}, which XDMF does not know. "
            f"Write the field as float32, float64, int32 or int64."
        )
        raise FileFormatError(message)
    item = SubElement(
        parent,
        "DataItem",
        Dimensions=_listed(dataset.shape),
        NumberType=_NUMBER_TYPES[kind],
        Precision=str(dataset.dtype.itemsize),
        Format="HDF",
    )
    item.text = f"{reference}:{dataset.name}"


def _listed(sizes: Iterable[int]) -> str:
    return " ".join(map(str, sizes))
