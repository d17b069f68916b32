"""Data of a stored solution: gridded coefficients, references, measurements."""

import json
from collections.abc import Mapping
from typing import Any

import h5py
import numpy as np

from pinr.errors import FileFormatError
from pinr.files import read_field
from pinr.geometry.table import Table
from pinr.language.gridded import Gridded
from pinr.solution.stored import check_is_held, json_attribute, stored_numbers

TABLES = "data/tables"


def write_tables(file: h5py.Group, tables: Mapping[str, Table]) -> None:
    """Measurements as plain datasets `column_0`, `column_1`, …: headers may be anything, paths may not."""
    for digest, table in tables.items():
        group = file.create_group(f"{TABLES}/{digest}")
        group.attrs["columns"] = json.dumps(list(table.columns), ensure_ascii=False)
        for number, values in enumerate(table.columns.values()):
            group.create_dataset(f"column_{number}", data=values)


def read_tables(file: h5py.Group) -> dict[str, Table]:
    """Measurements by the SHA-256 of what the file holds.

    Raises:
        FileFormatError: They are damaged.
    """
    found = {}
    for group in file[TABLES].values() if TABLES in file else ():
        names = [str(name) for name in json_attribute(group, "columns")]
        columns = {name: stored_numbers(group.get(f"column_{k}")).astype(np.float64) for k, name in enumerate(names)}
        if len(columns) < len(names) or any(values.ndim != 1 for values in columns.values()):
            message = f"The measurements at `{group.name}` are no table. The file is damaged."
            raise FileFormatError(message)
        table = Table(columns, name="measurements")
        found[table.digest] = table
    return found


def read_data(file: h5py.Group, record: Mapping[str, Any]) -> dict[str, Any]:
    """Gridded coefficients and references by name.

    Args:
        file: The stored solution.
        record: That of its problem, which has the SHA-256 of every gridded coefficient.

    Raises:
        FileFormatError: The file holds other numbers than the record says, or less than it claims.
    """
    if "data/fields" not in file:
        return {}
    group = file["data"]
    for field in group["fields"].values():
        for dataset in field.values():
            if h5py.check_string_dtype(dataset.dtype) is None and dataset.dtype.kind != "O" and _has_values(dataset):
                check_is_held(dataset)
    found: dict[str, Any] = {name: read_field(group, name) for name in group["fields"]}
    digests = record.get("data", {})  # files of earlier versions have none
    for name in digests.keys() & found.keys():
        found[name] = Gridded(found[name], written=f"The stored coefficient `{name}`")
        if found[name].digest != digests[name]:
            message = f"The numbers of the coefficient `{name}` are not those of the record. The file is damaged."
            raise FileFormatError(message)
    return found


def _has_values(dataset: h5py.Dataset) -> bool:
    # Axes that have a length and no positions are never allocated, and never read.
    return not np.issubdtype(dataset.dtype, np.dtype(">f4")) or dataset.id.get_storage_size() > 0
