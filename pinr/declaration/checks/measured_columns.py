"""Looking for mistakes with measurements: columns of another table, rows without a value."""

from typing import TYPE_CHECKING

import numpy as np

from pinr.declaration.checks.check import Remark, Remarks
from pinr.language.columns import MeasuredColumn

if TYPE_CHECKING:
    from pinr.declaration.problem import Problem


def columns_of_other_measurements(problem: "Problem") -> Remarks:
    """A measured column that is used where it is not known."""
    for name, constraint in problem.named_constraints.items():
        known = frozenset[str]().union(*(table.keys for table in constraint.region.measured()))
        for column in constraint.fields:
            if isinstance(column, MeasuredColumn) and column.key not in known:
                message = (
                    f"it uses the measured column `{column}`, which is not known on "
                    f"`{constraint.region!r}`. Use it on its own measurements, `on(probes, Eq(u, probes['u']))`."
                )
                yield Remark(name, message)


def rows_without_values(problem: "Problem") -> Remarks:
    """Rows of measurements that are left out because a value is missing."""
    for name, constraint in problem.named_constraints.items():
        for probes in constraint.region.measured():
            rows = probes.incomplete
            if rows.size:
                missing = [n for n, values in probes.table.columns.items() if np.isnan(values[rows[0]])]
                used = [n for n in missing if n in probes.names or n in probes.used]
                message = (
                    f"{rows.size} of the {probes.table.count} rows of {probes.table.title} "
                    f"are left out because a value is missing, the first one row {rows[0] + 1} without "
                    f"{', '.join(used)}. Fill them in, or remove them."
                )
                yield Remark(name, message)
