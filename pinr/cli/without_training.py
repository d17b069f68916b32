"""A problem file with what trains, `solve` and its kin, replaced by what refuses to, wherever it takes it from pinr."""

import ast
import itertools
from typing import final

from typing_extensions import override

TRAINING = ("solve", "fit_all", "redistanced")
REFUSED = "pinr.cli.refused_training"
PRIVATE = "_refused_"


def without_training(tree: ast.Module) -> ast.Module:
    """The program, in which training is an error at the line that asks for it; `tree` itself is changed."""
    replacement = _Replacement()
    replacement.visit(tree)
    if replacement.is_attribute_used:
        after = len(list(itertools.takewhile(_is_first, tree.body)))
        tree.body.insert(after, _import({name: PRIVATE + name for name in TRAINING}))
    return ast.fix_missing_locations(tree)


@final
class _Replacement(ast.NodeTransformer):
    def __init__(self) -> None:
        self.modules: set[str] = set()
        self.is_attribute_used = False

    @override
    def visit_Import(self, node: ast.Import) -> ast.Import:
        self.modules.update(alias.asname or "pinr" for alias in node.names if alias.name == "pinr")
        return node

    @override
    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.ImportFrom | list[ast.ImportFrom]:
        if node.level or (node.module or "").split(".")[0] != "pinr":
            return node
        given = {alias.name: alias.asname or alias.name for alias in node.names}
        found = {n: n for n in TRAINING} if "*" in given else {n: given[n] for n in TRAINING if n in given}
        return [node, ast.copy_location(_import(found), node)] if found else node

    @override
    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        self.generic_visit(node)
        if node.attr in TRAINING and isinstance(node.value, ast.Name) and node.value.id in self.modules:
            self.is_attribute_used = True
            return ast.copy_location(ast.Name(PRIVATE + node.attr, node.ctx), node)
        return node


def _import(names: dict[str, str]) -> ast.ImportFrom:
    return ast.ImportFrom(REFUSED, [ast.alias(name, asname) for name, asname in names.items()], 0)


def _is_first(statement: ast.stmt) -> bool:
    """Whether it has to stay at the top: the docstring, `from __future__ import …`."""
    if isinstance(statement, ast.ImportFrom):
        return statement.module == "__future__"
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
