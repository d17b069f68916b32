"""The verdict on a trained solution."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import final


@final
@dataclass(frozen=True)
class Symptom:
    """One thing that is wrong with a solution, or worth knowing of it.

    Attributes:
        code: Short name that does not change, `conflict`.
        sentence: What was seen.
        remedy: What to do about it.
        numbers: The figures behind it, by what they are.
    """

    code: str
    sentence: str
    remedy: str
    numbers: Mapping[str, float] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.code}: {self.sentence}\n  remedy: {self.remedy}"


@final
@dataclass(frozen=True)
class Diagnosis:
    """What `solution.diagnose()` has seen: iterable, and a short text when it is printed.

    Attributes:
        name: Of the problem.
        symptoms: What is wrong, the gravest first; none if nothing was seen.
        figures: All that was looked at, by what it is.
    """

    name: str
    symptoms: tuple[Symptom, ...]
    figures: Mapping[str, float]

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(symptom.code for symptom in self.symptoms)

    def __iter__(self) -> Iterator[Symptom]:
        return iter(self.symptoms)

    def __len__(self) -> int:
        return len(self.symptoms)

    def __bool__(self) -> bool:
        return True  # a diagnosis without symptoms is one

    def __str__(self) -> str:
        verdict = [str(symptom) for symptom in self.symptoms] or ["nothing wrong seen"]
        looked_at = [f"  {what}: {value:.2g}" for what, value in self.figures.items()]
        return "\n".join([f"diagnosis of {self.name}", *verdict, "looked at", *looked_at])
