"""Where the parameters lie in the flat vector."""

import pytest
import torch

from pinr import Box, Eq, Problem, Siren, compile_problem, coordinates, laplacian, on, parameter, unknown
from pinr.networks.catalogue import RECIPES
from pinr.training.layout import Layout

x, y = coordinates("x y")
u, k = unknown("u", x, y), parameter("k", 1.0)
square = Box(x=(0, 1), y=(0, 1))
problem = Problem(on(square, Eq(laplacian(u), k)), on(square.boundary, Eq(u, 0)))


def parameters_of(recipe):
    return compile_problem(problem, recipe, dtype="float64").initial(seed=0)


def test_a_layer_of_a_siren_is_one_matrix_with_its_bias_and_a_number_is_none():
    blocks = Layout.of(parameters_of(Siren(8, 2))).blocks
    assert [(b.rows, b.columns, b.has_bias) for b in blocks] == [(8, 2, True), (8, 8, True), (1, 8, True)]


@pytest.mark.parametrize("kind", RECIPES.values(), ids=RECIPES.keys())
def test_the_matrices_of_every_recipe_are_its_weights_and_do_not_overlap(kind):
    parameters = parameters_of(kind(width=8, depth=2))
    layout = Layout.of(parameters)
    theta = layout.flatten(parameters)
    weights = [value for value in parameters.values() if value.ndim == 2]
    assert len(layout.blocks) == len(weights)
    for block, weight in zip(layout.blocks, weights, strict=True):
        assert torch.equal(block.matrix(theta)[:, : block.columns], weight)
    stops = [0, *(block.stop for block in layout.blocks)]
    assert all(block.start >= stop for block, stop in zip(layout.blocks, stops[:-1], strict=True))
    assert stops[-1] <= theta.numel()


def test_a_vector_of_another_layer_is_no_bias():
    layout = Layout((("a.weight", (3, 2)), ("b.bias", (3,)), ("b.weight", (4, 3)), ("b.bias", (3,))))
    assert [block.has_bias for block in layout.blocks] == [False, False]
