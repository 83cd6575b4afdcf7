"""The lists of names that the strict hosts know are those that the hosts' makers and typists publish."""

from __future__ import annotations

import ast
import json
import re
from importlib import metadata
from pathlib import Path

import pytest

import needed

HOSTS = Path(__file__).parents[1] / "hosts"
RESOLVE = json.loads((HOSTS / "resolve_names.json").read_text(encoding="utf-8"))
PREMIERE = json.loads((HOSTS / "premiere_names.json").read_text(encoding="utf-8"))
FUSION = {"Composition", "Operator", "Input", "Output"}  # Blackmagic's Fusion scripting guide; nobody types them


def test_resolves_names_are_those_of_the_published_stubs():
    (path,) = [file for file in metadata.files("fusionscript-stubs") or [] if file.name == "fusionscript.pyi"]
    tree = ast.parse(Path(str(path.locate())).read_text(encoding="utf-8"))
    known = {
        node.name: {part.name for part in node.body if isinstance(part, ast.FunctionDef)}
        for node in tree.body
        if isinstance(node, ast.ClassDef)
    }
    checked = set(RESOLVE) - FUSION - {"Fusion"}
    assert checked >= {"Resolve", "Project", "MediaPool", "MediaPoolItem", "Timeline", "TimelineItem"}
    assert {kind: set(RESOLVE[kind]) ^ known[kind] for kind in checked} == {kind: set() for kind in checked}
    assert not any("keyframe" in name.lower() for name in known["TimelineItem"]), "hence the Fusion comps"


@pytest.mark.parametrize("kind", [*PREMIERE["premierepro 26.3.0"]])
def test_premieres_names_are_those_of_adobes_declarations(kind):
    package = needed.npm_package("@adobe/premierepro")
    assert json.loads((package / "package.json").read_text(encoding="utf-8"))["version"] == "26.3.0"
    text = (package / "src" / "premierepro.d.ts").read_text(encoding="utf-8")
    (body,) = re.findall(rf"^export declare type {kind} = \{{\n(.*?)^\}};", text, re.MULTILINE | re.DOTALL)
    plain = re.sub(r"/\*.*?\*/", "", body, flags=re.DOTALL)
    declared = set(re.findall(r"^  (?:readonly |get |set )?(\w+)\??\s*[(:<]", plain, re.MULTILINE))
    assert declared and set(PREMIERE["premierepro 26.3.0"][kind]) - declared == set()


def test_the_list_of_traps_names_tests_that_exist():
    page = (HOSTS / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(test_\w+)`", page))
    there = set()
    for path in HOSTS.parent.rglob("test_*.py"):
        there |= set(re.findall(r"^def (test_\w+)", path.read_text(encoding="utf-8"), re.MULTILINE))
    assert len(named) > 20 and named - there == set()
