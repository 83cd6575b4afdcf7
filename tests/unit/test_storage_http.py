"""Downloads from strangers' addresses: where the service connects to, and what it takes."""

from __future__ import annotations

import gzip
import hashlib
import time
from dataclasses import replace
from ipaddress import IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from https_server import HOST, https_server
from panscan.errors import InputError, UsageError
from panscan.service.redaction import RedactedUrl
from panscan.service.spec_parts import SourceSpec
from panscan.service.storage import GuardedClient, HttpPolicy, StoragePolicy, downloads, fetch_source, transfer
from panscan.service.storage.addresses import is_public
from panscan.service.storage.downloads import download
from panscan.service.temporary import TemporaryError

MOVIE = bytes(range(256)) * 2000


@pytest.fixture
def server(tmp_path):
    (tmp_path / "server").mkdir()
    with https_server(tmp_path / "server") as server:
        server.answers["/talk.mp4"] = lambda asked: asked.answer(200, MOVIE)
        yield server


class Names:
    """Resolves names as told, and remembers what it was asked."""

    def __init__(self, **known):
        self.known = {HOST: ["127.0.0.1"], **{name.replace("_", "."): found for name, found in known.items()}}
        self.asked = []

    async def __call__(self, host, port):
        self.asked.append(host)
        return self.known[host]


def client_of(server, names=None, **policy):
    """A client for which the server's address counts as public: no option of the service can say so."""
    ports = frozenset({80, 443, server.port})
    return GuardedClient(
        HttpPolicy(ports=ports, **policy),
        is_allowed=lambda ip: ip == "127.0.0.1" or is_public(ip),
        resolver=names or Names(),
        ssl_context=server.client_context,
    )


def get(client, url, path):
    return download(client, RedactedUrl(url), path)


def test_a_file_comes_whole_with_its_digest(server, tmp_path, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")  # which is not asked
    steps = []
    fetched = download(
        client_of(server),
        RedactedUrl(server.url("/talk.mp4?sig=1")),
        tmp_path / "talk.mp4",
        lambda *done: steps.append(done),
    )
    assert (tmp_path / "talk.mp4").read_bytes() == MOVIE
    assert (fetched.sha256, fetched.size_bytes) == (hashlib.sha256(MOVIE).hexdigest(), len(MOVIE))
    assert steps[-1] == (len(MOVIE), len(MOVIE))
    (asked,) = server.asked
    assert asked.path == "/talk.mp4?sig=1" and "cookie" not in asked.headers
    assert asked.headers["host"] == f"{HOST}:{server.port}" and server.names == [HOST]


def test_a_name_is_resolved_once_for_each_request(server, tmp_path):
    """Whoever owns a name could answer with a public address first and a private one then."""
    names = Names()
    server.answers["/moved"] = lambda asked: asked.answer(302, location="/talk.mp4")
    get(client_of(server, names), server.url("/moved"), tmp_path / "a")
    assert names.asked == [HOST, HOST] and len(server.asked) == 2


def test_one_private_address_refuses_them_all(server, tmp_path):
    names = Names(media_example=["127.0.0.1", "10.0.0.1"])
    with pytest.raises(InputError, match="not a public host"):
        get(client_of(server, names), server.url("/talk.mp4"), tmp_path / "a")
    assert server.asked == []


def test_the_next_address_is_tried_where_one_does_not_answer(server, tmp_path):
    names = Names(media_example=["127.0.0.3", "127.0.0.1"])
    client = replace(client_of(server, names), is_allowed=lambda _: True)
    assert get(client, server.url("/talk.mp4"), tmp_path / "a").size_bytes == len(MOVIE)


def test_no_redirect_leads_inside(server, tmp_path):
    names = Names(inside_example=["127.0.0.2"])
    (tmp_path / "inside").mkdir()
    with https_server(tmp_path / "inside", "127.0.0.2") as inside:
        inside.answers["/keys"] = lambda asked: asked.answer(200, b"secret")
        client = client_of(server, names)
        client = replace(client, policy=replace(client.policy, ports=client.policy.ports | {inside.port}))
        for target in (
            inside.url("/keys", "inside.example"),
            f"http://{HOST}:{inside.port}/keys",
            "file:///etc/passwd",
            f"https://127.0.0.2:{inside.port}/keys",
            f"https://user:pass@{HOST}/",
        ):
            names.known["127.0.0.2"] = ["127.0.0.2"]
            server.answers["/moved"] = lambda asked, target=target: asked.answer(302, location=target)
            with pytest.raises((InputError, UsageError)):
                get(client, server.url("/moved"), tmp_path / "a")
        assert inside.asked == [] and inside.names == []
    assert not (tmp_path / "a").exists()


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/a/My%20Talk%20%231.MOV", "My_Talk_1.MOV"),
        ("/..%2f..%2fetc%2fpasswd", "passwd.bin"),
        ("/.panscan.toml", "panscan.toml"),
        ("/a%00b%0a%5c..%5cc.mp4", "a_b_.._c.mp4"),
        ("/" + "x" * 300 + ".mp4", "x" * 100 + ".mp4"),
        ("/%F0%9F%8E%AC", "movie.bin"),
    ],
)
def test_a_download_has_a_harmless_name_in_its_folder(server, tmp_path, path, name):
    server.answers[path] = lambda asked: asked.answer(200, b"\0\0\0\x18ftypmp42")
    fetched = fetch_source(
        SourceSpec(url=server.url(path)),
        tmp_path / "job",
        policy=StoragePolicy(),
        connections={}.__getitem__,
        client=client_of(server),
    )
    assert fetched.path == tmp_path / "job" / name and fetched.path.is_file()


