"""What every region is and does."""

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import sympy
from sympy.logic.boolalg import Boolean

from pinr.errors import GeometryError
from pinr.geometry.bounds import Bounds, are_apart
from pinr.geometry.chart import Chart
from pinr.geometry.face import Face
from pinr.geometry.number import Number, number_from, unbound_message
from pinr.geometry.roles import Roles, guessed_roles
from pinr.geometry.samples import Mask, Points, Samples
from pinr.geometry.sampling.sampler import AbstractSampler, Seed
from pinr.geometry.stratified import sample_charts
from pinr.geometry.substitution import coordinates_of_numbers
from pinr.geometry.suggestion import did_you_mean
from pinr.language.coordinates import Coordinate, Role
from pinr.language.normals import Normal

if TYPE_CHECKING:
    from pinr.geometry.boundary import Boundary
    from pinr.geometry.combination import Combination
    from pinr.geometry.interface import Interface
    from pinr.geometry.measurements import Measurements
    from pinr.geometry.moved import Moved

TIGHTEST = 4


class AbstractRegion(ABC):
    """A set of points with coordinates bound by name: immutable, compared by value, printed as written.

    A new kind of region gives its names, bounds, charts and faces, says what it encloses and how to slice and store
    it; sampling, measure and the algebra follow.
    """

    @property
    def precedence(self) -> int:
        """How tightly the text of the region binds, by Python's rules: `|` 0, `&` 1, `-` 2, `*` 3, a call 4."""
        return TIGHTEST

    @property
    @abstractmethod
    def names(self) -> tuple[str, ...]:
        """The coordinates in declared order, fixed ones included."""

    @property
    @abstractmethod
    def bounds(self) -> Bounds:
        """Coordinate name → lowest and highest value; encloses the region."""

    @property
    @abstractmethod
    def charts(self) -> tuple[Chart, ...]:
        """The maps of the unit cube that make up the region: disjoint, and of one dimension."""

    @abstractmethod
    def encloses(self, points: Points) -> Mask:
        """Which points belong to the region; `contains` without its checks."""

    @abstractmethod
    def faces(self, space: frozenset[str]) -> tuple[Face, ...]:
        """The faces across which one leaves the region by moving along the coordinates of `space`."""

    @abstractmethod
    def pinned(self, values: Mapping[str, Number]) -> "AbstractRegion":
        """The slice at these values; `at` without its checks."""

    @abstractmethod
    def record(self) -> dict[str, Any]:
        """The region as plain JSON, for `region_from_record`."""

    def surrounds(self, points: Points) -> Mask:
        """Which points belong to the region with all of their neighbours; of a slice or boundary, all that it has."""
        return self.encloses(points)

    def located(self, points: Points) -> tuple[Mask, Mask]:
        """What `encloses` and `surrounds` say, for less than twice the work where they share it."""
        return self.encloses(points), self.surrounds(points)

    def covers(self, bounds: Bounds) -> bool | None:
        """Whether a box lies in the region: True all of it, False none, None where neither is certain."""
        return False if are_apart(self.bounds, bounds) else None

    def membership(self, values: Mapping[str, sympy.Expr]) -> Boolean:
        """Membership as a SymPy condition on expressions for the coordinates.

        Raises:
            GeometryError: The region is a boundary.
        """
        message = f"`{self!r}.inside`: a boundary has no inside. Take that of the region, or the sign of a distance."
        raise GeometryError(message)

    @property
    def periodic(self) -> tuple[str, ...]:
        """The coordinates that go around, which have no faces."""
        return ()

    @property
    def population(self) -> int | None:
        """Among how many points samples are drawn, where they are points of a grid; None of what is continuous."""
        return None

    @property
    def extends(self) -> bool:
        """Whether the region is understood in spaces of more coordinates, as the half-space `x ≤ 1` is."""
        return False

    def within(self, bounds: Bounds) -> "AbstractRegion":
        """A region that is the same inside a box, and which can be sampled there if it is unbounded."""
        return self

    def crosscut(self, values: Mapping[str, Number]) -> "AbstractRegion | None":
        """The slice as a region of the remaining coordinates; None where it has no simple description."""
        return None

    def resolve(self, roles: Mapping[str, Role]) -> "AbstractRegion":
        """The region with the declared roles of its coordinates in place of guessed ones."""
        return self

    def carried_normal(self) -> Normal | None:
        """The normal whose values the samples carry, if they do."""
        return None

    def knowing(self, columns: frozenset[str]) -> "AbstractRegion":
        """The region, of its measurements only the rows where these columns of samples have values."""
        return self

    def measured(self) -> "tuple[Measurements, ...]":
        """The measurements whose columns the samples carry."""
        return ()

    @cached_property
    def unbound(self) -> tuple[str, ...]:
        """The coordinates that numbers of the region depend on, and that it does not have: of an open region, some."""
        return tuple(name for name in coordinates_of_numbers(self) if name not in self.names)

    @property
    def coordinate_roles(self) -> Roles:
        """The role of each coordinate, where numbers that depend on it tell, else a guess."""
        known = coordinates_of_numbers(self)
        return tuple((name, getattr(known.get(name), "role", guess)) for name, guess in guessed_roles(self.names))

    def require_closed(self, after: str, before: str = "") -> None:
        """Refuse an open region where only a closed one will do.

        Args:
            after: What was written after the region, `.measure`.
            before: What was written before it.

        Raises:
            GeometryError: The region depends on coordinates that nothing binds.
        """
        if self.unbound:
            message = f"`{before}{operand(self)}{after}`: " + unbound_message("the region", self.unbound)
            raise GeometryError(message)

    @property
    def dimension(self) -> int:
        """Intrinsic dimension: 2 for a square, 1 for its boundary, 0 for points."""
        return self.charts[0].dimension - self.charts[0].choices

    @property
    def measure(self) -> float:
        """Volume, area, length, or number of points, by the dimension.

        Raises:
            GeometryError: The region is open: nothing binds the coordinates that it depends on.
        """
        self.require_closed(".measure")
        return sum((chart.measure for chart in self.charts), start=0.0)

    @property
    def boundary(self) -> "Boundary":
        """The boundary in space: lateral, for a product with time or a family."""
        # The algebra is closed (a boundary is a region, a region has a boundary), hence the imports in the calls.
        from pinr.geometry.boundary import Boundary

        self.require_closed(".boundary")
        return Boundary(self, self.coordinate_roles)

    @property
    def inside(self) -> Boolean:
        """Membership as a SymPy condition, `Piecewise((1, plate.inside), (2, True))`.

        The coordinates in it are those of the region's names, `t` and `time` of the role time, all else of space, but
        for those that numbers of the region depend on. With other coordinates write
        `region.membership({"x": x, "mu": mu})`.
        """
        return self.membership({name: Coordinate(name, role) for name, role in self.coordinate_roles})

    @property
    def normal(self) -> Normal:
        """The outward unit normal, for use in equations.

        Raises:
            GeometryError: The region is no boundary.
        """
        normal = self.carried_normal()
        if normal is None:
            message = f"`{self!r}.normal`: only boundaries have normals. Write `{operand(self)}.boundary.normal`."
            raise GeometryError(message)
        return normal

    def at(self, **values: Any) -> "AbstractRegion":
        """The slice where coordinates have fixed values, `string.at(t=0)`.

        Raises:
            GeometryError: A coordinate is unknown or already fixed, or a value is outside the bounds.
        """
        if not values:
            message = f"`{operand(self)}.at()` fixes nothing. Write for example `.at({self.names[-1]}=0)`."
            raise GeometryError(message)
        self.require_closed(f".at({', '.join(f'{n}={value}' for n, value in values.items())})")
        return self.pinned({name: _slice_value(self, name, value) for name, value in values.items()})

    def where(self, condition: Boolean) -> "AbstractRegion":
        """The part where a SymPy condition on the coordinates holds, `box.where(x > 0)`."""
        from pinr.geometry.where import Where

        return Where(self, condition)

    def translate(self, **shift: Any) -> "Moved":
        """The region shifted by name, `ball.translate(x=1)`."""
        from pinr.geometry.moved import translated

        return translated(self, shift)

    def rotate(self, angle: Any, *, axis: str | None = None, about: Mapping[str, Any] | None = None) -> "Moved":
        """The region turned counterclockwise, `box.rotate(pi / 4)`, `brick.rotate(pi / 2, axis="z")`.

        Args:
            angle: In radians.
            axis: In three coordinates of space, the one that stays; the others turn by the right-hand rule.
            about: A fixed point by name; the origin where it says nothing.

        Raises:
            GeometryError: The axis is missing, or there is no such coordinate.
        """
        from pinr.geometry.moved import rotated

        return rotated(self, angle, axis, about or {}, self._space)

    def scale(self, factor: Any, *, about: Mapping[str, Any] | None = None) -> "Moved":
        """The region enlarged in space by a factor, `wing.scale(2)`.

        Args:
            factor: Of lengths, positive.
            about: The fixed point by name; the origin where it says nothing.

        Raises:
            GeometryError: The factor is not positive, or there is no such coordinate.
        """
        from pinr.geometry.moved import scaled

        return scaled(self, factor, about or {}, self._space)

    def extrude(self, **interval: Any) -> "AbstractRegion":
        """The region times an interval, `plate.extrude(z=(0, 1))`, which is `plate * Box(z=(0, 1))`."""
        from pinr.geometry.box import Box

        return self * Box(**interval)

    def quadrature(self, order: int, *, seed: Seed = 0) -> Samples:
        """Points with the column `weight`, `∫ f ≈ Σ w_i f(x_i)`, see `pinr.geometry.quadrature`."""
        from pinr.geometry.quadrature import quadrature

        return quadrature(self, order, seed=seed)

    def __mul__(self, other: "AbstractRegion") -> "AbstractRegion":
        """The Cartesian product, `Box(x=(0, 1)) * Box(t=(0, 10))`; of a region that depends on the other, a family."""
        from pinr.geometry.family import multiplied

        return multiplied((self, other)) if isinstance(other, AbstractRegion) else NotImplemented

    def __or__(self, other: "AbstractRegion") -> "Combination":
        """The union, regularised: faces that coincide vanish."""
        return _combined("|", self, other)

    def __and__(self, other: "AbstractRegion") -> "Combination | Interface":
        """The intersection, regularised; of two boundaries their common part, with the normal of the first."""
        from pinr.geometry.boundary import Boundary
        from pinr.geometry.interface import Interface

        if isinstance(self, Boundary) and isinstance(other, Boundary):
            return Interface(self, other)
        return _combined("&", self, other)

    def __sub__(self, other: "AbstractRegion") -> "Combination":
        """The difference, regularised."""
        return _combined("-", self, other)

    def contains(self, points: Mapping[str, Any]) -> Mask:
        """Which points lie in the region, up to a tolerance relative to its size.

        Args:
            points: Coordinate name → array or number; they broadcast as in NumPy.

        Raises:
            GeometryError: A coordinate is missing, or the region is open.
        """
        self.require_closed(".contains(…)")
        missing = [name for name in self.names if name not in points]
        if missing:
            message = (
                f"`{operand(self)}.contains(…)` got {', '.join(points) or 'nothing'}, without "
                f"{', '.join(missing)}. Give the positions along every coordinate of the region."
            )
            raise GeometryError(message)
        arrays = np.broadcast_arrays(*(np.asarray(points[name], dtype=np.float64) for name in self.names))
        flat = {name: values.ravel() for name, values in zip(self.names, arrays, strict=True)}
        return self.encloses(flat).reshape(arrays[0].shape)

    def sample(self, count: int, *, sampler: AbstractSampler, seed: Seed) -> Samples:
        """Points spread uniformly by measure; a function of the arguments alone.

        Args:
            count: Number of points (of a `Grid`: about that many).
            sampler: How to spread them.
            seed: A non-negative integer or several; other seeds give other points.

        Raises:
            GeometryError: The count or seed is not as said, or too little of the region is left.
        """
        call = f".sample({count!r}, seed={seed!r})"
        self.require_closed(call)
        written = f"{operand(self)}{call}"
        samples = sample_charts(self.charts, checked_count(count, written), sampler, checked_seeds(seed, written))
        if samples.count == 0 or (sampler.gives_exact_count and samples.count < count):
            message = (
                f"`{written}`: only {samples.count} points were found; the region is empty, or almost. "
                "Start from a region that fits more closely."
            )
            raise GeometryError(message)
        return samples

    @property
    def _space(self) -> tuple[str, ...]:
        return tuple(name for name, role in self.coordinate_roles if role == "space")

    def __getstate__(self) -> dict[str, Any]:
        # Cached charts hold functions, which cannot be pickled; they are made again when needed.
        return {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}  # type: ignore[arg-type]


