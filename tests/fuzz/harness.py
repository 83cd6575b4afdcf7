"""Runs damaged inputs in a process of their own and tells what ended badly."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from apart import Apart, Ended
from fuzz import mutate
from fuzz.originals import PLACE, Original, originals
from panscan import registry

LIMIT_S = 20  # a job takes a second at most
# Half of the inputs are documents that people hand around, a third is media.
KINDS = ("media", "otio", "framed", "media", "fcpxml", "xmeml", "media", "edl", "toml")
_SEED_STEP = 1_000_000  # inputs of one seed, at the most
_CODES = (0, 2, 3, 4, 70)  # what commands may end with; 1 is a movie that was REJECTED
_FRAME = re.compile(r'File "[^"]*/src/panscan/([^"]+)", line (\d+),? in (\w+)')


@dataclass(frozen=True)
class Finding:
    """What ended badly. name: of the input; what: without line numbers, which change; at: file and line."""

    name: str
    what: str
    at: str
    detail: str


@dataclass(frozen=True)
class Fuzzer:
    """The sound inputs, a folder to work in, and the process."""

    folder: Path
    originals: dict[str, list[Original]]
    apart: Apart

    @classmethod
    def of(cls, folder: Path, apart: Apart) -> Fuzzer:
        return cls(folder, originals(folder), apart)

    def findings(self, names: Iterable[str]) -> Iterator[Finding]:
        """What ends badly among inputs of these names."""
        for name in names:
            found = self.finding(name)
            if found is not None:
                yield found

    def finding(self, name: str) -> Finding | None:
        """What is wrong with how an input ends, if anything."""
        path, original, dice = self.written(name)
        exporter = dice.choice(sorted(registry.entries("exporters")))
        ended = self.apart.do(f"fuzz.jobs:{original.job}", path=str(path), to=exporter)
        what, at = fault(ended)
        return Finding(name, what, at, ended.traceback or ended.err) if what else None

    def written(self, name: str) -> tuple[Path, Original, random.Random]:
        """The damaged file of a name, "kind/number", as it is on every run; what it was; the dice for what follows."""
        kind = name.partition("/")[0]
        dice = random.Random(name)
        original = dice.choice(self.originals[kind])
        content = mutate.mutated(kind, original.content, dice)
        for old in self.folder.glob("damaged.*"):
            old.unlink()
        for suffix, beside in (original.beside or {}).items():
            (self.folder / f"damaged{suffix}").write_bytes(beside)
        path = self.folder / f"damaged{original.suffix}"
        path.write_bytes(content.replace(PLACE.encode(), str(self.folder).encode()))
        return path, original, dice


def names(count: int, seed: int = 0) -> list[str]:
    """The first inputs of a seed: each kind has its share."""
    first = seed * _SEED_STEP
    return [f"{KINDS[n % len(KINDS)]}/{n}" for n in range(first, first + count)]


def fault(ended: Ended) -> tuple[str, str]:
    """What is wrong, and the file and line of panscan nearest to it; two empty texts for a job that ended well."""
    if ended.died:
        kind = "hang" if ended.died == "hang" else "crash"
        return _placed(kind, "\n".join(reversed(ended.where)), ended.died)
    if ended.traceback:
        # Messages hold paths and numbers.
        return _placed(ended.traceback.strip().splitlines()[-1].partition(":")[0], ended.traceback, "traceback")
    if ended.code in (2, 3, 4) and not ("why:" in ended.err and "fix:" in ended.err):
        return f"error {ended.code} without why or fix", ended.err[:200]
    if ended.code not in _CODES and not (ended.code == 1 and "REJECTED" in ended.err):
        return f"exit code {ended.code}", ended.err[:200]
    return "", ""


def _placed(what: str, stack: str, more: str) -> tuple[str, str]:
    frames = _FRAME.findall(stack)
    if not frames:
        return f"{what} outside panscan", more
    file, line, function = frames[-1]
    return f"{what} in {file} {function}", f"src/panscan/{file}:{line} ({more})"
