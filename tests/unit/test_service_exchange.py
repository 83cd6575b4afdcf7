"""What one worker hands in, another one finds: through a folder and through a bucket."""

from __future__ import annotations

import pytest

from panscan.errors import UsageError
from panscan.service.exchange import open_exchange
from panscan.service.settings import ServiceSettings
from s3_server import s3_server


@pytest.fixture(params=["folder", "bucket"])
def exchange(request, tmp_path, monkeypatch):
    """An exchange, opened anew each time, as each worker does."""
    if request.param == "folder":
        yield lambda: open_exchange(str(tmp_path / "exchange"))
        return
    with s3_server("shared") as server:
        for name, value in {
            "ENDPOINT": server.endpoint,
            "REGION": "us-east-1",
            "ACCESS_KEY_ID": "k",
            "SECRET_ACCESS_KEY": "SECRET",
        }.items():
            monkeypatch.setenv(f"AWS_{name}", value)
        yield lambda: open_exchange("s3://shared/of-panscan")


def test_what_is_handed_in_is_found_until_its_job_has_ended(exchange, tmp_path):
    product, copy = tmp_path / "product", tmp_path / "there" / "copy"
    product.write_bytes(b"first" * 1000)
    assert not exchange().has("job_a/part") and not exchange().get("job_a/part", copy) and not copy.exists()
    exchange().put(product, "job_a/part")
    exchange().put(product, "job_a/part")
    exchange().put(product, "job_b/part")
    product.unlink()
    assert exchange().get("job_a/part", copy) and copy.read_bytes() == b"first" * 1000
    assert sorted(exchange().jobs()) == ["job_a", "job_b"] and "SECRET" not in repr(exchange())
    place = exchange().place("job_a/part")
    assert place is None or place.read_bytes() == copy.read_bytes()
    exchange().remove_job("job_a")
    exchange().remove_job("job_a")
    assert not exchange().has("job_a/part") and exchange().has("job_b/part")
    assert copy.is_file(), "what was fetched stays"
    assert [path.name for path in tmp_path.rglob("*.part*")] == []


@pytest.mark.parametrize("address", ["absent", "ftp://host/folder"])
def test_an_exchange_that_is_neither_folder_nor_bucket_is_refused_at_the_start(tmp_path, monkeypatch, address):
    monkeypatch.setenv("PANSCAN_SERVICE_DIR", str(tmp_path))
    monkeypatch.setenv("PANSCAN_EXCHANGE", address)
    with pytest.raises(UsageError):
        ServiceSettings.of_environment()
