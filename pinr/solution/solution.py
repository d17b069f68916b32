"""A solution: trained networks with the problem they solve."""

import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, final

from torch import Tensor, nn

from pinr.compiler.block import PARAMETER_PREFIX
from pinr.compiler.program import Program
from pinr.declaration.problem import Problem
from pinr.declaration.unknowns import UnknownField
from pinr.errors import DeclarationError
from pinr.geometry.quadrature import Integral
from pinr.solution.cloud import cloud
from pinr.solution.compare import compare
from pinr.solution.diagnosis import Diagnosis, diagnose
from pinr.solution.errors import error, errors
from pinr.solution.evaluate import evaluate
from pinr.solution.export import export
from pinr.solution.figures.figure import plot
from pinr.solution.grid import grid
from pinr.solution.integral import integral_with_error
from pinr.solution.load import read_solution
from pinr.solution.region import learned_region
from pinr.solution.render import render
from pinr.solution.save import save_solution
from pinr.surfaces import Camera
from pinr.verification.verify import verify

if TYPE_CHECKING:
    import numpy
    import xarray
    from matplotlib.figure import Figure
    from PIL.Image import Image

    from pinr.geometry.point_cloud import PointCloud
    from pinr.geometry.region import AbstractRegion
    from pinr.optimizers import AbstractOptimizer
    from pinr.verification.verification import Verification


