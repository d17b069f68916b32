"""Normals that are not known where they are used."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import sympy

from pinr.declaration.checks.check import Remark, Remarks
from pinr.language.integrals import RegionIntegral
from pinr.language.normals import NormalComponent

if TYPE_CHECKING:
    from pinr.declaration.problem import Problem


def normals_of_other_regions(problem: "Problem") -> Remarks:
    """A normal inside the region, or on the boundary of another one."""
    for name, constraint in problem.named_constraints.items():
        found = (n for component in constraint.components for n in _foreign(component, constraint.region))
        normal = next(found, None)
        if normal is not None:
            message = (
                f"it uses the normal of the boundary of `{normal.owner}`, which is not known on "
                f"`{constraint.region!r}`. Use the normal of the region's own boundary."
            )
            yield Remark(name, message)


def _foreign(expression: sympy.Basic, region: Any) -> Iterator[NormalComponent]:
    """The normals that samples of a region do not carry; those in an integral belong to the region of the integral."""
    if isinstance(expression, RegionIntegral):
        yield from _foreign(expression.integrand, expression.domain)
    elif isinstance(expression, NormalComponent):
        carried = region.carried_normal()
        if carried is None or expression.owner != carried.owner:
            yield expression
    else:
        for child in expression.args:
            yield from _foreign(child, region)
