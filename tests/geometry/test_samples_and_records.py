"""Samples, and what the reader of records refuses."""

import numpy as np
import pytest

from pinr.errors import GeometryError
from pinr.geometry import Box, Samples, region_from_record


def line(*values: float) -> Samples:
    positions = np.array(values)
    return Samples({"x": positions}, {"normal.x": -positions})


def test_samples_are_concatenated_and_restricted():
    joined = Samples.concatenate([line(0.0, 1.0), line(2.0)])
    assert joined.count == 3
    np.testing.assert_array_equal(joined.restrict(joined.points["x"] > 0.5).columns["normal.x"], [-1, -2])
    np.testing.assert_array_equal(joined.head(2).points["x"], [0, 1])


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Samples.concatenate([]),
        lambda: Samples.concatenate([line(0.0), Samples({"x": np.zeros(1)})]),
        lambda: Samples({"x": np.zeros(2), "y": np.zeros(3)}),
        lambda: Samples({"x": np.zeros((2, 1))}),
    ],
)
def test_samples_that_do_not_fit_are_refused(wrong):
    with pytest.raises(GeometryError):
        wrong()


BOX = Box(x=(0, 1)).record()


@pytest.mark.parametrize(
    "record",
    [
        {},
        {"type": "os.system"},
        {"type": "Box"},
        {"type": "Box", "intervals": [["x", 0, "1"]], "name": None},
        {"type": "Box", "intervals": [["x", 0, {"value": 1}]], "name": None},
        {"type": "Box", "intervals": [["x y", 0, 1]], "name": None},
        {"type": "Box", "intervals": [["x", 1, 0]], "name": None},
        {"type": "Box", "intervals": [], "name": None},
        {"type": "Product", "factors": [BOX]},
        {"type": "Product", "factors": 3},
        {"type": "Slice", **{k: v for k, v in BOX.items() if k != "type"}, "fixed": {"x": 2}},
        {"type": "Where", "region": BOX, "condition": "__import__('os').system('true')"},
        {"type": "Where", "region": BOX, "condition": {"node": "system", "args": []}},
        {"type": "Ball", "center": [], "radius": 1, "name": None},
        {"type": "Ball", "center": [["x", 0]], "radius": -1, "name": None},
        {"type": "Ball", "center": [["x", 0]], "radius": "exit()", "name": None},
        {"type": "Ball", "center": [["x", 0]], "radius": {"expression": {"node": "system", "args": []}}, "name": None},
        {"type": "Ball", "center": [["x", 0]], "radius": {"expression": {"symbol": "r", "real": True}}, "name": None},
        {"type": "HalfSpace", "coefficients": [["x", 0]], "offset": 0, "name": None},
        {"type": "Polygon", "vertices": [["x", [0, 1]], ["y", [0, 1]]], "name": None},
        {"type": "Combination", "operator": "+", "operands": [BOX, BOX]},
        {"type": "Combination", "operator": "-", "operands": [BOX, BOX]},
        {"type": "Combination", "operator": "|", "operands": [BOX]},
        {"type": "Combination", "operator": ["|"], "operands": [BOX, BOX]},
        {"type": "Interface", "first": BOX, "second": BOX},
        {"type": "Moved", "region": BOX, "motion": "system", "shift": []},
        {"type": "Moved", "region": BOX, "motion": "translate", "shift": [["y", 1]]},
        {"type": "Moved", "region": BOX, "motion": "scale", "factor": 0, "space": ["x"], "about": []},
        {"type": "Section", "region": BOX, "fixed": {"y": 0}},
        {"type": "Boundary", "region": BOX, "roles": {"x": "up"}, "kept": None, "dropped": []},
        {"type": "Boundary", "region": BOX, "roles": {"x": "space"}, "kept": ["y-"], "dropped": []},
    ],
)
def test_malformed_records_are_refused(record):
    with pytest.raises(GeometryError):
        region_from_record(record)
