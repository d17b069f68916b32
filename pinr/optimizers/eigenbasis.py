"""The basis in which the entries of a matrix of gradients are least correlated."""

import torch
from torch import Tensor


def eigenbasis(covariance: Tensor) -> Tensor:
    """Orthonormal eigenvectors as columns, by falling eigenvalue."""
    return torch.linalg.eigh(covariance).eigenvectors.flip(1)


def refreshed(basis: Tensor, covariance: Tensor) -> tuple[Tensor, Tensor]:
    """The basis after one step of orthogonal iteration, and the order that its columns were put into first.

    `Q⁺ R = C Q`, with the columns of `Q` by falling Rayleigh quotient `qᵀCq`, so that each converges to an eigenvector:
    far cheaper than a decomposition, and enough for a covariance that changes slowly.

    Reference: Vyas et al., SOAP, ICLR 2025, algorithm 4; Golub and Van Loan, Matrix Computations, 4th ed., sec. 8.2.4.
    """
    image = covariance @ basis
    order = (basis * image).sum(0).argsort(descending=True, stable=True)
    return torch.linalg.qr(image[:, order]).Q, order
