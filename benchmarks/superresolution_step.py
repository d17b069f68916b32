"""A training step of the implicit decoder under equations: the engine's jets against nested autograd.

    python benchmarks/superresolution_step.py [--points 2048] [--repeats 5] [--save]

The step is that of the published model without its encoder: values and all derivatives that the equations of convection
ask for at random points of a crop, their residuals, and the gradient by latent grid and weights. Nested autograd is
asked only for the derivatives of each field that the equations have, and passes through the published form of the
network, in which the inputs are concatenated to every hidden layer. Medians of interleaved CPU times, one thread, after
a step of few points, which compiles and checks that both ways give the same.
"""

import argparse
import datetime
import platform
import statistics
import time
from itertools import product
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional

from pinr.derivatives.request import MultiIndex
from pinr.superresolution import Standardisation, rayleigh_benard
from pinr.superresolution.blending import corner_weights
from pinr.superresolution.equation_rows import EquationRows
from pinr.superresolution.implicit_decoder import CornerFunction, Decoder, ImplicitDecoder, cells
from pinr.superresolution.spline import Axis

FIELDS = ("p", "b", "u", "w")
AXES = (Axis(4, 1.0), Axis(16, 1 / 16), Axis(16, 1 / 16, is_periodic=True))  # t, z, x of a published crop
VALUE, FIRST, SECOND = (0, 0, 0), ((1, 0, 0), (0, 1, 0), (0, 0, 1)), ((0, 2, 0), (0, 0, 2))
RESULTS = Path(__file__).parent / "results" / "superresolution_step.md"
ARGUMENTS = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
ARGUMENTS.add_argument("--points", type=int, default=2048)
ARGUMENTS.add_argument("--repeats", type=int, default=5)
ARGUMENTS.add_argument("--save", action="store_true", help=f"write {RESULTS.name}")


def concatenated(network: CornerFunction, inputs: Tensor) -> Tensor:
    """The corner function with one matrix product a layer."""
    hidden = network.activation(network.seen[0](inputs))
    for seen, layer in zip(network.seen[1:], network.layers, strict=True):
        weight = torch.cat([layer.weight, seen.weight], dim=1)
        hidden = network.activation(functional.linear(torch.cat([hidden, inputs], dim=1), weight, seen.bias))
    return network.last(hidden)


def nested(decoder: Decoder, latents: Tensor, places: Tensor) -> dict[MultiIndex, Tensor]:
    """The derivatives by autograd over autograd, one sweep for each field and axis that is differentiated on."""
    places = places.detach().requires_grad_(True)
    corners, fractions = cells(places, AXES)
    steps = torch.tensor(list(product((0.0, 1.0), repeat=len(AXES))))
    relative = (fractions - steps[:, None]).flatten(0, 1)
    inputs = torch.cat([relative, latents[0].flatten(1).t()[corners.reshape(-1)]], dim=1)
    values = concatenated(decoder.function, inputs).unflatten(0, corners.shape)
    values = (corner_weights(fractions, VALUE, decoder.recipe.blend)[..., None] * values).sum(dim=0)
    spacing = torch.tensor([axis.spacing for axis in AXES])

    def gradient(column: Tensor) -> Tensor:
        return torch.autograd.grad(column.sum(), places, create_graph=True)[0] / spacing

    slopes = [gradient(column) for column in values.unbind(1)]
    found = {VALUE: values}
    for index in FIRST:
        found[index] = torch.stack([slope[:, index.index(1)] for slope in slopes], dim=1)
    for index in SECOND:
        axis = index.index(2)
        none = torch.zeros(len(places))  # of p, which no equation differentiates twice
        bends = (none if n == 0 else gradient(slope[:, axis])[:, axis] for n, slope in enumerate(slopes))
        found[index] = torch.stack(list(bends), dim=1)
    return found


def step(rows: EquationRows, derivatives, trained: list[Tensor]) -> tuple[float, float, list[Tensor]]:
    """CPU seconds, loss and gradients of one step."""
    began = time.process_time()
    loss = sum(residual.square().mean() for residual in rows.residuals(derivatives()).values())
    gradients = torch.autograd.grad(loss, trained)
    return time.process_time() - began, float(loss.detach()), gradients


def measured(blend: str, points: int, repeats: int) -> tuple[float, float]:
    """Median seconds of both ways."""
    decoder = ImplicitDecoder(blend=blend).build(len(AXES), len(FIELDS))
    generator = torch.Generator().manual_seed(0)
    latents = torch.randn(1, decoder.recipe.latent, *(a.count for a in AXES), generator=generator).requires_grad_(True)
    reach = torch.tensor([axis.count - (not axis.is_periodic) for axis in AXES])
    places = torch.rand(points, len(AXES), generator=generator) * reach
    rows = EquationRows(rayleigh_benard(), Standardisation.none(FIELDS), FIELDS, ("t", "z", "x"))
    trained = [latents, *decoder.parameters()]

    def both(places: Tensor) -> list[tuple[float, float, list[Tensor]]]:
        return [
            step(rows, lambda: decoder.at_points(latents, AXES, places, rows.indices), trained),
            step(rows, lambda: nested(decoder, latents, places), trained),
        ]

    (_, loss, gradients), (_, other, others) = both(places[:64])
    assert abs(other - loss) < 1e-3 * loss
    for one, two in zip(gradients, others, strict=True):
        assert (one - two).norm() <= 1e-2 * two.norm()
    times = [[seconds for seconds, *_ in both(places)] for _ in range(repeats)]
    own, others = zip(*times, strict=True)
    return statistics.median(own), statistics.median(others)


def main() -> None:
    options = ARGUMENTS.parse_args()
    torch.set_num_threads(1)
    lines = [
        "# A step of the implicit decoder under the equations of convection",
        "",
        f"{ImplicitDecoder().widths}, latent 32, softplus, three axes, {options.points} points, float32: values, three",
        "first and two second derivatives of four fields, the four residuals, gradients by latent grid and weights.",
        f"CPU seconds of a step, one thread, medians of {options.repeats} interleaved runs.",
        f"{datetime.date.today()}, {platform.machine()}, torch {torch.__version__}.",
        "Made with `benchmarks/superresolution_step.py`.",
        "",
        "| blend | jets | points per second | nested autograd | points per second | factor |",
        "|---|---|---|---|---|---|",
    ]
    for blend in ("trilinear", "smooth"):
        own, other = measured(blend, options.points, options.repeats)
        lines.append(
            f"| {blend} | {own:.2f} | {options.points / own:,.0f} | {other:.2f} | {options.points / other:,.0f} "
            f"| {other / own:.1f} |"
        )
        print(lines[-1], flush=True)
    print("\n".join(lines))
    if options.save:
        RESULTS.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
