"""Parts, roles and coverage of boundaries; the divergence theorem."""

import numpy as np
import pytest
import sympy

from pinr.errors import GeometryError
from pinr.geometry import Box
from pinr.geometry.sampling import Sobol

CUBE = Box(x=(-1, 1), y=(-1, 1), z=(-1, 1))
SQUARE = Box(x=(-1, 1), y=(-1, 1))
STRING = Box(x=(0, sympy.pi)) * Box(t=(0, 10))


@pytest.mark.parametrize("count", [6 * 64, 500, 6 * 100])
@pytest.mark.parametrize("seed", range(5))
def test_every_cell_of_every_face_of_a_cube_gets_a_point(count, seed):
    samples = CUBE.boundary.sample(count, sampler=Sobol(), seed=seed)
    for name in CUBE.names:
        for side in (-1, 1):
            face = samples.restrict(samples.columns[f"normal.{name}"] == side)
            assert abs(face.count - count / 6) <= 1
            others = [face.points[other] for other in CUBE.names if other != name]
            cells, _, _ = np.histogram2d(*others, bins=4, range=[(-1, 1), (-1, 1)])
            assert (cells > 0).all()


def test_faces_share_the_points_by_measure():
    channel = Box(x=(0, 8), y=(0, 2))
    samples = channel.boundary.sample(100, sampler=Sobol(), seed=0)
    counts = [int(np.sum(samples.columns["normal.x"] == side)) for side in (-1, 1)]
    assert counts == [10, 10]


def test_a_short_face_is_not_forgotten():
    channel = Box(x=(0, 1000), y=(0, 1))
    samples = channel.boundary.sample(20, sampler=Sobol(), seed=0)
    assert np.sum(samples.columns["normal.x"] == -1) == 1


@pytest.mark.parametrize(
    "region",
    [
        Box(x=(-1, 2)),
        SQUARE,
        Box(x=(0, 1), y=(0, 2), z=(-1, 2)),
        SQUARE * Box(t=(0, 3)),
        Box(x=(0, 1), y=(1, 3)).at(y=2),
    ],
    ids=repr,
)
def test_divergence_theorem(region):
    # F_i = x_i² + x_i x_j, with j the next coordinate of space; pinned coordinates and time are parameters.
    low_high = region.bounds
    space = [n for n in region.names if n != "t" and low_high[n][0] < low_high[n][1]]
    following = dict(zip(region.names, [*region.names[1:], region.names[0]], strict=True))
    symbols = {name: sympy.Symbol(name) for name in region.names}
    field = {n: symbols[n] ** 2 + symbols[n] * symbols[following[n]] for n in space}
    divergence = sympy.lambdify(list(symbols.values()), sum(f.diff(symbols[n]) for n, f in field.items()))
    inside = region.sample(4096, sampler=Sobol(), seed=0)
    outside = region.boundary.sample(4096, sampler=Sobol(), seed=1)
    flux = sum(
        sympy.lambdify(list(symbols.values()), f)(*outside.points.values()) * outside.columns[f"normal.{n}"]
        for n, f in field.items()
    )
    volume_integral = region.measure * np.mean(divergence(*inside.points.values()))
    assert region.boundary.measure * np.mean(flux) == pytest.approx(volume_integral, rel=5e-3, abs=5e-3)


def test_parts_of_boxes_products_and_named_regions():
    assert SQUARE.boundary.parts == ("x-", "x+", "y-", "y+")
    assert STRING.boundary.parts == ("x-", "x+")
    assert Box(x=(0, 1), y=(0, 1), name="notch").boundary.parts == ("notch.x-", "notch.x+", "notch.y-", "notch.y+")
    assert SQUARE.at(y=0).boundary.parts == ("x-", "x+")
    assert (SQUARE * Box(z=(0, 1))).boundary.parts == CUBE.boundary.parts


def test_parts_are_selected_in_any_order():
    boundary = SQUARE.boundary
    assert boundary.part("y-", "x-") == boundary.part("x-", "y-")
    assert boundary.without("x-").without("y+") == boundary.without("y+", "x-")
    assert boundary.part("x-", "x+").without("x-").parts == ("x+",)
    assert boundary.without("x-").part("x+").parts == ("x+",)
    assert boundary.without("x-").parts == ("x+", "y-", "y+")


