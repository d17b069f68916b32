"""Padded vectors in an HDF5 file that cost no space."""

import h5py

from pinr.files.padding import padded_shape


def write_padded_view(values: h5py.Dataset, rank: int) -> None:
    """A view of `/fields/u/values` at `/xdmf/u/values`, zeros after the last `rank` axes; none where none is needed.

    The view is an HDF5 virtual dataset that refers to `values` inside the same file: nothing is copied, and the file
    may move. (XDMF's own `JOIN` means different things to the Xdmf2 and Xdmf3 readers.)
    """
    points, components = values.shape[: values.ndim - rank], values.shape[values.ndim - rank :]
    padded = padded_shape(components)
    if padded == components:
        return
    layout = h5py.VirtualLayout(points + padded, values.dtype)
    layout[(..., *map(slice, components))] = h5py.VirtualSource(values)
    values.file.create_virtual_dataset(_view_path(values), layout, fillvalue=0)


def padded_view(values: h5py.Dataset) -> h5py.Dataset:
    """What XDMF shows for `values`: its padded view, or itself where it needs none."""
    return values.file.get(_view_path(values), default=values)


def _view_path(values: h5py.Dataset) -> str:
    return "/xdmf" + values.name.removeprefix("/fields")
