"""The contract's examples, as literally as they can be run in seconds."""

import matplotlib.image
import numpy as np
import pytest
import torch

pytest.importorskip("pinr.training.solve")

from sympy import Abs, exp, pi, sin

from pinr import (
    LBFGS,
    Adam,
    Ball,
    Box,
    Eq,
    ExtrapolationWarning,
    GaussNewton,
    Image,
    Measurements,
    PointCloud,
    Problem,
    ProblemWarning,
    Siren,
    Sobol,
    Solution,
    coefficient,
    compile_problem,
    coordinates,
    div,
    dot,
    grad,
    integral,
    laplacian,
    norm,
    on,
    parameter,
    solve,
    unknown,
)
from tests.files.shape_files import binary_ply
from tests.geometry.meshes import fibonacci_sphere

TINY = {"stages": [Adam(steps=5), LBFGS(steps=3)], "progress": False}
SMALL = Siren(width=8, depth=2)


def test_poisson_on_a_plate_with_a_hole(tmp_path):
    x, y = coordinates("x y")
    u = unknown("u", x, y)
    plate = Box(x=(-1, 1), y=(-1, 1)) - Ball(x=0.3, y=0.0, radius=0.4, name="hole")
    problem = Problem(
        on(plate, Eq(-laplacian(u), exp(-(x**2) - y**2))),
        on(plate.boundary.part("hole"), Eq(dot(grad(u), plate.boundary.normal) + 2 * u, 0)),  # Robin
        on(plate.boundary.without("hole"), Eq(u, 0)),
        name="heated plate",
    )
    assert problem.check() == ()
    solution = solve(problem, SMALL, **TINY)
    with pytest.warns(ExtrapolationWarning, match="1 of 3 points .* x = 0.5, y = 0"):  # in the hole
        assert solution.evaluate(grad(u), x=0.5, y=[-0.5, 0.0, 0.5]).shape == (3, 2)
    values = solution.grid(u, x=32, y=32)
    assert values.dims == ("x", "y") and bool(values.isnull().any()) and bool(values.notnull().any())
    solution.grid(u, x=256, y=256).plot()
    assert solution.verify(size=400).relative_l2 > 0
    solution.save(tmp_path / "plate.h5")
    loaded = Solution.load(tmp_path / "plate.h5")
    np.testing.assert_array_equal(loaded.evaluate(u, x=0.5, y=-0.5), solution.evaluate(u, x=0.5, y=-0.5))
    solution.export(tmp_path / "plate.vtu", {"u": u, "flux": -grad(u)})
    assert (tmp_path / "plate.vtu").stat().st_size > 1000


def test_two_materials_share_an_interface():
    x, y = coordinates("x y")
    a, b, ka, kb = unknown("a", x, y), unknown("b", x, y), 1, 3
    steel, copper = Box(x=(0, 1), y=(0, 1)), Box(x=(1, 2), y=(0, 1))
    interface = steel.boundary & copper.boundary
    both = on(interface, Eq(a, b), Eq(dot(ka * grad(a) - kb * grad(b), interface.normal), 0))
    problem = Problem(
        on(steel, Eq(-ka * laplacian(a), 1)),
        on(copper, Eq(-kb * laplacian(b), 1)),
        both,
        on(steel.boundary.without("x+"), Eq(a, 0)),
        on(copper.boundary.without("x-"), Eq(b, 0)),
    )
    assert problem.check() == ()
    samples = interface.sample(20, sampler=Sobol(), seed=0)
    assert (samples.points["x"] == 1).all() and (samples.columns["normal.x"] == 1).all()  # the normal of steel
    solution = solve(problem, SMALL, **TINY)
    assert np.isfinite(solution.evaluate(a, x=0.5, y=0.5)) and np.isfinite(solution.evaluate(b, x=1.5, y=0.5))


def test_periodicity_evaluation_elsewhere_integrals_and_inequalities():
    x, y = coordinates("x y")
    u = unknown("u", x, y)
    ring = Box(x=(0, 1), y=(0, 1), periodic="x")  # no x-boundary; every network on it is exactly periodic in x
    plate = ring
    assert set(ring.boundary.parts) == {"y-", "y+"}
    problem = Problem(
        on(ring.at(y=0), Eq(u.subs(x, 0), u.subs(x, 0.5))),
        on(ring, Eq(-laplacian(u), 0)),
        on(ring.boundary, Eq(u, 1)),
        on(plate, Eq(integral(u, plate), 1)),
        on(plate, u >= 0),
    )
    assert problem.check() == ()
    solution = solve(problem, SMALL, stages=[Adam(steps=100), LBFGS(steps=100)], progress=False)
    np.testing.assert_allclose(solution.evaluate(u, x=[0.0, 1.0], y=0.3), solution.evaluate(u, x=[1.0, 2.0], y=0.3))
    assert solution.evaluate(integral(u, plate)) == pytest.approx(1, abs=0.02)


