"""A cut that begins with black is delivered as an edit list that begins with it."""

from __future__ import annotations

import numbered
from panscan.deliver import deliver
from panscan.ingest.cuts.read import read_editor_cut
from panscan.timeline.flatten import visible_cut


def test_an_edit_list_begins_where_its_cut_does(tmp_path):
    clip = numbered.clip(numbered.movie(tmp_path / "a.mov", 0), 10, 20)
    made = numbered.timeline(numbered.track(numbered.gap(15), clip, numbered.gap(5), clip.deepcopy()))
    cut = numbered.framed(read_editor_cut(numbered.written(made, tmp_path / "cut.otio")))
    written = tmp_path / "back.edl"
    written.write_bytes(deliver(cut.timeline, "edl", folder=tmp_path).files[".edl"])
    back = visible_cut(numbered.framed(read_editor_cut(written)).timeline, folder=tmp_path)
    assert [(clip.record_frame, clip.frame_count) for clip in back.clips] == [(15, 20), (40, 20)]
