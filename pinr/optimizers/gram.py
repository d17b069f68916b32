"""`JᵀJ`, of which only one half is needed."""

from torch import Tensor

STRIP = 160  # columns; narrower strips waste less of the upper half, wider ones multiply faster


def add_gram(gram: Tensor, jacobian: Tensor) -> None:
    """Add `JᵀJ` to the lower triangle of `gram` `(P, P)`, with `J` `(rows, P)`; what is above it is undefined.

    In strips of rows of the result, each up to the diagonal: half of the multiplications of the whole product.
    """
    width = jacobian.shape[1]
    for start in range(0, width, STRIP):
        end = min(start + STRIP, width)
        gram[start:end, :end].addmm_(jacobian[:, start:end].t(), jacobian[:, :end])
