"""The shots of a photo as one HTML page that refers to nothing outside itself."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from html import escape
from typing import Any

from panscan.decoding.photo import Photo
from panscan.photos.perception import PhotoPerception
from panscan.photos.planner import PlannedShot, ShotSet
from panscan.photos.preview import Preview
from panscan.photos.words import describe, why

_PICTURE_PX = 720  # longer side of the pictures inside: sharp on a phone and in three columns
_QUALITY = 85

_STYLE = """
:root { color-scheme: light dark; --ink: #1a1f27; --soft: #5f6a79; --line: #dce1e8; --paper: #f4f6f8; --card: #fff;
  --establishing: #1585bd; --medium: #d98200; --close-up: #cc3a7a; }
@media (prefers-color-scheme: dark) { :root { --ink: #e9edf3; --soft: #9ba6b5; --line: #323a46; --paper: #12151a;
  --card: #1b2028; --establishing: #40c4ff; --medium: #ffb020; --close-up: #ff60a0; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, -apple-system, "Segoe UI",
  Roboto, sans-serif; }
main { max-width: 1160px; margin: 0 auto; padding: 28px 20px 72px; }
h1 { margin: 0 0 6px; font-size: clamp(24px, 4vw, 34px); line-height: 1.2; }
h2 { margin: 36px 0 12px; font-size: 20px; }
h3 { margin: 10px 0 4px; font-size: 17px; } p { margin: 4px 0; } .soft { color: var(--soft); font-size: 14px; }
svg.photo { width: 100%; height: auto; max-height: 70vh; display: block; border-radius: 10px; }
svg rect { fill: none; stroke-width: 3; vector-effect: non-scaling-stroke; }
.establishing { stroke: var(--establishing); } .medium { stroke: var(--medium); } .close-up { stroke: var(--close-up); }
.shots { display: grid; gap: 18px; grid-template-columns: repeat(auto-fit, minmax(260px, 1fr)); align-items: start; }
article { background: var(--card); border: 1px solid var(--line); border-top: 4px solid; border-radius: 12px;
  padding: 12px 14px; }
article.establishing { border-top-color: var(--establishing); } article.medium { border-top-color: var(--medium); }
article.close-up { border-top-color: var(--close-up); } article img { width: 100%; height: auto; display: block;
  border-radius: 6px; }
table { border-collapse: collapse; font-size: 13px; }
td { padding: 1px 14px 1px 0; font-variant-numeric: tabular-nums; }
summary { cursor: pointer; color: var(--soft); font-size: 14px; margin-top: 6px; }
"""


def shots_page(photo: Photo, seen: Preview, perception: PhotoPerception, sets: Sequence[ShotSet]) -> str:
    """The whole page as HTML text."""
    body = [
        f'<h1>{escape(photo.path.name)}</h1><p>{escape(describe(perception))}</p><p class="soft">{photo.size} px</p>',
        *(_set(seen, found, perception) for found in sets),
    ]
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">'
        f"<title>Shots of {escape(photo.path.name)}</title><style>{_STYLE}</style></head>\n"
        f"<body><main>{''.join(body)}</main></body></html>\n"
    )


def _set(seen: Preview, found: ShotSet, perception: PhotoPerception) -> str:
    width, height = perception.size.width, perception.size.height
    boxes = "".join(
        f'<rect class="{s.shot}" x="{s.box_px[0]}" y="{s.box_px[1]}" width="{s.box_px[2] - s.box_px[0]}" '
        f'height="{s.box_px[3] - s.box_px[1]}"><title>{s.shot}</title></rect>'
        for s in found.shots
    )
    whole = (
        f'<svg class="photo" viewBox="0 0 {width} {height}" role="img" aria-label="The photo with its crops">'
        f'<image href="{_data(seen.image)}" width="{width}" height="{height}"/>{boxes}</svg>'
    )
    cards = "".join(_card(seen, shot, perception) for shot in found.shots)
    absent = "".join(f'<p class="soft">No {shot}: {escape(reason)}.</p>' for shot, reason in found.absent.items())
    return f'<h2>{found.ratio}</h2>{whole}<div class="shots" style="margin-top:18px">{cards}</div>{absent}'


def _card(seen: Preview, shot: PlannedShot, perception: PhotoPerception) -> str:
    x0, y0, x1, y1 = shot.box_px
    rows = "".join(f"<tr><td>{name}</td><td>{value:+.2f}</td></tr>" for name, value in shot.scores.items() if value)
    return (
        f'<article class="{shot.shot}"><img src="{_data(seen.crop(shot.box_px))}" alt="{shot.shot}" '
        f'width="{x1 - x0}" height="{y1 - y0}"><h3>{shot.shot.capitalize()}</h3><p>{escape(why(shot, perception))}.</p>'
        f'<p class="soft">{x1 - x0}x{y1 - y0} px at {x0}, {y0}</p>'
        f"<details><summary>What each rule says</summary><table>{rows}</table></details></article>"
    )


def _data(picture: Any) -> str:
    small = picture.copy()
    small.thumbnail((_PICTURE_PX, _PICTURE_PX))
    file = io.BytesIO()
    small.save(file, "JPEG", quality=_QUALITY)
    return f"data:image/jpeg;base64,{base64.b64encode(file.getvalue()).decode()}"
