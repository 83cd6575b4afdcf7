"""The picture of a perception."""

from __future__ import annotations

import numpy as np

from panscan.ingest import stills
from panscan.perceive.plot import save_plot, thumbnail_frames


def test_a_plot_is_drawn_whole_or_not_at_all(talk_seen, tmp_path):
    from PIL import Image

    media, perception = talk_seen
    frames = thumbnail_frames(media, perception)
    assert 4 <= len(frames) <= 10 and frames == sorted(frames) and frames[-1] < media.frame_count
    path = tmp_path / "plot.png"
    save_plot(media, perception, list(zip(frames, stills(media, frames, 160), strict=True)), path)
    assert [p.name for p in tmp_path.iterdir()] == ["plot.png"]
    with Image.open(path) as image:
        assert image.size[0] == 1280 and np.asarray(image.convert("L")).std() > 20


def test_stills_show_their_own_frame(movie):
    from panscan.ingest import PictureDecoder, probe

    media = probe(movie("cuts"))
    wanted = [3, 19, 20, 40]
    in_order = {p.frame: p.view(160).copy() for p in PictureDecoder(media) if p.frame in wanted}
    for frame, image in zip(wanted, stills(media, wanted, 160), strict=True):
        # Scaled another way than the signals' shared view, but of this frame: the clip changes with each.
        own = np.abs(image.astype(int) - in_order[frame]).mean()
        assert own < 6
        assert all(np.abs(image.astype(int) - other).mean() > own for n, other in in_order.items() if n != frame)
