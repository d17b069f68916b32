"""Signals: how near networks come, and how fast; one row per task.

    python -m benchmarks.signals [--only TASK] [--seconds 900] [--threads 2] [--quick] [--save]

- `image`: 256 × 256 pixels of a photograph, all at once, width 256, depth 4, 1,500 steps of Adam. Goal: 35 dB.
- `speed`: CPU milliseconds of such a step beside the same network in plain torch, interleaved. Goal: less.
- `gradients`: the photograph from the gradients of its spline. Goal: 30 dB after the free constant is removed.
- `laplacian`: `ΔI` and the border; beside a sparse solve of the five-point equations with the same border.
- `audio`: seven seconds of music (`../shared/data/audio/gt_bach.wav`, skipped where it is absent). Goal: 25 dB in every
  window of a second.
- `video`: half a second of a film (`../shared/data/video/bikes.mp4`, likewise).
- `many`: 256 images of 32 × 32 and 8 × 8 pixels, milliseconds of a step of one of them by `fit_all` beside a loop over
  networks in plain torch with its own Adam. Goals: 1.7 and 5 times as fast.

`--seconds` is the most that a training takes. `--quick` takes small images and a second or two for each row: the
numbers then mean nothing.
"""

import argparse
import math
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import scipy.sparse
import scipy.sparse.linalg
import torch
from skimage.data import camera
from skimage.transform import resize
from torch import nn

from pinr import (
    Adam,
    Audio,
    Eq,
    FreshPoints,
    Image,
    Problem,
    Siren,
    Video,
    compile_problem,
    coordinates,
    fit_all,
    grad,
    laplacian,
    on,
    psnr,
    snr,
    solve,
    unknown,
)
from pinr.training.layout import Layout
from pinr.training.objective import ProgramObjective

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT.parent / "shared" / "data"
RESULT = Path(__file__).with_name("results") / "signals.md"
ARGUMENTS = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
ARGUMENTS.add_argument("--only", metavar="TASK", help="tasks whose name contains this")
ARGUMENTS.add_argument("--seconds", type=float, default=900.0)
ARGUMENTS.add_argument("--threads", type=int, default=2)
ARGUMENTS.add_argument("--quick", action="store_true")
ARGUMENTS.add_argument("--save", action="store_true", help="write the table to benchmarks/results/signals.md")

x, y, t = coordinates("x y", time="t")
f = unknown("f", x, y)
Row = tuple[str, str, str]  # task, figure, value


def photograph(options: argparse.Namespace) -> Image:
    side = 32 if options.quick else 256
    return Image(resize(camera(), (side, side), anti_aliasing=True))


def siren(options: argparse.Namespace, **more: float) -> Siren:
    return Siren(width=16, depth=2, omega=30, **more) if options.quick else Siren(256, 4, omega=30, **more)


def trained(
    problem: Problem, network: Siren, options: argparse.Namespace, *, steps: int, rate: float, every: int = 100
):
    """The solution, and a text with its steps and seconds."""
    rule = FreshPoints(every=every, more=None)
    stages = [Adam(steps=20 if options.quick else steps, rate=rate)]
    solution = solve(problem, network, stages=stages, seconds=options.seconds, sampling=rule)
    return solution, f"{solution.steps:,} steps, {solution.seconds:.0f} s"


