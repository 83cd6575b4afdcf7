"""Who may import whom: read from the source, without running it."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import panscan

SOURCE = Path(panscan.__file__).parent
MODULES = sorted(path.relative_to(SOURCE).as_posix() for path in SOURCE.rglob("*.py"))

STAGES = ("ingest", "perceive", "direct", "operate", "deliver", "render", "verify")
ROOTS = {"errors", "model", "arrays"}
# What each part of the package may import of the package, besides itself.
ALLOWED = {
    "errors": set(),
    "files": {"errors"},
    "model": {"errors"},
    "arrays": {"errors", "model"},
    "registry": {"errors"},
    "weights": {"errors", "files"},
    "timeline": ROOTS | {"files"},
    "request": ROOTS | {"registry", "timeline"},
    "ingest": ROOTS | {"registry", "timeline", "files"},  # it reads framings back from an edit list and its crops
    "direct": ROOTS | {"registry", "request"},
    "operate": ROOTS | {"registry"},
    "perceive": ROOTS | {"registry", "weights", "files"},
    **{stage: ROOTS | {"registry", "timeline", "files"} for stage in ("deliver", "render", "verify")},
    "calibrate": ROOTS | {"registry", "timeline", "files", "ingest", "deliver", "render"},
    "pipeline": ROOTS | {"registry", "request", "timeline", *STAGES},
    "serve": ROOTS | {"files"},  # what it serves is handed in
    "cli": ROOTS | {"registry", "request", "timeline", "weights", "files", "pipeline", "calibrate", "serve", *STAGES},
    "__init__": set(),
    "callable_package": set(),
    "moved_modules": set(),
}
HEAVY = ("cv2", "av", "mediapipe", "scenedetect", "numpy", "scipy", "opentimelineio", "lxml")


def part_of(module: str) -> str:
    return module.split("/")[0].removesuffix(".py")


def imports(module: str, *, top_level_only: bool = False) -> list[str]:
    """Dotted names of everything that a module imports; "panscan.errors.UsageError" as well as "numpy"."""
    tree = ast.parse((SOURCE / module).read_text(encoding="utf-8"))
    found = []
    for node in tree.body if top_level_only else ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} imports relatively"
            found += [f"{node.module}.{alias.name}" for alias in node.names]
    return found


def parts_imported(module: str) -> set[str]:
    own = {name.split(".")[1] for name in imports(module) if name.startswith("panscan.")}
    assert "panscan" not in imports(module)
    return own - {"__version__"}


def test_the_walk_sees_the_package():
    assert len(MODULES) >= 50
    assert {part_of(module) for module in MODULES} == set(ALLOWED)
    assert "errors" in parts_imported("ingest/media/probe.py") and "direct" in parts_imported("pipeline.py")
    assert "deliver" in parts_imported("cli/deliver.py"), "imports inside functions count"


@pytest.mark.parametrize("module", MODULES)
def test_a_module_imports_only_what_its_part_may(module):
    part = part_of(module)
    beyond = parts_imported(module) - ALLOWED[part] - {part}
    assert not beyond, f"{module} imports {', '.join(sorted(beyond))}"


@pytest.mark.parametrize("module", [m for m in MODULES if part_of(m) == "model"])
def test_the_model_does_no_input_and_no_vision(module):
    libraries = {name.split(".")[0] for name in imports(module)} - {"panscan"}
    assert libraries <= {*sys.stdlib_module_names, "numpy"}
    assert not libraries & {"os", "io", "pathlib", "subprocess", "socket", "tempfile", "shutil"}


@pytest.mark.parametrize("module", MODULES)
def test_nobody_imports_the_command_line(module):
    assert part_of(module) == "cli" or "cli" not in parts_imported(module)


@pytest.mark.parametrize("module", [m for m in MODULES if part_of(m) == "cli"])
def test_the_command_line_loads_nothing_heavy_to_show_its_help(module):
    loaded = {name.split(".")[0] for name in imports(module, top_level_only=True)}
    assert not loaded & {*HEAVY, "faster_whisper"}
    own = {name.split(".")[1] for name in imports(module, top_level_only=True) if name.startswith("panscan.")}
    assert own <= {"errors", "cli", "__version__"}


# Weights are fetched only where somebody asks for them by name.
ONLINE = {"weights/download.py"}


@pytest.mark.parametrize("module", MODULES)
def test_nothing_talks_to_the_network(module):
    names = imports(module)
    online = {"socket", "ssl", "http", "requests", "httpx", "aiohttp", "ftplib", "smtplib", "urllib3"}
    talks = bool({name.split(".")[0] for name in names} & online)
    talks |= any(name in ("urllib.request", "urllib.request.urlopen", "urllib.request.urlretrieve") for name in names)
    assert talks == (module in ONLINE)


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
