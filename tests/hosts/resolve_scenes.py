"""Editors' timelines for the fake Resolves, made from documents, and the comparison with the documents' cameras."""

from __future__ import annotations

from hosts import shown, timelines

START = 90000  # the fakes' timelines start at 01:00:00:00, 25 fps


def items(timeline) -> list[dict]:
    """The clips of a document as an editor has them on a track: nothing framed yet."""
    found = []
    for clip in timelines.clips(timeline):
        found.append(
            {
                "file": str(clip.path),
                "w": clip.framing.source.width,
                "h": clip.framing.source.height,
                "start": clip.record_frame,
                "left": clip.first - clip.available_first,
                "duration": clip.frame_count,
                "track": 1,
            }
        )
    return found


def agrees(timeline, frames) -> None:
    """Every frame shows every cell's crop: frames maps record frame to (track, media frame, Shown), lowest first."""
    expected = set()
    for clip in timelines.clips(timeline):
        source = clip.framing.source
        for offset in range(clip.frame_count):
            record = START + clip.record_frame + offset
            expected.add(record)
            layers = sorted(frames[record], key=lambda layer: layer[0])  # stable: cells of one comp stay in order
            assert len(layers) == len(clip.framing.cells), record
            for (_, media_frame, one), cell in zip(layers, clip.framing.cells, strict=True):
                assert media_frame == clip.first - clip.available_first + offset
                shown.check(one, cell, clip.first + offset, source)
    assert set(frames) == expected