def test_a_wave_with_two_initial_conditions():
    x, t = coordinates("x", time="t")  # laplacian, grad, div act on space; time: w.diff(t)
    w = unknown("w", x, t)
    string = Box(x=(0, pi)) * Box(t=(0, 10))
    problem = Problem(
        on(string, Eq(w.diff(t, 2), laplacian(w))),
        on(string.boundary.part("x-", "x+"), Eq(w, 0)),
        on(string.at(t=0), Eq(w, sin(x)), Eq(w.diff(t), 0)),
    )
    assert problem.check() == ()
    solution = solve(problem, SMALL, **TINY)
    values = solution.evaluate(w, x=[0.0, 1.0, pi], t=0.0)
    assert np.shape(values) == (3,) and np.isfinite(values).all()


def test_an_inverse_problem_from_a_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = np.random.default_rng(0).random((60, 2))
    table = np.column_stack([rows, rows[:, 0] * rows[:, 1]])
    np.savetxt("probes.csv", table, delimiter=",", header="x,y,u", comments="")
    x, y = coordinates("x y")
    u = unknown("u", x, y)
    plate = Box(x=(0, 1), y=(0, 1))
    nu = parameter("nu", 0.1, positive=True)  # identified together with the field
    k = unknown("k", x, y)  # an unknown coefficient is one more field
    probes = Measurements.read("probes.csv")  # columns bind to coordinates by header; probes["u"] is a symbol
    problem = Problem(
        on(plate, Eq(-div(k * grad(u)), nu * x)),
        on(probes, Eq(u, probes["u"])),
        on(plate.boundary, Eq(k, 1)),
    )
    assert problem.check() == ()
    solution = solve(problem, SMALL, **TINY)
    assert np.isfinite(solution.evaluate(nu)) and list(solution.problem.named_constraints)[1] == "probes"
    assert np.isfinite(solution.evaluate(k, x=0.5, y=[0.0, 1.0])).all()


