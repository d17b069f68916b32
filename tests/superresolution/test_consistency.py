"""Names carry the meaning: the order of axes, their steps and units change no residual, and wrong ones are noticed.

The published code of MeshfreeFlowNet names the columns (t, z, x) of its points t, x, z, takes frames 0.25 apart for
0.134 apart, and leaves the gradient of the pressure without its scale.
"""

import warnings
from pathlib import Path

import numpy as np
import pytest
import sympy
import torch

from pinr import Eq, coordinates, unknown
from pinr.errors import DeclarationError
from pinr.superresolution import Equations, GridDataset, rayleigh_benard, simulate
from pinr.superresolution.consistency import ConsistencyWarning, check_consistency, relative_residuals
from pinr.superresolution.equation_rows import EquationRows, rows_of
from pinr.superresolution.spline import Axis, on_lattice
from tests.superresolution.made_flows import dataset_of, grid_of

DATA = Path(__file__).parents[3] / "shared" / "data" / "rb2d_ra1e6.h5"
FIELDS = ("p", "b", "u", "w")
INSIDE = 3  # nodes from the ends: what a spline does there is another test's matter

# A steady flow without friction, seen by somebody who passes by with speed 0.7: vorticity and b are functions of ψ.
x, z, t = sympy.symbols("x z t", real=True)
SPEED = sympy.Rational(7, 10)
STREAM = sympy.sin(2 * (x - SPEED * t) + sympy.Rational(3, 10)) * sympy.cos(3 * z)
ALONG, UP = STREAM.diff(z), -STREAM.diff(x)
FORMULAS = {
    "p": -(ALONG**2 + UP**2 + 13 * STREAM**2) / 2,
    "b": STREAM**2,
    "u": ALONG + SPEED,
    "w": UP,
}


def flow_of(order=("t", "z", "x"), *, units=(1.0, 1.0, 1.0), counts=(33, 32, 48)):
    """The flow in a file with these units of t, z and x, whose axes lie in this order."""
    tau, c, a = units
    functions = {name: sympy.lambdify((t, z, x), formula) for name, formula in FORMULAS.items()}
    flow = dataset_of(functions, grid_of(counts, length=np.pi))
    flow = flow.assign(u=flow.u * a / tau, w=flow.w * c / tau)
    return flow.assign_coords(t=flow.t * tau, z=flow.z * c, x=flow.x * a).transpose(*order)


def equations_in(tau=1.0, c=1.0, a=1.0):
    """Balance of mass, of b and of momentum in these units."""
    x, z, t = coordinates("x z", time="t")
    p, b, u, w = (unknown(name, x, z, t) for name in FIELDS)

    def change(f):
        return f.diff(t) + u * f.diff(x) + w * f.diff(z)

    written = {
        "continuity": Eq(u.diff(x) + w.diff(z), 0),
        "transport": Eq(change(b), 0),
        "momentum_x": Eq(change(u) + (a / tau) ** 2 * p.diff(x), 0),
        "momentum_z": Eq(change(w) + (c / tau) ** 2 * p.diff(z), 0),
    }
    return Equations(written, {"p": p, "b": b, "u": u, "w": w}, {"x": x, "z": z, "t": t})


def data_of(flow, **options):
    return GridDataset(flow, fields=FIELDS, coarsen={"t": 4, "z": 4, "x": 4}, periodic="x", **options)


def residuals_of(data, equations, *, axes=None):
    """At the inner nodes, from standardised splines as in training: residuals, sizes of terms, places."""
    fine = data.standardisation.apply(data.fine())
    values = torch.from_numpy(np.stack([fine[name].values for name in FIELDS]))[None]
    own = [Axis(fine.sizes[axis], data.steps[axis], axis in data.periods) for axis in data.axes]
    places = [np.arange(float(INSIDE), axis.count - INSIDE) for axis in own]
    rows = EquationRows(equations, data.standardisation, FIELDS, axes or data.axes)
    derivatives = rows_of(on_lattice(values, own, places, rows.indices))
    inner = fine.isel({axis: slice(INSIDE, -INSIDE) for axis in data.axes})
    points = dict(zip(data.axes, np.meshgrid(*(inner[axis] for axis in data.axes), indexing="ij"), strict=True))
    found = {name: values.numpy() for name, values in rows.residuals(derivatives).items()}
    return found, rows.sizes(derivatives), {axis: values.ravel() for axis, values in points.items()}


@pytest.mark.parametrize("order", [("t", "z", "x"), ("t", "x", "z"), ("x", "z", "t")], ids=" ".join)
@pytest.mark.parametrize("units", [(1.0, 1.0, 1.0), (60.0, 1.0, 1.0), (1.0, 0.01, 1000.0)], ids=str)
def test_orders_of_axes_and_units_change_no_residual(order, units):
    found, sizes, _ = residuals_of(data_of(flow_of(order, units=units)), equations_in(*units))
    for name, residual in found.items():
        assert np.abs(residual).max() < 2e-3 * sizes[name], name


