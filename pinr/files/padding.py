"""Vectors and matrices in the sizes that VTK understands."""

import numpy as np

_VTK_SIZE = 3


def padded_shape(components: tuple[int, ...]) -> tuple[int, ...]:
    """Scalars stay; vectors get 3 components and matrices 3×3. What is larger keeps its size."""
    if any(size > _VTK_SIZE for size in components):
        return components
    return (_VTK_SIZE,) * len(components)


def pad_components(values: np.ndarray, rank: int) -> np.ndarray:
    """`values` with zeros after the last `rank` axes, up to `padded_shape`."""
    points = values.ndim - rank
    components = values.shape[points:]
    missing = [(0, padded - size) for padded, size in zip(padded_shape(components), components, strict=True)]
    return np.pad(values, [(0, 0)] * points + missing)
