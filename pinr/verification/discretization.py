"""The finite-element equations of a model on a mesh."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any, final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from skfem import BilinearForm, DiscreteField, LinearForm

from pinr.verification.conditions import Dirichlet, Flux
from pinr.verification.formula import Formula
from pinr.verification.mesh import AbstractMesh
from pinr.verification.model import Model
from pinr.verification.unverifiable import UnverifiableError

Array = NDArray[np.float64]

PARALLEL = 1e-7  # how far a derivative in a condition may be off the conormal; normals of curved edges are rounded


@final
class Discretization:
    """`M(t) u' + N(t, u) = 0` at the free nodes and `u = g(t)` at the fixed ones.

    `N(u)·v = ∫ A∇u · ∇v + ∫ g v + ∫_Γ q v`, with the outflow `q` on the parts of the boundary without Dirichlet data.
    """

    def __init__(self, model: Model, mesh: AbstractMesh) -> None:
        self.model, self.mesh, self.basis = model, mesh, mesh.basis
        self._inside = _Part(model, mesh.basis)
        numbered = [(c, k) for k, c in enumerate(model.conditions) if k in mesh.facets]
        self._outflows = [(c, _Part(model, mesh.facet_basis(k))) for c, k in numbered if isinstance(c, Flux)]
        nodes = self.basis.doflocs
        self._fixed = [
            (c, (d := self.basis.get_dofs(mesh.facets[k]).flatten()), _points(model, nodes[:, d]))
            for c, k in numbered
            if isinstance(c, Dirichlet)
        ]

    @cached_property
    def fixed_nodes(self) -> NDArray[np.int_]:
        return np.unique(np.concatenate([np.empty(0, int), *(nodes for _, nodes, _ in self._fixed)]))

    @cached_property
    def free_nodes(self) -> NDArray[np.int_]:
        return np.setdiff1d(np.arange(self.basis.N), self.fixed_nodes)

    def with_fixed_values(self, t: float, u: Array) -> Array:
        """The nodal values with the prescribed ones put in."""
        u = u.copy()
        for condition, nodes, points in self._fixed:
            u[nodes] = condition.value(self._at(points, t), {})
        return u

    def nodal(self, formula: Formula, t: float) -> Array:
        """A formula in the coordinates at all nodes."""
        return formula(self._at(_points(self.model, self.basis.doflocs), t), {}).copy()

    def mass(self, t: float) -> csr_matrix:
        """`M(t)` over all nodes."""
        if not self._depends_on_time(self.model.equation.mass) and self._mass is not None:
            return self._mass
        m = self._inside.values(self.model.equation.mass, t, None)
        return _assembled_matrix(lambda u, v, w: m * u * v, self.basis)

    @cached_property
    def _mass(self) -> csr_matrix | None:
        if self._depends_on_time(self.model.equation.mass):
            return None
        m = self._inside.values(self.model.equation.mass, 0.0, None)
        return _assembled_matrix(lambda u, v, w: m * u * v, self.basis)

    @cached_property
    def inner_product(self) -> csr_matrix:
        """`∫ u v` over all nodes."""
        return _assembled_matrix(lambda u, v, w: u * v, self.basis)

    def residual(self, t: float, u: Array) -> Array:
        """`N(t, u)` over all nodes."""
        if not (self.is_linear and self.has_steady_slopes):
            return self._residual(t, u)
        load = self._steady_load if self.has_steady_load else self._residual(t, np.zeros_like(u))
        return self._steady_jacobian @ u + load

    def jacobian(self, t: float, u: Array) -> csr_matrix:
        """`∂N/∂u` over all nodes."""
        return self._steady_jacobian if self.is_linear and self.has_steady_slopes else self._jacobian(t, u)

    @cached_property
    def is_linear(self) -> bool:
        state = self.model.state
        return not any(f.depends_on(state.value, *state.gradient) for f in self._slopes)

    @cached_property
    def has_steady_slopes(self) -> bool:
        return not any(self._depends_on_time(f) for f in self._slopes)

    @cached_property
    def has_steady_load(self) -> bool:
        return not any(self._depends_on_time(f) for f in (self.model.equation.source, *self._outflow_formulas))

    @cached_property
    def is_singular(self) -> bool:
        """Whether a constant may be added to a stationary solution."""
        state, equation = self.model.state, self.model.equation
        formulas = (equation.source, *(a for row in equation.diffusion for a in row), *self._outflow_formulas)
        return not self._fixed and not any(f.depends_on(state.value) for f in formulas)

    def check(self, t: float, u: Array) -> None:
        """Whether the equation is elliptic, or parabolic forward in time, and the conditions are along the conormal.

        Raises:
            UnverifiableError: It is not so at some point.
        """
        equation = self.model.equation
        matrix = np.array([[self._inside.values(a, t, u) for a in row] for row in equation.diffusion])
        smallest = np.linalg.eigvalsh(np.moveaxis(matrix, (0, 1), (-2, -1)))[..., 0]
        if not (smallest > 0).all():
            message = f"the equation is not elliptic{self._inside.place_of_smallest(smallest)}."
            raise UnverifiableError(message)
        if self.model.times is not None:
            mass = self._inside.values(equation.mass, t, None)
            if not (mass > 0).all():
                message = f"the equation is not parabolic forward in time{self._inside.place_of_smallest(mass)}."
                raise UnverifiableError(message)
        for condition, part in self._outflows:
            matrix = np.array([[part.values(a, t, u) for a in row] for row in equation.diffusion])
            direction = np.array([part.values(b, t, u) for b in condition.direction])
            conormal = np.einsum("ij...,j...->i...", matrix, part.normals)
            along = (direction * conormal).sum(axis=0) / (conormal**2).sum(axis=0)
            off = np.abs(direction - along * conormal).max(axis=0)
            if not (off <= PARALLEL * np.abs(direction).max(axis=0)).all() or not (along != 0).all():
                message = f"{condition.text} has a derivative that is not along the conormal."
                raise UnverifiableError(message)

    @property
    def _outflow_formulas(self) -> tuple[Formula, ...]:
        return tuple(condition.outflow for condition, _ in self._outflows)

    @cached_property
    def _slopes(self) -> tuple[Formula, ...]:
        """All formulas in the Jacobian and the mass matrix."""
        state, equation = self.model.state, self.model.equation
        flux = [f.derivative(s) for f in equation.flux for s in (*state.gradient, state.value)]
        source = [equation.source.derivative(s) for s in (*state.gradient, state.value)]
        return (equation.mass, *flux, *source, *(q.derivative(state.value) for q in self._outflow_formulas))

    def _residual(self, t: float, u: Array) -> Array:
        equation, part = self.model.equation, self._inside
        field = part.basis.interpolate(u)
        flux = [part.values(f, t, field) for f in equation.flux]
        source = part.values(equation.source, t, field)
        total = LinearForm(lambda v, w: source * v + sum(f * v.grad[i] for i, f in enumerate(flux))).assemble(
            part.basis
        )
        for condition, border in self._outflows:
            q = border.values(condition.outflow, t, border.basis.interpolate(u))
            total = total + LinearForm(_times(q)).assemble(border.basis)
        return total

    def _jacobian(self, t: float, u: Array) -> csr_matrix:
        state, equation, part = self.model.state, self.model.equation, self._inside
        field = part.basis.interpolate(u)
        symbols = (*state.gradient, state.value)
        flux = [_nonzero(part, [f.derivative(s) for s in symbols], t, field) for f in equation.flux]
        source = _nonzero(part, [equation.source.derivative(s) for s in symbols], t, field)

        def form(du: DiscreteField, v: DiscreteField, w: Any) -> Any:
            changes = (*du.grad, du)
            total = sum(slope * changes[k] for k, slope in source.items()) * v if source else 0.0
            for i, slopes in enumerate(flux):
                total = total + sum(slope * changes[k] for k, slope in slopes.items()) * v.grad[i]
            return total

        total = _assembled_matrix(form, part.basis)
        for condition, border in self._outflows:
            slope = condition.outflow.derivative(state.value)
            if not slope.expression.is_zero:
                q = border.values(slope, t, border.basis.interpolate(u))
                total = total + _assembled_matrix(_times_both(q), border.basis)
        return total

    @cached_property
    def _steady_jacobian(self) -> csr_matrix:
        return self._jacobian(0.0, np.zeros(self.basis.N))

    @cached_property
    def _steady_load(self) -> Array:
        return self._residual(0.0, np.zeros(self.basis.N))

    def _depends_on_time(self, formula: Formula) -> bool:
        time = self.model.state.time
        return time is not None and formula.depends_on(time)

    def _at(self, points: dict[str, Array], t: float) -> dict[str, Array]:
        return _with_time(self.model, points, t)


@final
class _Part:
    """Quadrature points of the region or of a part of its boundary, at which formulas are evaluated."""

    def __init__(self, model: Model, basis: Any) -> None:
        self.model, self.basis = model, basis
        self.places = np.asarray(basis.global_coordinates())
        self.points = _points(model, self.places.reshape(len(self.places), -1))
        self.normals = np.asarray(basis.normals) if hasattr(basis, "normals") else np.empty(0)

    def values(self, formula: Formula, t: float, u: Any) -> Array:
        """A formula at the quadrature points, `(elements, points)`; `u` is nodal values, a field, or None for none."""
        state = self.model.state
        field = self.basis.interpolate(u) if isinstance(u, np.ndarray) and not isinstance(u, DiscreteField) else u
        given = {}
        if field is not None:
            given = {state.value: np.ravel(np.asarray(field))}
            given |= {p: np.ravel(q) for p, q in zip(state.gradient, field.grad, strict=True)}
        if self.normals.size:
            given |= {n: np.ravel(m) for n, m in zip(state.normal, self.normals, strict=True)}
        return formula(_with_time(self.model, self.points, t), given).reshape(self.places.shape[1:])

    def place_of_smallest(self, values: Array) -> str:
        worst = int(np.argmin(values.ravel()))
        return " at " + ", ".join(f"{name} = {p[worst]:.4g}" for name, p in self.points.items())


def _points(model: Model, places: Array) -> dict[str, Array]:
    return {c.name: p for c, p in zip(model.state.space, places, strict=True)}


def _with_time(model: Model, points: dict[str, Array], t: float) -> dict[str, Array]:
    time = model.state.time
    return points if time is None else {**points, time.name: np.full(len(next(iter(points.values()))), t)}


def _nonzero(part: _Part, formulas: Sequence[Formula], t: float, field: Any) -> dict[int, Array]:
    return {k: part.values(f, t, field) for k, f in enumerate(formulas) if not f.expression.is_zero}


def _times(q: Array) -> Any:
    return lambda v, w: q * v


def _times_both(q: Array) -> Any:
    return lambda u, v, w: q * u * v


def _assembled_matrix(form: Any, basis: Any) -> csr_matrix:
    return csr_matrix(BilinearForm(form).assemble(basis))
