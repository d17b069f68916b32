"""Arguments that go by name: what is misspelt, missing or written without its name is refused in words."""

from collections.abc import Callable
from difflib import get_close_matches
from functools import wraps
from inspect import Parameter, Signature, signature
from typing import Any, TypeVar, cast

from pinr.errors import DeclarationError

F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")


def with_checked_arguments(function: F) -> F:
    """The function, which says what it takes where a call does not fit, in place of Python's `TypeError`.

    Raises:
        DeclarationError: By the function, if a call has other arguments.
    """
    return _checked(function, function.__name__)


def with_checked_fields(declaration: type[T]) -> type[T]:
    """The same for a dataclass: `Adam(5)`, whose fields go by name."""
    setattr(declaration, "__init__", _checked(declaration.__init__, declaration.__name__))  # noqa: B010
    return declaration


def _checked(function: F, name: str) -> F:
    known = signature(function)

    @wraps(function)
    def checked(*arguments: Any, **named: Any) -> Any:
        try:
            known.bind(*arguments, **named)
        except TypeError as error:
            raise DeclarationError(_message(known, name, arguments, named, error)) from None
        return function(*arguments, **named)

    return cast(F, checked)


def _message(known: Signature, name: str, given: tuple[Any, ...], named: dict[str, Any], error: TypeError) -> str:
    by_place = [p.name for p in known.parameters.values() if p.kind is Parameter.POSITIONAL_OR_KEYWORD]
    by_name = [p.name for p in known.parameters.values() if p.kind is Parameter.KEYWORD_ONLY]
    names = [n for n in (*by_place, *by_name) if n != "self"]
    given = given[1:] if by_place[:1] == ["self"] else given
    written = f"`{name}({', '.join([*map(_short, given), *(f'{n}={_short(value)}' for n, value in named.items())])})`"
    for wrong in named:
        if wrong not in names:
            close = get_close_matches(wrong, names, n=1, cutoff=0.5)
            hint = f" Did you mean {close[0]!r}?" if close else ""
            return f"{written}: there is no argument {wrong!r}.{hint} There are {', '.join(names)}."
    most = len([n for n in by_place if n != "self"])
    if len(given) > most and by_name:
        example = "" if most else f", `{name}({by_name[0]}={_short(given[0])})`"
        return (
            f"{written}: {_short(given[most])} needs the name of its argument{example}. There are {', '.join(by_name)}."
        )
    return f"{written}: {error}. Its arguments are {', '.join(names)}."


def _short(value: Any) -> str:
    """What fits into one line of a message."""
    text = repr(value) if isinstance(value, bool | int | float | str | None) else "…"
    return text if len(text) <= 20 else "…"
