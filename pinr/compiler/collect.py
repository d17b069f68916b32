"""First pass: every derivative of a field in an expression becomes a real symbol, an *atom*.

SymPy does not know that the derivative of a real function is real; with symbols that are, everything after this pass
is plain algebra of real symbols. A complex field becomes `a + ib` with a symbol for each part.
"""

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, final, get_args

import sympy

from pinr.compiler.complex_parts import complex_parts
from pinr.declaration.ansatz import Ansatz, partial
from pinr.derivatives.request import MultiIndex
from pinr.errors import CompilationError
from pinr.language.coordinates import Coordinate
from pinr.language.fields import Field, Label, Unknown
from pinr.language.integrals import RegionIntegral
from pinr.language.normals import NormalComponent
from pinr.language.operators import DifferentialOperator, Norm, ReciprocalOrZero

Part = Literal["re", "im"]


@final
@dataclass(frozen=True)
class Atom:
    """The derivative `∂^index` of one component of a field at some arguments, or its real or imaginary part."""

    kind: type[Field]
    label: Label
    arguments: tuple[sympy.Expr, ...]
    index: MultiIndex
    part: Part | None = None

    @property
    def is_unknown(self) -> bool:
        return self.kind is Unknown

    @property
    def component(self) -> str:
        """The name of the real component: `u`, `v[0]`, `re(u)`."""
        return self.label.text if self.part is None else f"{self.part}({self.label.text})"

    def __str__(self) -> str:
        if not self.index:
            return self.component
        names = "".join(n * a for n, a in zip(self.label.coordinates, self.index, strict=True))
        return self.component + (f"_{names}" if names else "")


@final
@dataclass(frozen=True)
class IntegralAtom:
    """The real or imaginary part of an integral."""

    integral: RegionIntegral
    part: Part

    def __str__(self) -> str:
        return str(self.integral) if self.integral.is_real else f"{self.part}({self.integral})"


@final
@dataclass(frozen=True)
class Collected:
    """Scalar expressions in real symbols, and the atom or the part of an integral behind each symbol."""

    components: tuple[sympy.Expr, ...]
    atoms: Mapping[sympy.Symbol, Atom]
    integrals: Mapping[sympy.Symbol, IntegralAtom]
    formulas: Mapping[sympy.Symbol, sympy.Expr] = field(default_factory=dict)


def collect(components: Sequence[sympy.Expr], ansaetze: Mapping[Label, Ansatz] | None = None) -> Collected:
    """Expand the operators, apply product and chain rule, and replace every derivative by its atom.

    Of an unknown with an ansatz `u = g + D n + Σ E_β ∂^β n + Σ c_k s_k` the atoms are derivatives of `n`, by the rule
    of Leibniz; the derivatives of `D`, `E_β`, `g` and `s_k` are symbols with their formulas, so that what follows need
    not look into them.
    """
    collector = _Collector(ansaetze or {})
    rewritten = tuple(collector.rewrite(sympy.sympify(c)) for c in components)
    used = {s for c in rewritten for s in c.free_symbols}
    inner = {s for a in collector.atoms.values() for e in a.arguments for s in e.free_symbols}
    atoms = {s: a for a, s in collector.symbols.items() if s in used | inner}
    integrals = {s: a for a, s in collector.integrals.items() if s in used | inner}
    formulas = {s: e for (_, e), s in collector.formulas.items() if s in used | inner}
    return Collected(rewritten, atoms, integrals, formulas)


def _without_directions(product: sympy.Expr) -> sympy.Expr:
    """`sign(z)/z`, which SymPy writes in derivatives of `Abs(z)`, as `1/‖z‖`, which is 0 at 0."""
    for factor in product.args:
        if isinstance(factor, sympy.sign) and 1 / factor.args[0] in product.args:
            (z,) = factor.args
            rest = [a for a in product.args if a not in (factor, 1 / z)]
            return sympy.Mul(*rest, ReciprocalOrZero(sympy.Abs(z, evaluate=False)), evaluate=False)
    return product


