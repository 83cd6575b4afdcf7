"""The house stays small: modules and functions that are read at one go, and imports that lead one way."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from statistics import median

import panscan

ROOT = Path(__file__).parents[2]
# The package, and what runs inside editors and other programs beside it.
FOLDERS = (
    Path(panscan.__file__).parent,
    ROOT / "adapters" / "otio_panscan",
    ROOT / "resolve_scripts" / "panscan_resolve",
)
# Module "panscan.model.time" -> its file.
MODULES = {
    ".".join(path.relative_to(folder.parent).with_suffix("").parts).removesuffix(".__init__"): path
    for folder in FOLDERS
    for path in sorted(folder.rglob("*.py"))
}
MEDIAN_MODULE_LINES, MOST_MODULE_LINES = 135, 400
MEDIAN_FUNCTION_LINES = 8


@cache
def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(text(path))


def imported(path: Path) -> Iterator[str]:
    """Modules of ours that one imports when it runs, inside functions too."""
    for node in _nodes_that_run(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in MODULES)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield from [name for name in (whole, node.module) if name in MODULES][:1]


def _nodes_that_run(node: ast.AST) -> Iterator[ast.AST]:
    yield node
    for child in ast.iter_child_nodes(node):
        types_only = isinstance(child, ast.If) and getattr(child.test, "id", "") == "TYPE_CHECKING"
        if not types_only:
            yield from _nodes_that_run(child)


def circle(needs: Mapping[str, set[str]]) -> str:
    """The modules of a circle of imports; nothing where there is none."""
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        return " <- ".join(error.args[1])
    return ""


def test_the_walk_sees_what_there_is():
    assert len(MODULES) >= 200 and {"otio_panscan.shared", "panscan_resolve"} <= set(MODULES)
    assert "panscan.perceive.observe" in set(imported(MODULES["panscan.pipeline"]))
    assert "panscan.deliver" in set(imported(MODULES["panscan.cli.deliver"])), "inside functions"


def test_modules_are_short():
    lines = {name: text(path).count("\n") for name, path in MODULES.items()}
    assert median(lines.values()) <= MEDIAN_MODULE_LINES
    assert {name: count for name, count in lines.items() if count > MOST_MODULE_LINES} == {}


def test_functions_are_short():
    lines = [
        node.end_lineno - node.lineno + 1
        for path in MODULES.values()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    assert len(lines) > 1000 and median(lines) <= MEDIAN_FUNCTION_LINES


def test_no_import_leads_back():
    needs = {name: set(imported(path)) for name, path in MODULES.items()}
    assert circle(needs) == ""
    needs["panscan.errors"].add("panscan.pipeline")
    assert "panscan.errors" in circle(needs), "the walk follows no imports"
