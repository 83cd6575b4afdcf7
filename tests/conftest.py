"""Options and fixtures shared by all tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden", action="store_true", help="rewrite the expected files of tests/golden instead of comparing"
    )


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update-golden"))


@pytest.fixture(scope="session")
def dtd_folder() -> Path:
    """Folder of Apple's FCPXML DTDs, which the project may not ship."""
    folder = Path(os.environ.get("PANSCAN_FCPXML_DTD_DIR", ROOT.parent / "shared" / "dtd"))
    if not (folder / "FCPXMLv1_10.dtd").is_file():
        pytest.skip("no FCPXML DTDs: set PANSCAN_FCPXML_DTD_DIR to a folder with FCPXMLv1_10.dtd and others")
    return folder
