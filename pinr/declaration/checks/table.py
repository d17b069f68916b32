"""Every check, in the order in which their findings are reported: what is ill-formed before what is ill-posed."""

from pinr.declaration.checks.boundary_conditions import missing_boundary_conditions
from pinr.declaration.checks.check import Check
from pinr.declaration.checks.clashes import clashing_conditions
from pinr.declaration.checks.coefficients import (
    coefficients_of_another_shape,
    coefficients_outside_their_data,
)
from pinr.declaration.checks.constants import free_constants
from pinr.declaration.checks.empty import empty_regions
from pinr.declaration.checks.equations import (
    constraints_without_unknowns,
    unknowns_in_inequalities_only,
    unknowns_without_an_equation_inside,
)
from pinr.declaration.checks.formulas import formulas_that_are_not_finite, formulas_without_a_rule
from pinr.declaration.checks.initial_conditions import missing_initial_conditions
from pinr.declaration.checks.jumps import jumps_under_a_divergence
from pinr.declaration.checks.measured_columns import columns_of_other_measurements, rows_without_values
from pinr.declaration.checks.names import coordinates_of_two_roles, parameters_of_one_name, unknowns_of_one_name
from pinr.declaration.checks.normals import normals_of_other_regions
from pinr.declaration.checks.outside import conditions_outside_the_region
from pinr.declaration.checks.scans import normals_that_point_inwards
from pinr.declaration.checks.symbols import coordinates_that_the_region_lacks, namesakes_of_coordinates, unknown_symbols
from pinr.declaration.checks.units import clashing_units, coordinates_in_two_units

CHECKS: list[Check] = [
    Check("no-unknown", "error", constraints_without_unknowns),
    Check("namesake", "error", namesakes_of_coordinates),
    Check("unknown-symbol", "error", unknown_symbols),
    Check("unbound-coordinate", "error", coordinates_that_the_region_lacks),
    Check("two-roles", "error", coordinates_of_two_roles),
    Check("two-unknowns", "error", unknowns_of_one_name),
    Check("two-parameters", "error", parameters_of_one_name),
    Check("two-units", "error", coordinates_in_two_units),
    Check("clashing-units", "error", clashing_units),
    Check("jump-under-divergence", "error", jumps_under_a_divergence),
    Check("foreign-normal", "error", normals_of_other_regions),
    Check("foreign-column", "error", columns_of_other_measurements),
    Check("empty-region", "error", empty_regions),
    Check("no-rule", "error", formulas_without_a_rule),
    Check("not-finite", "error", formulas_that_are_not_finite),
    Check("coefficient-shape", "error", coefficients_of_another_shape),
    Check("coefficient-outside-data", "error", coefficients_outside_their_data),
    Check("missing-rows", "warning", rows_without_values),
    Check("no-equation-inside", "warning", unknowns_without_an_equation_inside),
    Check("inequalities-only", "warning", unknowns_in_inequalities_only),
    Check("missing-initial-condition", "warning", missing_initial_conditions),
    Check("missing-boundary-condition", "warning", missing_boundary_conditions),
    Check("outside-the-region", "warning", conditions_outside_the_region),
    Check("inward-normals", "warning", normals_that_point_inwards),
    Check("free-constant", "warning", free_constants),
    Check("clashing-conditions", "warning", clashing_conditions),
]
