"""DeepXDE on problems of the table, with the settings of its own examples: run by an interpreter that has DeepXDE.

    python -m benchmarks.accuracy.deepxde_examples burgers --reference FILE.npz [--float64] [--seed 0] [--seconds 600]

Networks, numbers of points, optimizers and their budgets are those of `examples/pinn_forward` in lululxvi/deepxde
(version 1.15); where an example solves another case of the same equation, only the case is changed. The error is found
at evaluations of the loss, so that nothing has to be set otherwise for it, and its time is not counted.
"""

import argparse
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmarks.accuracy.clock import CpuClock, History

ARGUMENTS = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
ARGUMENTS.add_argument("case")
ARGUMENTS.add_argument("--reference", required=True, help="npz with `points` (N, inputs) and `values` (N, outputs)")
ARGUMENTS.add_argument("--float64", action="store_true", help="in place of float32, which is DeepXDE's default")
ARGUMENTS.add_argument("--seed", type=int, default=0)
ARGUMENTS.add_argument("--seconds", type=float, default=float("inf"), help="CPU seconds after which it is cut short")
OPTIONS = ARGUMENTS.parse_args()
os.environ |= {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "DDE_BACKEND": "pytorch"}

import deepxde as dde  # noqa: E402
import numpy as np  # noqa: E402
import torch  # noqa: E402


@dataclass(frozen=True)
class Example:
    """A case of DeepXDE: what it trains on and how."""

    data: Any
    network: Any
    iterations: int
    has_lbfgs: bool = True
    callbacks: Sequence[Any] = ()
    options: dict[str, Any] = field(default_factory=dict)
    is_balanced: bool = False
    last_time: float = float("inf")


class TimeIsUpError(Exception):
    """The seconds of the run are over."""


def everywhere(_: Any, on_boundary: bool) -> bool:
    return on_boundary


def second(u: Any, x: Any, axis: int, component: int = 0) -> Any:
    return dde.grad.hessian(u, x, component=component, i=axis, j=axis)


def space_time(low: float, high: float, end: float) -> Any:
    return dde.geometry.GeometryXTime(dde.geometry.Interval(low, high), dde.geometry.TimeDomain(0, end))


def burgers() -> Example:
    """`Burgers.py`; it is compared where it is trained, t ≤ 0.99."""
    region = space_time(-1, 1, 0.99)

    def residual(x: Any, u: Any) -> Any:
        u_x, u_t = (dde.grad.jacobian(u, x, i=0, j=j) for j in (0, 1))
        return u_t + u * u_x - 0.01 / np.pi * second(u, x, 0)

    conditions = [
        dde.icbc.DirichletBC(region, lambda x: 0, everywhere),
        dde.icbc.IC(region, lambda x: -np.sin(np.pi * x[:, :1]), lambda _, on_initial: on_initial),
    ]
    data = dde.data.TimePDE(region, residual, conditions, num_domain=2540, num_boundary=80, num_initial=160)
    return Example(data, dde.nn.FNN([2, 20, 20, 20, 1], "tanh", "Glorot normal"), 15_000, last_time=0.99)


def allen_cahn() -> Example:
    """`Allen_Cahn.py`, with its exact conditions."""
    region = space_time(-1, 1, 1)

    def residual(x: Any, u: Any) -> Any:
        return dde.grad.jacobian(u, x, i=0, j=1) - 0.001 * second(u, x, 0) - 5 * (u - u**3)

    def exact(x: Any, u: Any) -> Any:
        position, time = x[:, :1], x[:, 1:]
        return position**2 * torch.cos(np.pi * position) + time * (1 - position**2) * u

    data = dde.data.TimePDE(region, residual, [], num_domain=8000, num_boundary=400, num_initial=800)
    network = dde.nn.FNN([2, 20, 20, 20, 1], "tanh", "Glorot normal")
    network.apply_output_transform(exact)
    return Example(data, network, 40_000)


def poisson_lshape() -> Example:
    """`Poisson_Lshape.py`; points of a polygon, which version 1.15 draws in float64, are rounded to its precision."""
    region = dde.geometry.Polygon([[0, 0], [1, 0], [1, -1], [-1, -1], [-1, 1], [0, 1]])
    for name in ("random_points", "random_boundary_points", "uniform_boundary_points"):
        drawn = getattr(region, name)
        setattr(region, name, lambda *args, drawn=drawn, **kw: drawn(*args, **kw).astype(dde.config.real(np)))
    return _poisson(region, lambda x: 1.0)


def poisson_2d() -> Example:
    """The settings of `Poisson_Lshape.py`, the only Poisson problem in two dimensions there."""
    region = dde.geometry.Rectangle([0, 0], [1, 1])
    return _poisson(region, lambda x: 2 * np.pi**2 * torch.sin(np.pi * x[:, :1]) * torch.sin(np.pi * x[:, 1:]))