def test_a_name_stands_for_all_parts_of_its_region():
    product = Box(x=(0, 1), name="notch") * Box(y=(0, 1))
    assert product.boundary.part("notch").parts == ("notch.x-", "notch.x+")
    assert product.boundary.without("notch").parts == ("y-", "y+")


def test_a_part_is_sampled_on_its_face_alone():
    samples = SQUARE.boundary.part("x-").sample(50, sampler=Sobol(), seed=0)
    assert (samples.points["x"] == -1).all() and (samples.columns["normal.x"] == -1).all()
    assert not SQUARE.boundary.part("x-").contains({"x": 1.0, "y": 0.0})
    assert SQUARE.boundary.part("x-").bounds == {"x": (-1, -1), "y": (-1, 1)}


def test_the_normal_belongs_to_the_region_and_not_to_the_part():
    assert SQUARE.boundary.normal == SQUARE.boundary.part("x-").normal
    assert SQUARE.boundary.normal.owner == repr(SQUARE)
    assert (SQUARE.boundary * Box(t=(0, 1))).normal == SQUARE.boundary.normal


def test_declared_roles_replace_guessed_ones():
    slab = SQUARE * Box(tau=(0, 1)) * Box(mu=(1, 2))
    roles = {"x": "space", "y": "space", "tau": "time", "mu": "varying", "elsewhere": "space"}
    assert "tau-" in slab.boundary.parts
    resolved = slab.boundary.without("x-").resolve(roles)
    assert resolved.parts == ("x+", "y-", "y+")
    assert resolved.normal.names == ("x", "y")
    assert resolved == resolved.resolve(roles)
    assert SQUARE.boundary.resolve({"x": "space"}) == SQUARE.boundary, "what is not declared is guessed"
    assert (slab.boundary * Box(s=(0, 1))).resolve({**roles, "s": "varying"}).factors[0] == slab.boundary.resolve(roles)
    samples = resolved.sample(100, sampler=Sobol(), seed=0)
    assert list(samples.columns) == ["normal.x", "normal.y"]
    assert resolved.measure == 6


def test_a_space_coordinate_may_be_called_t_once_that_is_declared():
    resolved = Box(x=(0, 1), t=(0, 1)).boundary.resolve({"x": "space", "t": "space"})
    assert resolved.parts == ("x-", "x+", "t-", "t+")


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda: STRING.boundary.part("t-"), r"t is time.*initial slice is `\.at\(t=0\)`.*final time"),
        (lambda: STRING.boundary.without("t+"), r"final time is in no boundary"),
        (lambda: SQUARE.boundary.part("x_"), r"no part 'x_'.*Did you mean 'x[-+]'.*x-, x\+, y-, y\+"),
        (SQUARE.boundary.part, "names no part.*x-, x"),
        (lambda: SQUARE.boundary.part("x-").part("x+"), "no part 'x\\+'"),
        (lambda: SQUARE.boundary.without("x-", "x+", "y-", "y+"), "no part is left"),
        (lambda: SQUARE.boundary.part("x-").without("x-"), "no part is left"),
        (lambda: SQUARE.boundary.part("y-").at(y=0), "already fixed"),
        (lambda: SQUARE.boundary.part("y-", "x-").at(y=0), "no part 'y-'"),
        (lambda: SQUARE.boundary.boundary, "no boundary of its own"),
        (lambda: Box(t=(0, 1)).boundary, r"no boundary in space.*\.at\("),
        (lambda: (SQUARE * Box(tau=(1, 2))).boundary.part("tau-").resolve(
            {"x": "space", "y": "space", "tau": "time"}), r"`\.at\(tau=1\)`"),
        (lambda: (SQUARE * Box(mu=(1, 2))).boundary.part("mu-").resolve(
            {"x": "space", "y": "space", "mu": "varying"}), "axis of a family"),
        (lambda: SQUARE.normal, r"only boundaries have normals.*\.boundary\.normal"),
    ],
)  # fmt: skip
def test_mistakes_are_explained(wrong, message):
    with pytest.raises(GeometryError, match=message):
        wrong()
