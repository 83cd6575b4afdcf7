"""Options and fixtures shared by all tests."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

import chromium
import media
import needed
from panscan.model.media import Media
from panscan.model.perception import Perception

if TYPE_CHECKING:
    from faults.kinds import Stage
    from panscan.service.database import Db
    from service_api import ServedApi

ROOT = Path(__file__).parents[1]

# A busy machine is no fault of what is tested.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden", action="store_true", help="rewrite the expected files of tests/golden instead of comparing"
    )
    parser.addoption(
        "--every-kind",
        action="store_true",
        help="plant each fault into all of its kinds of clips, not into one in turn",
    )


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update-golden"))


@pytest.fixture(scope="session")
def common(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder that all workers of this run share."""
    folder = tmp_path_factory.getbasetemp()
    # Not by the environment, which runs of pytest that a test starts inherit: their folder has no parent of its own.
    return folder.parent if hasattr(request.config, "workerinput") else folder


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Only one worker at a time works in a folder: the others wait, and find what it made."""
    folder.mkdir(exist_ok=True)
    with folder.with_name(f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session", autouse=True)
def own_cache(common: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """No test reads or fills the cache of the person who runs it, nor uses their weights or presets."""
    folder = common / "cache"
    folder.mkdir(exist_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PANSCAN_CACHE_DIR", str(folder))
        patch.setenv("PANSCAN_DATA_DIR", str(tmp_path_factory.mktemp("data")))
        patch.setenv("PANSCAN_MODELS_DIR", str(tmp_path_factory.mktemp("models")))
        patch.setenv("PANSCAN_PRESETS_DIR", str(tmp_path_factory.mktemp("presets")))
        patch.setenv("PANSCAN_CONFIG_DIR", str(tmp_path_factory.mktemp("config")))
        for name in ("PANSCAN_OBJECTS_MODEL", "PANSCAN_OBJECTS_PROMPT", "PANSCAN_SPEAKER_MODEL", "PANSCAN_WORDS_MODEL"):
            patch.delenv(name, raising=False)
        yield folder


@pytest.fixture(scope="session")
def talk(common: Path) -> Path:
    """The demo clip; its truth lies beside it. Made once: do not write to its folder."""
    from make_samples import make_talk

    path = common / "talk" / "talk.mp4"
    with _alone(path.parent):
        return path if path.exists() else make_talk(path)


@pytest.fixture(scope="session")
def talk_seen(talk: Path) -> tuple[Media, Perception]:
    """What the demo clip is and what was measured on it: by the first worker that asks, the others read its cache."""
    from panscan import pipeline

    with _alone(talk.parent):
        return pipeline.analyse(talk)


@pytest.fixture(scope="session")
def movie(common: Path) -> Callable[[str], Path]:
    """Clips of `media.MOVIES` by name, each made once: do not write to them."""

    def made(name: str) -> Path:
        path = common / "movies" / f"{name}.mp4"
        with _alone(path.parent):
            return path if path.exists() else media.MOVIES[name](path)

    return made


@pytest.fixture(scope="session")
def stages(common: Path) -> Callable[[str], Stage]:
    """Kinds of clips by name, each made once for all workers: do not write to their folders."""
    from faults.kinds import KINDS

    return cache(lambda name: KINDS[name].stage(common / f"kind-{name.replace(' ', '-')}"))


@pytest.fixture(scope="session")
def shared_media() -> Path:
    """Folder of films with hand-made truth, which the project may not ship."""
    folder = ROOT.parent / "shared" / "media"
    if not folder.is_dir():
        pytest.skip("no films with hand-made truth: there is no ../shared/media beside this checkout")
    return folder


@pytest.fixture(scope="session")
def shared_models() -> Path:
    """Folder of weights that the project may not ship."""
    folder = ROOT.parent / "shared" / "models"
    if not folder.is_dir():
        pytest.skip("no weights: there is no ../shared/models beside this checkout")
    return folder


@pytest.fixture(scope="session")
def dtd_folder() -> Path:
    """Folder of Apple's FCPXML DTDs, which the project may not ship."""
    folder = Path(os.environ.get("PANSCAN_FCPXML_DTD_DIR", ROOT.parent / "shared" / "dtd"))
    if not (folder / "FCPXMLv1_10.dtd").is_file():
        pytest.skip("no FCPXML DTDs: set PANSCAN_FCPXML_DTD_DIR to a folder with FCPXMLv1_10.dtd and others")
    return folder


@pytest.fixture(scope="session")
def melt() -> str:
    """The program melt, which plays .mlt files."""
    return needed.program("melt")


# Of one module, not of the session: tests of one parameter would be gathered from all modules, and what those share
# would be made once more for each.
@pytest.fixture(scope="module", params=tuple(chromium.flavours()) or ("none",))
def browser(request: pytest.FixtureRequest) -> str:
    """A Chromium, for `chromium.Chromium`: each flavour that this machine has."""
    return needed.browser(request.param)


@pytest.fixture(scope="session")
def database_server() -> Iterator[str]:
    """Address of the PostgreSQL that comes with panscan, running for tests of the service."""
    from service_database import database_server

    with database_server() as url:
        yield url


@pytest.fixture(scope="session")
def debian_server() -> Iterator[str]:
    """Address of Debian's PostgreSQL, running for tests of the service."""
    from service_database import debian_server

    with debian_server() as url:
        yield url


@pytest.fixture
def service_database(request: pytest.FixtureRequest) -> Iterator[str]:
    """Address of a database with the service's tables, all empty; for `on_both_servers` on one and the other."""
    from service_database import fresh_database

    with fresh_database(request.getfixturevalue(getattr(request, "param", "database_server"))) as url:
        yield url


@pytest.fixture
def db(service_database: str) -> Iterator[Db]:
    """A connection to the database of the service."""
    import psycopg
    from psycopg.rows import dict_row

    with psycopg.connect(service_database, row_factory=dict_row, autocommit=True) as connection:
        yield connection


@pytest.fixture
def api(service_database: str, tmp_path: Path) -> Iterator[ServedApi]:
    """The service over HTTP, with nobody at work."""
    from service_api import served_api

    with served_api(service_database, tmp_path) as served:
        yield served


@pytest.fixture
def account(db: Db) -> str:
    """Name of an account that may do all."""
    from panscan.service.records import accounts

    return accounts.add_account(db, "studio", "unlimited").id
