"""From a field with the right zero set to the distance to it."""

from typing import TYPE_CHECKING, Any

import numpy as np

from pinr.compiler.fields import Assignment
from pinr.declaration.constraint import on
from pinr.declaration.problem import Problem
from pinr.errors import DeclarationError
from pinr.geometry.level_set import LevelSet
from pinr.geometry.point_cloud import PointCloud
from pinr.geometry.sampling.uniform import Uniform
from pinr.geometry.solid import Solid
from pinr.language.equations import Eq
from pinr.language.operators import Expression
from pinr.networks.recipe import AbstractRecipe
from pinr.optimizers import Adam
from pinr.optimizers.named_arguments import with_checked_arguments
from pinr.solution.region import learned_level_set
from pinr.training.progress import AbstractProgress
from pinr.training.sampling import FreshPoints
from pinr.training.solve import solve

if TYPE_CHECKING:
    from pinr.solution import Solution

RESOLUTION = 128
NEARBY = 20_000
SPREAD = 1 / 40  # of the longest side: as wide as the band in which a distance is usually asked for
SELDOM = FreshPoints(every=40)  # finding distances at all points takes longer than a step


@with_checked_arguments
def redistanced(
    solution: "Solution",
    phi: Any = None,
    *,
    network: AbstractRecipe | None = None,
    resolution: int = RESOLUTION,
    steps: int = 2_000,
    rate: float = 2e-3,
    seed: int = 0,
    progress: AbstractProgress | bool = True,
) -> "Solution":
    """The signed distance to the surface that a solution has found: `redistanced(solution, phi)`.

    A fit to a scan has its zero set right long before its values: the equation `‖∇φ‖ = 1` holds on average, and next to
    edges not at all. Here the surface `φ = 0` is taken as a mesh, and the exact distances to its triangles, negative
    inside, are learned by a fresh network: in the box, within a fortieth of its longest side of the surface, ten times
    as much, and on the surface, ten times as much. The surface itself gets no better; where the shape leaves the box,
    the sides of the box close it.

    Args:
        solution: What has found it.
        phi: The unknown that is negative inside, in three coordinates of space; None is the only one.
        network: The recipe of the new network; None is that of `phi`.
        resolution: Cells of the mesh along the longest side of the box.
        steps: Steps of Adam.
        rate: Its largest step.
        seed: Of weights and points.
        progress: Whether to show progress, or how.

    Returns:
        A solution of its own, whose unknown has the same name.

    Raises:
        DeclarationError: `phi` is no such unknown, or its network is a module of your own and no recipe is given.
        GeometryError: It is negative nowhere.

    References: Sussman, Smereka and Osher, J. Comput. Phys. 114, 1994, who restore the distance during a computation;
    exact distances as of Park et al., DeepSDF, CVPR 2019.
    """
    field, assignment = _field(solution, phi)
    if network is None:
        if not isinstance(assignment.choice, AbstractRecipe):
            message = (
                f"`redistanced(…, {field})`: its network is a module of your own, of which no second one can be made. "
                "Give a recipe: `network=Siren(width=64, depth=3)`."
            )
            raise DeclarationError(message)
        network = assignment.choice
    shape = learned_level_set(solution, field < 0, within=None, resolution=resolution, name=None)
    return solve(
        distance_problem(field, shape, name=f"{solution.problem.name}, redistanced", seed=seed),
        network,
        stages=[Adam(steps=steps, rate=rate)],
        sampling=SELDOM,
        seed=seed,
        progress=progress,
    )


def distance_problem(phi: Expression, shape: LevelSet, *, name: str, seed: int = 0) -> Problem:
    """`φ = d` in the box of a level set, next to its surface and on it, with d the distance to its mesh.

    Args:
        phi: The unknown.
        shape: Where it is to be negative.
        name: Of the problem.
        seed: Of the points next to the surface.
    """
    mesh, names = shape.surface(), shape.names
    solid = Solid(mesh.points, mesh.cells[0].data, coordinates=names, name="surface")
    places = solid.boundary.sample(NEARBY, sampler=Uniform(), seed=seed).points
    longest = max(high - low for low, high in shape.box.bounds.values())
    offsets = SPREAD * longest * np.random.default_rng(seed).normal(size=(NEARBY, len(names)))
    low, high = np.array(list(shape.box.bounds.values())).T
    near = np.clip(np.stack([places[n] for n in names], axis=1) + offsets, low, high)
    return Problem(
        on(shape.box, Eq(phi, solid.distance), loss="l1", name="everywhere"),
        on(PointCloud(near, coordinates=names, name="nearby"), Eq(phi, solid.distance), weight=10, loss="l1"),
        on(solid.boundary, Eq(phi, 0), weight=10, loss="l1", name="on the surface"),
        name=name,
    )


def _field(solution: "Solution", phi: Any) -> tuple[Expression, Assignment]:
    """The unknown as it was declared, and its network."""
    found = [(u, a) for a in solution.program.assignments for u in a.unknowns]
    if phi is None and len(found) > 1:
        message = f"`redistanced(solution)`: there are {', '.join(u.name for u, _ in found)}. Say which one."
        raise DeclarationError(message)
    for unknown, assignment in found:
        if phi is None or unknown.expression == phi:
            is_real_scalar = unknown.size is None and not unknown.is_complex
            if not is_real_scalar or [c.role for c in unknown.coordinates] != ["space"] * 3:
                message = (
                    f"`redistanced(…, {unknown.name})`: a distance is a real function of three coordinates of space, "
                    f"and `{unknown.expression}` is none."
                )
                raise DeclarationError(message)
            return unknown.expression, assignment
    message = (
        f"`redistanced(…, {phi})`: it is no unknown of the solution, which has {', '.join(u.name for u, _ in found)}."
    )
    raise DeclarationError(message)
