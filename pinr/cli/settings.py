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
    return {name: ast.literal_eval(statement.value) for name, statement in _plain_assignments(tree)}  # type: ignore[arg-type]


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
        for other, statement in _plain_assignments(tree):
            if other == name:
                statement.value = ast.copy_location(ast.Constant(value), statement.value)  # type: ignore[type-var]
    return tree


def _plain_assignments(tree: ast.Module) -> Iterator[tuple[str, ast.Assign | ast.AnnAssign]]:
    for statement in tree.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                pass
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                pass
            case _:
                continue
        if not name.startswith("_") and _is_constant(value):
            yield name, statement


def _is_constant(node: ast.expr) -> bool:
    try:
        return isinstance(ast.literal_eval(node), Constant)
    except (ValueError, TypeError):
        return False


def _converted(name: str, text: str, present: Constant) -> Constant:
    """The value in the kind of the present one; a whole number may become any number."""
    if isinstance(present, str):
        return text
    value = TRUTH.get(text.lower(), _literal(text))
    if isinstance(present, bool):
        is_fit, rule = isinstance(value, bool), "true or false"
    else:
        is_fit, rule = isinstance(value, int | float) and not isinstance(value, bool), "a number"
    if not is_fit:
        message = f"`--set {name}={text}`: {name} is {present!r} in the file; the new value must be {rule} as well."
        raise DeclarationError(message)
    return float(value) if isinstance(present, float) else value


def _literal(text: str) -> object:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return None