@final
class _Collector:
    def __init__(self, ansaetze: Mapping[Label, Ansatz]) -> None:
        self.ansaetze = ansaetze
        self.symbols: dict[Atom, sympy.Symbol] = {}
        self.integrals: dict[IntegralAtom, sympy.Symbol] = {}
        self.formulas: dict[tuple[str, sympy.Expr], sympy.Symbol] = {}

    @property
    def atoms(self) -> dict[sympy.Symbol, Atom]:
        return {symbol: atom for atom, symbol in self.symbols.items()}

    def rewrite(self, node: sympy.Basic) -> sympy.Basic:
        if isinstance(node, DifferentialOperator):
            return self.rewrite(node.doit())
        if isinstance(node, RegionIntegral):
            return self._integral(node)
        if isinstance(node, Field):
            return self._symbol(node, (0,) * len(node.arguments), {})
        if isinstance(node, sympy.Derivative):
            return self._derivative(node, {})
        if isinstance(node, sympy.Subs):
            return self._elsewhere(node)
        if not node.args:
            return node
        if isinstance(node, sympy.Mul):
            node = _without_directions(node)
        arguments = [self.rewrite(argument) for argument in node.args]
        if isinstance(node, sympy.Abs) and arguments[0].has(sympy.I):
            # SymPy would take a square root, whose derivative at 0 is infinite; that of a norm is 0.
            return Norm(*complex_parts(arguments[0]))
        if isinstance(node, sympy.Pow) and isinstance(arguments[0], Norm) and arguments[1].is_even:
            parts = (part for a in arguments[0].args for part in complex_parts(a))
            return sympy.Add(*(part**2 for part in parts)) ** (arguments[1] / 2)
        if all(a is b for a, b in zip(arguments, node.args, strict=True)):
            return node
        return node.func(*arguments)

    def _integral(self, node: RegionIntegral) -> sympy.Expr:
        parts = get_args(Part)[:1] if node.is_real else get_args(Part)
        symbols = []
        for part in parts:
            atom = IntegralAtom(node, part)
            symbols.append(self.integrals.setdefault(atom, sympy.Dummy(str(atom), real=True)))
        return symbols[0] if len(symbols) == 1 else symbols[0] + sympy.I * symbols[1]

    def _derivative(self, node: sympy.Derivative, places: Mapping[sympy.Symbol, sympy.Expr]) -> sympy.Expr:
        field = node.expr
        if not isinstance(field, Field):
            expanded = node.doit()
            if expanded == node:
                message = f"`{node}` cannot be expanded into derivatives of the unknowns."
                raise CompilationError(message)
            return self.rewrite(expanded)
        index = [0] * len(field.arguments)
        for variable, count in node.variable_count:
            positions = [i for i, a in enumerate(field.arguments) if a == variable]
            entangled = [a for a in field.arguments if a != variable and variable in a.free_symbols]
            if len(positions) != 1 or entangled or not count.is_Integer:
                expanded = node.doit()
                if expanded == node:
                    message = f"`{node}`: the derivative by `{variable}` is ambiguous at these arguments."
                    raise CompilationError(message)
                return self.rewrite(expanded)
            index[positions[0]] += int(count)
        return self._symbol(field, tuple(index), places)

    def _elsewhere(self, node: sympy.Subs) -> sympy.Expr:
        places = dict(zip(node.variables, node.point, strict=True))
        inner = node.expr
        if isinstance(inner, sympy.Derivative) and isinstance(inner.expr, Field):
            return self._derivative(inner, places)
        return self.rewrite(inner.doit().subs(places))

    def _symbol(self, field: Field, index: MultiIndex, places: Mapping[sympy.Symbol, sympy.Expr]) -> sympy.Expr:
        if isinstance(field, NormalComponent):
            arguments: tuple[sympy.Expr, ...] = ()
            index = ()
        else:
            arguments = tuple(self.rewrite(a.xreplace(dict(places))) for a in field.arguments)
        atom = Atom(type(field), field.label, arguments, index)
        if isinstance(field, Unknown) and field.label in self.ansaetze:
            return self._by_ansatz(atom, self.ansaetze[field.label])
        return self._of_parts(atom)

    def _by_ansatz(self, atom: Atom, ansatz: Ansatz) -> sympy.Expr:
        """`∂^α (g + Σ_γ E_γ ∂^γ n + Σ c_k s_k)`, with `E_0 = D`.

        By the rule of Leibniz `∂^α (E ∂^γ n) = Σ_β binomial(α, β) ∂^{α−β} E ∂^{β+γ} n`.
        """
        terms = [self._formula("g", ansatz.lift, ansatz, atom, atom.index)]
        terms += [c * self._formula(f"s[{c}]", s, ansatz, atom, atom.index) for c, s in ansatz.singular]
        for own, expression in ansatz.factors.items():
            name = f"E[{ansatz.order_text(own)}]" if any(own) else "D"
            for index in itertools.product(*(range(order + 1) for order in atom.index)):
                pairs = list(zip(atom.index, index, strict=True))
                factor = self._formula(name, expression, ansatz, atom, tuple(a - b for a, b in pairs))
                if factor != 0:
                    count = math.prod(math.comb(a, b) for a, b in pairs)
                    of_network = tuple(b + c for b, c in zip(index, own, strict=True))
                    terms.append(count * factor * self._of_parts(replace(atom, index=of_network)))
        return sympy.Add(*terms)

    def _formula(self, name: str, expression: sympy.Expr, ansatz: Ansatz, atom: Atom, index: MultiIndex) -> sympy.Expr:
        """A derivative of a known expression at the arguments of an atom: a symbol, or the number that it is."""
        derivative = partial(expression, ansatz.coordinates, index)
        derivative = derivative.xreplace(dict(zip(ansatz.coordinates, atom.arguments, strict=True)))
        if not derivative.free_symbols or derivative.has(sympy.I):
            return derivative
        if not all(isinstance(s, Coordinate) for s in derivative.free_symbols):
            return derivative  # at arguments that depend on a network
        order = ansatz.order_text(index)
        key = (f"{name}_{order}" if order else name, derivative)
        if key not in self.formulas:
            self.formulas[key] = sympy.Dummy(key[0], real=True)
        return self.formulas[key]

    def _of_parts(self, atom: Atom) -> sympy.Expr:
        if atom.label.is_complex_valued:
            real, imaginary = (self._real_symbol(replace(atom, part=part)) for part in get_args(Part))
            return real + sympy.I * imaginary
        return self._real_symbol(atom)

    def _real_symbol(self, atom: Atom) -> sympy.Symbol:
        if atom not in self.symbols:
            self.symbols[atom] = sympy.Dummy(str(atom), real=True)
        return self.symbols[atom]
