"""Every search, in the order in which what they find is reported: the gravest first."""

from collections.abc import Callable, Iterator

from pinr.solution.diagnosis.concentration import concentrated
from pinr.solution.diagnosis.conditions import violated_conditions
from pinr.solution.diagnosis.conflicts import conflicts
from pinr.solution.diagnosis.diagnosis import Symptom
from pinr.solution.diagnosis.domination import dominating
from pinr.solution.diagnosis.evidence import Evidence
from pinr.solution.diagnosis.falling import still_falling
from pinr.solution.diagnosis.overfitting import overfitted
from pinr.solution.diagnosis.rounding import at_rounding
from pinr.solution.diagnosis.term_sizes import terms_off_scale
from pinr.solution.diagnosis.unknown_sizes import unknowns_off_scale

SEARCHES: list[Callable[[Evidence], Iterator[Symptom]]] = [
    conflicts,
    violated_conditions,
    overfitted,
    concentrated,
    unknowns_off_scale,
    terms_off_scale,
    dominating,
    still_falling,
    at_rounding,
]
