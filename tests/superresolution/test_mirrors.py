"""Mirror images of convection are convection: upside down with warm and cold exchanged, and left for right."""

from pathlib import Path

import numpy as np
import pytest

from pinr.superresolution import Convection, GridDataset, residuals
from pinr.superresolution.convection import State

DATA = Path(__file__).parents[3] / "shared" / "data" / "rb2d_ra1e6.h5"
HEIGHTS = (np.arange(12) + 0.5) / 12
# The fields that change their sign; the pressure does not, nor does it get an offset.
ODD = {"z": ("b", "w"), "x": ("u",)}


def mirrored_state(state, axis):
    """In coefficients: every other Legendre polynomial is odd, and Fourier coefficients of the mirror are conjugate."""
    if axis == "x":
        return State(state.time, -state.stream.conj(), -state.mean, state.heat.conj())
    signs = [(-1.0) ** np.arange(len(part))[:, None] for part in state.parts]
    return State(state.time, -signs[0] * state.stream, signs[1] * state.mean, -signs[2] * state.heat)


def mirrored_values(values, axis):
    """On heights that lie evenly about ½, and x = 0, Δx, 2Δx and so on."""
    return values[::-1] if axis == "z" else np.roll(values[:, ::-1], 1, axis=1)


@pytest.fixture(scope="module")
def flow():
    return Convection(1e5, 0.7, length=3.0, nx=16, nz=20)


@pytest.fixture(scope="module")
def state(flow):
    """Large enough for every term to count, and without any symmetry."""
    generator = np.random.default_rng(3)

    def drawn(shape):
        decay = 2.0 ** -np.add.outer(np.arange(shape[0]), np.arange(shape[1]))
        return decay * (generator.standard_normal(shape) + 1j * generator.standard_normal(shape))

    stream, heat = 0.02 * drawn((16, 8)), 0.3 * drawn((18, 8))
    stream[:, 0], heat[:, 0] = 0, heat[:, 0].real
    return flow.state(heat=heat, stream=stream, mean=0.1 * drawn((18, 1)).real)


@pytest.mark.parametrize("axis", ["z", "x"])
def test_the_mirror_image_of_a_flow_is_a_flow(flow, state, axis):
    mirror, start = mirrored_state(state, axis), flow.fields(state, HEIGHTS)
    for _ in range(10):
        state, mirror = flow.step(state, 0.01), flow.step(mirror, 0.01)
    found, image = flow.fields(state, HEIGHTS), flow.fields(mirror, HEIGHTS)
    for name in "pbuw":
        sign = -1 if name in ODD[axis] else 1
        size = np.abs(found[name]).max()
        assert np.abs(image[name] - sign * mirrored_values(found[name], axis)).max() < 1e-10 * size, name
        assert np.abs(found[name] - start[name]).max() > 1e-3 * size, name  # it has moved


@pytest.mark.parametrize("axis", ["z", "x"])
def test_other_signs_are_no_mirror_image(flow, state, axis):
    later, wrong = flow.step(state, 0.05), mirrored_state(state, axis)
    wrong = flow.step(State(wrong.time, -wrong.stream, wrong.mean, wrong.heat), 0.05)
    found, image = flow.fields(later, HEIGHTS)["w"], flow.fields(wrong, HEIGHTS)["w"]
    sign = -1 if "w" in ODD[axis] else 1
    assert np.abs(image - sign * mirrored_values(found, axis)).max() > 0.1 * np.abs(found).max()


@pytest.mark.skipif(not DATA.exists(), reason="needs the shared data")
@pytest.mark.parametrize("axis", ["z", "x"])
def test_mirror_images_of_the_shared_run_obey_the_equations_as_it_does(axis):
    fine = GridDataset(DATA, coarsen={}, select={"t": (36, 39)}).fine().load()
    assert np.abs(fine["p"].mean(("z", "x"))).max() < 1e-3 * fine["p"].std()  # the gauge, which mirrors keep
    image = fine.isel({axis: slice(None, None, -1)}).assign_coords({axis: fine[axis]})
    image = image.assign({name: -image[name] for name in ODD[axis]})
    ours, theirs = residuals(image, plates=(0, 1)), residuals(fine, plates=(0, 1))
    for name in theirs.data_vars:
        assert ours[name].attrs["relative"] == pytest.approx(theirs[name].attrs["relative"], rel=1e-4), name
