"""Photos for tests: what is seen of drawn bodies, and files with pixels that are known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from panscan.model.geometry import Ratio, Size
from panscan.photos.perception import PhotoPerception, PhotoPerson, PhotoThing
from panscan.photos.planner import plan_shots
from panscan.photos.sequence import SequenceOptions, still_clips
from panscan.timeline.stills import build_stills_timeline

HEADS_TALL = 7.5  # of a standing body


def standing(name, middle, top, tall, *, yaw=0.0, cut_at=np.inf, joints=True):
    """A person who stands: body of `tall` px from the top of the head, drawn after the usual proportions."""
    head = tall / HEADS_TALL
    face_tall = 0.75 * head
    head_box = np.array([middle - 0.4 * head, top, middle + 0.4 * head, top + head])
    face = np.array([middle - 0.3 * head, top + head - face_tall, middle + 0.3 * head, top + head])
    body = np.array([middle - tall / 6, top, middle + tall / 6, min(top + tall, cut_at)])
    nose = middle + yaw / 2 * 0.6 * head
    eye = top + 0.5 * head
    points = np.array(
        [
            [nose - 0.1 * head, eye],
            [nose + 0.1 * head, eye],
            [nose, top + 0.65 * head],
            [nose, top + 0.85 * head],
            [middle - 0.3 * head, eye],
            [middle + 0.3 * head, eye],
        ]
    )
    return PhotoPerson(name, body, head_box, face, points, *(_joints(middle, top, tall, cut_at) if joints else ()))


def _joints(middle, top, tall, cut_at):
    points, seen = np.full((33, 2), [middle, top + tall / 15]), np.zeros(33)
    heights = {11: 0.18, 13: 0.36, 15: 0.5, 23: 0.5, 25: 0.73, 27: 0.96}
    for first, share in heights.items():
        for joint, side in ((first, -1), (first + 1, 1)):
            points[joint] = middle + side * tall * (0.12 if first < 23 else 0.06), top + share * tall
            seen[joint] = points[joint, 1] < cut_at
    return points, seen


def perception(size, people=(), things=()):
    detail = np.full((max(1, round(160 * size[1] / size[0])), 160), 0.2)
    return PhotoPerception(Size(*size), tuple(people), tuple(things), detail, ("drawn",))


def thing(label, box, number=1):
    return PhotoThing(f"{label}-{number}", label, np.array(box, np.float64), 0.8)


def gradient(width, height, levels=256):
    """A picture whose every pixel says where it is: red across, green down."""
    across = np.arange(width) * (levels - 1) // max(1, width - 1)
    down = np.arange(height) * (levels - 1) // max(1, height - 1)
    dtype = np.uint8 if levels <= 256 else np.uint16
    picture = np.zeros((height, width, 3), dtype)
    picture[..., 0], picture[..., 1] = across[None, :], down[:, None]
    picture[..., 2] = levels // 2
    return picture


def textured(width, height, seed=1):
    """A picture with coarse coloured spots everywhere, of which each place looks different: RGB (h, w, 3)."""
    spots = np.random.default_rng(seed).integers(0, 256, (height // 24 + 2, width // 24 + 2, 3), np.uint8)
    return np.asarray(Image.fromarray(spots).resize((width, height), Image.Resampling.BICUBIC), np.uint8)


SMALL = Size(288, 360)  # of movies that are rendered and looked at; larger than what is shown of the photos here


def shots_in_time(path, size, *, push=1.0, seconds=0.5, ratio="4:5", music=None, canvas=None):
    """The timeline of the shots of a photo of `size`, in which somebody is said to stand left of the middle."""
    person = standing("person-1", 0.45 * size[0], 0.2 * size[1], 0.75 * size[1])
    seen, shape = perception(size, [person]), Ratio.parse(ratio)
    options = SequenceOptions(seconds=seconds, push=push, canvas=canvas)
    clips = still_clips(path, plan_shots(seen, [person], shape), seen, options)
    return build_stills_timeline(clips, name=path.stem, recipe={}, music=music)


def photos():
    """Two photos in three shots each, which stand for equal times and come nearer: no clip has a place in its media."""
    timeline, other = (
        shots_in_time(Path(f"/media/{name}.jpg"), (1500, 1000), push=1.06, ratio="9:16") for name in ("first", "second")
    )
    timeline.tracks[0].extend(clip.deepcopy() for clip in other.tracks[0])
    return timeline
