"""Sounds, films and volumes: boxes sampled at the points of a grid, with what is known there."""

import copy

import h5py
import numpy as np
import pytest
import sympy

from pinr.compiler.collect import collect
from pinr.compiler.known_values import known_values
from pinr.errors import DeclarationError, GeometryError
from pinr.geometry import Audio, Image, Samples, Video, Volume, region_from_record
from pinr.geometry.sampling import Sobol, Uniform
from pinr.language.coordinates import coordinates
from pinr.language.operators import grad, laplacian

x, y, z, t = coordinates("x y z", time="t")
NUMBERS = np.random.default_rng(0)
CUBE = NUMBERS.normal(size=(6, 7, 8))
FILM = NUMBERS.integers(0, 256, (4, 5, 6), dtype=np.uint8)
COLOURS = NUMBERS.integers(0, 256, (4, 5, 6, 3), dtype=np.uint8)
SOUND = np.int16([0, 1000, -2000, 500, 30])
EXTENT = {"x": (0, 1), "y": (-1, 2), "z": (2, 3)}
SIGNALS = [Image(np.eye(3)), Audio(SOUND), Video(FILM), Video(COLOURS), Volume(CUBE)]


def values(expression, points):
    collected = collect((expression,))
    return known_values(collected.components, Samples(points), collected.atoms)[0]


def places(count, extent=EXTENT):
    return {name: NUMBERS.uniform(low, high, count) for name, (low, high) in extent.items()}


def indices(signal, points):
    return [
        np.rint(np.interp(p, a, range(len(a)))).astype(int)
        for p, a in zip(points.values(), signal.positions, strict=True)
    ]


@pytest.mark.parametrize("signal", SIGNALS, ids=repr)
def test_a_draw_of_as_many_samples_as_points_is_each_of_them_once(signal):
    points = signal.sample(signal.population, sampler=Sobol(), seed=5).points
    assert len(set(zip(*map(tuple, points.values()), strict=True))) == signal.population == np.prod(signal.counts)


@pytest.mark.parametrize("signal", SIGNALS, ids=repr)
def test_a_stored_signal_is_a_region_without_values(signal):
    stored = region_from_record(signal.record())
    drawn = [s.sample(30, sampler=Sobol(), seed=1).points for s in (signal, stored)]
    assert stored == signal and copy.deepcopy(signal) == signal
    assert all(np.array_equal(drawn[0][name], drawn[1][name]) for name in signal.names)
    with pytest.raises(GeometryError, match=f"Read the {signal.USUAL} again"):
        _ = stored.value


@pytest.mark.parametrize("signal", SIGNALS, ids=repr)
def test_a_damaged_record_is_refused(signal):
    for shape in ([2] * 5, [10**12] * len(signal.shape), [1] * len(signal.shape)):
        with pytest.raises(GeometryError, match="damaged"):
            region_from_record({**signal.record(), "shape": shape})


def test_a_volume_is_looked_up_at_its_points():
    volume = Volume(CUBE, extent=EXTENT)
    points = volume.sample(300, sampler=Uniform(), seed=0).points
    assert np.array_equal(values(volume.value, points), CUBE[tuple(indices(volume, points))])


def test_a_quartic_volume_and_its_derivatives_are_exact_everywhere():
    p, q, r = np.meshgrid(np.linspace(0, 1, 6), np.linspace(-1, 2, 7), np.linspace(2, 3, 8), indexing="ij")
    volume = Volume(p**4 - 2 * p * q**2 * r + r**3, extent=EXTENT)
    at = places(50)
    p, q, r = at.values()
    assert values(volume.value, at) == pytest.approx(p**4 - 2 * p * q**2 * r + r**3, abs=1e-11)
    exact = (4 * p**3 - 2 * q**2 * r, -4 * p * q * r, -2 * p * q**2 + 3 * r**2)
    for component, derivative in zip(volume.gradient, exact, strict=True):
        assert values(component, at) == pytest.approx(derivative, abs=1e-9)
    assert values(volume.laplacian, at) == pytest.approx(12 * p**2 - 4 * p * r + 6 * r, abs=1e-8)
    assert values(volume.value.diff(x, y, z), at) == pytest.approx(-4 * q, abs=1e-7)


def test_derivatives_at_the_points_are_of_fourth_order():
    def error(count):
        axis = np.linspace(0, 1, count)
        volume = Volume(np.sin(3 * axis)[:, None, None] * np.ones((1, 5, 5)), extent=dict.fromkeys("xyz", (0, 1)))
        at = {"x": axis[4:-4], "y": np.full(count - 8, 0.5), "z": np.full(count - 8, 0.25)}
        return np.abs(values(volume.gradient[0], at) - 3 * np.cos(3 * at["x"])).max()

    assert np.log2(error(33) / error(65)) == pytest.approx(4, abs=0.1)


def test_derivatives_that_the_data_cannot_tell_are_refused():
    volume = Volume(np.zeros((2, 5, 5)))
    assert values(volume.gradient[0], places(3, volume.bounds)) == pytest.approx(0)
    with pytest.raises(DeclarationError, match="order 2 along x is asked of data with 2 positions"):
        values(volume.laplacian, places(3, volume.bounds))
    with pytest.raises(DeclarationError, match="namesake"):
        Volume(CUBE).value.diff(sympy.Symbol("x"))


