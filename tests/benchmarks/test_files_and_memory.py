"""The malformed files of the benchmark: each ends in one error of pinr that names the file."""

import pytest

from benchmarks.files_and_memory import malformed, refusal

FILES = {name: (read, content) for _, name, read, content in malformed()}


def test_there_are_more_than_twenty_of_eight_formats():
    assert len(FILES) == len(malformed()) > 20
    assert {name.rpartition(".")[2] for name in FILES} >= {"ply", "obj", "stl", "npz", "xyz", "wav", "png", "h5"}


@pytest.mark.parametrize("name", FILES)
def test_a_malformed_file_is_refused_by_name(name, tmp_path):
    read, content = FILES[name]
    (tmp_path / name).write_bytes(content)
    assert refusal(read, tmp_path / name).startswith(("FileFormatError: ", "GeometryError: "))
