"""Normals that are not known where they are used."""

from typing import TYPE_CHECKING

from pinr.declaration.checks.check import Remark, Remarks
from pinr.language.normals import NormalComponent

if TYPE_CHECKING:
    from pinr.declaration.problem import Problem


def normals_of_other_regions(problem: "Problem") -> Remarks:
    """A normal inside the region, or on the boundary of another one."""
    for name, constraint in problem.named_constraints.items():
        carried = constraint.region.carried_normal()
        foreign = (
            field
            for field in constraint.fields
            if isinstance(field, NormalComponent) and (carried is None or field.owner != carried.owner)
        )
        normal = next(foreign, None)
        if normal is not None:
            message = (
                f"it uses the normal of the boundary of `{normal.owner}`, which is not known on "
                f"`{constraint.region!r}`. Use the normal of the region's own boundary."
            )
            yield Remark(name, message)