def test_what_is_no_movie_is_not_kept(server, tmp_path):
    server.answers["/list.mp4"] = lambda asked: asked.answer(200, b"#EXTM3U\nfile:///etc/passwd\n")
    source = SourceSpec(url=server.url("/list.mp4"))
    with pytest.raises(InputError, match="is no movie"):
        fetch_source(
            source, tmp_path / "job", policy=StoragePolicy(), connections={}.__getitem__, client=client_of(server)
        )
    assert list((tmp_path / "job").iterdir()) == []


def test_redirects_end(server, tmp_path):
    server.answers["/round"] = lambda asked: asked.answer(302, location="/round")
    with pytest.raises(InputError, match="leads on and on"):
        get(client_of(server), server.url("/round"), tmp_path / "a")
    assert len(server.asked) == 6


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/a.mp4",
        "ftp://example.com/a.mp4",
        "file:///etc/passwd",
        "https:///a.mp4",
        "https://user@example.com/a.mp4",
        "https://example.com:8443/a.mp4",
        "https://exa\nmple.com/",
    ],
)
def test_what_is_no_plain_https_address_is_refused(url):
    with pytest.raises(UsageError, match="cannot be used"):
        GuardedClient().check(url)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "2130706433",  # the same as a number
        "0x7f.1",
        "localhost",
        "0.0.0.0",
        "10.1.2.3",
        "169.254.169.254",
        "100.64.0.1",
        "168.63.129.16",
        "224.0.0.1",
        "255.255.255.255",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[64:ff9b:1::7f00:1]",
        "[2002:7f00:1::]",
        "[fe80::1]",
        "[fd00:ec2::254]",
        "[ff02::1]",
    ],
)
def test_addresses_inside_are_refused(host):
    with pytest.raises(InputError, match="not a public host"):
        GuardedClient().check(f"https://{host}/")


@given(st.ip_addresses(v=4), st.sampled_from(["::ffff:0:0", "64:ff9b::", "64:ff9b:1::", "::"]))
def test_no_address_of_ipv4_hides_in_one_of_ipv6(ip, prefix):
    assert not is_public(str(IPv6Address(int(IPv6Address(prefix)) + int(ip))))


@pytest.mark.parametrize("ip", ["8.8.8.8", "2606:4700::1111", "100.128.0.1"])
def test_public_addresses_are_not(ip):
    assert is_public(ip)


def _without_length(asked):
    asked.send_response(200)
    asked.end_headers()
    asked.wfile.write(MOVIE)


def _too_short(asked):
    asked.answer(200, b"half", content_length="8")
    asked.close_connection = True


