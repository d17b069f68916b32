"""Fine fields that a network has found, brought to obey the equations."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pinr.superresolution.abstract_crop_loss import AbstractCropLoss
from pinr.superresolution.equation_rows import EquationRows, rows_of
from pinr.superresolution.spline import Axis, on_lattice, with_walls
from pinr.superresolution.waves import amplitudes, as_tensor, resampled, smoothed, superposed

SAMPLES = 4  # crops on which the errors of a network are measured
FRAMES = 12  # coarse values along time in each
INSIDE = 1  # nodes at the ends of time at which there are no equations: their slopes are one-sided
# Powers of the Hessian's diagonal: ½ is quickest for residuals, 0 for errors; few steps should bring down both.
TOWARDS_HESSIAN = 0.35
PROBES = 4  # random signs, for the diagonal of the Hessian
NORMAL = 1.25  # of a normal distribution, its deviation by its mean absolute value
HISTORY = 10  # pairs of L-BFGS


@final
@dataclass(frozen=True, eq=False)
class Refinement:
    """The most likely fields, given those of a network and the equations.

    `J(f) = ⟨|a(f − f₀)|²/σ²⟩ + Σ_k w_k ⟨ρ(r_k(f)/τ_k)⟩` falls by L-BFGS from the fields f₀ of the network: a are the
    amplitudes of waves, σ those of the errors of the network, r the residuals at the nodes, and τ what is left of the
    equations in the training data, which are resolved only so far in space and, above all, in time. That is much at few
    places and little at most, so that `ρ(s) = 2√(1 + s²) − 2` grows as |s| and not as its square. The unknowns are a/σ
    by a power of the Hessian's diagonal, in which the problem is well conditioned. It is the variational assimilation
    of meteorology with weak constraints, the network in the place of the forecast.

    Attributes:
        rows: The equations.
        errors: σ, standardised, `(fields, *counts)` by wave along each axis.
        tolerances: τ by equation.
        ends: Standardised values at walls by axis, see `with_walls`.

    References: Trémolet, Accounting for an imperfect model in 4D-Var, Q. J. R. Meteorol. Soc. 132, 2006; Huber,
    Robust estimation of a location parameter, Ann. Math. Statist. 35, 1964 (ρ, here in its smooth form); Liu and
    Nocedal, Mathematical Programming 45, 1989 (L-BFGS).
    """

    rows: EquationRows
    errors: NDArray[np.float32]
    tolerances: dict[str, float]
    ends: Sequence[Tensor | None]

    @classmethod
    def measured(cls, loss: AbstractCropLoss, seed: int = 0) -> "Refinement":
        """With the errors of a trained network on crops of its training data."""
        rows, data = loss.rows, loss.data
        assert rows is not None
        time = data.axes[0]
        most = data.coarsening.coarse_count(time, data.counts[time])
        crops = data.crops(SAMPLES, size={time: min(FRAMES, most)}, generator=np.random.default_rng(seed))
        axes = [axis.spline_axis(n) for axis, n in zip(loss.axes, crops.coarse.shape[2:], strict=True)]
        power = np.zeros(crops.fine.shape[1:])
        left = dict.fromkeys(rows.equations, 0.0)
        for coarse, fine in zip(torch.from_numpy(crops.coarse), torch.from_numpy(crops.fine), strict=True):
            with torch.no_grad():
                found = loss.network(coarse[None].to(loss.device)).cpu()
            power += amplitudes(found.double() - fine[None], axes)[0].square().numpy() / SAMPLES
            for name, residual in residuals_at_nodes(rows, fine[None].double(), axes, loss.ends).items():
                left[name] += NORMAL * float(residual.abs().mean()) / SAMPLES
        errors = np.sqrt(smoothed(power, axes)).astype(np.float32)
        return cls(rows, errors, left, loss.ends)

    def refined(self, values: Tensor, axes: Sequence[Axis], steps: int) -> Tensor:
        """Fields at the nodes, `(1, fields, *counts)`, after so many steps from those of a network."""
        if min(axis.count for axis in axes[:1]) <= 2 * INSIDE + 1:
            return values
        errors = as_tensor(resampled(self.errors.astype(np.float64), 1, axes[0].count), values)
        scale = self._scale(values, errors, axes)
        unknowns = torch.zeros_like(values, requires_grad=True)
        optimizer = torch.optim.LBFGS(
            [unknowns],
            max_iter=steps,
            max_eval=2 * steps,
            history_size=HISTORY,
            tolerance_grad=0.0,
            tolerance_change=0.0,
            line_search_fn="strong_wolfe",
        )

        def value() -> Tensor:
            optimizer.zero_grad()
            total = (scale * unknowns).square().mean() * values.shape[1]
            fields = values + superposed(errors * scale * unknowns, axes)
            for name, residual in residuals_at_nodes(self.rows, fields, axes, self.ends).items():
                part = (2 * (1 + (residual / self.tolerances[name]).square()).sqrt() - 2).mean()
                total = total + self.rows.equations.weights[name] * part
            total.backward()  # type: ignore[no-untyped-call]
            return total

        with torch.enable_grad():
            optimizer.step(value)  # type: ignore[no-untyped-call]
        with torch.no_grad():
            return values + superposed(errors * scale * unknowns, axes)

    def _scale(self, values: Tensor, errors: Tensor, axes: Sequence[Axis]) -> Tensor:
        """Units of the unknowns, in which the diagonal of the Hessian is more even.

        The squares of gradients of residuals with signs at random have the diagonal of Gauss and Newton's matrix as
        their mean; neighbouring waves are alike, so that few signs are enough.

        Reference: Bekas, Kokiopoulou and Saad, Appl. Numer. Math. 57, 2007.
        """
        unknowns = torch.zeros_like(values, requires_grad=True)
        generator = torch.Generator().manual_seed(0)
        diagonal = torch.zeros_like(values)
        with torch.enable_grad():
            fields = values + superposed(errors * unknowns, axes)
            residuals = residuals_at_nodes(self.rows, fields, axes, self.ends)
            for _ in range(PROBES):
                total = torch.zeros((), dtype=values.dtype)
                for name, residual in residuals.items():
                    signs = 2 * torch.randint(2, residual.shape, generator=generator).to(values) - 1
                    size = (residual.detach() / self.tolerances[name]).square()
                    curvature = self.rows.equations.weights[name] / (1 + size).sqrt() / self.tolerances[name] ** 2
                    total = total + (signs * (curvature / len(residual)).sqrt() * residual).sum()
                (slope,) = torch.autograd.grad(total, unknowns, retain_graph=True)
                diagonal += slope.square() / PROBES
        prior = values.shape[1] / values.numel()
        of_residuals = as_tensor(smoothed(diagonal[0].double().numpy(), axes), values)
        return (prior / (prior + of_residuals)) ** TOWARDS_HESSIAN


def residuals_at_nodes(
    rows: EquationRows, values: Tensor, axes: Sequence[Axis], ends: Sequence[Tensor | None]
) -> dict[str, Tensor]:
    """The residual of every equation at all nodes but those at the ends of time, `(N,)`."""
    places = [np.arange(axis.count, dtype=np.float64) for axis in axes]
    places[0] = places[0][INSIDE:-INSIDE]
    return rows.residuals(rows_of(on_lattice(with_walls(values, axes, ends), axes, places, rows.indices)))
