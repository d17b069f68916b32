"""Lotka and Volterra's data: two methods agree, and the first integral is constant."""

import runpy
from pathlib import Path

import numpy as np
import pytest


@pytest.fixture(scope="module")
def declared():
    return runpy.run_path(str(Path(__file__).parents[2] / "problems" / "lotka_volterra.py"))


def test_an_explicit_method_gives_the_same_populations(declared):
    explicit = declared["populations"](declared["times"], "DOP853")
    assert np.stack(declared["curves"]) == pytest.approx(explicit, abs=1e-10)


def test_the_first_integral_is_constant(declared):
    h, p = (curve.values for curve in declared["curves"])
    alpha, beta, gamma, delta = declared["rates"].values()
    integral = delta * h - gamma * np.log(h) + beta * p - alpha * np.log(p)
    assert integral == pytest.approx(np.full_like(h, integral[0]), abs=1e-10)


def test_the_search_does_not_start_at_the_answer(declared):
    assert all(p.value != declared["rates"][p.name] for p in declared["problem"].parameters)
