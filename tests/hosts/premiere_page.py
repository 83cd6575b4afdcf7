"""The panel's page for a browser: its own files, with the strict Premiere where Premiere would be."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from hosts.premiere_node import HOSTS, PANEL

FILES = [PANEL / "panel.js", *sorted((PANEL / "js").glob("*.js"))]
FILES += [HOSTS / name for name in ("premiere_host.js", "premiere_shown.js", "premiere_world.js")]
SERVICE = "http://127.0.0.1:8765"  # where the panel asks

# `window.world` is the strict Premiere's, for tests to change; `window.hold` keeps it from going on while it is true.
SETTING = """
const sources = %(sources)s, made = {};
const files = {};
const file = (name) => ({
  name, nativePath: "/tmp/" + name, read: async () => files[name], write: async (text) => void (files[name] = text),
});
const localFileSystem = {
  getFileForOpening: async () => %(plan)s && file("talk.9x16.premiere-plan.json"),
  getTemporaryFolder: async () => ({ createFile: async (name) => file(name), getEntry: async (name) => file(name) }),
};
files["talk.9x16.premiere-plan.json"] = %(plan)s;
function require(name) {
  const base = name.split("/").pop();
  if (name === "premierepro") return host;
  if (name === "uxp") return { storage: { localFileSystem } };
  if (base.endsWith(".json")) return %(names)s;
  if (!made[base]) {
    const module = { exports: {} };
    new Function("require", "module", sources[base])(require, module);
    made[base] = module.exports;
  }
  return made[base];
}
const world = require("premiere_world.js").worldOf(%(sequence)s, %(world)s);
const host = require("premiere_host.js").premiere(world);
window.world = world;
world.pause = async () => {
  while (window.hold) await new Promise((resolve) => setTimeout(resolve, 5));
};
world.export = (path) => {
  files[path.split("/").pop()] = %(exported)s;
  return true;
};
let onTheme = () => {};
document.theme = { getCurrent: () => %(theme)s, onUpdated: { addListener: (listener) => void (onTheme = listener) } };
window.setTheme = (name) => onTheme(name);
require("panel.js");
"""


def page(
    folder: Path,
    sequence: dict[str, Any],
    plan: str = "",
    *,
    world: dict[str, Any] | None = None,
    exported: str = "",
    theme: str = "dark",
    service: str = SERVICE,
) -> Path:
    """Write the page into `folder`.

    sequence: as `premiere_node.sequence_of` makes it; plan: what a person finds when choosing a file; exported: what
    Premiere writes as Final Cut XML; service: where `panscan serve` listens.
    """
    sources = {path.name: path.read_text(encoding="utf-8").replace(SERVICE, service) for path in FILES}
    words = {
        "sources": sources,
        "plan": plan,
        "sequence": sequence,
        "world": world or {},
        "exported": exported,
        "theme": theme,
    }
    known = {name: json.dumps(value).replace("</", "<\\/") for name, value in words.items()}
    code = SETTING % {**known, "names": (HOSTS / "premiere_names.json").read_text(encoding="utf-8")}
    shutil.copy(PANEL / "style.css", folder)
    text, mark = (PANEL / "index.html").read_text(encoding="utf-8"), '<script src="panel.js"></script>'
    assert mark in text
    path = folder / "page.html"
    path.write_text(text.replace(mark, f"<script>{code}</script>"), encoding="utf-8")
    return path
