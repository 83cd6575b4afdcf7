"""What the pages say about the code: paths, names and imports exist; the picture of the house is drawn from it."""

from __future__ import annotations

import ast
import importlib
import re
import runpy
import warnings
from pathlib import Path
from typing import Any

from panscan import moved_modules, registry

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "panscan"
FOLDERS = ("adapters/panscan_premiere", "benchmarks", "resolve_scripts/panscan_resolve", "samples", "tests/hosts")
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
PAGES += [ROOT / folder / "README.md" for folder in FOLDERS]
GROUPS = {f"panscan.{kind}" for kind in registry.KINDS}  # of entry points


def prose(page: Path) -> str:
    """The text without its blocks of code."""
    return re.sub(r"^ *```.*?^ *```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)


def named(pattern: str, *pages: Path) -> list[tuple[Path, Any]]:
    """Page, and the group or groups of the pattern, wherever the pages name something in this way."""
    return [(page, match) for page in pages for match in re.findall(pattern, prose(page))]


def file_of(path: str, page: Path) -> Path | None:
    """The file that a page means: from the package, the project or the page's own folder."""
    return next((base / path for base in (SOURCE, ROOT, page.parent) if (base / path).exists()), None)


def resolve(name: str) -> object:
    """What a dotted name stands for; one that is deprecated is an error."""
    parts = name.split(".")
    for count in range(len(parts), 0, -1):
        try:
            value = importlib.import_module(".".join(parts[:count]))
        except ModuleNotFoundError:
            continue
        for part in parts[count:]:
            value = getattr(value, part)
        return value
    raise ModuleNotFoundError(name)


def is_missing(name: str) -> bool:
    try:
        resolve(name)
    except (ModuleNotFoundError, AttributeError, DeprecationWarning):
        return True
    return False


def test_the_picture_of_the_house_is_the_one_drawn_from_its_source():
    script = runpy.run_path(str(ROOT / "docs" / "make_architecture.py"))
    (block,) = re.findall(r"```mermaid\n(.*?)```", (ROOT / "docs" / "architecture.md").read_text("utf-8"), re.DOTALL)
    assert block == script["mermaid"](), "run docs/make_architecture.py"


def test_files_exist():
    files = named(r"`((?:[\w-]+/)*[\w-]+\.py)`", *PAGES)
    assert len(files) > 60
    assert [f"{page.name}: {path}" for page, path in files if file_of(path, page) is None] == []


def test_folders_exist():
    folders = named(r"`((?:[\w-]+/)+)`", ROOT / "docs" / "architecture.md", ROOT / "CONTRIBUTING.md")
    assert len(folders) > 20
    missing = [path for page, path in folders if not (file_of(path, page) or any(SOURCE.rglob(path.strip("/"))))]
    assert missing == []


def test_what_is_said_to_be_in_a_file_is_in_it():
    places = named(r"`(\w+)` in\s+`([\w/-]+\.py)`", *PAGES)
    assert len(places) > 40
    missing = []
    for page, (name, path) in places:
        text = file_of(path, page).read_text(encoding="utf-8")
        if not re.search(rf"^\s*(def|class) {name}\b|^\s*{name}\s*[:=]", text, flags=re.MULTILINE):
            missing.append(f"{page.name}: {name} in {path}")
    assert missing == []


def test_dotted_names_exist():
    names = named(r"`(panscan(?:\.\w+)+)(?:\(\))?`", *PAGES)
    files = (".jsx", ".ccx", ".toml")
    names = [(page, name) for page, name in names if name not in GROUPS and not name.endswith(files)]
    assert len(names) > 5 and [f"{page.name}: {name}" for page, name in names if is_missing(name)] == []


def test_examples_import_what_exists():
    imported = [
        (page.name, f"{node.module}.{alias.name}")
        for page in PAGES
        for block in re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), flags=re.DOTALL)
        for node in ast.walk(ast.parse(block))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("panscan")
        for alias in node.names
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("error", DeprecationWarning)
        assert len(imported) > 15 and [row for row in imported if is_missing(row[1])] == []


def test_the_glossary_says_where_each_word_lives():
    rows = re.findall(r"^\| (\w[\w ]*) \| .* \| (.*) \|$", prose(ROOT / "docs" / "glossary.md"), flags=re.MULTILINE)
    words = {word for word, _ in rows}
    assert words >= {"media", "shot", "cut", "camera", "key", "crop", "track", "person", "plan", "framing", "loss"}
    assert [word for word, place in rows if word != "word" and "`" not in place] == []


def test_the_changelog_names_what_is_deprecated():
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    names = {module for module, of in moved_modules.MOVED.items() if of}
    names |= {old for of in moved_modules.RENAMED.values() for old in of}
    assert names and [name for name in sorted(names) if f"`{name}`" not in text] == []
