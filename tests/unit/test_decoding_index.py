"""Which pictures of a file decode, when each is shown, and what is told of the rest."""

from __future__ import annotations

from fractions import Fraction
from functools import partial

import numpy as np
import pytest

import ill_timed
import media
from panscan import ingest
from panscan.decoding.index import read_index
from panscan.errors import InputError
from panscan.verify.source_pictures import SourcePictures

# How it is made, name of the file, pictures, frames of the grid, part of what is told.
KINDS = {
    "an edit list": (ill_timed.trimmed, "a.mp4", 67, 67, "33 picture(s) are left out: the file's edit list"),
    "no key at the start": (ill_timed.between_keys, "a.ts", 50, 50, "19 of 69 picture(s), the first ones"),
    "a jump forward": (ill_timed.jumping, "a.ts", 200, 200, "jumps 1 time(s), bridged: +486.0 s"),
    "a jump back": (partial(ill_timed.jumping, second_start_s=3), "a.ts", 200, 200, "bridged: -11.0 s"),
    "a clock that wraps": (partial(ill_timed.transport_stream, start_s=95441.7), "a.ts", 100, 100, ""),
    "a recording that was interrupted": (ill_timed.interrupted, "a.mp4", 71, 71, "the last ones, do not decode"),
    "a file that is cut off": (ill_timed.cut_off, "a.mp4", 70, 71, "the file is cut off: 70 of 100"),
    "bad reception": (ill_timed.gap, "a.ts", None, 100, "do not decode: at 2.00 s the picture before stays"),
    "a long last picture": (ill_timed.long_last, "a.mp4", 61, 124, ""),
    "a last picture that stays": (partial(ill_timed.held, seconds=2), "a.mp4", 100, 149, ""),
    "a last picture that stays for hours": (partial(ill_timed.held, seconds=7200), "a.mp4", 100, 100, "not believed"),
    "two programmes": (ill_timed.two_programmes, "a.ts", 50, 50, "2 picture streams: the first is used"),
    "dropped pictures": (ill_timed.dropped, "a.avi", 47, 50, ""),
}


@pytest.mark.parametrize("name", KINDS)
def test_what_decodes_is_what_counts(name, tmp_path):
    make, file, pictures, frames, told = KINDS[name]
    probed = ingest.probe(make(tmp_path / file))
    video = probed.video
    assert video.rate == 25 and probed.frame_count == frames
    assert pictures is None or video.picture_count == pictures
    assert [p.frame for p in ingest.PictureDecoder(probed)] == video.grid_frames().tolist()
    assert np.all(np.diff(video.pts) > 0) and video.pts[0] >= 0
    assert told in " / ".join(probed.notes) if told else not probed.notes
    source = SourcePictures(tmp_path / file)
    assert source.pts.tolist() == video.pts.tolist(), "the verifier reads the same by its own means"
    source.close()


def test_an_ordinary_file_has_nothing_to_tell(movie):
    probed = ingest.probe(movie("cuts"))
    index = probed.video.picture_index
    assert not probed.notes and index.is_seekable and not index.is_damaged and index.clock_offsets == (0,)
    assert read_index(movie("cuts")) is read_index(movie("cuts"))
    assert read_index(movie("cuts")).pts.tolist() == probed.video.pts.tolist()


def test_sound_follows_a_clock_that_jumps(tmp_path):
    probed = ingest.probe(ill_timed.jumping(tmp_path / "a.ts"))
    samples = np.concatenate(list(ingest.mono_blocks(probed)))
    assert len(samples) / 16000 == pytest.approx(8, abs=0.1)
    seconds = np.abs(samples[: 16000 * 7]).reshape(-1, 16000).mean(axis=1)
    assert seconds.min() > 0.5 * seconds.max(), "both recordings are heard, in their places"


def test_what_packets_do_not_tell_the_decoder_does(tmp_path):
    probed = ingest.probe(ill_timed.noisy(tmp_path / "a.mp4"))
    assert probed.video.picture_count == 100 and not probed.notes
    told: list[str] = []
    found = [p.frame for p in ingest.PictureDecoder(probed, note=told.append)]
    assert 50 <= len(found) < 100 and found[:50] == list(range(50))
    assert len(told) == 1 and told[0].startswith(f"{100 - len(found)} of 100 picture(s) do not decode: at 2.0")
    source = SourcePictures(tmp_path / "a.mp4", decodes_all=True)
    assert len(source.pts) == len(found)
    source.close()


def test_too_little_is_refused_before_analysis(tmp_path):
    with pytest.raises(InputError, match="is cut off") as refused:
        ingest.probe(ill_timed.cut_off(tmp_path / "a.mp4", 0.3))
    assert "of 100 pictures are there" in refused.value.why and refused.value.fix


def test_too_little_that_decodes_is_refused(tmp_path):
    path = ill_timed.noisy(tmp_path / "a.mp4", 0)
    data = path.read_bytes()
    start = data.find(b"mdat") + 8000
    path.write_bytes(data[:start] + bytes(len(data) - start - 8000) + data[-8000:])
    with pytest.raises(InputError, match="too few pictures"):
        list(ingest.PictureDecoder(ingest.probe(path)))


def test_the_last_picture_of_a_variable_rate_lasts(tmp_path):
    probed = ingest.probe(media.vfr(tmp_path / "vfr.mp4"))
    index = probed.video.picture_index
    end_s = (int(index.pts[-1]) + index.last_duration) * index.time_base
    assert abs(end_s - probed.video.start_s - probed.duration_s) < Fraction(1, 10)
