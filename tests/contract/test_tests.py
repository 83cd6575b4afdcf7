"""Rules for the tests themselves."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

TESTS = Path(__file__).parents[1]

# What these open outlives a test that fails half-way, and then fails another one as an unclosed resource.
OPENING = {
    "open", "av.open", "io.open", "os.fdopen", "Image.open", "subprocess.Popen", "Popen", "socket.socket",
    "socket.create_server", "socket.create_connection", "ThreadingHTTPServer", "HTTPServer", "TCPServer",
    "ThreadingTCPServer", "urllib.request.urlopen", "urlopen", "zipfile.ZipFile", "tarfile.open", "np.memmap",
    "tempfile.TemporaryFile", "tempfile.NamedTemporaryFile", "tempfile.TemporaryDirectory", "ThreadPoolExecutor",
    "ProcessPoolExecutor", "Chromium", "Service",
}  # fmt: skip
OPENED = {name.rpartition(".")[2] for name in OPENING}
# These close what they are given: context managers, and `.close()` on the spot.
CLOSING = {"enter_context", "closing", "serving"}


@cache
def trees() -> dict[str, ast.Module]:
    """All modules of tests; not read on import, as each worker imports this module and one of them runs the tests."""
    return {path.relative_to(TESTS).as_posix(): ast.parse(path.read_text("utf-8")) for path in TESTS.rglob("*.py")}


def parents(tree: ast.AST) -> dict[ast.AST, ast.AST]:
    return {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}


def last_name(call: ast.Call) -> str:
    """The last word of what is called; empty where it is no name."""
    return getattr(call.func, "attr", getattr(call.func, "id", ""))


def left_open(tree: ast.AST) -> Iterator[int]:
    """Lines that open something which nothing is sure to close."""
    above = parents(tree)
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    handed_over = {
        name.id for node in calls if last_name(node) in CLOSING for name in node.args if isinstance(name, ast.Name)
    }
    for node in calls:
        if not (last_name(node) in OPENED and ast.unparse(node.func) in OPENING):
            continue
        up = above[node]
        managed = isinstance(up, ast.withitem)
        given = isinstance(up, ast.Call) and ast.unparse(up.func).rpartition(".")[2] in CLOSING
        closed = isinstance(up, ast.Attribute) and up.attr == "close"
        named = isinstance(up, ast.Assign) and {ast.unparse(target) for target in up.targets} <= handed_over
        if not (managed or given or closed or named):
            yield node.lineno


def test_what_a_test_opens_is_closed_however_it_ends():
    assert {name: lines for name, tree in trees().items() if (lines := list(left_open(tree)))} == {}


def test_what_is_left_open_is_found():
    bad = ast.parse("run = subprocess.Popen(['a'])\ntext = open('a').read()\nav.open('a')\n")
    good = ast.parse(
        "with av.open('a') as one, open('b'): pass\nstack.enter_context(socket.socket())\nav.open('a').close()\n"
        "run = Popen(['a'])\nstack.enter_context(run)\n"
    )
    assert sorted(left_open(bad)) == [1, 2, 3] and list(left_open(good)) == []


def own_nodes(test: ast.AST) -> Iterator[ast.AST]:
    """All of a function but what lies in functions and classes inside it."""
    for child in ast.iter_child_nodes(test):
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            yield child
            yield from own_nodes(child)


def all_tests(tree: ast.AST) -> Iterator[ast.FunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield node


def silent_ends(tree: ast.AST) -> list[str]:
    """Tests that may return before they are through: it looks as if they had compared something."""
    return [test.name for test in all_tests(tree) if any(isinstance(node, ast.Return) for node in own_nodes(test))]


def test_no_test_ends_before_it_is_through():
    """A case that cannot be compared is no parameter, or is skipped with a reason."""
    assert {name: found for name, tree in trees().items() if (found := silent_ends(tree))} == {}


def test_a_silent_end_is_found():
    bad = ast.parse("def test_a():\n    if True:\n        return\n    assert 1\n")
    good = ast.parse("def test_a():\n    def helper():\n        return 1\n    assert helper()\n")
    assert silent_ends(bad) == ["test_a"] and silent_ends(good) == []


def taken_for_tests(tree: ast.AST) -> list[str]:
    """Functions that a test module takes from elsewhere, and pytest for tests of its own."""
    taken = [alias for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names]
    return [name for alias in taken if (name := alias.asname or alias.name).startswith("test_")]


def test_nothing_imported_is_taken_for_a_test():
    assert {name: found for name, tree in trees().items() if (found := taken_for_tests(tree))} == {}
    assert taken_for_tests(ast.parse("from a import test_clips, b")) == ["test_clips"]