def _combined(operator: Any, first: AbstractRegion, second: Any) -> Any:
    from pinr.geometry.combination import combined

    return combined(operator, first, second) if isinstance(second, AbstractRegion) else NotImplemented


def operand(region: AbstractRegion) -> str:
    """The text of a region, in parentheses where a method call or an operator after it needs them."""
    return repr(region) if region.precedence == TIGHTEST else f"({region!r})"


def _slice_value(region: AbstractRegion, name: str, written: Any) -> Number:
    place = f"{operand(region)}.at({name}={written})"
    if name not in region.names:
        message = (
            f"`{place}`: the region has no coordinate {name!r}.{did_you_mean(name, region.names)} "
            f"It has {', '.join(region.names)}."
        )
        raise GeometryError(message)
    number = number_from(written, place)
    low, high = region.bounds[name]
    if low == high:
        message = f"`{place}`: {name} is already fixed at {low:g}. Slice the region without that."
        raise GeometryError(message)
    if not low <= number.value <= high:
        message = f"`{place}`: {name} runs from {low:g} to {high:g}. Choose a value inside."
        raise GeometryError(message)
    return number


def checked_count(count: int, written: str) -> int:
    """A number of points as a user writes it.

    Raises:
        GeometryError: It is no positive integer.
    """
    if isinstance(count, int | np.integer) and not isinstance(count, bool) and count > 0:
        return int(count)
    message = f"`{written}`: the count must be a positive integer."
    raise GeometryError(message)


def checked_seeds(seed: Seed, written: str) -> tuple[int, ...]:
    """A seed as a user writes it.

    Raises:
        GeometryError: It is no non-negative integer, and no sequence of them.
    """
    seeds = tuple(seed) if isinstance(seed, Sequence) else (seed,)
    if seeds and all(isinstance(part, int | np.integer) and part >= 0 for part in seeds):
        return tuple(int(part) for part in seeds)
    message = f"`{written}`: a seed is a non-negative integer, or a sequence of them."
    raise GeometryError(message)
