"""TF32, which torch leaves off and pinr too."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def tf32() -> Iterator[None]:
    """Matrix products of float32 on CUDA in TF32 while it lasts: `with tf32(): solve(...)`.

    Eleven bits of each factor instead of 24, sums in float32: faster on Ampere and later, and a relative error of
    about 1e-3 in a product, which high derivatives enlarge. It is torch's own setting, that of the whole process, and
    is put back at the end. float64 is not touched, L-BFGS among what runs in it.
    """
    products = torch.backends.cuda.matmul
    before = products.fp32_precision
    products.fp32_precision = "tf32"
    try:
        yield
    finally:
        products.fp32_precision = before
