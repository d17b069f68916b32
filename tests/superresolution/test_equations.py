"""The equations of convection have the same signs and directions for SymPy, differences and the compiler."""

from pathlib import Path

import numpy as np
import pytest
import sympy
import torch
import xarray
from sympy import cos, exp, sin

from pinr import Box, DeclarationError, Problem, compile_problem, on
from pinr.superresolution import GridDataset, Standardisation, derivative, rayleigh_benard, residuals
from tests.superresolution.made_flows import dataset_of, grid_of

DATA = Path(__file__).parents[3] / "shared" / "data" / "rb2d_ra1e6.h5"
RAYLEIGH, PRANDTL = 400.0, 4.0
EQUATIONS = rayleigh_benard(RAYLEIGH, PRANDTL)
x, z, t = (EQUATIONS.coordinates[name] for name in ("x", "z", "t"))
STREAM = sin(2 * x + sympy.Rational(3, 10)) * cos(3 * z)
FORMULAS = {
    "p": sin(2 * x) * exp(-z) * cos(t),
    "b": cos(x) * z**2 + sin(z + t),
    "u": STREAM.diff(z) * (1 + t**2),
    "w": -STREAM.diff(x) * (1 + t**2),
}


def residual(name, formulas=FORMULAS, equations=EQUATIONS):
    """What is left of an equation when formulas are put in."""
    equation = equations[name]
    values = {unknown: formulas[field] for field, unknown in equations.unknowns.items()}
    return sympy.sympify(equation.lhs - equation.rhs).subs(values).doit()


def on_a_grid(formulas, counts, **options):
    numbers = {name: sympy.lambdify((t, z, x), formula) for name, formula in formulas.items()}
    return dataset_of(numbers, grid_of(counts, length=2 * np.pi, **options), Ra=RAYLEIGH, Pr=PRANDTL)


def test_the_equations_are_those_of_the_book():
    p, b, u, w = (FORMULAS[name] for name in "pbuw")
    kappa, nu = (RAYLEIGH * PRANDTL) ** -0.5, (RAYLEIGH / PRANDTL) ** -0.5
    written = {
        "energy": b.diff(t) + u * b.diff(x) + w * b.diff(z) - kappa * (b.diff(x, 2) + b.diff(z, 2)),
        "momentum_x": u.diff(t) + u * u.diff(x) + w * u.diff(z) + p.diff(x) - nu * (u.diff(x, 2) + u.diff(z, 2)),
        "momentum_z": w.diff(t) + u * w.diff(x) + w * w.diff(z) + p.diff(z) - b - nu * (w.diff(x, 2) + w.diff(z, 2)),
        "continuity": u.diff(x) + w.diff(z),
    }
    place = {x: 0.7, z: 0.4, t: 1.3}
    assert list(EQUATIONS) == list(written)
    for name, expression in written.items():
        assert float(residual(name).subs(place)) == pytest.approx(float(expression.subs(place)), abs=1e-12)


def test_a_flow_without_divergence_has_none_though_its_swapped_derivatives_do():
    # Derivatives with x and z swapped, as in the published code, leave −5 sin(2x + 0.3) cos(3z).
    assert sympy.simplify(residual("continuity")) == 0
    swapped = FORMULAS["u"].diff(z) + FORMULAS["w"].diff(x)
    assert sympy.simplify(swapped - (1 + t**2) * (-5) * STREAM) == 0

    # The same along the named axes of data, in whatever order they lie in memory.
    flow = on_a_grid(FORMULAS, (9, 40, 16))
    largest = float(np.abs(derivative(flow.u, "x", period=2 * np.pi)).max())
    for order in (("t", "z", "x"), ("x", "z", "t"), ("z", "t", "x")):
        found = residuals(flow.transpose(*order))["continuity"]
        assert found.dims == order and np.abs(found).max() < 1e-6 * largest
    relabelled = flow.rename(x="z", z="x").assign_attrs(periodic="z")
    assert np.abs(residuals(relabelled)["continuity"]).max() > 0.3 * largest


@pytest.mark.parametrize("name", list(EQUATIONS))
def test_residuals_on_a_grid_are_those_of_the_formulas(name):
    formula = sympy.lambdify((t, z, x), residual(name))
    found = residuals(on_a_grid(FORMULAS, (13, 48, 16)))[name]
    exact = dataset_of({"r": formula}, {axis: found[axis].values for axis in ("t", "z", "x")})["r"]
    assert found.sizes["t"] == 7  # those with three frames on either side
    scale = 1 + np.abs(exact.values).max()
    assert np.abs(found.values - exact.values).max() < 2e-6 * scale


def test_differences_are_of_sixth_order_on_uneven_positions():
    errors = []
    for count in (16, 32):
        places = np.sin(np.pi * (np.arange(count) + 0.5) / (2 * count)) ** 2
        values = xarray.DataArray(np.sin(5 * places), {"z": places}, "z", name="f")
        errors.append(np.abs(derivative(values, "z").values - 5 * np.cos(5 * places)).max())
    assert np.log2(errors[0] / errors[1]) > 5.5


def test_differences_are_exact_for_polynomials_and_series_for_waves():
    places = np.array([0.0, 0.1, 0.3, 0.4, 0.8, 0.9, 1.3, 1.7])
    values = xarray.DataArray(places**6, {"z": places}, "z", name="f")
    assert derivative(values, "z", order=2).values == pytest.approx(30 * places**4, abs=1e-9)
    angle = 2 * np.pi * np.arange(16) / 16
    wave = xarray.DataArray(np.sin(7 * angle + 1), {"x": angle}, "x", name="f")
    assert derivative(wave, "x", period=2 * np.pi).values == pytest.approx(7 * np.cos(7 * angle + 1))
    assert derivative(wave, "x", order=2, period=2 * np.pi).values == pytest.approx(-49 * wave.values)


