"""Reading .otio files that anybody may have written: the process lives, and the error says what is true."""

from __future__ import annotations

import json
from pathlib import Path

import opentimelineio as otio
import pytest

from commandline import panscan
from panscan.ingest.cuts.addresses import base_name, is_web, machine_of
from panscan.timeline.files import read_timeline, recipe_of, timeline_text
from panscan.timeline.otio_json import parse_otio
from panscan.timeline.paths import media_path

HEAD = '{"OTIO_SCHEMA": "Timeline.1", "name": "x", "tracks": {"OTIO_SCHEMA": "Stack.1", "children": []}, "metadata": '


@pytest.mark.parametrize("key", ["OTIO_SCHEMA", "OTIO\\u005fSCHEMA"])
@pytest.mark.parametrize("version", ["1", "-1", "99"])
@pytest.mark.parametrize("where", ["root", "metadata"])
def test_a_schema_that_would_end_the_process_is_refused(key, version, where) -> None:
    fatal = f'{{"a": 1, "{key}": "UnknownSchema.{version}"}}'
    with pytest.raises(ValueError, match="UnknownSchema"):
        parse_otio((fatal if where == "root" else HEAD + fatal + "}").encode())


def test_schemas_of_others_and_names_like_the_fatal_one_are_kept() -> None:
    found = parse_otio((HEAD + '{"a": {"OTIO_SCHEMA": "Ours.7", "b": "UnknownSchema.1"}}}').encode())
    assert found.metadata["a"].schema_name() == "UnknownSchema" and "UnknownSchema.1" in timeline_text(found)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "no complete JSON"),
        (b'{"OTIO_SCHEMA": "Timeline.1"', "no complete JSON"),
        (b'{"name": "\xff"}', "no UTF-8 text from byte 10 on"),
        (b"[" * 5000, "nested more than 200 deep"),
        ((HEAD + '{"OTIO_SCHEMA": "Clip.99"}}').encode(), "unsupported schema version"),
        ((HEAD + '{"OTIO_SCHEMA": "Clip"}}').encode(), "malformed schema"),
    ],
)
def test_damage_is_told(data, why) -> None:
    with pytest.raises(ValueError, match=why):
        parse_otio(data)


@pytest.mark.parametrize("words", ["reframe IN", "render IN", "deliver IN --to edl", "verify MOVIE IN"])
def test_every_command_refuses_it(words, tmp_path: Path) -> None:
    path, movie = tmp_path / "cut.otio", tmp_path / "x.mp4"
    path.write_text('{"OTIO_SCHEMA": "UnknownSchema.1"}')
    movie.write_bytes(b"")
    done = panscan(*({"IN": path, "MOVIE": movie}.get(word, word) for word in words.split()))
    assert done.code == 3 and "UnknownSchema.1" in done.err, done.err


@pytest.mark.parametrize("key", ["", "other"])
def test_a_clip_without_a_reference_under_its_active_key_has_a_missing_one(key) -> None:
    track = otio.schema.Track(children=[otio.schema.Clip("a", otio.schema.ExternalReference("a.mp4"))])
    written = json.loads(otio.adapters.write_to_string(track, "otio_json"))
    references = written["children"][0]["media_references"]
    written["children"][0]["media_references"] = {key: references["DEFAULT_MEDIA"]} if key else {}
    found = parse_otio(json.dumps(written).encode())
    assert isinstance(found[0].media_reference, otio.schema.MissingReference)


def test_a_file_url_with_a_machine_is_no_web_address() -> None:
    for url, machine, name in [
        ("file://hp.mp4", "hp.mp4", "hp.mp4"),
        ("file://server/share/a%20b.mov", "server", "a b.mov"),
        ("file:///a/b.mov", "", "b.mov"),
        ("file://localhost/a/b.mov", "", "b.mov"),
    ]:
        assert (is_web(url), machine_of(url), base_name(url)) == (False, machine, name)


@pytest.mark.parametrize("url", ["", "file://hp.mp4", "file://server/share/a.mov", "a%00b.mp4"])
def test_a_reference_to_no_file_here_is_told(url, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="names no file"):
        media_path(url, tmp_path)


def test_damaged_metadata_is_told(tmp_path: Path) -> None:
    path = tmp_path / "cut.otio"
    path.write_text(HEAD + json.dumps({"panscan": "-1"}) + "}")
    with pytest.raises(ValueError, match="damaged"):
        recipe_of(read_timeline(path))