def test_a_signed_distance_from_a_scan(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    directions = fibonacci_sphere(200)
    (tmp_path / "bunny.ply").write_bytes(binary_ply(points=0.6 * directions, normals=directions))
    x, y, z = coordinates("x y z")
    phi = unknown("phi", x, y, z)
    scan = PointCloud.read("bunny.ply")
    cube = Box(x=(-1, 1), y=(-1, 1), z=(-1, 1))
    shape = Problem(
        on(cube, Eq(norm(grad(phi)), 1), weight=50, loss="l1"),
        on(scan, Eq(norm(grad(phi)), 1), weight=50, loss="l1"),
        on(scan, Eq(phi, 0), weight=3e3, loss="l1"),
        on(
            scan, 1 - dot(grad(phi), scan.normal) / norm(grad(phi)), weight=1e2, loss="l1"
        ),  # a plain expression is "= 0"
        on(cube, exp(-100 * Abs(phi)), weight=1e2, loss="l1"),
    )
    assert shape.check() == ()
    solution = solve(shape, Siren(width=16, depth=2, omega=4), stages=[Adam(steps=300, rate=5e-3)], progress=False)
    bunny = solution.region(phi < 0)  # a region like any other
    assert bunny.measure == pytest.approx(4 / 3 * np.pi * 0.6**3, rel=0.1)
    mesh = bunny.surface(resolution=24)  # meshio.Mesh
    assert np.linalg.norm(mesh.points, axis=1) == pytest.approx(0.6, abs=0.1)
    T = unknown("T", x, y, z)
    heat = Problem(on(bunny, Eq(-laplacian(T), 1)), on(bunny.boundary, Eq(T, 0)))
    solve(heat, SMALL, **TINY).export("heat.vtu")
    assert (tmp_path / "heat.vtu").exists()


def test_an_image_from_its_gradients(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    matplotlib.image.imsave("camera.png", np.random.default_rng(0).random((16, 16, 3)))
    x, y = coordinates("x y")
    image = Image.read("camera.png")  # samples on a grid, x and y in [-1, 1]; .value .gradient .laplacian
    g = unknown("g", x, y, size=3)
    problem = Problem(on(image, Eq(grad(g), image.gradient)))
    with pytest.warns(ProblemWarning, match="up to a constant"):  # as it is
        solution = solve(problem, SMALL, **TINY)
    assert solution.evaluate(g - image.value, x=0.5, y=[0.0, 1.0]).shape == (2, 3)
    assert solution.evaluate(laplacian(g) - image.laplacian, x=0.5, y=0.0).shape == (3,)


def velocity_model(x, y):
    return 1 + torch.sin(x) * y


def test_systems_vectors_known_data_and_exact_solutions():
    x, y, t = coordinates("x y", time="t")
    nu = parameter("nu", 0.1, positive=True)
    v = unknown("v", x, y, t, size=2)  # a SymPy column vector; components v[0], v[1]
    p = unknown("p", x, y, t)
    momentum = Eq(v.diff(t) + grad(v) * v + grad(p), nu * laplacian(v))  # grad(v)[i, j] = ∂v_i/∂x_j
    c = coefficient("c", velocity_model, x, y)
    channel = Box(x=(0, pi), y=(0, pi)) * Box(t=(0, 1))
    decay = exp(-0.2 * t)
    exact = (-sin(y) * decay, sin(x) * decay)
    problem = Problem(
        on(channel, momentum, Eq(div(v), 0), points=64),
        on(channel.boundary, Eq(v, exact), points=32),
        on(channel.at(t=0), Eq(v, (-sin(y), sin(x))), points=32),
        on(channel.at(t=0), Eq(p / c, 0), points=16, name="pressure"),
        reference={v: exact},  # errors are reported against it
    )
    problem.check()
    solution = solve(problem, SMALL, **TINY)
    assert np.shape(solution.evaluate(v, x=0.5, y=[0.0, 0.5, 1.0], t=0.0)) == (3, 2)
    assert np.isfinite(solution.evaluate(nu))
    (error,) = solution.errors().values()
    assert 0 < error < 10


@pytest.fixture
def plate():
    x, y = coordinates("x y")
    u, k = unknown("u", x, y), unknown("k", x, y)
    box = Box(x=(-1, 1), y=(-1, 1))
    heated = Problem(
        on(box, Eq(-laplacian(u), exp(-(x**2) - y**2))),
        on(box.boundary.part("x-"), Eq(dot(grad(u), box.boundary.normal) + 2 * u, 0)),
        on(box.boundary.without("x-"), Eq(u, 0)),
        name="heated plate",
    )
    return heated, u, k, box


def test_expert_use(plate):
    problem, *_ = plate
    program = compile_problem(problem, Siren(width=64, depth=3), dtype="float64")
    print(program.explain())  # derivatives, engine and FLOPs per point of every constraint
    parameters, batch = (
        program.initial(seed=0),
        program.batch(seed=0, points=dict.fromkeys(problem.named_constraints, 16)),
    )
    residuals = program.residuals(parameters, batch)
    assert {name: tuple(r.shape) for name, r in residuals.items()} == dict.fromkeys(problem.named_constraints, (16, 1))
    program.loss(parameters, batch).backward()
    assert all(p.grad is not None for p in parameters.values())


def test_one_network_per_unknown_and_a_run_on_disk(plate, tmp_path):
    _, u, k, box = plate
    problem = Problem(on(box, Eq(-div(k * grad(u)), 1), Eq(u, 0), points=64), on(box.boundary, Eq(k, 1), points=16))
    run = {"device": "cpu", "dtype": "float64", "seed": 0, "out": tmp_path / "plate", "progress": False}
    stages = [Adam(steps=5), GaussNewton(steps=3)]
    solution = solve(problem, {u: Siren(8, 3), k: Siren(8, 2)}, stages=stages, **run)
    again = solve(problem, {u: Siren(8, 3), k: Siren(8, 2)}, stages=stages, **run)  # the same call resumes
    at = {"x": [0.1, 0.2], "y": 0.5}
    np.testing.assert_allclose(again.evaluate(u, **at), solution.evaluate(u, **at), rtol=1e-12)
    solution.save(tmp_path / "plate.h5")
    loaded = Solution.load(tmp_path / "plate.h5")  # data only: loading runs no code
    np.testing.assert_allclose(loaded.evaluate(k * grad(u), **at), solution.evaluate(k * grad(u), **at), rtol=1e-12)
