"""The measures of `benchmarks/signals.py`, on signals whose answer is known."""

import argparse

import numpy as np
import pytest

from benchmarks import signals
from pinr import Image
from pinr.compiler.collect import collect
from pinr.compiler.known_values import known_values
from pinr.geometry.samples import Samples

NUMBERS = np.random.default_rng(0)
OPTIONS = argparse.Namespace(threads=1)


def evaluate(expression, points):
    collected = collect((expression,))
    return known_values(collected.components, Samples(points), collected.atoms)[0]


def test_the_sparse_solve_finds_what_five_points_know_exactly():
    p = np.linspace(-1, 1, 9)
    exact = p**3 + p[:, None] ** 2 * p - 2 * p[:, None]
    data = np.broadcast_to(8 * p, exact.shape)
    assert np.allclose(signals.poisson(data, exact, p[1] - p[0]), exact, atol=1e-13)


def test_the_finer_grid_has_the_pixels_and_the_laplacian_of_the_equations():
    image = Image(NUMBERS.random((8, 8)))
    values, data, spacing = signals.finely(image, 4)
    assert np.allclose(values[::4, ::4], image.array.values) and spacing == pytest.approx(2 / 28)
    fine = np.linspace(-1, 1, 29)
    x, y = (c.ravel() for c in np.meshgrid(fine, fine))
    assert np.allclose(evaluate(image.laplacian, {"x": x, "y": y}), data.ravel())


def test_the_patch_has_the_values_of_the_border():
    image = Image(NUMBERS.random((5, 6)))
    patch = signals.from_border(image.value)
    for name, other in ("xy", "yx"):
        for end in (-1.0, 1.0):
            points = {name: np.full(20, end), other: np.linspace(-1, 1, 20)}
            assert np.allclose(evaluate(patch - image.value, points), 0)


def test_the_highest_tone_is_that_of_the_sound():
    clock = np.arange(6_000) / 6_000
    sound = np.sin(2 * np.pi * 440 * clock) + 0.05 * np.sin(2 * np.pi * 2_000 * clock)
    assert signals.highest_tone(sound) == 440
    assert signals.highest_tone(np.sin(2 * np.pi * 700 * clock) + sound) == 700


def test_rows_of_other_tasks_are_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(signals, "RESULT", tmp_path / "signals.md")
    signals.saved([("audio", "SNR", "25 dB")], OPTIONS)
    signals.saved([("image", "PSNR", "30 dB")], OPTIONS)
    signals.saved([("audio", "SNR", "26 dB"), ("audio", "other", "1")], OPTIONS)
    lines = signals.RESULT.read_text(encoding="utf-8").splitlines()
    rows = [line.split(" | ")[:3] for line in lines if line.startswith("| ")]
    assert rows[2:] == [["| image", "PSNR", "30 dB"], ["| audio", "SNR", "26 dB"], ["| audio", "other", "1"]]
