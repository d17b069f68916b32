"""`--set width=32`: constants of a problem file with other values.

What can be set is a name that the file assigns a plain number, string or truth value at its top level. The assignment
gets the new value before the file is run, so that all that follows from it follows.
"""

import ast
from collections.abc import Iterator, Mapping, Sequence

from pinr.errors import DeclarationError
from pinr.geometry.suggestion import did_you_mean

Constant = int | float | str | bool
TRUTH = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


def read_pairs(option: str, pairs: Sequence[str]) -> dict[str, str]:
    """`["a=1", "b=x"]` by name.

    Raises:
        DeclarationError: One has no `=`.
    """
    found = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not (name.strip() and equals):
            message = f"`{option} {pair}`: write `{option} name=value`."
            raise DeclarationError(message)
        found[name.strip()] = value.strip()
    return found


def constants_of(tree: ast.Module) -> dict[str, Constant]:
    """The names that can be set, with the values that the file gives them."""
    return {name: ast.literal_eval(value) for name, _, value in _plain_assignments(tree)}


def with_settings(tree: ast.Module, settings: Mapping[str, str], *, file: str) -> ast.Module:
    """The program with other values for its constants; `tree` itself is changed.

    Raises:
        DeclarationError: The file has no such constant, or the value is of another kind.
    """
    known = constants_of(tree)
    for name, text in settings.items():
        if name not in known:
            listed = ", ".join(f"{n} = {value!r}" for n, value in known.items())
            message = (
                f"`--set {name}={text}`: {file} assigns no plain constant to {name!r}.{did_you_mean(name, known)} "
                f"What can be set: {listed or 'nothing'}."
            )
            raise DeclarationError(message)
        value = _converted(name, text, known[name])
        for other, statement, old in list(_plain_assignments(tree)):
            if other == name:
                statement.value = ast.copy_location(ast.Constant(value), old)
    return tree


def _plain_assignments(tree: ast.Module) -> Iterator[tuple[str, ast.Assign | ast.AnnAssign, ast.expr]]:
    """Name, statement and value of every assignment of a constant at the top level."""
    for statement in tree.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if _is_settable(name, value):
                yield name, statement, value
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value) if _is_settable(name, value):
                yield name, statement, value


def _is_settable(name: str, value: ast.expr) -> bool:
    try:
        return not name.startswith("_") and isinstance(ast.literal_eval(value), Constant)
    except (ValueError, TypeError):
        return False


def _converted(name: str, text: str, present: Constant) -> Constant:
    """The value in the kind of the present one; a whole number may become any number."""
    if isinstance(present, str):
        return text
    kind = "true or false" if isinstance(present, bool) else "a number"
    value = TRUTH.get(text.lower()) if isinstance(present, bool) else _number(text)
    if value is None:
        message = f"`--set {name}={text}`: {name} is {present!r} in the file; the new value must be {kind} as well."
        raise DeclarationError(message)
    return float(value) if isinstance(present, float) else value


def _number(text: str) -> int | float | None:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return None
