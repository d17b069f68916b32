"""Time of one training step by engine: residual with its derivatives, mean square, gradient of all weights.

    python benchmarks/derivatives.py [--rounds 9] [--threads 1] [--save]

All engines are interleaved in one run and compared by CPU time, because machines are noisy: read the ratios. The
floor is the matrix products of the jet method alone, `3 k` products of (points × width × width) per hidden layer.
"""

import argparse
import datetime
import os
import platform
import statistics
import sys
import time
from pathlib import Path

ARGUMENTS = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
ARGUMENTS.add_argument("--rounds", type=int, default=9)
ARGUMENTS.add_argument("--threads", type=int, default=1)
ARGUMENTS.add_argument("--save", action="store_true", help="write benchmarks/results/derivatives.md")
OPTIONS = ARGUMENTS.parse_args()
for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = str(OPTIONS.threads)

import torch  # noqa: E402

from pinr.derivatives.engines.jets import Jets  # noqa: E402
from pinr.derivatives.engines.nested import NestedAutograd  # noqa: E402
from pinr.derivatives.engines.reverse import Reverse  # noqa: E402
from pinr.derivatives.request import Group, Request  # noqa: E402
from pinr.networks import Siren  # noqa: E402

WIDTH, DEPTH = 128, 4
LAPLACIAN = Group(((2, 0), (0, 2)), (1.0, 1.0))


def unit(n: int, i: int, order: int = 1) -> tuple[int, ...]:
    return tuple(order * (i == j) for j in range(n))


def last(channels):
    return channels[-1]


def eikonal(channels):
    return torch.linalg.vector_norm(channels, dim=0) - 1


def navier_stokes(channels):
    value, dx, dy, laplacian = channels
    u, v = value[:, :1], value[:, 1:2]
    momentum = u * dx[:, :2] + v * dy[:, :2] + torch.cat([dx[:, 2:], dy[:, 2:]], 1) - 0.01 * laplacian[:, :2]
    return torch.cat([momentum, dx[:, :1] + dy[:, 1:2]], 1)


def kuramoto_sivashinsky(channels):
    value, slope, rest = channels
    return rest + value * slope


# name: (inputs, outputs, points, request, residual)
WORKS = {
    "Poisson 2-D": (2, 1, 4096, Request(2, (), (LAPLACIAN,)), last),
    "eikonal 3-D": (3, 1, 4096, Request(3, tuple(unit(3, i) for i in range(3))), eikonal),
    "wave 2-D": (
        3, 1, 4096,
        Request(3, (), (Group((unit(3, 0, 2), unit(3, 1, 2), unit(3, 2, 2)), (-0.25, -0.25, 1.0)),)), last,
    ),
    "Navier–Stokes 2-D": (2, 3, 4096, Request(2, ((0, 0), (1, 0), (0, 1)), (LAPLACIAN,)), navier_stokes),
    "Kuramoto–Sivashinsky": (
        2, 1, 4096,
        Request(2, ((0, 0), (1, 0)), (Group(((4, 0), (2, 0), (0, 1)), (1.0, 1.0, 1.0)),)), kuramoto_sivashinsky,
    ),
    "Poisson 10-D": (
        10, 1, 4096, Request(10, (), (Group(tuple(unit(10, i, 2) for i in range(10)), (1.0,) * 10),)), last,
    ),
}  # fmt: skip


def step_of(engine, module, points, request, residual):
    weights = list(module.parameters())

    def step():
        loss = residual(engine.derivatives(module, points, request)).square().mean()
        return torch.autograd.grad(loss, weights, allow_unused=True, materialize_grads=True)

    return step


def floor_of(points: int, channels: int):
    rows = channels * points
    a, b = torch.randn(rows, WIDTH), torch.randn(rows, WIDTH)
    w, out, small = torch.randn(WIDTH, WIDTH), torch.empty(rows, WIDTH), torch.empty(WIDTH, WIDTH)

    def products():
        for _ in range(DEPTH - 1):
            torch.mm(a, w.t(), out=out)
            torch.mm(a, w, out=out)
            torch.mm(a.t(), b, out=small)

    return products


def milliseconds(function) -> float:
    start = time.process_time()
    function()
    return 1e3 * (time.process_time() - start)


def measure(name: str) -> dict[str, float]:
    inputs, outputs, count, request, residual = WORKS[name]
    generator = torch.Generator().manual_seed(0)
    module = Siren(WIDTH, DEPTH, omega=10.0).build(inputs, outputs, frequency=10.0, generator=generator).float()
    points = torch.rand(count, inputs, generator=generator) * 2 - 1
    engines = [NestedAutograd(), Jets(), *([Reverse()] if request.order == 1 else [])]
    steps = {e.name: step_of(e, module, points, request, residual) for e in engines}
    reference = torch.cat([g.flatten() for g in steps["nested autograd"]()])
    for engine, step in steps.items():
        gradient = torch.cat([g.flatten() for g in step()])
        difference = float((gradient - reference).norm() / reference.norm())
        assert difference < 1e-3, (name, engine, difference)
    steps["floor"] = floor_of(count, request.size)
    times: dict[str, list[float]] = {engine: [] for engine in steps}
    for _ in range(OPTIONS.rounds):
        for engine, step in steps.items():
            times[engine].append(milliseconds(step))
    return {engine: statistics.median(values) for engine, values in times.items()}


def main() -> None:
    torch.set_num_threads(OPTIONS.threads)
    lines = [
        f"One step, {DEPTH} sine layers × {WIDTH}, float32, {OPTIONS.threads} thread(s), CPU milliseconds, medians of "
        f"{OPTIONS.rounds} interleaved rounds.",
        f"{datetime.date.today()}, {processor()}, Python {platform.python_version()}, torch {torch.__version__}.",
        "",
        "| work | floor | nested autograd | jets | reverse mode | nested / best | best / floor |",
        "|---|---|---|---|---|---|---|",
    ]
    print("\n".join(lines))
    for name in WORKS:
        found = measure(name)
        best = min(v for k, v in found.items() if k not in ("floor", "nested autograd"))
        reverse = f"{found['reverse mode']:.0f}" if "reverse mode" in found else "–"
        row = (
            f"| {name} | {found['floor']:.0f} | {found['nested autograd']:.0f} | {found['jets']:.0f} | {reverse} "
            f"| {found['nested autograd'] / best:.1f} | {best / found['floor']:.1f} |"
        )
        print(row, flush=True)
        lines.append(row)
    if OPTIONS.save:
        target = Path(__file__).parent / "results" / "derivatives.md"
        target.parent.mkdir(exist_ok=True)
        target.write_text("# Derivative engines\n\n" + "\n".join(lines) + "\n", encoding="utf-8")


def processor() -> str:
    if sys.platform == "linux":
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":")[1].strip()
    return platform.processor() or platform.machine()


if __name__ == "__main__":
    main()
