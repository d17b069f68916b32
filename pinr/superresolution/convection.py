"""Rayleigh–Bénard convection between two plates, by a spectral method: what makes data where there are none."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, final

import numpy as np
from numpy.polynomial import legendre
from numpy.typing import NDArray

from pinr.errors import DeclarationError

Array = NDArray[np.float64]
Complex = NDArray[Any]  # complex128: what NumPy's functions return is typed no more closely

# The implicit–explicit method (2, 2, 2) of Ascher, Ruuth and Spiteri, Appl. Numer. Math. 25, 1997, section 2.6.
GAMMA = 1 - np.sqrt(0.5)
DELTA = 1 - 0.5 / GAMMA


@final
@dataclass(frozen=True)
class State:
    """Coefficients in z (rows) and x (columns, wavenumbers 0 and up).

    Attributes:
        time: The time.
        stream: Of the streamfunction ψ, `u = ψ_z`, `w = −ψ_x`; 0 for wavenumber 0.
        mean: Of the mean velocity along x, one column.
        heat: Of `b − (½ − z)`.
    """

    time: float
    stream: Complex
    mean: Array
    heat: Complex

    @property
    def parts(self) -> tuple[Complex, Array, Complex]:
        return self.stream, self.mean, self.heat


@final
class Convection:
    """`∇·u = 0`, `b_t + u·∇b = κ Δb`, `u_t + u·∇u = −∇p + ν Δu + b e_z` in `0 < z < 1`, periodic in x.

    `κ = (Ra Pr)^−½` and `ν = (Ra/Pr)^−½`; `u = 0`, `b = ½` at the lower plate and `b = −½` at the upper; no mean
    pressure gradient. Fourier modes in x and combinations of Legendre polynomials in z that meet the conditions at the
    plates (Shen, SIAM J. Sci. Comput. 15, 1994), for streamfunction, mean velocity and buoyancy: what is found has no
    divergence. Diffusion is implicit, the rest explicit and of second order in time; products are dealiased by 3/2.

    Args:
        Ra: The Rayleigh number.
        Pr: The Prandtl number.
        length: The period in x; the height is 1.
        nx: Points in x, even; wavenumbers up to `nx/2 − 1` are kept.
        nz: Polynomials in z, at least 8.

    Raises:
        DeclarationError: A number is not as said.
    """

    def __init__(self, Ra: float, Pr: float = 1.0, *, length: float = 4.0, nx: int = 256, nz: int = 64) -> None:
        for name, value in (("Ra", Ra), ("Pr", Pr), ("length", length)):
            if not (np.isfinite(value) and value > 0):
                message = f"`Convection({name}={value!r})`: give a positive number."
                raise DeclarationError(message)
        if nx < 4 or nx % 2 or nz < 8:
            message = f"`Convection(nx={nx!r}, nz={nz!r})`: nx is even and 4 or more, nz is 8 or more."
            raise DeclarationError(message)
        self.Ra, self.Pr, self.length, self.nx, self.nz = Ra, Pr, length, nx, nz
        self.diffusivity, self.viscosity = (Ra * Pr) ** -0.5, (Ra / Pr) ** -0.5
        self.wavenumbers = 2 * np.pi / length * np.arange(nx // 2)
        self.nodes, self.weights = _quadrature(3 * nz // 2)
        self.points = 3 * nx // 2
        self._stream = [_clamped(nz, self.nodes, order) for order in range(3)]
        self._held = [_held(nz, self.nodes, order) for order in range(2)]
        self._factors: tuple[float, tuple[Array, Array, Array]] | None = None

    def start(self, *, seed: int = 0, noise: float = 1e-3) -> State:
        """At rest; `b = noise · N z (1 − z)` with N normal and independent at all points.

        The plates are at `b = ± ½` from the first moment on: layers of heat and cold grow from them.
        """
        generator = np.random.default_rng(seed)
        draws = generator.standard_normal((len(self.nodes), self.nx))
        values = noise * (self.nodes * (1 - self.nodes))[:, None] * draws - (0.5 - self.nodes[:, None])
        modes = np.fft.rfft(values, axis=1, norm="forward")[:, : self.nx // 2]
        mass = self._products(self._held[0], self._held[0])
        heat = np.linalg.solve(mass, (self._held[0] * self.weights[:, None]).T @ modes)
        return self.state(heat=heat)

    def state(
        self, *, heat: Complex, stream: Complex | None = None, mean: Array | None = None, time: float = 0.0
    ) -> State:
        """A state from coefficients; at rest where there are none."""
        if stream is None:
            stream = np.zeros((self.nz - 4, self.nx // 2), dtype=complex)
        return State(time, stream, np.zeros((self.nz - 2, 1)) if mean is None else mean, heat)

    def step(self, state: State, duration: float) -> State:
        """The state a time step later."""
        inverses, masses, stiffnesses = self._inverses(duration), self._masses, self._stiffnesses
        held = [_times(mass, part) for mass, part in zip(masses, state.parts, strict=True)]
        forces = self._forces(state)
        pushed = [old + GAMMA * duration * force for old, force in zip(held, forces, strict=True)]
        middle = [_times(inverse, right) for inverse, right in zip(inverses, pushed, strict=True)]
        later = self._forces(State(state.time + GAMMA * duration, *middle))
        ends = []
        for number, part in enumerate(middle):
            force = DELTA * forces[number] + (1 - DELTA) * later[number]
            change = force - (1 - GAMMA) * _times(stiffnesses[number], part)
            ends.append(_times(inverses[number], held[number] + duration * change))
        return State(state.time + duration, *ends)

    def speed(self, state: State) -> float:
        """The largest `|u|/Δx + |w|/Δz` with the distances of points: steps are to be below its inverse."""
        u, w, _, _ = self._values(state)
        gaps = np.gradient(self.nodes)[:, None]
        return float((np.abs(u) * self.nx / self.length + np.abs(w) / gaps / 1.5).max())

    def fields(self, state: State, z: Array) -> dict[str, Array]:
        """p, b, u, w at heights z and x = 0, length/nx, …, `(z, x)`; the mean of p over the volume is 0."""
        stream = [_clamped(self.nz, z, order) @ state.stream for order in range(2)]
        held = _held(self.nz, z, 0)
        values = [
            _held(self.nz, z, 0) @ state.heat,
            stream[1] + np.pad(held @ state.mean, ((0, 0), (0, self.nx // 2 - 1))),
            -1j * self.wavenumbers * stream[0],
            legendre.legvander(2 * z - 1, self.nz - 1) @ self._head(state),
        ]
        b, u, w, head = (np.fft.irfft(value, n=self.nx, axis=1, norm="forward") for value in values)
        b += 0.5 - z[:, None]
        p = head - (u**2 + w**2) / 2 + self.means(state)["kinetic_energy"]
        return {"p": p, "b": b, "u": u, "w": w}

    def means(self, state: State) -> dict[str, float]:
        """`kinetic_energy`, the mean of `(u² + w²)/2`, and `nusselt_volume`, `1 + ⟨w b⟩/κ`, over the volume."""
        u, w, _, heat = self._values(state)
        energy = self.weights @ (u**2 + w**2).mean(axis=1) / 2
        flux = self.weights @ (w * heat).mean(axis=1)
        return {"kinetic_energy": float(energy), "nusselt_volume": float(1 + flux / self.diffusivity)}

    def rates(self, wavenumber: int) -> Complex:
        """The growth rates of small disturbances of the state at rest, for one wavenumber, largest real part first."""
        k, n = self.wavenumbers[wavenumber], self.nz - 4
        mass = [self._masses[part][wavenumber] for part in (0, 2)]
        stiffness = [self._stiffnesses[part][wavenumber] for part in (0, 2)]
        coupling = self._products(self._stream[0], self._held[0])
        matrix = np.block([[-stiffness[0], 1j * k * coupling], [-1j * k * coupling.T, -stiffness[1]]])
        matrix[:n] = np.linalg.solve(mass[0], matrix[:n])
        matrix[n:] = np.linalg.solve(mass[1], matrix[n:])
        found = np.linalg.eigvals(matrix)
        return found[np.argsort(-found.real)]

    def _products(self, left: Array, right: Array) -> Array:
        """The integrals over z of products of functions with these values at the nodes."""
        return (left * self.weights[:, None]).T @ right

    @cached_property
    def _masses(self) -> tuple[Array, Array, Array]:
        square = (self.wavenumbers**2)[:, None, None]
        values = [self._products(part, part) for part in self._stream]
        held = self._products(self._held[0], self._held[0])
        return values[1] + square * values[0], held[None], np.repeat(held[None], len(square), axis=0)

    @cached_property
    def _stiffnesses(self) -> tuple[Array, Array, Array]:
        square = (self.wavenumbers**2)[:, None, None]
        values = [self._products(part, part) for part in self._stream]
        held = [self._products(part, part) for part in self._held]
        return (
            self.viscosity * (values[2] + 2 * square * values[1] + square**2 * values[0]),
            self.viscosity * held[1][None],
            self.diffusivity * (held[1] + square * held[0]),
        )

    def _inverses(self, duration: float) -> tuple[Array, Array, Array]:
        """Of mass + γ Δt stiffness, kept until the step changes."""
        if self._factors is None or self._factors[0] != duration:
            sums = [m + GAMMA * duration * s for m, s in zip(self._masses, self._stiffnesses, strict=True)]
            self._factors = (duration, (np.linalg.inv(sums[0]), np.linalg.inv(sums[1]), np.linalg.inv(sums[2])))
        return self._factors[1]

    def _values(self, state: State) -> tuple[Array, Array, Array, Array]:
        """u, w, the vorticity `u_z − w_x`, and `b − (½ − z)` at the nodes and the finer points in x."""
        stream = [part @ state.stream for part in self._stream]
        k = self.wavenumbers
        u, w, vorticity, heat = (
            np.fft.irfft(value, n=self.points, axis=1, norm="forward")
            for value in (stream[1], -1j * k * stream[0], stream[2] - k**2 * stream[0], self._held[0] @ state.heat)
        )
        return u + self._held[0] @ state.mean, w, vorticity + self._held[1] @ state.mean, heat

    def _modes(self, values: Array) -> Complex:
        """Fourier coefficients of values at the finer points, times the weights of the quadrature in z."""
        modes = np.fft.rfft(values, axis=1, norm="forward")[:, : self.nx // 2]
        return self.weights[:, None] * modes

    def _forces(self, state: State) -> tuple[Complex, Array, Complex]:
        """The weak form of all but diffusion, by part of the state."""
        u, w, vorticity, heat = self._values(state)
        k = self.wavenumbers
        lift, push = self._modes(w * vorticity), self._modes(-u * vorticity)
        buoyancy, drift = self._modes(heat), self._modes(w)
        stream = -self._stream[1].T @ lift + 1j * k * (self._stream[0].T @ (buoyancy - push))
        stream[:, 0] = 0.0
        mean = -self._held[0].T @ lift[:, :1].real
        carried = self._held[0].T @ (drift - 1j * k * self._modes(u * heat))
        return stream, mean, carried + self._held[1].T @ self._modes(w * heat)

    def _head(self, state: State) -> Complex:
        """Legendre coefficients of `p + |u|²/2`, from `(∇Π, ∇q) = (F, ∇q) − [ν ω_x q]` for all polynomials q.

        F are the forces, and `ν Δu` at the plates is `−ν ω_x` there.
        """
        u, w, vorticity, heat = self._values(state)
        k, degrees = self.wavenumbers, self.nz
        tests = [_legendre(degrees, self.nodes, order) for order in range(2)]
        along = self._modes(-w * vorticity)
        upward = self._modes(u * vorticity + heat + 0.5 - self.nodes[:, None])
        right = tests[1].T @ upward - 1j * k * (tests[0].T @ along)
        for z, sign in ((0.0, -1.0), (1.0, 1.0)):
            place = np.array([z])
            wall = _clamped(self.nz, place, 2) @ state.stream - k**2 * (_clamped(self.nz, place, 0) @ state.stream)
            right -= sign * self.viscosity * _legendre(degrees, place, 0).T * (1j * k * wall)
        square = (k**2)[:, None, None]
        matrices = self._products(tests[1], tests[1]) + square * self._products(tests[0], tests[0])
        matrices[0, 0, 0] = 1.0  # of wavenumber 0 and the constant: the mean is 0
        right[0, 0] = 0.0
        return np.linalg.solve(matrices, right.T[:, :, None])[:, :, 0].T


def _times(matrices: Array, columns: Complex) -> Complex:
    """Each column times its matrix: `(k, m, n)` and `(n, k)` give `(m, k)`."""
    rows = np.ascontiguousarray(columns.T)
    if np.iscomplexobj(rows):
        pairs = rows.view(np.float64).reshape(*rows.shape, 2)
        return np.ascontiguousarray(matrices @ pairs).view(np.complex128)[:, :, 0].T
    return (matrices @ rows[:, :, None])[:, :, 0].T


def _quadrature(count: int) -> tuple[Array, Array]:
    """Nodes and weights of Gauss and Legendre on (0, 1)."""
    nodes, weights = legendre.leggauss(count)
    return (nodes + 1) / 2, weights / 2


def _legendre(count: int, z: Array, order: int) -> Array:
    """Derivatives with respect to z of the Legendre polynomials on (0, 1), `(points, count)`."""
    coefficients = legendre.legder(np.eye(count), order) * 2.0**order if order else np.eye(count)
    return legendre.legvander(2 * z - 1, len(coefficients) - 1) @ coefficients


def _held(count: int, z: Array, order: int) -> Array:
    """Derivatives of `L_j − L_{j+2}`, which are 0 at both plates."""
    values = _legendre(count, z, order)
    return values[:, :-2] - values[:, 2:]


def _clamped(count: int, z: Array, order: int) -> Array:
    """Derivatives of combinations of `L_j`, `L_{j+2}` and `L_{j+4}` that are 0 with their slopes at both plates."""
    values, j = _legendre(count, z, order), np.arange(count - 4)
    middle, last = -2 * (2 * j + 5) / (2 * j + 7), (2 * j + 3) / (2 * j + 7)
    return values[:, :-4] + middle * values[:, 2:-2] + last * values[:, 4:]