def image(options: argparse.Namespace) -> Iterator[Row]:
    picture = photograph(options)
    problem = Problem(on(picture, Eq(f, picture.value), points=picture.population), reference={f: picture.array})
    solution, spent = trained(problem, siren(options), options, steps=1500, rate=3e-4)
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
    picture = photograph(options)
    problem = Problem(
        on(picture, Eq(grad(f), picture.gradient), points=picture.population // 4),
        on(picture.at(x=-1, y=-1), Eq(f, picture.value)),
        reference={f: picture.array},
    )
    solution, spent = trained(problem, siren(options), options, steps=4000, rate=2e-4, every=20)
    value = solution.compare(free_constant=True)["psnr"]
    yield "gradients", f"PSNR without the constant ({spent})", f"{value:.1f} dB"


def poisson(pixels: np.ndarray) -> np.ndarray:
    """The five-point Laplacian of the pixels, solved for the inside with the pixels of the border."""
    rows, columns = pixels.shape
    second = [scipy.sparse.diags_array([1.0, -2.0, 1.0], offsets=[-1, 0, 1], shape=(n, n)) for n in (rows, columns)]
    whole = scipy.sparse.kron(second[0], scipy.sparse.eye_array(columns))
    whole = (whole + scipy.sparse.kron(scipy.sparse.eye_array(rows), second[1])).tocsr()
    inside = np.zeros(pixels.shape, dtype=bool)
    inside[1:-1, 1:-1] = True
    inner, border = np.flatnonzero(inside), np.flatnonzero(~inside)
    found = pixels.ravel().copy()
    data = (whole @ pixels.ravel())[inner] - whole[inner][:, border] @ found[border]
    found[inner] = scipy.sparse.linalg.spsolve(whole[inner][:, inner].tocsc(), data)
    return found.reshape(pixels.shape)


def from_laplacian(options: argparse.Namespace) -> Iterator[Row]:
    picture = photograph(options)
    problem = Problem(
        on(picture, Eq(laplacian(f), picture.laplacian), points=picture.population // 8),
        on(picture.boundary, Eq(f, picture.value), points=1024),
        reference={f: picture.array},
    )
    solution, spent = trained(problem, siren(options), options, steps=4000, rate=1e-4, every=20)
    sparse = poisson(picture.array.values)
    axes = {name: picture.array.coords[name].values for name in "xy"}
    ours = solution.grid(f, **axes).transpose(*picture.array.dims).values
    yield "laplacian", f"distance from the sparse solve ({spent})", f"{10 ** (-snr(ours, sparse) / 20):.1%}"


def audio(options: argparse.Namespace) -> Iterator[Row]:
    file = DATA / "audio" / "gt_bach.wav"
    if not file.is_file():
        return
    sound = Audio.read(file)
    g = unknown("f", t)
    problem = Problem(on(sound, Eq(g, sound.value), points=16_384), reference={g: sound.array})
    solution, spent = trained(problem, siren(options, first_omega=3000), options, steps=20_000, rate=2e-4, every=5)
    found = np.concatenate([solution.evaluate(g, t=part) for part in np.array_split(sound.positions[0], 20)])
    windows = range(math.ceil(len(found) / sound.rate))
    pieces = [slice(k * sound.rate, (k + 1) * sound.rate) for k in windows]
    decibels = [snr(found[piece], sound.array.values[piece]) for piece in pieces]
    text = ", ".join(f"{value:.1f}" for value in decibels)
    yield "audio", f"SNR of every second ({spent})", f"{text} dB"


def video(options: argparse.Namespace) -> Iterator[Row]:
    file = DATA / "video" / "bikes.mp4"
    if not file.is_file():
        return
    film = Video.read(file, frames=(0, 12))
    g = unknown("f", x, y, t, size=3)
    problem = Problem(on(film, Eq(g, film.value), points=16_384))
    solution, spent = trained(problem, siren(options), options, steps=20_000, rate=3e-4, every=5)
    columns, rows, frames = film.positions
    shown = film.values[6, ::-1].swapaxes(0, 1) / 255
    mesh = np.meshgrid(columns, rows, indexing="ij")
    found = solution.evaluate(g, x=mesh[0].ravel(), y=mesh[1].ravel(), t=np.full(mesh[0].size, frames[6]))
    yield "video", f"PSNR of the middle frame ({spent})", f"{psnr(found.reshape(shown.shape), shown):.1f} dB"


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


def main() -> None:
    options = ARGUMENTS.parse_args()
    torch.set_num_threads(options.threads)
    if options.quick:
        options.seconds = min(options.seconds, 2.0)
    lines = ["| task | figure | value |", "|---|---|---|"]
    print(*lines, sep="\n")
    for name, task in TASKS.items():
        if options.only is None or options.only in name:
            for row in task(options):
                lines.append(f"| {' | '.join(row)} |")
                print(lines[-1], flush=True)
    if options.save:
        RESULT.write_text("\n".join(["# Signals", "", f"{options.threads} threads.", "", *lines]) + "\n")


if __name__ == "__main__":
    main()
