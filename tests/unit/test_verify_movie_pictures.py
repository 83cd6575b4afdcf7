"""Pictures of a movie come in groups, after the source pictures that these should show."""

import gc
import weakref
from types import SimpleNamespace

import media
from panscan.model.geometry import Size
from panscan.verify.checks.container import DecodeResult
from panscan.verify.expectation import ExpectedPicture
from panscan.verify.movie_pictures import picture_groups
from panscan.verify.source_pictures import SourcePictures


def grouped(movie, shown, *, mixes=(), source_px=(64, 36)):
    """The numbers of each group, and what was asked of the source before. `shown`: clip and source picture, or None."""
    asked = []
    source = SimpleNamespace(
        tags=SimpleNamespace(width=source_px[0], height=source_px[1]), keep_together=asked.append, frame=asked.append
    )
    expectation = SimpleNamespace(
        pictures=[one and ExpectedPicture(one[0], one[1], one[1]) for one in shown],
        mixes=dict.fromkeys(mixes),
        sources={"a": source},
        cut=SimpleNamespace(canvas=Size(36, 64)),
        source_of=lambda _: source,
    )
    groups = []
    for group in picture_groups(movie, expectation, DecodeResult()):
        groups.append([number for number, _ in group])
    return groups, asked


def test_groups_end_where_clips_gaps_and_dissolves_do(tmp_path):
    movie = media.moving_block(tmp_path / "a.mp4", frames=30)
    shown = [(0, n) for n in range(10)] + [None] * 2 + [(1, n) for n in range(18)]
    groups, asked = grouped(movie, shown, mixes=(12, 13))
    assert groups == [[*range(8)], [8, 9], [10], [11], [12], [13], [*range(14, 22)], [*range(22, 30)]]
    assert asked == [8, *range(10), *range(2, 18)], "how many are kept, and then the pictures of each group"


def test_a_fast_clip_has_groups_of_fewer_pictures(tmp_path):
    movie = media.moving_block(tmp_path / "a.mp4", frames=6)
    assert grouped(movie, [(0, 4 * n) for n in range(6)])[0] == [[0, 1], [2, 3], [4, 5]]


def test_of_large_pictures_fewer_are_held(tmp_path):
    movie = media.moving_block(tmp_path / "a.mp4", frames=4)
    assert grouped(movie, [(0, n) for n in range(4)], source_px=(3840, 2160))[0] == [[0, 1], [2, 3]]


def test_a_group_and_its_neighbours_are_decoded_once(tmp_path, monkeypatch):
    source = SourcePictures(media.moving_block(tmp_path / "a.mp4", frames=60))
    source.keep_together(8)
    monkeypatch.setattr(source, "_seek", None)  # what is kept no longer would be sought
    for first in range(0, 48, 8):
        for number in range(first, first + 8):
            source.frame(number)
        around = [source.frame(number) for number in range(max(0, first - 1), first + 9)]
        assert [int(frame.pts) for frame in around] == source.pts[max(0, first - 1) : first + 9].tolist()
    source.close()


def test_what_a_closed_source_held_is_freed_at_once(tmp_path):
    source = SourcePictures(media.moving_block(tmp_path / "a.mp4", frames=60))
    assert source.frame(9) is not None
    of_source = weakref.ref(source)
    gc.disable()  # the collector would free it some time later, and decoders of large movies are large
    try:
        source.close()
        del source
        assert of_source() is None
    finally:
        gc.enable()
