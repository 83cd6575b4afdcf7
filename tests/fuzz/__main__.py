"""`python -m fuzz`: see README.md."""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections import defaultdict
from pathlib import Path

from apart import Apart
from fuzz.harness import LIMIT_S, Finding, Fuzzer, names


def main() -> None:
    """Run many inputs, or those that are named, and list what ended badly by kind."""
    parser = argparse.ArgumentParser(prog="python -m fuzz", description=__doc__)
    parser.add_argument("names", nargs="*", help="inputs to repeat, e.g. otio/1234; their files are kept in --keep")
    parser.add_argument("--count", type=int, default=2000, help="how many inputs [2000]")
    parser.add_argument("--seed", type=int, default=0, help="other inputs for each seed [0]")
    parser.add_argument("--seconds", type=float, default=3600, help="stop after so long [3600]")
    parser.add_argument("--keep", type=Path, help="folder for the damaged files that end badly")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, Apart(LIMIT_S) as apart:
        for part in ("CACHE", "MODELS", "PRESETS"):
            os.environ[f"PANSCAN_{part}_DIR"] = str(Path(folder) / part.lower())
        (Path(folder) / "work").mkdir()
        fuzzer = Fuzzer.of(Path(folder) / "work", apart)
        began, done, found = time.monotonic(), 0, []
        for name in given.names or names(given.count, given.seed):
            if time.monotonic() - began > given.seconds:
                break
            done += 1
            finding = fuzzer.finding(name)
            if finding is not None:
                found.append(finding)
                print(f"{finding.name}: {finding.what}: {finding.at}", flush=True)
            if given.keep and (finding is not None or given.names):
                path = fuzzer.written(name)[0]
                given.keep.mkdir(parents=True, exist_ok=True)
                path.rename(given.keep / f"{name.replace('/', '-')}{path.name.removeprefix('damaged')}")
    print(f"\n{done} inputs in {time.monotonic() - began:.0f} s, {len(found)} ended badly\n")
    _print_kinds(found)


def _print_kinds(found: list[Finding]) -> None:
    """Each kind with where it comes from, the inputs that show it, and the end of one report."""
    kinds: dict[str, list[Finding]] = defaultdict(list)
    for finding in found:
        kinds[finding.what].append(finding)
    for what, cases in sorted(kinds.items(), key=lambda pair: -len(pair[1])):
        print(f"{len(cases)} x {what}\n    at {cases[0].at}\n    inputs {' '.join(c.name for c in cases[:8])}")
        print("".join(f"    | {line}\n" for line in cases[0].detail.strip().splitlines()[-3:]))


if __name__ == "__main__":
    main()
