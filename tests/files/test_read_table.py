"""Tables from files: what is read, and what is refused with the file, the row and the column."""

import sys

import h5py
import numpy as np
import pytest
from numpy.testing import assert_array_equal

from pinr.errors import FileFormatError
from pinr.files.read_table import read_table

COLUMNS = {"x": [0.1, -2e-3, 3.0], "t": [0.0, 1.0, 2.0], "u [m/s]": [1.0, np.nan, 1 / 3]}


def write_csv(path, text):
    path.write_text(text, encoding="utf-8")
    return path


def write_hdf5(path, columns):
    with h5py.File(path, "w") as file:
        for name, values in columns.items():
            file[name.replace("/", "|")] = values
    return path


def equal(found, columns):
    assert list(found) == list(columns)
    for name, values in columns.items():
        assert found[name].dtype == np.float64
        assert_array_equal(found[name], values)


def test_csv_keeps_every_digit_and_the_order_of_its_columns(tmp_path):
    rows = zip(*COLUMNS.values(), strict=True)
    text = ",".join(COLUMNS) + "\n" + "\n".join(",".join(map(repr, row)) for row in rows) + "\n"
    equal(read_table(write_csv(tmp_path / "probes.csv", text)), COLUMNS)


@pytest.mark.parametrize("cell", ["", " ", "NA", "n/a", "NaN", "null", "None"])
def test_cells_without_a_value_are_missing(tmp_path, cell):
    found = read_table(write_csv(tmp_path / "probes.csv", f"x,u\n0,1\n1,{cell}\n"))
    equal(found, {"x": [0, 1], "u": [1, np.nan]})


def test_quotes_blanks_byte_order_marks_and_empty_lines_are_understood(tmp_path):
    found = read_table(
        write_csv(tmp_path / "probes.csv", '\ufeffx, "u, v"\r\n"1",  2 \r\n\r\n3,4\r\n'.replace(', "', ',"'))
    )
    equal(found, {"x": [1, 3], "u, v": [2, 4]})


def test_other_separators_and_some_columns_are_read_when_asked_for(tmp_path):
    path = write_csv(tmp_path / "probes.csv", "station;x;u\nA1;0;1\nB2;1;2\n")
    equal(read_table(path, columns=["u", "x"], separator=";"), {"x": [0, 1], "u": [1, 2]})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x,u\n0,1\n\n1,north\n", r"'north' in row 2 \(line 4\) of the column 'u'"),
        ("x,u\n0,1\n1,2,3\n", "line 3: the row has 3 cells, the header 2"),
        ("x;u\n0;1\n", "`separator=';'`"),
        ("x,u,x\n0,1,2\n", "two columns 'x'"),
        (",x\n0,1\n", "column 1 has no name"),
        ("0,1\n2,3\n", "no header"),
        ("", "is empty"),
    ],
)
def test_mistakes_in_csv_name_the_file_and_the_place(tmp_path, text, message):
    path = write_csv(tmp_path / "probes.csv", text)
    with pytest.raises(FileFormatError, match=message) as caught:
        read_table(path)
    assert "probes.csv" in str(caught.value)


def test_hdf5_reads_the_datasets_at_the_root(tmp_path):
    path = write_hdf5(tmp_path / "probes.h5", {"u": [1.0, 2.0], "x": np.array([3, 4], dtype="i4")})
    with h5py.File(path, "a") as file:
        file["notes/raw"] = [1.0]
    equal(read_table(path), {"u": [1, 2], "x": [3, 4]})


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (np.zeros((2, 2)), r"'u' is float64 of the shape \(2, 2\)"),
        (np.array([b"a", b"b"]), "'u' is .* and no column of real numbers"),
        (np.array(["a", "b"], dtype=h5py.string_dtype()), "'u' is object"),
        (np.array([1j, 2j]), "'u' is complex128"),
    ],
    ids=["matrix", "bytes", "texts", "complex"],
)
def test_hdf5_without_plain_columns_is_refused(tmp_path, values, message):
    path = write_hdf5(tmp_path / "probes.h5", {"x": [0.0, 1.0], "u": values})
    with pytest.raises(FileFormatError, match=message):
        read_table(path)
    equal(read_table(path, columns=["x"]), {"x": [0, 1]})


def test_hdf5_links_out_of_the_file_are_not_followed(tmp_path):
    write_hdf5(tmp_path / "secret.h5", {"key": [42.0]})
    path = write_hdf5(tmp_path / "probes.h5", {"x": [0.0]})
    with h5py.File(path, "a") as file:
        file["key"] = h5py.ExternalLink("secret.h5", "key")
    equal(read_table(path), {"x": [0]})


def test_hdf5_numbers_in_another_file_are_refused(tmp_path):
    write_hdf5(tmp_path / "secret.h5", {"key": [42.0]})
    layout = h5py.VirtualLayout(shape=(1,), dtype="f8")
    layout[:] = h5py.VirtualSource(str(tmp_path / "secret.h5"), "key", shape=(1,))
    with h5py.File(tmp_path / "probes.h5", "w") as file:
        file.create_virtual_dataset("x", layout)
    with pytest.raises(FileFormatError, match="'x' are in another file"):
        read_table(tmp_path / "probes.h5")


def test_parquet_keeps_numbers_and_refuses_objects(tmp_path):
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    path = tmp_path / "probes.parquet"
    parquet.write_table(pyarrow.table({"x": [0, 1], "u": [1.5, None], "who": ["a", "b"]}), path)
    with pytest.raises(FileFormatError, match="'who' is string"):
        read_table(path)
    equal(read_table(path, columns=["x", "u"]), {"x": [0, 1], "u": [1.5, np.nan]})


def test_parquet_without_pyarrow_names_the_extra(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    (tmp_path / "probes.parquet").write_bytes(b"PAR1")
    with pytest.raises(FileFormatError, match=r"pip install 'pinr\[parquet\]'"):
        read_table(tmp_path / "probes.parquet")


def test_other_files_are_refused(tmp_path):
    with pytest.raises(FileFormatError, match=r"tables are read from \.csv"):
        read_table(tmp_path / "probes.pkl")
    with pytest.raises(FileFormatError, match="no such file"):
        read_table(tmp_path / "probes.csv")
    path = write_csv(tmp_path / "probes.csv", "x,u\n0,1\n")
    with pytest.raises(FileFormatError, match=r"no column 'v'\. It has x, u"):
        read_table(path, columns=["v"])
    (tmp_path / "broken.h5").write_bytes(b"\x80\x04.")
    with pytest.raises(FileFormatError, match="as HDF5"):
        read_table(tmp_path / "broken.h5")