REFUSALS = {
    "too large by its header": (lambda asked: asked.answer(200, MOVIE), {"max_bytes": 1000}, InputError, "too large"),
    "too large by count": (_without_length, {"max_bytes": 1000}, InputError, "too large"),
    "broken off": (_too_short, {}, TemporaryError, "RemoteProtocolError"),
    "compressed": (
        lambda asked: asked.answer(200, gzip.compress(MOVIE), content_encoding="gzip"),
        {},
        InputError,
        "compressed",
    ),
    "gone": (lambda asked: asked.answer(404), {}, InputError, "HTTP 404"),
    "busy": (lambda asked: asked.answer(503), {}, TemporaryError, "HTTP 503"),
    "too slow": (lambda asked: asked.answer(200, MOVIE), {"min_bytes_per_s": 10**12}, TemporaryError, "too slow"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_what_is_not_taken_leaves_nothing(server, tmp_path, monkeypatch, name):
    answer, policy, kind, words = REFUSALS[name]
    monkeypatch.setattr(downloads, "_SPEED_GRACE_S", 0)
    server.answers["/a"] = answer
    folder = tmp_path / "job"
    with pytest.raises(kind, match=words):
        get(client_of(server, **({"min_bytes_per_s": 0} | policy)), server.url("/a"), folder / "a")
    assert list(folder.glob("*")) + list(folder.glob(".*")) == []


def _breaking(asked, etag='"1"', now='"1"'):
    """Gives half of what is asked for, and breaks off; the rest only of the version that is asked for."""
    start = int(asked.headers.get("range", "bytes=0-")[6:-1])
    is_rest = start and asked.headers["if-range"] == now
    rest = MOVIE[start:] if is_rest else MOVIE
    headers = {"content_length": str(len(rest)), "etag": etag, "content_range": f"bytes {start}-{len(MOVIE)}/*"}
    asked.answer(206 if is_rest else 200, rest[: max(len(rest) // 2, 200_000)], **headers)
    asked.close_connection = True


def test_what_breaks_off_goes_on_where_it_was(server, tmp_path, monkeypatch):
    monkeypatch.setattr(downloads, "_BREAK_S", 0)
    server.answers["/a"] = _breaking
    fetched = get(client_of(server), server.url("/a"), tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == MOVIE and fetched.sha256 == hashlib.sha256(MOVIE).hexdigest()
    assert [asked.headers.get("range") for asked in server.asked] == [None, "bytes=256000-", "bytes=456000-"]


@pytest.mark.parametrize("versions", [{"etag": 'W/"1"'}, {"etag": ""}, {"now": '"2"'}])
def test_parts_of_two_versions_are_never_joined(server, tmp_path, monkeypatch, versions):
    monkeypatch.setattr(downloads, "_BREAK_S", 0)
    server.answers["/a"] = lambda asked: _breaking(asked, **versions)
    with pytest.raises(TemporaryError):
        get(client_of(server), server.url("/a"), tmp_path / "a")
    assert not (tmp_path / "a").exists()


def test_a_full_disk_is_told_before_it_is_full(server, tmp_path, monkeypatch):
    monkeypatch.setattr(transfer, "_ROOM_BYTES", 2**62)
    with pytest.raises(TemporaryError, match="no room"):
        get(client_of(server), server.url("/talk.mp4"), tmp_path / "a")


def test_bytes_that_drip_end_in_time(server, tmp_path):
    def drip(asked):
        for letter in b"HTTP/1.1 200 OK\r\n" * 20:
            asked.wfile.write(bytes([letter]))
            time.sleep(0.02)

    server.answers["/drip"] = drip
    with pytest.raises(TemporaryError, match="took too long"):
        get(client_of(server, max_s=0.3), server.url("/drip"), tmp_path / "a")


def test_a_certificate_of_another_name_is_refused(server, tmp_path):
    names = Names(other_example=["127.0.0.1"])
    with pytest.raises(TemporaryError, match="certificate is not valid"):
        get(client_of(server, names), server.url("/talk.mp4", "other.example"), tmp_path / "a")
    assert server.asked == []
