"""Signals: how near networks come, and how fast; one row per task.

    python -m benchmarks.signals [--only TASK] [--seconds 900] [--threads 2] [--quick] [--save]

- `image`: 256 × 256 pixels of a photograph, width 256, depth 4, 1,500 steps of Adam. Goal: 35 dB.
- `speed`: CPU milliseconds of such a step beside the same network in plain torch, interleaved. Goal: less.
- `gradients`: the photograph from the gradients of its spline, `--side` pixels and units wide (256). Goal: 30 dB after
  the free constant is removed.
- `laplacian`: the photograph, `--side` pixels wide, from `ΔI` of its spline `I` and the border, in the weak form of
  `benchmarks/weak_form.py`; beside a solve of the five-point equations for the same `ΔI` and border on a grid four
  times as fine. Goal: 2 %.
- `audio`: seven seconds of music (`../shared/data/audio/gt_bach.wav`, skipped where it is absent), a network for each.
  Goal: 25 dB in every one.
- `video`: half a second of a film (`../shared/data/video/bikes.mp4`, likewise).
- `many`: 256 images of 32 × 32 and 8 × 8 pixels, milliseconds of a step of one of them by `fit_all` beside a loop over
  networks in plain torch with its own Adam. Goals: 1.7 and 5 times as fast.

Budgets are in steps and are told in CPU seconds, of all threads together; `--seconds` is the most wall time that a
training takes. `--quick` takes small images and a second or two for each row: the numbers then mean nothing. `--save`
puts the rows into benchmarks/results/signals.md, in place of those of the same tasks, and the photographs that were
found into docs/images/signals.png.
"""

import argparse
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import scipy.fft
import scipy.interpolate
import torch
from skimage.data import camera
from skimage.transform import resize
from sympy import Expr
from torch import nn

from benchmarks.weak_form import WeakPoisson
from pinr import (
    SOAP,
    Adam,
    Audio,
    Eq,
    FreshPoints,
    Image,
    Problem,
    Siren,
    Solution,
    Video,
    compile_problem,
    coordinates,
    fit_all,
    grad,
    on,
    psnr,
    snr,
    solve,
    unknown,
)
from pinr.optimizers import AbstractOptimizer
from pinr.training.layout import Layout
from pinr.training.objective import ProgramObjective

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT.parent / "shared" / "data"
PICTURE = ROOT / "docs" / "images" / "signals.png"
RESULT = Path(__file__).with_name("results") / "signals.md"
ARGUMENTS = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
ARGUMENTS.add_argument("--only", metavar="TASK", help="tasks whose name contains this")
ARGUMENTS.add_argument("--seconds", type=float, default=900.0)
ARGUMENTS.add_argument("--threads", type=int, default=2)
ARGUMENTS.add_argument("--side", type=int, default=256, help="pixels of the photograph from derivatives")
ARGUMENTS.add_argument("--quick", action="store_true")
ARGUMENTS.add_argument("--save", action="store_true", help="write the table to benchmarks/results/signals.md")

x, y, t = coordinates("x y", time="t")
f = unknown("f", x, y)
Row = tuple[str, str, str]  # task, figure, value

HEADER = [
    "# Signals",
    "",
    "`python -m benchmarks.signals --save`; CPU seconds of all threads together.",
    "",
    "| task | figure | value | measured |",
    "| --- | --- | --- | --- |",
]
FOOTER = ["![The photograph, from its gradients, from its Laplacian](../../docs/images/signals.png)"]


def photograph(options: argparse.Namespace, *, side: int = 256) -> Image:
    side = min(side, 16) if options.quick else side
    return Image(resize(camera(), (side, side), anti_aliasing=True))


def siren(options: argparse.Namespace, **more: float) -> Siren:
    return Siren(width=16, depth=2, omega=30, **more) if options.quick else Siren(256, 4, omega=30, **more)


def trained(
    problem: Problem, network: Any, options: argparse.Namespace, stage: AbstractOptimizer, *, every: int
) -> tuple[Solution, str]:
    """The solution, and a text with its steps and CPU seconds."""
    rule = FreshPoints(every=every, more=None)
    stages = [replace(stage, steps=20) if options.quick else stage]
    began = time.process_time()
    solution = solve(problem, network, stages=stages, seconds=options.seconds, sampling=rule)
    seconds = time.process_time() - began
    return solution, f"{solution.steps:,} steps of {type(stage).__name__}, {seconds:.0f} CPU s"


