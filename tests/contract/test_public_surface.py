"""What the package shows to the outside: names, documentation, metadata."""

from __future__ import annotations

import ast
import importlib
import inspect
import pickle
import pkgutil
from importlib import metadata
from pathlib import Path

import panscan
from panscan import model

PACKAGE = Path(panscan.__file__).parent
MODULES = sorted(m.name for m in pkgutil.walk_packages(panscan.__path__, "panscan."))
VALUES = [
    value
    for info in pkgutil.iter_modules(model.__path__, "panscan.model.")
    for value in vars(importlib.import_module(info.name)).values()
    if inspect.isclass(value) and value.__module__ == info.name
]


def test_the_walk_sees_the_package():
    assert len(MODULES) >= 50 and len(VALUES) >= 15


def test_the_version_is_the_installed_one():
    assert panscan.__version__ == metadata.version("panscan")


def test_the_script_is_installed():
    (script,) = metadata.entry_points(group="console_scripts", name="panscan")
    from panscan.cli import main

    assert script.load() is main


def test_types_are_published():
    assert "Typing :: Typed" in metadata.metadata("panscan").get_all("Classifier")
    assert (PACKAGE / "py.typed").is_file()


def offenders(things, wrong):
    """What is wrong with which thing: all at once."""
    return {thing: found for thing in things if (found := wrong(thing))}


def test_every_module_imports_and_says_what_it_is():
    def silent(name):
        module = importlib.import_module(name)
        public = [n for n in getattr(module, "__all__", ()) if n != "__version__" and not getattr(module, n).__doc__]
        return public + ([] if module.__doc__ and module.__doc__.strip()[0] != " " else ["the module"])

    assert offenders(MODULES, silent) == {}


def test_a_stage_exports_what_it_imports():
    """`__init__` of a package is its surface: what it takes in, it lists."""

    def unlisted(name):
        source = (PACKAGE / name.split(".")[1] / "__init__.py").read_text(encoding="utf-8")
        taken = {
            alias.asname or alias.name
            for node in ast.parse(source).body
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(name)
            for alias in node.names
            if not (alias.asname or alias.name).startswith("_")
        }
        return taken - set(getattr(importlib.import_module(name), "__all__", taken))

    stages = [name for name in MODULES if name.count(".") == 1 and (PACKAGE / name.split(".")[1]).is_dir()]
    assert len(stages) >= 10 and offenders(stages, unlisted) == {}


def test_values_of_the_model_are_frozen():
    def loose(kind):
        return [
            what
            for what, right in {
                "undocumented": kind.__doc__,
                "not frozen": kind.__dataclass_params__.frozen,
                "without __slots__": "__slots__" in vars(kind),  # or attributes appear by accident
                "not found by pickle": pickle.loads(pickle.dumps(kind)) is kind,
            }.items()
            if not right
        ]

    assert offenders(VALUES, loose) == {}


def classes_in_several_modules(sources: dict[str, str]) -> dict[str, list[str]]:
    """Public classes that more than one of the modules (name -> source text) defines, with those modules."""
    homes: dict[str, list[str]] = {}
    for module, source in sources.items():
        for node in ast.parse(source).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                homes.setdefault(node.name, []).append(module)
    return {name: modules for name, modules in homes.items() if len(modules) > 1}


def test_a_public_class_has_a_name_of_its_own():
    """Two classes of one name are mixed up in imports and messages. A signal's (FacesSignal) adds to its value's."""
    sources = {p.relative_to(PACKAGE).as_posix(): p.read_text(encoding="utf-8") for p in PACKAGE.rglob("*.py")}
    assert classes_in_several_modules(sources) == {}
    twice = {
        "a": "class Cut: ...\nclass _Own: ...",
        "b": "class Cut: ...\nclass _Own: ...",
        "c": "class CutSignal: ...",
    }
    assert classes_in_several_modules(twice) == {"Cut": ["a", "b"]}


def test_no_backup_is_shipped():
    known = {".py", ".json", ".typed", ".toml", ".html", ".sql", ".js", ".ts", ".css", ".svg"}
    strange = [p for p in PACKAGE.rglob("*") if p.is_file() and "__pycache__" not in p.parts and p.suffix not in known]
    assert [p.name for p in strange if p.name != "py.typed"] == []
