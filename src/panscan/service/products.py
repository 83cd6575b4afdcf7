"""What a job has made so far: a product is there when its file has the digest that was noted, of the same request.

So work can stop at any moment and be taken up by another process: what is whole is kept, and nothing half counts.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from panscan.files import digest_of, write_bytes

_FILE = "made.json"  # in the job's folder


@dataclass(frozen=True, slots=True)
class Products:
    """The products of a job.

    Attributes
    ----------
    folder : Path
        The job's folder.
    """

    folder: Path

    def is_made(self, path: Path, of: str) -> bool:
        """Whether a file is there as it was made, and of the same: `of` is a digest of all that decides about it."""
        noted = self._read().get(self._name(path), {})
        return bool(noted) and noted["of"] == of and noted["digest"] == file_digest(path)

    def note(self, path: Path, of: str, **facts: Any) -> None:
        """Note a file that is whole, with facts about it."""
        noted = self._read() | {self._name(path): {"of": of, "digest": file_digest(path), **facts}}
        write_bytes(json.dumps(noted, indent=1).encode(), self.folder / _FILE, private=True)

    def facts(self, path: Path) -> dict[str, Any]:
        """What was noted of a file."""
        return dict(self._read().get(self._name(path), {}))

    def publish(self, part: Path, path: Path, of: str, **facts: Any) -> None:
        """Give a file, or a folder, its name once it is whole, and note it; what had the name before goes."""
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            with suppress(OSError):
                path.rename(part.with_name(f"{part.name}.earlier"))
        os.replace(part, path)
        self.note(path, of, **facts)

    def _name(self, path: Path) -> str:
        return path.relative_to(self.folder).as_posix()

    def _read(self) -> dict[str, Any]:
        try:
            return dict(json.loads((self.folder / _FILE).read_text(encoding="utf-8")))
        except (OSError, ValueError):
            return {}


def file_digest(path: Path) -> str:
    """Digest of a file's content, of a folder that of its files in order; empty where there is none."""
    if path.is_dir():
        return "+".join(file_digest(one) for one in sorted(path.rglob("*")) if one.is_file())
    try:
        with path.open("rb") as file:
            return digest_of(file)
    except OSError:
        return ""
