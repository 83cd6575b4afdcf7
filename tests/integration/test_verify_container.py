"""What a movie carries beside picture and sound: what is lost or changed is found, in every container."""

from __future__ import annotations

import av
import pytest

import media
import tagged
from faults.carried import Carried, Line, Text, carrying
from panscan.ingest.media.probe import probe
from panscan.model.framing import Camera, Cell, Framing, key_values_of_crop
from panscan.model.geometry import Rect, Size
from panscan.model.plan import Shot
from panscan.render import RenderSettings, render
from panscan.timeline.build import build_timeline
from panscan.verify import verify

CANVAS = Size(90, 160)


def still(source, end=None):
    """A timeline of the film up to a frame; the camera rests."""
    display = source.video.display_size
    keys = key_values_of_crop(Rect(60, 0, 101.25, 180), CANVAS, display)
    framing = Framing(CANVAS, display, source.video.rate, (Cell(0, 0, CANVAS, Camera((0,), *((v,) for v in keys))),))
    return build_timeline(source, [(Shot(0, end or source.frame_count), framing)], name="film", recipe={})


def film(path):
    """Two subtitles, two chapters, a title, and a language of each stream."""
    return carrying(media.write_clip(path.with_name("bare.mp4")), path)


class Staged:
    """A film, the timeline over it and its movie."""

    def __init__(self, folder, make=film):
        self.folder = folder
        self.source = probe(make(folder / "film.mp4"))
        self.timeline = still(self.source)
        self.movie = self.rendered("h264", folder / "honest.mp4")

    def rendered(self, codec, output):
        """A movie of the timeline."""
        render(self.timeline, folder=self.folder, output=output, settings=RenderSettings.of(codec))
        return output

    def wrong(self, movie, timeline=None):
        """Names and grades of the findings that do not pass."""
        report = verify(movie, timeline or self.timeline, folder=self.folder)
        return {finding.name: finding.grade for finding in report.findings if finding.grade != "pass"}


@pytest.fixture(scope="module")
def staged(tmp_path_factory):
    return Staged(tmp_path_factory.mktemp("carried"))


@pytest.mark.parametrize("before", [".mp4", ".mkv"])
def test_every_container_keeps_it(before, tmp_path):
    source = probe(film(tmp_path / f"film{before}"))
    for after in (".mp4", ".mov", ".mkv"):
        render(still(source), folder=tmp_path, output=tmp_path / f"out{after}", settings=RenderSettings(crf=14))
        report = verify(tmp_path / f"out{after}", still(source), folder=tmp_path)
        assert report.verdict == "VERIFIED", report.to_text()
        assert report["subtitles"].measured["lines"] == [3, 2] and report["chapters"].measured["chapters"] == 2


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_what_mp4_cannot_hold_is_held_as_well_as_can_be(suffix, tmp_path):
    """Lines at the same time, signs that look like markup, chapters that begin late or have no name."""
    lines = (Line(100, 500, "one & <i>two</i>"), Line(300, 300, "a < b {x}"), Line(300, 200, "three"))
    told = Carried((Text("eng", "default", lines),), ((200, "One"), (600, "")))
    path = carrying(media.write_clip(tmp_path / "bare.mp4"), tmp_path / "film.mkv", told)
    timeline = still(probe(path))
    render(timeline, folder=tmp_path, output=tmp_path / f"out{suffix}")
    report = verify(tmp_path / f"out{suffix}", timeline, folder=tmp_path)
    assert report.verdict == "VERIFIED", report.to_text()
    assert report["subtitles"].measured["lines"] == ([2] if suffix == ".mp4" else [3])
    with av.open(str(tmp_path / f"out{suffix}")) as made:
        assert len(made.chapters()) == 2
        video, (text,) = made.streams.video[0], made.streams.subtitles
        begins_ms = round(video.start_time * video.time_base * 1000)
        shown = [p for p in made.demux(text) if p.size > 2]
        ticks_ms = [(p.pts * p.time_base * 1000 - begins_ms, p.duration * p.time_base * 1000) for p in shown]
    one_at_a_time, all_at_once = [(100, 200), (300, 300)], [(100, 500), (300, 300), (300, 200)]
    assert ticks_ms == (one_at_a_time if suffix == ".mp4" else all_at_once)


def test_a_timecode_is_compared(tmp_path):
    staged = Staged(tmp_path, media.with_timecode)
    assert staged.wrong(staged.movie) == {}
    assert staged.wrong(tagged.one_frame_later(staged.movie, tmp_path / "later.mp4")) == {"labels": "fail"}
    bare = carrying(staged.movie, tmp_path / "bare.mp4", Carried((), (), title="", language="und"))
    assert staged.wrong(bare) == {"labels": "flag"}
    joined = render(staged.timeline, folder=tmp_path, output=tmp_path / "jobs.mp4", settings=RenderSettings(jobs=1))
    assert joined.notes == () and staged.wrong(joined.output) == {}, "joined segments keep it"


def test_a_cut_carries_nothing(staged, tmp_path):
    timeline = still(staged.source, end=20)
    render(timeline, folder=staged.folder, output=tmp_path / "cut.mp4")
    assert staged.wrong(tmp_path / "cut.mp4", timeline) == {}
    with av.open(str(tmp_path / "cut.mp4")) as cut:
        assert not cut.streams.subtitles and not cut.chapters()


@pytest.mark.parametrize(("codec", "suffix"), [("h264", ".mp4"), ("h265", ".mp4"), ("av1", ".mkv"), ("prores", ".mov")])
def test_hdr_metadata_is_verified_in_every_codec(codec, suffix, tmp_path):
    staged = Staged(tmp_path, tagged.hdr_film)
    assert staged.wrong(staged.rendered(codec, tmp_path / f"out{suffix}")) == {}


@pytest.mark.parametrize(
    ("changes", "grade"),
    [
        ({"light": ""}, "flag"),
        ({"light": "max-cll=4000,400"}, "fail"),
        ({"max_nits": 4000}, "fail"),
        ({"bits": 8}, "fail"),
    ],
)
def test_hdr_metadata_that_are_lost_or_changed_are_found(changes, grade, tmp_path):
    staged = Staged(tmp_path, tagged.hdr_film)
    (tmp_path / "other").mkdir()
    other = Staged(tmp_path / "other", lambda path: tagged.hdr_film(path, **changes))
    assert staged.wrong(other.movie) == {"depth": grade}


def test_pixels_of_another_shape_are_found(staged, tmp_path):
    with av.open(str(staged.movie)) as source, av.open(str(tmp_path / "wide.mkv"), "w") as out:
        wide = out.add_stream("libx264", rate=25, options={"crf": "12", "x264-params": "sar=4/3"})
        wide.width, wide.height, wide.pix_fmt = CANVAS.width, CANVAS.height, "yuv420p"
        for frame in source.decode(video=0):
            out.mux(wide.encode(frame))
        out.mux(wide.encode(None))
    assert staged.wrong(tmp_path / "wide.mkv")["canvas"] == "fail"
