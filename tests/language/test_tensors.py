"""Identities of vector algebra."""

import pytest
import sympy

from pinr.errors import DeclarationError
from pinr.language.coordinates import coordinates
from pinr.language.fields import unknown
from pinr.language.operators import div, grad
from pinr.language.tensors import curl, outer, sym, trace

x, y, z = coordinates("x y z")
v, p = unknown("v", x, y, z, size=3), unknown("p", x, y, z)
w = unknown("w", x, y, size=2)


def test_a_rotation_has_no_divergence_and_a_gradient_no_rotation():
    assert sympy.expand(div(curl(v)).doit()) == 0
    assert curl(grad(p)) == sympy.zeros(3, 1)


def test_in_the_plane_the_rotation_is_a_scalar():
    assert curl(w) == w[1].diff(x) - w[0].diff(y)


def test_the_trace_of_the_gradient_is_the_divergence():
    assert trace(grad(v)) == div(v).doit()
    assert trace(sym(grad(v))) == div(v).doit()


def test_the_symmetric_part_is_symmetric():
    strain = sym(grad(v))
    assert strain == strain.T
    assert sym(strain) == strain


def test_the_outer_product_contracts_to_the_scalar_product():
    assert trace(outer(v, grad(p))) == v.dot(grad(p))


@pytest.mark.parametrize(
    ("wrong", "words"),
    [(lambda: sym(v), "square matrix"), (lambda: trace(p), "scalar"), (lambda: curl(w, x, y, z), "three in space"),
     (lambda: outer(p, v), "column vector")],
)  # fmt: skip
def test_wrong_shapes_are_refused(wrong, words):
    with pytest.raises(DeclarationError, match=words):
        wrong()
