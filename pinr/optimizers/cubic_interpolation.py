"""Where the cubic through two points with slopes is least."""

import math

from pinr.optimizers.trial import Trial


def cubic_minimum(a: Trial, b: Trial) -> float | None:
    """The local minimum of the cubic with the losses `f` and slopes `f′` of `a` and `b`; `None` where there is none.

    With `x` the length, `d₁ = f′ₐ + f′_b − 3 (fₐ − f_b)/(a − b)`, `d₂ = sign(b − a) √(d₁² − f′ₐ f′_b)`,
    `x = b − (b − a) (f′_b + d₂ − d₁) / (f′_b − f′ₐ + 2 d₂)`. Exact for parabolas and cubics.

    Reference: Nocedal and Wright, Numerical Optimization, 2nd ed., 2006, eq. 3.59.
    """
    width = b.length - a.length
    if width == 0:
        return None
    d1 = a.slope + b.slope - 3 * (b.loss - a.loss) / width
    # Divide by the largest term first: slopes of 1e200 would overflow when squared.
    size = max(abs(d1), abs(a.slope), abs(b.slope))
    if size == 0 or not math.isfinite(size):
        return None
    discriminant = (d1 / size) ** 2 - (a.slope / size) * (b.slope / size)
    if discriminant < 0:
        return None
    d2 = math.copysign(size * math.sqrt(discriminant), width)
    denominator = b.slope - a.slope + 2 * d2
    if denominator == 0:
        return None
    x = b.length - width * (b.slope + d2 - d1) / denominator
    return x if math.isfinite(x) else None