def test_values_at_walls_are_used():
    places = (np.arange(8) + 0.5) / 8
    values = xarray.DataArray(np.sin(np.pi * places), {"z": places}, "z", name="f")
    without = np.abs(derivative(values, "z", order=2).values + np.pi**2 * values.values).max()
    walls = ((0.0, 0.0), (1.0, 0.0))
    with_them = np.abs(derivative(values, "z", order=2, walls=walls).values + np.pi**2 * values.values).max()
    assert with_them < without / 5


class Formula(torch.nn.Module):
    """A network that is a formula."""

    def __init__(self, formula):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.ones(1))
        self.function = sympy.lambdify((x, z, t), formula, modules=torch)

    def forward(self, points):
        return (self.weight * self.function(*points.unbind(1)))[:, None]


def compiled(equations, formulas):
    """Residuals by the compiler at random points, and where they are."""
    region = Box(x=(0, 2 * np.pi), z=(0, 1)) * Box(t=(0, 1))
    problem = Problem(on(region, *equations.values(), points=64, name="flow"))
    networks = {unknown: Formula(formulas[name]) for name, unknown in equations.unknowns.items()}
    program = compile_problem(problem, networks, dtype="float64")
    parameters, batch = program.initial(seed=0), program.batch(seed=0)
    return program.residuals(parameters, batch)["flow"].detach().numpy(), batch


def at_points(formula, batch):
    places = batch["flow"].samples.points
    return sympy.lambdify((t, z, x), formula)(*(places[name] for name in ("t", "z", "x")))


def test_the_compiler_finds_the_same_residuals():
    found, batch = compiled(EQUATIONS, FORMULAS)
    for column, name in enumerate(EQUATIONS):
        assert found[:, column] == pytest.approx(at_points(residual(name), batch) + 0 * found[:, column], abs=1e-9)


def test_equations_of_standardised_fields_have_the_same_residuals():
    standardisation = Standardisation(
        {"p": 0.1, "b": -0.2, "u": 0.3, "w": 0.0}, {"p": 0.04, "b": 0.15, "u": 0.2, "w": 3.0}
    )
    scaled = {name: (f - standardisation.mean[name]) / standardisation.scale[name] for name, f in FORMULAS.items()}
    equations = EQUATIONS.standardised(standardisation)
    place = {x: 0.7, z: 0.4, t: 1.3}
    for name in equations:
        ours, theirs = (float(r.subs(place)) for r in (residual(name, scaled, equations), residual(name)))
        assert ours == pytest.approx(theirs, abs=1e-12)
    found, batch = compiled(equations, scaled)
    assert found[:, 1] == pytest.approx(at_points(residual("momentum_x"), batch), abs=1e-9)


def test_any_equations_may_be_taken_with_any_weights():
    chosen = EQUATIONS.weighted(continuity=10).take("continuity", "energy")
    assert list(chosen) == ["continuity", "energy"] and chosen.weights == {"continuity": 10.0, "energy": 1.0}
    assert len(EQUATIONS) == 4 and EQUATIONS.weights["continuity"] == 1.0
    assert "Derivative(u, x) + Derivative(w, z) = 0" in str(chosen)
    assert Problem(on(Box(x=(0, 1), z=(0, 1), t=(0, 1)), *EQUATIONS.take("continuity").values()))


def test_wrong_names_and_numbers_are_refused():
    with pytest.raises(DeclarationError, match=r"`take\('mass'\)`: there is no such equation. There are energy"):
        EQUATIONS.take("mass")
    with pytest.raises(DeclarationError, match="leaves no equation"):
        EQUATIONS.take()
    with pytest.raises(DeclarationError, match="weights are numbers that are 0 or larger"):
        EQUATIONS.weighted(energy=-1)
    with pytest.raises(DeclarationError, match="there is no such equation"):
        EQUATIONS.weighted(mass=1)
    with pytest.raises(DeclarationError, match=r"`rayleigh_benard\(Ra=0\)`"):
        rayleigh_benard(Ra=0)
    with pytest.raises(DeclarationError, match="the unknown `p`"):
        EQUATIONS.standardised(Standardisation.none(("b", "u", "w")))


def test_residuals_say_what_they_cannot_do():
    flow = on_a_grid(FORMULAS, (9, 12, 16))
    with pytest.raises(DeclarationError, match="`t` has 5 positions, and derivatives along it need 7"):
        residuals(flow.isel(t=slice(5)))
    with pytest.raises(DeclarationError, match=r"`stencil=4`"):
        residuals(flow, stencil=4)
    with pytest.raises(DeclarationError, match="no field `p`"):
        residuals(flow.drop_vars("p"))


@pytest.mark.skipif(not DATA.exists(), reason="needs the shared data")
def test_a_simulation_obeys_the_equations_as_far_as_frames_can_tell():
    fine = GridDataset(DATA, coarsen={}, select={"t": (36, 41)}).fine()
    found = {name: r.attrs["relative"] for name, r in residuals(fine, plates=(0, 1)).items()}
    assert found["energy"] < 0.04 and found["momentum_x"] < 0.02 and found["momentum_z"] < 0.02
    assert found["continuity"] < 2e-3
    other = residuals(fine, Ra=1e4, plates=(0, 1))
    assert other["energy"].attrs["relative"] > 5 * found["energy"]  # it is this Rayleigh number