@final
@dataclass(frozen=True, eq=False, repr=False)
class Solution:
    """The outcome of a run, as data; every method is one call to a function in a file of its own.

    Args:
        program: The compiled problem with its networks.
        parameters: The weights of every network and the identified numbers, by the names of `Program.initial`.
        history: Logged rows of the training.
        stages: The optimizers that were run.
        seed: Seed of weights and points.
        seconds: Wall time of the training.
        steps: Steps of all stages.
        loss: The final loss.

    Raises:
        DeclarationError: Parameters are missing, or have another shape than the networks.
    """

    program: Program
    parameters: Mapping[str, Tensor]
    _: KW_ONLY
    history: Sequence[Mapping[str, float | str]] = ()
    stages: "Sequence[AbstractOptimizer]" = ()
    seed: int = 0
    seconds: float = 0.0
    steps: int = 0
    loss: float = math.nan

    def __post_init__(self) -> None:
        networks = self.program.networks.items()
        expected = {f"{n}.{k}": tuple(v.shape) for n, m in networks for k, v in m.named_parameters()}
        expected |= {PARAMETER_PREFIX + p.name: () for p in self.program.numbers}
        found = {name: tuple(value.shape) for name, value in self.parameters.items()}
        wrong = [name for name in {**expected, **found} if expected.get(name) != found.get(name)]
        if wrong:
            name = wrong[0]
            message = (
                f"`Solution(…)`: the parameter {name!r} has the shape {found.get(name, 'of nothing')}, the program "
                f"expects {expected.get(name, 'none of that name')}. Take what training of this program gave."
            )
            raise DeclarationError(message)
        object.__setattr__(self, "parameters", {name: self.parameters[name].detach() for name in expected})
        object.__setattr__(self, "history", tuple(dict(row) for row in self.history))
        object.__setattr__(self, "stages", tuple(self.stages))

    @property
    def problem(self) -> Problem:
        return self.program.problem

    @property
    def networks(self) -> Mapping[str, nn.Module]:
        """The modules by name; the weights in use are `parameters`."""
        return self.program.networks

    @property
    def unknowns(self) -> tuple[UnknownField, ...]:
        return self.problem.unknowns

    def evaluate(self, expression: Any, /, **coordinates: Any) -> "numpy.ndarray":
        """Values `(*points, *components)` of any expression: `solution.evaluate(grad(u), x=0.5, y=[0, 1])`."""
        return evaluate(self, expression, coordinates)

    def integral(self, expression: Any, region: Any, /, *, order: int | None = None, **coordinates: Any) -> Integral:
        """`∫ e` over a region with an estimate of its error: `solution.integral(u, plate).value`."""
        return integral_with_error(self, expression, region, order=order, coordinates=coordinates)

    def grid(self, expression: Any, /, **axes: Any) -> "xarray.DataArray":
        """An expression on a tensor grid, NaN outside the region: `solution.grid(u, x=256, y=256, t=0.5)`."""
        return grid(self, expression, axes)

    def errors(self) -> dict[str, float]:
        """Relative L² errors against the reference, by unknown."""
        return errors(self)

    def error(self, unknown: Any = None) -> float:
        """The relative L² error of one unknown, the first if none is named."""
        return error(self, unknown)

    def compare(self, unknown: Any = None, *, peak: float = 1.0, free_constant: bool = False) -> dict[str, float]:
        """`relative_l2`, `psnr`, `snr`, of images `ssim`, against an array that is the reference; see `pinr.psnr`."""
        return compare(self, unknown, peak=peak, free_constant=free_constant)

    def plot(self, expression: Any = None, /, **axes: Any) -> "Figure":
        """A figure of all unknowns, or of an expression; with reference and error where there is a reference."""
        return plot(self, expression, axes)

    def verify(self, *, tolerance: float = 0.05, size: int | None = None) -> "Verification":
        """Compare with an independent finite-element solve of the problem, see `pinr.verification.verify`."""
        return verify(self.problem, partial(self.evaluate, self.unknowns[0].expression), tolerance=tolerance, size=size)

    def diagnose(self) -> Diagnosis:
        """What is wrong with the solution and what to do about it, in plain words; see `docs/training`."""
        return diagnose(self)

    def region(
        self, condition: Any, /, *, within: Any = None, resolution: int | None = None, name: str | None = None
    ) -> "AbstractRegion":
        """Where a condition on the unknowns holds, `solution.region(phi < 0)`: a region like any other."""
        return learned_region(self, condition, within=within, resolution=resolution, name=name)

    def cloud(
        self, expression: Any, /, *, count: int = 20_000, within: float | None = None, seed: int = 0
    ) -> "PointCloud":
        """Points where an unsigned distance is almost 0, `solution.cloud(phi)`: for surfaces that are open."""
        return cloud(self, expression, count=count, within=within, seed=seed)

    def render(
        self,
        shape: Any = None,
        /,
        *,
        azimuth: float = 30.0,
        elevation: float = 25.0,
        size: tuple[int, int] = (512, 512),
        **options: Any,
    ) -> "Image":
        """A shaded picture of where an expression is negative, `solution.render(phi).save("shape.png")`.

        Args:
            shape: An expression, a condition or a learned region; None is the only unknown.
            azimuth: Of the camera, in degrees around the last axis.
            elevation: In degrees above the plane of the first two.
            size: Width and height in pixels.
            options: `resolution`, `color` and `shadows` of `pinr.solution.render`.
        """
        return render(self, shape, camera=Camera(azimuth, elevation, size=size), **options)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write everything to one HDF5 file, see `docs/files`; data only."""
        save_solution(self, path)

    @classmethod
    def load(cls, path: str | os.PathLike[str], *, using: Mapping[str, Any] | None = None) -> "Solution":
        """Read what `save` wrote; runs no code of the file.

        Args:
            path: The file.
            using: Custom modules by the name of their network, callables by the name of their coefficient.
        """
        return cls(**read_solution(path, using=using or {}))

    def export(self, path: str | os.PathLike[str], fields: Any = None, /, **axes: Any) -> None:
        """Write fields for other programs, by suffix: .vtu .xdmf .h5 .png; surfaces as .obj .ply .stl."""
        export(self, path, fields, axes)

    def __repr__(self) -> str:
        names = ", ".join(u.name for u in self.unknowns)
        return (
            f"<Solution of {self.problem.name!r}: {names}; {self.steps:,} steps in {self.seconds:.3g} s, "
            f"loss {self.loss:.3g}>"
        )
