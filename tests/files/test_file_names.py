"""Names that a file could misread are refused."""

import pytest
import xarray

from pinr.errors import FileFormatError
from pinr.files import write_hdf5, write_vtu, write_xdmf

FIELD = xarray.DataArray([1.0, 2.0], coords={"x": [0.0, 1.0]})
WRITERS = {"h5": write_hdf5, "vtu": write_vtu}


@pytest.mark.parametrize("suffix", WRITERS)
@pytest.mark.parametrize("name", ["heat flux", "u/v", "", ".", "..", "-u", "u\n", "<u>", 'u"'])
def test_a_name_that_no_format_takes_is_refused_with_another(suffix, name, tmp_path):
    with pytest.raises(FileFormatError, match=r"Rename it, for example to '[\w.-]+'"):
        WRITERS[suffix](tmp_path / f"u.{suffix}", {name: FIELD})
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("suffix", WRITERS)
@pytest.mark.parametrize("name", ["u", "φ", "normal.x", "u_t", "2nd", "u-mean"])
def test_other_names_are_taken_as_they_are(suffix, name, tmp_path):
    WRITERS[suffix](tmp_path / f"u.{suffix}", {name: FIELD})


def test_a_field_without_a_name_asks_for_one(tmp_path):
    with pytest.raises(FileFormatError, match="rename"):
        write_hdf5(tmp_path / "u.h5", FIELD)


def test_no_fields_at_all_are_refused(tmp_path):
    with pytest.raises(FileFormatError, match="no fields"):
        write_hdf5(tmp_path / "u.h5", {})


def test_names_that_clash_once_a_complex_field_is_split_are_refused(tmp_path):
    fields = {"u": FIELD.astype("complex128"), "u_re": FIELD}
    with pytest.raises(FileFormatError, match="u_re"):
        write_vtu(tmp_path / "u.vtu", fields)
    write_hdf5(tmp_path / "u.h5", fields)
    with pytest.raises(FileFormatError, match="u_re"):
        write_xdmf(tmp_path / "u.xdmf", tmp_path / "u.h5")