def image(options: argparse.Namespace) -> Iterator[Row]:
    picture = photograph(options)
    points = picture.population // 8
    problem = Problem(on(picture, Eq(f, picture.value), points=points), reference={f: picture.array})
    solution, spent = trained(problem, siren(options), options, Adam(steps=1500, rate=1e-3), every=1)
    found = solution.compare()
    yield "image", f"PSNR, SSIM ({spent})", f"{found['psnr']:.1f} dB, {found['ssim']:.3f}"


class Plain(nn.Module):
    """The published network as its code has it."""

    def __init__(self, width: int, depth: int) -> None:
        super().__init__()
        sizes = [2] + [width] * depth
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in pairwise(sizes))
        self.last = nn.Linear(width, 1)

    def forward(self, points):
        for layer in self.layers:
            points = torch.sin(30 * layer(points))
        return self.last(points)


def plain_step(width: int, depth: int, points: torch.Tensor, values: torch.Tensor) -> Callable[[], None]:
    network = Plain(width, depth)
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-4)

    def step() -> None:
        optimizer.zero_grad()
        (network(points) - values).square().mean().backward()
        optimizer.step()

    return step


def milliseconds(steps: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """CPU milliseconds of each, the fastest of interleaved rounds after a first one."""
    found: dict[str, list[float]] = {name: [] for name in steps}
    for _ in range(1 + rounds):
        for name, step in steps.items():
            began = time.process_time()
            step()
            found[name].append(1e3 * (time.process_time() - began))
    return {name: min(times[1:]) for name, times in found.items()}


def speed(options: argparse.Namespace) -> Iterator[Row]:
    picture, network = photograph(options), siren(options)
    problem = Problem(on(picture, Eq(f, picture.value), points=picture.population))
    program = compile_problem(problem, network)
    parameters, batch = program.initial(0), program.batch(0)
    objective = ProgramObjective(program, Layout.of(parameters), batch, {})
    stage = Adam(steps=10_000, rate=1e-4)
    state = [stage.initial(objective.layout.flatten(parameters))]

    def ours() -> None:
        state[0] = stage.step(state[0], objective, 0.0)

    samples = batch["image"].samples
    points = torch.stack([torch.as_tensor(p, dtype=torch.float32) for p in samples.points.values()], dim=1)
    steps = {"pinr": ours, "torch": plain_step(network.width, network.depth, points, points[:, :1])}
    found = milliseconds(steps, 2 if options.quick else 5)
    ratio = found["torch"] / found["pinr"]
    yield "speed", "CPU ms a step: pinr, torch", f"{found['pinr']:.0f}, {found['torch']:.0f} ({ratio:.1f} times)"


def gradients(options: argparse.Namespace) -> Iterator[Row]:
    picture = photograph(options, side=options.side)
    low, high = unknown("low", x, y), unknown("high", x, y)
    u = 5 * low + high
    problem = Problem(
        on(picture.box, Eq(grad(u), picture.gradient), points=picture.population // 4),
        on(picture.at(x=-1, y=-1), Eq(u, picture.value), weight=0.01),  # a single point: more would be noise
    )
    high_network = siren(options) if options.quick else Siren(options.side, 4, omega=30)
    networks = {low: Siren(32, 2, omega=5), high: high_network}
    solution, spent = trained(problem, networks, options, SOAP(steps=600, rate=1e-3), every=1)
    show("gradients", solution, u, options)
    value = psnr(at_pixels(solution, u, picture), picture.array.values, free_constant=True)
    yield "gradients", f"{picture.shape[0]}², PSNR without the constant ({spent})", f"{value:.1f} dB"


def poisson(data: np.ndarray, border: np.ndarray, spacing: float) -> np.ndarray:
    """The five-point equations `Δ_h u = data` for the inside of a square, with the outermost values of `border`.

    Solved by sine transforms, which gives what a sparse solve gives, and a million equations in a tenth of a second.
    """
    held = border.copy()
    held[1:-1, 1:-1] = 0
    neighbours = held[2:, 1:-1] + held[:-2, 1:-1] + held[1:-1, 2:] + held[1:-1, :-2]
    right = data[1:-1, 1:-1] - neighbours / spacing**2
    n = len(right)
    eigenvalues = (2 * np.cos(np.pi * np.arange(1, n + 1) / (n + 1)) - 2) / spacing**2
    waves = scipy.fft.dstn(right, type=1) / (eigenvalues[:, None] + eigenvalues)
    held[1:-1, 1:-1] = scipy.fft.idstn(waves, type=1)
    return held


def finely(picture: Image, times: int) -> tuple[np.ndarray, np.ndarray, float]:
    """The spline of an image and its Laplacian on a finer grid, `(y, x)`, and the spacing of that."""
    axes = [picture.array.coords[name].values for name in "yx"]
    spline = scipy.interpolate.RectBivariateSpline(*axes, picture.array.values)
    fine = np.linspace(-1, 1, times * (len(axes[0]) - 1) + 1)
    return spline(fine, fine), spline(fine, fine, dx=2) + spline(fine, fine, dy=2), fine[1] - fine[0]


def laplacian_of(picture: Image) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    """`ΔI` of the spline of an image on tensor grids, `(x, y)`."""
    axes = [picture.array.coords[name].values for name in "xy"]
    spline = scipy.interpolate.RectBivariateSpline(*axes, picture.array.transpose("x", "y").values)
    return lambda x, y: spline(x, y, dx=2) + spline(x, y, dy=2)


def from_border(value: Expr) -> Expr:
    """What has the values of an image on the border of [−1, 1]², linear in between (Coons 1967)."""
    sides = [(1 + k * c) / 2 * value.subs(c, k) for c in (x, y) for k in (-1, 1)]
    corners = [(1 + k * x) * (1 + m * y) / 4 * value.subs({x: k, y: m}) for k in (-1, 1) for m in (-1, 1)]
    return sum(sides) - sum(corners)


def from_laplacian(options: argparse.Namespace) -> Iterator[Row]:
    picture = photograph(options, side=options.side)
    rest = unknown("rest", x, y)
    u = from_border(picture.value) + (1 - x**32) * (1 - y**32) * rest  # steep: as the rest is, at the border
    # A module of one's own has values of the size 1, as they are wanted here, and not such as the equation suggests.
    recipe = siren(options, first_omega=60)
    network = recipe.build(2, 1, frequency=30, generator=torch.Generator().manual_seed(0))
    program = compile_problem(Problem(on(picture.box, Eq(grad(u), 0), name=WeakPoisson.FLUX)), network)
    parameters = program.initial(0)
    layout = Layout.of(parameters)
    stage = SOAP(steps=5 if options.quick else 400, rate=7e-4)
    state, began = stage.initial(layout.flatten(parameters)), time.process_time()
    objective = WeakPoisson(program, layout, laplacian_of(picture), side=picture.shape[0])
    for number in range(stage.steps):
        state = stage.step(state, objective, number / stage.steps)
    spent = f"{recipe}, {stage.steps} steps of SOAP, {time.process_time() - began:.0f} CPU s"
    solution = Solution(program, layout.unflatten(state.theta), steps=stage.steps)
    value, data, spacing = finely(picture, 4)
    solved = poisson(data, value, spacing)[::4, ::4]
    found = at_pixels(solution, u, picture)
    show("laplacian", solution, u, options)
    own = 10 ** (-snr(solved, picture.array.values) / 20)
    yield (
        "laplacian",
        f"{picture.shape[0]}², distance from the five-point solve ({spent}); of that from the image",
        f"{10 ** (-snr(found, solved) / 20):.2%}, {own:.2%}",
    )


def audio(options: argparse.Namespace) -> Iterator[Row]:
    file = DATA / "audio" / "gt_bach.wav"
    if not file.is_file():
        return
    sound = Audio.read(file)
    g = unknown("f", t)
    decibels, began = [], time.process_time()
    for start in range(0, len(sound.array), sound.rate):
        values = sound.array.values[start : start + sound.rate]
        second = Audio(values / np.abs(values).max(), rate=sound.rate)
        problem = Problem(on(second, Eq(g, second.value), points=second.population // 7), reference={g: second.array})
        network = (
            siren(options)
            if options.quick
            else Siren(128, 4, omega=30, first_omega=0.45 * math.pi * highest_tone(values))
        )
        solution, _ = trained(problem, network, options, Adam(steps=500, rate=1e-3), every=1)
        decibels.append(snr(solution.evaluate(g, t=second.positions[0]), second.array.values))
    spent = f"a network for each, 500 steps of Adam, {time.process_time() - began:.0f} CPU s in all"
    yield "audio", f"SNR of every second ({spent})", ", ".join(f"{value:.1f}" for value in decibels) + " dB"


def highest_tone(values: np.ndarray) -> float:
    """The frequency, in periods of the whole, below which 99 % of the power is."""
    power = np.cumsum(np.abs(np.fft.rfft(values)) ** 2)
    return float(np.searchsorted(power, 0.99 * power[-1]))


def video(options: argparse.Namespace) -> Iterator[Row]:
    file = DATA / "video" / "bikes.mp4"
    if not file.is_file():
        return
    film = Video.read(file, frames=(0, 12))
    g = unknown("f", x, y, t, size=3)
    problem = Problem(on(film, Eq(g, film.value), points=16_384))
    solution, spent = trained(problem, siren(options), options, Adam(steps=2_000, rate=1e-3), every=1)
    columns, rows, frames = film.positions
    exact = film.values[6, ::-1].swapaxes(0, 1) / 255
    mesh = np.meshgrid(columns, rows, indexing="ij")
    found = solution.evaluate(g, x=mesh[0].ravel(), y=mesh[1].ravel(), t=np.full(mesh[0].size, frames[6]))
    yield "video", f"PSNR of the middle frame ({spent})", f"{psnr(found.reshape(exact.shape), exact):.1f} dB"


def many(options: argparse.Namespace) -> Iterator[Row]:
    numbers, steps, rounds = (
        np.random.default_rng(0),
        (5, 25) if options.quick else (20, 120),
        2 if options.quick else 7,
    )
    count = 8 if options.quick else 256
    for side in (32, 8):
        images = [Image(numbers.random((side, side)), name=f"image_{k}") for k in range(count)]
        spent = []
        for number in steps:  # the difference is that of steps alone: compiling and drawing are in both
            began = time.process_time()
            fit_all(images, Siren(64, 3, omega=30), steps=number, group=3 if side == 32 else 32, progress=False)
            spent.append(time.process_time() - began)
        ours = 1e3 * (spent[1] - spent[0]) / (steps[1] - steps[0]) / count
        loop = {str(k): plain_step(64, 3, torch.rand(side**2, 2), torch.rand(side**2, 1)) for k in range(8)}
        theirs = sum(milliseconds(loop, rounds).values()) / len(loop)
        yield (
            "many",
            f"CPU ms a step and image, {side} × {side}: pinr, loop",
            f"{ours:.2f}, {theirs:.2f} ({theirs / ours:.1f} times)",
        )


TASKS = {
    "image": image,
    "speed": speed,
    "gradients": gradients,
    "laplacian": from_laplacian,
    "audio": audio,
    "video": video,
    "many": many,
}


def at_pixels(solution: Solution, expression: Any, picture: Image) -> np.ndarray:
    """Values of an expression, `(y, x)` upwards."""
    axes = {name: picture.array.coords[name].values for name in "xy"}
    return solution.grid(expression, **axes).transpose(*picture.array.dims).values


def show(task: str, solution: Solution, expression: Any, options: argparse.Namespace) -> None:
    """Put what was found into its place in the picture: the photograph, from gradients, from the Laplacian."""
    if not options.save or options.quick:
        return
    picture, gap = photograph(options), 8
    exact, found = picture.array.values, at_pixels(solution, expression, picture)
    if task == "gradients":
        found = found - np.mean(found - exact)
    side = len(exact)
    whole = np.full((side, 3 * side + 2 * gap), 255, dtype=np.uint8)
    if PICTURE.is_file():
        whole = np.asarray(PIL.Image.open(PICTURE)).copy()
    for name, values in (("photograph", exact), (task, found)):
        start = (side + gap) * ("photograph", "gradients", "laplacian").index(name)
        whole[:, start : start + side] = np.round(255 * np.clip(values[::-1], 0, 1))
    PIL.Image.fromarray(whole).save(PICTURE, optimize=True)


def saved(rows: list[Row], options: argparse.Namespace) -> None:
    """Put the rows into the table, in place of those of the same tasks."""
    when = f"{date.today()}, torch {torch.__version__}, {options.threads} thread(s)"
    lines = RESULT.read_text(encoding="utf-8").splitlines() if RESULT.is_file() else []
    done = {task for task, _, _ in rows}
    old = [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines if line.startswith("| ")]
    table = [row for row in old[2:] if row[0] not in done] + [(*row, when) for row in rows]
    table.sort(key=lambda row: list(TASKS).index(row[0]))
    text = [*HEADER, *(f"| {' | '.join(row)} |" for row in table), "", *FOOTER]
    RESULT.write_text("\n".join(text) + "\n", encoding="utf-8")


def main() -> None:
    options = ARGUMENTS.parse_args()
    torch.set_num_threads(options.threads)
    if options.quick:
        options.seconds = min(options.seconds, 2.0)
    print("| task | figure | value |", "|---|---|---|", sep="\n")
    for name, task in TASKS.items():
        if options.only is None or options.only in name:
            rows = []
            for row in task(options):
                rows.append(row)
                print(f"| {' | '.join(row)} |", flush=True)
            if options.save and rows:
                saved(rows, options)


if __name__ == "__main__":
    main()
