"""Deliveries of photos, played by melt and FFmpeg themselves: upright, each as long as it stands, from crop to crop."""

from __future__ import annotations

import subprocess

import numpy as np
import opentimelineio as otio
import pytest
from PIL import Image

import needed
import photo_scenes as scenes
from coded_movies import play_with_melt
from panscan.decoding.photo import read_photo
from panscan.deliver import deliver
from panscan.timeline.effect import NAMESPACE
from panscan.timeline.facts import still_words
from panscan.verify import verify

SIZE = (450, 300)


def saved(folder, name, turn):
    """A photo that stands on its side where `turn` says so, and fades out towards an edge where it may."""
    path, exif = folder / name, Image.Exif()
    exif[274] = turn
    picture = Image.fromarray(scenes.textured(*SIZE))
    if path.suffix == ".png":
        ramp = np.linspace(255, 150, picture.width).astype(np.uint8)
        picture.putalpha(Image.fromarray(np.tile(ramp, (picture.height, 1))))
    picture.save(path, quality=92, exif=exif)
    return path


def in_time(path):
    """Its timeline, with what is known of the photo, as the command writes it."""
    photo = read_photo(path)
    timeline = scenes.shots_in_time(path, (photo.size.width, photo.size.height), push=1.06, canvas=scenes.SMALL)
    for clip in timeline.find_clips():
        clip.media_reference.metadata[NAMESPACE]["still"] = still_words(photo.still_facts)
    return timeline


PHOTOS = {"plain.jpg": 1, "turned.jpg": 6, "mirrored.jpg": 5, "half.jpg": 3, "transparent.png": 1, "newer.webp": 1}


def melted(melt, timeline, suffix, folder):
    """The movie that melt makes of a timeline."""
    movie, document = folder / "movie.mp4", folder / f"cut{suffix}"
    document.write_bytes(deliver(timeline, "mlt", folder=folder).files[suffix])
    play_with_melt(melt, document, movie, "vcodec=libx264 crf=14 an=1")
    return movie


# Both files hold the same producers: of the second, one photo is enough.
@pytest.mark.parametrize(
    ("name", "suffix"),
    [*((name, ".mlt") for name in PHOTOS if not name.endswith(".webp")), ("turned.jpg", ".kdenlive")],
)
def test_melt_shows_photos(melt, name, suffix, tmp_path):
    timeline = in_time(saved(tmp_path, name, PHOTOS[name]))
    assert verify(melted(melt, timeline, suffix, tmp_path), timeline, is_cfr=True).verdict == "VERIFIED"


@pytest.mark.parametrize("suffix", [".mlt", ".kdenlive"])
def test_melt_dissolves_photos(melt, suffix, tmp_path):
    """Photos need no handles: they go on standing, and coming nearer, while they fade."""
    timeline = in_time(saved(tmp_path, "plain.jpg", 1))
    offsets = (otio.opentime.RationalTime(frames, 30) for frames in (4, 3))
    timeline.tracks[0].insert(1, otio.schema.Transition("mix", "SMPTE_Dissolve", *offsets))
    assert deliver(timeline, "mlt", folder=tmp_path).losses == ()
    assert verify(melted(melt, timeline, suffix, tmp_path), timeline, is_cfr=True).verdict == "VERIFIED"


@pytest.mark.parametrize("name", PHOTOS)
def test_ffmpeg_shows_photos(name, tmp_path):
    needed.program("ffmpeg")
    path = saved(tmp_path, name, PHOTOS[name])
    timeline, movie = in_time(path), tmp_path / "movie.mp4"
    for suffix, content in deliver(timeline, "ffmpeg", folder=tmp_path).files.items():
        (tmp_path / f"cut{suffix}").write_bytes(content)
    command = ["sh", str(tmp_path / "cut.ffmpeg.sh"), str(movie), "-preset", "veryfast"]
    subprocess.run(command, capture_output=True, timeout=300, check=True)
    assert verify(movie, timeline, is_cfr=True, whole_px=True).verdict == "VERIFIED"