def _poisson(region: Any, source: Callable[[Any], Any]) -> Example:
    def residual(x: Any, u: Any) -> Any:
        return -second(u, x, 0) - second(u, x, 1) - source(x)

    condition = dde.icbc.DirichletBC(region, lambda x: 0, everywhere)
    data = dde.data.PDE(region, residual, condition, num_domain=1200, num_boundary=120, num_test=1500)
    return Example(data, dde.nn.FNN([2, 50, 50, 50, 50, 1], "tanh", "Glorot uniform"), 50_000)


def helmholtz() -> Example:
    """`Helmholtz_Dirichlet_2d.py`: exact conditions, ten points a wave length; here (1, 4) waves and k = 1."""
    region = dde.geometry.Rectangle([-1, -1], [1, 1])

    def residual(x: Any, u: Any) -> Any:
        wave = torch.sin(np.pi * x[:, :1]) * torch.sin(4 * np.pi * x[:, 1:])
        return second(u, x, 0) + second(u, x, 1) + u - (1 - 17 * np.pi**2) * wave

    def exact(x: Any, u: Any) -> Any:
        return (1 - x[:, :1] ** 2) * (1 - x[:, 1:] ** 2) * u

    network = dde.nn.FNN([2, 150, 150, 150, 1], "sin", "Glorot uniform")
    network.apply_output_transform(exact)
    data = dde.data.PDE(region, residual, [], num_domain=40**2, num_boundary=4 * 40)
    return Example(data, network, 5_000, has_lbfgs=False)


def wave() -> Example:
    """`wave_1d.py`: weights from the first losses, points anew in every step; without its Fourier features.

    Those (`STMsFFN`) are not available with PyTorch.
    """
    region = space_time(0, 1, 1)

    def residual(x: Any, u: Any) -> Any:
        return second(u, x, 1) - 4 * second(u, x, 0)

    def solution(points: Any) -> Any:
        x, t = points[:, :1], points[:, 1:]
        mode = [np.sin(n * np.pi * x) * np.cos(2 * n * np.pi * t) for n in (1, 4)]
        return mode[0] + mode[1] / 2

    conditions = [
        dde.icbc.DirichletBC(region, solution, everywhere),
        dde.icbc.IC(region, solution, lambda _, on_initial: on_initial),
        dde.icbc.OperatorBC(
            region, lambda x, u, _: dde.grad.jacobian(u, x, i=0, j=1), lambda x, _: dde.utils.isclose(x[1], 0)
        ),
    ]
    data = dde.data.TimePDE(region, residual, conditions, num_domain=360, num_boundary=360, num_initial=360)
    network = dde.nn.FNN([2, 100, 100, 100, 1], "tanh", "Glorot uniform")
    network.apply_feature_transform(lambda x: (x - 0.5) * 2 * np.sqrt(3))
    resampled = dde.callbacks.PDEPointResampler(period=1)
    decay = ("inverse time", 2000, 0.9)
    return Example(data, network, 10_000, False, [resampled], {"decay": decay}, is_balanced=True)


EXAMPLES: dict[str, Callable[[], Example]] = {
    function.__name__: function for function in (burgers, allen_cahn, poisson_lshape, poisson_2d, helmholtz, wave)
}


def run(example: Example, reference: Any, clock: CpuClock, seconds: float) -> None:
    """Train as the example does, and print the error now and then."""
    points, values = reference["points"], reference["values"]
    compared = points[:, -1] <= example.last_time
    points, values = torch.as_tensor(points[compared]), torch.as_tensor(values[compared])
    points = points.to(torch.get_default_dtype())

    def error() -> float:
        with torch.no_grad():
            found = example.network(points).double()
        return float((found - values).norm() / values.norm())

    model = dde.Model(example.data, example.network)
    history = History(clock)

    def compile_for(name: str, **options: Any) -> None:
        model.compile(name, **options)
        step = model.opt.step

        def watched_step(closure: Callable[[], Any]) -> Any:
            def watched() -> Any:
                if history.is_due():
                    history.look(error)
                if history.seconds >= seconds:
                    raise TimeIsUpError
                return closure()

            return step(watched)

        model.opt.step = watched_step

    options = dict(example.options)
    try:
        if example.is_balanced:
            compile_for("adam", lr=1e-3)
            first = model.train(iterations=0)[0]
            options["loss_weights"] = 5 / first.loss_train[0]
        compile_for("adam", lr=1e-3, **options)
        model.train(iterations=example.iterations, callbacks=list(example.callbacks))
        if example.has_lbfgs:
            compile_for("L-BFGS")
            model.train()
    except TimeIsUpError:
        pass
    history.look(error)


def main() -> None:
    torch.set_num_threads(1)
    if OPTIONS.float64:
        dde.config.set_default_float("float64")
    torch.optim.Adam([torch.nn.Parameter(torch.zeros(1))])  # imports what torch imports at first use only
    dde.config.set_random_seed(OPTIONS.seed)
    clock = CpuClock()
    run(EXAMPLES[OPTIONS.case](), np.load(OPTIONS.reference), clock, OPTIONS.seconds)


if __name__ == "__main__":
    main()
