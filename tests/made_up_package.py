"""A package that was never published, installed for real: a folder of modules beside its `*.dist-info`.

No pip and no network: whatever lies on the path of a Python with such a folder beside it is installed. Commands run in
a process of their own, which finds it as it would find any other package.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from commandline import Ran


@dataclass(frozen=True)
class Site:
    """A folder that holds installed packages, on the path of the processes started here."""

    folder: Path

    def install(
        self, name: str, modules: Mapping[str, str], entry_points: Mapping[str, Mapping[str, str]], version: str = "1.0"
    ) -> None:
        """Put a package there.

        modules: "my_package/brightness.py" -> its text; entry_points: group -> name -> "module:object".
        """
        for path, text in modules.items():
            module = self.folder / path
            module.parent.mkdir(parents=True, exist_ok=True)
            module.write_text(text, encoding="utf-8")
        about = self.folder / f"{name.replace('-', '_')}-{version}.dist-info"
        about.mkdir(parents=True)
        (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n", encoding="utf-8")
        groups = [
            "\n".join([f"[{group}]", *(f"{entry} = {target}" for entry, target in points.items())])
            for group, points in entry_points.items()
        ]
        (about / "entry_points.txt").write_text("\n\n".join(groups) + "\n", encoding="utf-8")

    def panscan(self, *arguments: object, **environment: str) -> Ran:
        """Run a command where the packages are installed."""
        return self.python("-m", "panscan", *arguments, **environment)

    def python(self, *arguments: object, **environment: str) -> Ran:
        """Run Python where the packages are installed."""
        path = os.pathsep.join([str(self.folder), *filter(None, sys.path)])
        ran = subprocess.run(
            [sys.executable, *map(str, arguments)],
            env={**os.environ, "PYTHONPATH": path, **environment},
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=300,
            check=False,
        )
        return Ran(ran.returncode, ran.stdout, ran.stderr)
