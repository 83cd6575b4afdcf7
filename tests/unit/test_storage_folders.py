"""Folders of this machine, and what a source may be."""

from __future__ import annotations

import hashlib

import pytest

from panscan.errors import InputError, UsageError
from panscan.serve.guard import AllowedFolders
from panscan.service.spec_parts import DestinationSpec, SourceSpec
from panscan.service.storage import HttpPolicy, StoragePolicy, check_container, fetch_source, publish

MOVIE = b"\0\0\0\x18ftypmp42" + bytes(100)


@pytest.fixture
def home(tmp_path):
    for name in ("open", "closed"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "talk.mp4").write_bytes(MOVIE)
    return tmp_path


@pytest.fixture
def policy(home):
    allowed = AllowedFolders.of([home / "open"])
    return StoragePolicy(read_folders=allowed, write_folders=allowed)


def fetch(source, home, policy, **more):
    return fetch_source(source, home / "job", policy=policy, connections={}.__getitem__, **more)


def send(files, folder, policy, **more):
    place = DestinationSpec(path=str(folder), **more)
    return publish(files, place, owner="job-1", policy=policy, connections={}.__getitem__)


def test_a_file_of_an_allowed_folder_stays_where_it_is(home, policy):
    fetched = fetch(SourceSpec(path=str(home / "open" / "talk.mp4")), home, policy)
    assert fetched.path == home / "open" / "talk.mp4" and fetched.sha256 == hashlib.sha256(MOVIE).hexdigest()


def test_other_folders_are_closed(home, policy):
    (home / "open" / "link.mp4").symlink_to(home / "closed" / "talk.mp4")
    for path in ("closed/talk.mp4", "open/link.mp4", "open/../closed/talk.mp4"):
        with pytest.raises(UsageError, match="may not be read"):
            fetch(SourceSpec(path=str(home / path)), home, policy)
    (home / "open" / "way").symlink_to(home / "closed")
    for folder in ("closed", "open/way", "open/../closed"):
        with pytest.raises(UsageError, match="may not be written to"):
            send({"talk.mp4": home / "open" / "talk.mp4"}, home / folder, policy)
    with pytest.raises(UsageError, match="may not be read"):
        fetch(SourceSpec(path=str(home / "open" / "talk.mp4")), home, StoragePolicy())


def test_results_are_copied_once_and_replace_nothing(home, policy):
    result = home / "closed" / "talk.mp4"
    (one,) = send({"new/talk_9x16.mp4": result}, home / "open", policy)
    assert one.url == str(home / "open" / "new" / "talk_9x16.mp4")
    assert (home / "open" / "new" / "talk_9x16.mp4").read_bytes() == MOVIE
    assert send({"new/talk_9x16.mp4": result}, home / "open", policy) == (one,)
    result.write_bytes(MOVIE + b"other")
    with pytest.raises(InputError, match="is there already"):
        send({"new/talk_9x16.mp4": result}, home / "open", policy)
    send({"new/talk_9x16.mp4": result}, home / "open", policy, overwrite=True)
    assert (home / "open" / "new" / "talk_9x16.mp4").read_bytes() == MOVIE + b"other"


def test_an_upload_is_a_source(home, policy):
    uploads = {"u1": home / "closed" / "talk.mp4", "u2": home / "gone"}.__getitem__
    assert fetch(SourceSpec(upload="u1"), home, policy, uploads=uploads).size_bytes == len(MOVIE)
    with pytest.raises(InputError, match="is not there"):
        fetch(SourceSpec(upload="u2"), home, policy, uploads=uploads)
    with pytest.raises(InputError, match="too large"):
        fetch(SourceSpec(upload="u1"), home, StoragePolicy(http=HttpPolicy(max_bytes=1)), uploads=uploads)


@pytest.mark.parametrize(
    ("head", "container"),
    [
        (MOVIE, "mov"),
        (b"\0\0\0\x08wide\0\0\0\0mdat", "mov"),
        (b"\x1a\x45\xdf\xa3", "matroska"),
        (b"RIFF\0\0\0\0AVI LIST", "avi"),
        (b"\x47" + bytes(187) + b"\x47" + bytes(187) + b"\x47", "mpegts"),
        (bytes(4) + b"\x47" + bytes(191) + b"\x47" + bytes(191) + b"\x47", "mpegts"),
        (b"\x06\x0e\x2b\x34\x02\x05", "mxf"),
        (bytes(300) + b"\x06\x0e\x2b\x34\x02\x05\x01\x01\x0d\x01\x02", "mxf"),
    ],
)
def test_containers_are_told_by_their_bytes(tmp_path, head, container):
    file = tmp_path / "movie.m3u8"  # the name says nothing
    file.write_bytes(head)
    assert check_container(file) == container


@pytest.mark.parametrize(
    "text",
    [
        b"#EXTM3U\n#EXTINF:10,\nfile:///etc/passwd\n",
        b"\xef\xbb\xbf#EXTM3U\n",
        b"ffconcat version 1.0\nfile /etc/passwd\n",
        b"file '/etc/passwd'\n",
        b'<?xml version="1.0"?><MPD profiles="urn:mpeg:dash:profile:isoff-live:2011">',
        b"v=0\no=- 0 0 IN IP4 127.0.0.1\n",
        b"RIFF\0\0\0\0WAVEfmt ",
        b"\x89PNG\r\n\x1a\n",
        b"%PDF-1.7",
        b"PK\x03\x04",
        b"",
    ],
)
def test_all_that_is_no_movie_is_refused_and_not_kept(home, policy, text):
    (home / "open" / "movie.mp4").write_bytes(text)
    with pytest.raises(InputError, match="is no movie"):
        fetch(SourceSpec(path=str(home / "open" / "movie.mp4")), home, policy)
    assert (home / "open" / "movie.mp4").is_file(), "what lies there is not ours to remove"


def test_the_operator_decides_by_the_environment(monkeypatch):
    assert StoragePolicy.of_environment() == StoragePolicy()
    monkeypatch.setenv("PANSCAN_TRUSTED_STORES", "http://minio:9000/ https://b.example")
    monkeypatch.setenv("PANSCAN_EXTRA_PORTS", "8443")
    monkeypatch.setenv("PANSCAN_MAX_SOURCE_GB", "2")
    policy = StoragePolicy.of_environment()
    assert policy.trusted_endpoints == {"http://minio:9000", "https://b.example"}
    assert policy.http.ports == {80, 443, 8443} and policy.http.max_bytes == 2 * 10**9 and not policy.http.allow_http
    monkeypatch.setenv("PANSCAN_ALLOW_HTTP", "yes")
    with pytest.raises(UsageError, match="PANSCAN_ALLOW_HTTP"):
        StoragePolicy.of_environment()
