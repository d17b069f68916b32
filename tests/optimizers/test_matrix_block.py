"""Matrices inside the flat vector."""

import pytest
import torch

from pinr.optimizers import MatrixBlock


@pytest.mark.parametrize("has_bias", [True, False])
def test_the_matrix_is_weight_and_bias_of_a_linear_layer(has_bias):
    layer = torch.nn.Linear(3, 2, bias=has_bias)
    vector = torch.cat([torch.zeros(5), *(p.detach().flatten() for p in layer.parameters()), torch.zeros(4)])
    block = MatrixBlock(5, 2, 3, has_bias)
    assert vector.numel() - block.stop == 4
    points = torch.randn(7, 3)
    extended = torch.cat([points, torch.ones(7, 1)], dim=1) if has_bias else points
    torch.testing.assert_close(extended @ block.matrix(vector).T, layer(points))


@pytest.mark.parametrize("has_bias", [True, False])
def test_what_is_written_is_read_back_and_nothing_else_is_touched(has_bias):
    block, vector = MatrixBlock(2, 3, 4, has_bias), torch.arange(20.0)
    matrix = torch.randn(3, 4 + has_bias)
    written = vector.clone()
    block.write(matrix, written)
    assert torch.equal(block.matrix(written), matrix)
    assert torch.equal(written[:2], vector[:2])
    assert torch.equal(written[block.stop :], vector[block.stop :])