def test_slopes_of_splines_are_of_fourth_order_at_nodes():
    errors = []
    for counts in ((17, 16, 24), (33, 32, 48)):
        found, sizes, _ = residuals_of(data_of(flow_of(counts=counts)), equations_in())
        errors.append(max(np.abs(found[name]).max() / sizes[name] for name in found))
    assert np.log2(errors[0] / errors[1]) > 3.5


def test_exchanged_names_of_axes_leave_five_times_the_stream_function():
    found, _, places = residuals_of(data_of(flow_of()), equations_in(), axes=("t", "x", "z"))
    stream = sympy.lambdify((t, z, x), STREAM)(*(places[axis] for axis in "tzx"))
    assert np.abs(found["continuity"] + 5 * stream).max() < 1e-2


def test_a_wrong_time_between_frames_leaves_its_share_of_the_change():
    flow = flow_of()
    found, _, places = residuals_of(data_of(flow.assign_coords(t=flow.t * 0.134 / 0.25)), equations_in())
    change = sympy.lambdify((t, z, x), FORMULAS["b"].diff(t))(places["t"] * 0.25 / 0.134, places["z"], places["x"])
    assert np.abs(found["transport"] - (0.25 / 0.134 - 1) * change).max() < 1e-2 * np.abs(change).max()
    assert np.abs(found["continuity"]).max() < 1e-2


def test_a_pressure_without_its_scale_leaves_the_rest_of_its_gradient():
    flow = flow_of()
    scale = float(flow.p.std())
    found, _, places = residuals_of(data_of(flow.assign(p=flow.p / scale)), equations_in())
    slope = sympy.lambdify((t, z, x), FORMULAS["p"].diff(x))(*(places[axis] for axis in "tzx"))
    missing = (1 / scale - 1) * slope
    assert np.abs(found["momentum_x"] - missing).max() < 1e-2 * np.abs(missing).max()


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Convection on a small grid."""
    path = tmp_path_factory.mktemp("runs") / "run.h5"
    simulate(path, Ra=2e4, nx=32, nz=16, until=12.0, every=0.25, seed=0, noise=1.0)
    return GridDataset(path, coarsen={}, select={"t": (4, None)}).fine().load()


def test_simulated_and_made_flows_are_consistent(run):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = check_consistency(GridDataset(run, coarsen={"t": 4, "z": 4, "x": 4}), rayleigh_benard(Ra=2e4))
        made = check_consistency(data_of(flow_of()), equations_in())
    assert max(found.values()) < 0.1 and max(made.values()) < 1e-3


def test_residuals_are_of_the_training_data_in_their_own_units(run):
    equations = rayleigh_benard(Ra=2e4)
    as_they_are, standardised = (
        relative_residuals(GridDataset(run, coarsen={"t": 4, "z": 4, "x": 4}, standardise=own), equations)
        for own in (False, True)
    )
    assert as_they_are == pytest.approx(standardised, rel=1e-3)


FAULTS = {
    "names of axes": (lambda f: f.rename(x="z", z="x").assign_attrs(periodic="z"), "`x` and `z` exchanged", None),
    "names of fields": (lambda f: f.rename(u="w", w="u"), "`u` and `w` exchanged", None),
    "frames": (lambda f: f.assign_coords(t=f.t / 4), "positions of `t` multiplied by about", 4),
    "lengths": (lambda f: f.assign_coords(x=f.x * 100), "positions of `x` multiplied by about", 0.01),
    "pressure": (lambda f: f.assign(p=f.p * 50), "`p` multiplied by about", 0.02),
    "two faults": (lambda f: f.assign(p=f.p * 50, w=-f.w), "names and order of the axes, the units", None),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_wrong_is_said(run, fault):
    change, words, factor = FAULTS[fault]
    data = GridDataset(change(run), coarsen={"t": 4, "z": 4, "x": 4})
    with pytest.warns(ConsistencyWarning) as caught:
        check_consistency(data, rayleigh_benard(Ra=2e4))
    said = str(caught[0].message)
    assert words in said
    if factor:
        assert float(said.partition(words)[2].split()[0]) == pytest.approx(factor, rel=0.2)


def test_uneven_and_few_positions_are_refused(run):
    for changed, axis in ((run.assign_coords(z=run.z**2), "z"), (run.isel(t=slice(3)), "t")):
        with pytest.raises(DeclarationError, match=f"Splines along `{axis}`"):
            relative_residuals(GridDataset(changed, coarsen={"x": 4}), rayleigh_benard(Ra=2e4))


def test_few_frames_and_runs_of_different_lengths_will_do(run):
    data = GridDataset([run, run.isel(t=slice(8))], coarsen={"x": 4})
    assert max(relative_residuals(data, rayleigh_benard(Ra=2e4)).values()) < 0.1


@pytest.mark.skipif(not DATA.exists(), reason="needs the shared data")
def test_the_shared_data_are_consistent():
    data = GridDataset(DATA, coarsen={"t": 4, "z": 8, "x": 8}, select={"t": (18, 41)})
    found = check_consistency(data, rayleigh_benard(Ra=1e6))
    # A quarter of the energy is the time between frames; differences of sixth order leave .20.
    assert found["energy"] < 0.3 and max(found["momentum_x"], found["momentum_z"]) < 0.1
    assert found["continuity"] < 0.01
