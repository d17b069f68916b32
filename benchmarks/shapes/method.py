"""What a method is: from data to a field whose level set is the shape."""

from argparse import Namespace
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import sympy

from benchmarks.shapes.mesh import Mesh, Points
from pinr import Adam, FreshPoints, PointCloud, Problem, Solution, solve
from pinr.networks import AbstractRecipe
from pinr.training.sampling import AbstractSampling


@dataclass(frozen=True)
class Given:
    """What is known of a shape; a method takes what it needs."""

    points: Points
    normals: Points
    mesh: Mesh

    @property
    def scan(self) -> PointCloud:
        """The points with their normals."""
        return PointCloud(self.points, normals=self.normals, name="scan")

    @property
    def bare_scan(self) -> PointCloud:
        """The points alone."""
        return PointCloud(self.points, name="scan")


@dataclass(frozen=True)
class Training:
    """Network and steps."""

    network: AbstractRecipe
    steps: int
    rate: float = 5e-4
    sampling: AbstractSampling = field(default_factory=lambda: FreshPoints(every=4))

    def __str__(self) -> str:
        return f"`{self.network}`, {self.steps:,} steps"


@dataclass(frozen=True)
class Method:
    """A line of the tables.

    Attributes:
        title: What it is called.
        problem: Its equations for what is given.
        detailed: How a scan is fitted, within 600 CPU seconds.
        plain: How a closed form is fitted, within a minute.
        inside: The condition by which a point is inside, of the field.
        is_distance: Whether the field is to be a signed distance, and belongs into the table of closed forms.
    """

    title: str
    problem: Callable[[Given], Problem]
    detailed: Training
    plain: Training
    inside: Callable[[Any], sympy.Basic] = lambda phi: phi < 0
    is_distance: bool = True

    def fitted(self, given: Given, training: Training, seed: int) -> Solution:
        return solve(
            self.problem(given),
            training.network,
            stages=[Adam(steps=training.steps, rate=training.rate)],
            sampling=training.sampling,
            seed=seed,
        )


def changed(training: Training, options: Namespace) -> Training:
    """The training with what the command line says."""
    asked = {name: getattr(options, name) for name in ("width", "omega") if getattr(options, name) is not None}
    network = replace(training.network, **asked)  # type: ignore[type-var]
    return replace(training, network=network, steps=options.steps or training.steps, rate=options.rate or training.rate)
