"""Algebra of vectors and matrices beside SymPy's own: symmetric part, trace, outer product, curl."""

import sympy

from pinr.errors import DeclarationError
from pinr.language.coordinates import Coordinate
from pinr.language.fields import space_coordinates
from pinr.language.operators import Expression, as_expression


def sym(matrix: Expression) -> sympy.ImmutableMatrix:
    """Symmetric part `(A + Aᵀ)/2`; of `grad(v)` it is the strain."""
    matrix = _square("sym", matrix)
    return sympy.ImmutableMatrix((matrix + matrix.T) / 2)


def trace(matrix: Expression) -> sympy.Expr:
    """Sum of the diagonal, `Σ A_ii`; of `grad(v)` it is the divergence."""
    return _square("trace", matrix).trace()


def outer(first: Expression, second: Expression) -> sympy.ImmutableMatrix:
    """Outer product `(a ⊗ b)_ij = a_i b_j` of two vectors."""
    a, b = (_column("outer", vector) for vector in (first, second))
    return sympy.ImmutableMatrix(a.rows, b.rows, lambda i, j: a[i] * b[j])


def curl(vector: Expression, *coordinates: Coordinate) -> Expression:
    """Rotation: of a vector in space `∇ × v`, in the plane the scalar `∂v₂/∂x₁ − ∂v₁/∂x₂`.

    Without `coordinates` it acts on the space coordinates of the unknowns in the expression.
    """
    v = _column("curl", vector)
    along = coordinates or space_coordinates(v, written="curl")
    if len(along) != v.rows or v.rows not in (2, 3):
        message = (
            f"`curl` of {v.rows} components over the coordinates ({', '.join(c.name for c in along)}): it is defined "
            "for two components in the plane and three in space. Name the coordinates: `curl(v, x, y)`."
        )
        raise DeclarationError(message)
    if v.rows == 2:
        return v[1].diff(along[0]) - v[0].diff(along[1])
    x, y, z = along
    return sympy.ImmutableMatrix(
        [v[2].diff(y) - v[1].diff(z), v[0].diff(z) - v[2].diff(x), v[1].diff(x) - v[0].diff(y)]
    )


def _square(written: str, matrix: Expression) -> sympy.MatrixBase:
    matrix = as_expression(matrix)
    if not isinstance(matrix, sympy.MatrixBase) or matrix.rows != matrix.cols:
        shape = f"{matrix.rows}×{matrix.cols} matrix" if isinstance(matrix, sympy.MatrixBase) else "scalar"
        message = f"`{written}` needs a square matrix; it got a {shape}."
        raise DeclarationError(message)
    return matrix


def _column(written: str, vector: Expression) -> sympy.MatrixBase:
    vector = as_expression(vector)
    if not isinstance(vector, sympy.MatrixBase) or vector.cols != 1:
        message = f"`{written}` needs a column vector; it got `{vector}`."
        raise DeclarationError(message)
    return vector
