"""Who speaks, against the truth: `python benchmarks/speaker.py MOVIE [MOVIE ...]` with MOVIE's `.truth.json` beside it.

Share of speech time in which the right face is rated highest, from 0.6 s after the start of each turn (while a viewer
still looks for the voice), and how late each change of speaker is seen. With PANSCAN_SPEAKER_MODEL set, the same
with the network.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import numpy as np

from panscan import ingest
from panscan.measure import Decoder
from panscan.perceive.observe import observe

GRACE_S = 0.6
SIGNALS = ("cuts", "faces", "flow", "loudness", "speech", "lips", "cepstrum", "asd", "tracks", "speaker")


def truth_turns(path: Path) -> list[tuple[float, float, tuple[float, float, float, float]]]:
    """Start, end (s) and box (left, top, right, bottom) of the speaker; turns of one speaker in pieces are joined."""
    truth = json.loads(path.with_suffix(".truth.json").read_text())
    return [(float(entry["t"][0]), float(entry["t"][1]), tuple(entry["box"])) for entry in truth["speaker"]]


def measure(path: Path, model: str | None) -> tuple[float, float, list[float]]:
    """Share of right steps, share of wrong ones with the wrong face ahead, and how late each turn is seen (s)."""
    os.environ.pop("PANSCAN_SPEAKER_MODEL", None)
    if model:
        os.environ["PANSCAN_SPEAKER_MODEL"] = model
    media = ingest.probe(path)
    seen = observe(media, Decoder(media), signals=SIGNALS).signals
    tracks, speaker, speech = seen["tracks"], seen["speaker"], seen["speech"]
    rate = float(media.video.rate)
    right = wrong = asked = 0
    late_s = []
    for start_s, end_s, (left, top, right_px, bottom) in truth_turns(path):
        first_right = None
        for frame in speaker.looked[(speaker.looked >= start_s * rate) & (speaker.looked < end_s * rate)]:
            time_s = frame / rate
            inside = (speech.segment_start_s <= time_s) & (time_s < speech.segment_end_s)
            rows = np.flatnonzero(speaker.frame == frame)
            best = rows[np.argmax(speaker.probability[rows])] if len(rows) else None
            hit = False
            if best is not None and speaker.probability[best] > speaker.offscreen[speaker.looked == frame][0]:
                own = np.flatnonzero(tracks.track == speaker.track[best])
                x, y, width, height = tracks.box_px[own[np.argmin(np.abs(tracks.frame[own] - frame))]]
                hit = left < x + width / 2 < right_px and top < y + height / 2 < bottom
                wrong += not hit and time_s >= start_s + GRACE_S and bool(inside.any())
            if hit and first_right is None:
                first_right = time_s
            if time_s >= start_s + GRACE_S and inside.any():
                asked += 1
                right += hit
        late_s.append((first_right if first_right is not None else end_s) - start_s)
    return right / max(asked, 1), wrong / max(asked, 1), late_s


if __name__ == "__main__":
    network = os.environ.get("PANSCAN_SPEAKER_MODEL")
    for argument in sys.argv[1:]:
        for model in (None, network) if network else (None,):
            share, other, late = measure(Path(argument), model)
            print(
                f"{Path(argument).name:40s} {'network' if model else 'lips':8s} right {100 * share:5.1f} %  "
                f"wrong face {100 * other:4.1f} %  turns seen after {np.mean(late):.2f} s (worst {max(late):.2f} s)"
            )