def test_gradients_are_those_of_the_language():
    volume, film, sound = Volume(CUBE), Video(FILM), Audio(SOUND)
    assert (volume.gradient, volume.laplacian) == (grad(volume.value, x, y, z), laplacian(volume.value, x, y, z))
    assert (film.gradient, film.laplacian) == (grad(film.value), laplacian(film.value))
    assert (list(sound.gradient), sound.laplacian) == ([sound.value.diff(t)], laplacian(sound.value, t))


def test_a_film_has_its_first_row_at_the_top_and_its_first_frame_at_the_beginning():
    film = Video(FILM)
    corners = {"x": np.array([-1.0, 1.0, -1.0]), "y": np.array([1.0, -1.0, 1.0]), "t": np.array([-1.0, -1.0, 1.0])}
    assert values(film.value, corners) == pytest.approx(
        np.array([FILM[0, 0, 0], FILM[0, -1, -1], FILM[-1, 0, 0]]) / 255
    )
    points = film.sample(400, sampler=Uniform(), seed=0).points
    columns, rows, frames = indices(film, points)
    assert values(film.value, points) == pytest.approx(FILM[frames, 4 - rows, columns] / 255, abs=1e-15)


def test_colours_of_a_film_are_a_vector():
    film = Video(COLOURS, name="bikes")
    assert [str(channel) for channel in film.value] == ["bikes_red", "bikes_green", "bikes_blue"]
    assert film.gradient.shape == (3, 2) and film.laplacian.shape == (3, 1)
    points = film.sample(film.population, sampler=Sobol(), seed=0).points
    columns, rows, frames = indices(film, points)
    for k, channel in enumerate(film.value):
        assert values(channel, points) == pytest.approx(COLOURS[frames, 4 - rows, columns, k] / 255, abs=1e-15)


def test_pixels_stay_bytes_and_mapped_arrays_mapped(tmp_path):
    np.save(tmp_path / "film.npy", FILM)
    film = Video(np.load(tmp_path / "film.npy", mmap_mode="r"))
    assert film.grids[0].source.dtype == np.uint8 and isinstance(film.grids[0].source, np.memmap)
    np.save(tmp_path / "cube.npy", CUBE.astype(np.float32))
    volume = Volume.read(tmp_path / "cube.npy")
    assert isinstance(volume.values, np.memmap) and volume.value.label.payload.source is volume.values


@pytest.mark.parametrize("options", [{}, {"chunks": (4, 3, 5)}, {"chunks": (2, 7, 3), "compression": "gzip"}], ids=str)
def test_a_volume_in_hdf5_is_the_array(tmp_path, options):
    with h5py.File(tmp_path / "brain.h5", "w") as file:
        file.create_dataset("scan", data=CUBE, **options)
    volume, array = Volume.read(tmp_path / "brain.h5", extent=EXTENT), Volume(CUBE, extent=EXTENT)
    points = volume.sample(volume.population, sampler=Sobol(), seed=0).points
    assert (volume.name, volume.digest) == ("brain", array.digest)
    assert np.array_equal(values(volume.value, points), CUBE.ravel())
    assert values(volume.laplacian, places(40)).shape == (40,)


def test_a_sound_fills_its_range_and_gives_back_the_factor():
    sound = Audio(SOUND, rate=8000)
    points = sound.sample(5, sampler=Sobol(), seed=0).points
    found = values(sound.value, points)
    assert np.abs(found).max() == 1 and sound.rate == 8000
    assert found * sound.amplitude * 2**15 == pytest.approx(SOUND)
    assert Audio(np.zeros(4)).amplitude == 1
    both = np.stack([SOUND, -SOUND], axis=1)
    assert np.array_equal(Audio(both, channel=1).values, -sound.values)
    assert Audio(np.uint8([128, 255, 0])).amplitude == 1


def test_signals_with_other_values_are_others():
    assert Volume(CUBE) == Volume(CUBE.copy()) != Volume(CUBE + 1)
    assert Video(FILM) != Video(FILM[::-1]) and Audio(SOUND) != Audio(SOUND[::-1])
    assert Volume(CUBE).value == Volume(CUBE.copy()).value != Volume(CUBE[::-1]).value


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda: Audio(np.zeros((9, 2))), "2 channels. Choose one"),
        (lambda: Audio(np.zeros((9, 2)), channel=2), "no channel 2"),
        (lambda: Audio(np.zeros(1)), "at least 2 samples"),
        (lambda: Audio([0.0, np.nan]), "nan at sample 1"),
        (lambda: Audio(np.array([0, None])), "type object"),
        (lambda: Audio(np.zeros(4), extent={"x": (0, 1), "y": (0, 1)}), "give its coordinate"),
        (lambda: Video(FILM[:1]), "at least 2 frames"),
        (lambda: Video(FILM[..., None]), "frames, rows, columns, 3"),
        (lambda: Video(FILM / 255), "8 or 16 bits"),
        (lambda: Video(FILM, extent={"x": (0, 1), "y": (0, 1)}), "give all 3 coordinates"),
        (lambda: Video(FILM, name="my film"), "letters, digits and underscores"),
        (lambda: Volume(CUBE[0]), "three axes"),
        (lambda: Volume(np.where(CUBE > 2, np.nan, CUBE)), r"not finite at \("),
        (lambda: Volume(CUBE.astype(object)), "type object"),
        (lambda: Volume(CUBE + 0j), "type complex128"),
    ],
)
def test_mistakes_are_explained(wrong, message):
    with pytest.raises(GeometryError, match=message):
        wrong()
