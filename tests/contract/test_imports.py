"""Who may import whom: read from the source, without running it."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

import pytest

import panscan

SOURCE = Path(panscan.__file__).parent
ROOT = Path(__file__).parents[2]
MODULES = sorted(path.relative_to(SOURCE).as_posix() for path in SOURCE.rglob("*.py"))
# Beside the package: what runs inside editors and other programs.
BESIDE = sorted(
    path.relative_to(ROOT).as_posix()
    for folder in ("adapters", "resolve_scripts")
    for path in (ROOT / folder).rglob("*.py")
    if "node_modules" not in path.parts
)

STAGES = ("ingest", "perceive", "direct", "operate", "deliver", "render", "verify")
ROOTS = {"errors", "model", "arrays"}
DOORS = {"callable_package", "moved_modules"}  # what lets a package be called, and old names be found
# What each part of the package may import of the package, besides itself.
ALLOWED = {
    "errors": set(),
    "files": {"errors"},
    "processes": {"errors"},
    "libraries": set(),
    "model": {"errors"},
    "arrays": {"errors", "model"},
    "registry": {"errors"},
    "decoding": {"errors", "model", "arrays"},
    "weights": {"errors", "files"},
    "timeline": ROOTS | {"files"},
    "request": ROOTS | {"registry", "timeline", "files"},
    "ingest": ROOTS
    | {"registry", "timeline", "files", "decoding"},  # it reads framings back from an edit list and its crops
    "direct": ROOTS | {"registry", "request"},
    "operate": ROOTS | {"registry"},
    "perceive": ROOTS | {"registry", "weights", "files", "libraries", *DOORS},
    "deliver": ROOTS | {"registry", "timeline", "files", *DOORS},
    "render": ROOTS | {"registry", "timeline", "files", "processes", "libraries", "decoding", *DOORS},
    "verify": ROOTS | {"registry", "timeline", "files", "libraries", "decoding", *DOORS},
    "calibrate": ROOTS | {"registry", "timeline", "files", "decoding", "ingest", "deliver", "render"},
    "measure": ROOTS | {"registry", "request", "ingest", "perceive"},
    "pipeline": ROOTS | {"registry", "request", "timeline", "files", "measure", *STAGES},
    "photos": ROOTS
    | {"weights", "libraries", "perceive", "direct", "operate", "timeline", "files", "decoding", "request"},
    "serve": ROOTS | {"files", "processes"},  # what it serves is handed in
    "service": ROOTS
    | {
        "registry",
        "request",
        "timeline",
        "files",
        "processes",
        "serve",
        "decoding",
        "measure",
        "pipeline",
        "ingest",
        "deliver",
        "render",
        "verify",
    },
    "review": ROOTS | {"registry", "request", "timeline", "files", "pipeline", "ingest", "direct", "serve"},
    "cli": ROOTS
    | {
        "registry",
        "request",
        "timeline",
        "weights",
        "files",
        "processes",
        "pipeline",
        "calibrate",
        "serve",
        "service",
        "review",
        "photos",
        *STAGES,
    },
    # The front door fetches its names when they are first used, and for type checkers.
    "__init__": {"errors", "model", "request", "timeline", "pipeline", "deliver", "render", "verify", "moved_modules"},
    "__main__": {"cli"},
    "callable_package": set(),
    "moved_modules": set(),
}
# What the packages beside it may import of it: never what belongs to the command line.
ALLOWED_BESIDE = {
    "otio_panscan": ROOTS | {"registry", "request", "timeline", "files", "pipeline", "ingest", "deliver"},
    "panscan_resolve": set(),  # Resolve's own Python may not have the package: it asks the program
}
HEAVY = ("cv2", "av", "mediapipe", "scenedetect", "numpy", "scipy", "opentimelineio", "lxml")


def part_of(module: str) -> str:
    return module.split("/")[0].removesuffix(".py")


def package_of(beside: str) -> str:
    return beside.split("/")[1]


@cache
def tree_of(module: str) -> ast.Module:
    return ast.parse((ROOT if module in BESIDE else SOURCE).joinpath(module).read_text(encoding="utf-8"))


def imports(module: str, *, top_level_only: bool = False) -> list[str]:
    """Dotted names of everything that a module imports; "panscan.errors.UsageError" as well as "numpy"."""
    found = []
    for node in tree_of(module).body if top_level_only else ast.walk(tree_of(module)):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found += [f"{'.' * node.level}{node.module or ''}.{alias.name}" for alias in node.names]
    return found


def parts_imported(module: str) -> set[str]:
    return {name.split(".")[1] for name in imports(module) if name.startswith("panscan.")} - {"__version__"}


def libraries_of(module: str) -> set[str]:
    return {name.split(".")[0] for name in imports(module)} - {"panscan"}


def offenders(modules: Iterable[str], wrong: Callable[[str], set[str]]) -> dict[str, list[str]]:
    """What is wrong with which module: all at once."""
    return {module: sorted(found) for module in modules if (found := wrong(module))}


def test_the_walk_sees_the_package():
    assert len(MODULES) >= 50
    assert {part_of(module) for module in MODULES} == set(ALLOWED)
    assert {package_of(module) for module in BESIDE} == set(ALLOWED_BESIDE)
    assert "errors" in parts_imported("ingest/media/probe.py") and "direct" in parts_imported("pipeline.py")
    assert "deliver" in parts_imported("cli/deliver.py"), "imports inside functions count"
    assert "deliver" in parts_imported("adapters/otio_panscan/shared.py")


def test_imports_are_absolute_and_of_parts():
    """`import panscan` would hide which part is meant."""

    def hidden(module):
        return {name for name in imports(module) if name.startswith(".") or name == "panscan"}

    assert offenders([*MODULES, *BESIDE], hidden) == {}


def test_a_module_imports_only_what_its_part_may():
    assert offenders(MODULES, lambda m: parts_imported(m) - ALLOWED[part_of(m)] - {part_of(m)}) == {}


def test_what_lies_beside_imports_only_what_it_may():
    assert offenders(BESIDE, lambda m: parts_imported(m) - ALLOWED_BESIDE[package_of(m)]) == {}


def test_nobody_imports_the_command_line():
    others = [module for module in MODULES if part_of(module) not in ("cli", "__main__")]
    assert offenders([*others, *BESIDE], lambda module: parts_imported(module) & {"cli"}) == {}


def test_the_model_does_no_input_and_no_vision():
    model = [module for module in MODULES if part_of(module) == "model"]
    assert len(model) >= 5
    pure = {*sys.stdlib_module_names, "numpy"} - {"os", "io", "pathlib", "subprocess", "socket", "tempfile", "shutil"}
    assert offenders(model, lambda module: libraries_of(module) - pure) == {}


def test_the_command_line_loads_nothing_heavy_to_show_its_help():
    def heavy(module):
        names = imports(module, top_level_only=True)
        own = {name.split(".")[1] for name in names if name.startswith("panscan.")}
        libraries = {name.split(".")[0] for name in names}
        return (libraries & {*HEAVY, "faster_whisper"}) | (own - {"errors", "cli", "__version__"})

    assert offenders([module for module in MODULES if part_of(module) == "cli"], heavy) == {}


# Weights are fetched only where somebody asks for them by name.
# The service fetches media and sends messages, all of it from here.
STORAGE = ("addresses", "broken_off", "doors", "downloads", "http", "object_exchange", "objects", "watching")
SERVICE = {f"service/storage/{name}.py" for name in STORAGE}
ONLINE = {"weights/download.py", *SERVICE}


def test_nothing_talks_to_the_network():
    online = {"socket", "ssl", "http", "requests", "httpx", "aiohttp", "ftplib", "smtplib", "urllib3", "obstore"}
    opening = {"urllib.request", "urllib.request.urlopen", "urllib.request.urlretrieve"}
    talking = offenders([*MODULES, *BESIDE], lambda m: (libraries_of(m) & online) | (set(imports(m)) & opening))
    assert set(talking) == ONLINE, talking


def python(code: str) -> str:
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    return ran.stdout.splitlines()[-1]


def loaded_by(code: str) -> set[str]:
    heavy = (*HEAVY, "faster_whisper", "onnxruntime", "torch", "matplotlib")
    return set(
        python(f"import sys\n{code}\nprint('loaded', *(name for name in {heavy!r} if name in sys.modules))").split()[1:]
    )


def test_import_panscan_is_light():
    assert loaded_by("import panscan, panscan.registry, panscan.errors") == set()
    assert loaded_by("import panscan.ingest") >= {"av", "numpy"}, "the probe sees what is loaded"


@pytest.mark.parametrize("command", ["", "reframe", "deliver", "verify"])
def test_help_is_light(command):
    arguments = [a for a in ("panscan", command, "--help") if a]
    code = f"sys.argv = {arguments!r}\nfrom panscan.cli import main\n"
    code += "try: main()\nexcept SystemExit as end: assert not end.code"
    assert loaded_by(code) == set()


def test_media_is_opened_for_reading_in_one_place():
    """What opens a file is asked for a list of formats and for this machine alone: a playlist never names another."""

    def opens(module):
        calls = [node for node in ast.walk(tree_of(module)) if isinstance(node, ast.Call)]
        return {
            f"line {call.lineno}"
            for call in calls
            if ast.unparse(call.func) in ("av.open", "av.container.open") and "'w'" not in map(ast.unparse, call.args)
        }

    assert list(offenders([*MODULES, *BESIDE], opens)) == ["decoding/containers.py"]
