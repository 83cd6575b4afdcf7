"""The page of the kit: one file, pictures inside, readable without a network."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Sequence
from html import escape

from panscan.calibrate import guide
from panscan.calibrate.clips import CheckFrame

_STYLE = """
:root { color-scheme: light dark; --ink: #1b1f26; --soft: #5b6472; --line: #d9dee6; --paper: #f6f7f9; --card: #fff;
  --mark: #b4531a; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8ebf0; --soft: #9aa4b2; --line: #333b47; --paper: #14171c;
  --card: #1d2229; --mark: #f0a56b; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 1180px; margin: 0 auto; padding: 40px 24px 80px; }
h1 { font-size: 30px; margin: 0 0 4px; } h2 { margin: 48px 0 12px; font-size: 22px; } h3 { margin: 0 0 4px; }
p.lead { max-width: 46em; } .soft { color: var(--soft); } code { font-size: .92em; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 20px; margin: 16px 0; }
.point { display: grid; grid-template-columns: minmax(200px, 300px) 1fr; gap: 24px; align-items: start; }
.wide .point { grid-template-columns: minmax(260px, 480px) 1fr; }
@media (max-width: 720px) { .point, .wide .point { grid-template-columns: 1fr; } }
.still { position: relative; line-height: 0; } .still img { width: 100%; border-radius: 4px; }
.still img + img { position: absolute; inset: 0; height: 100%; mix-blend-mode: difference; }
label.compare { display: block; margin-top: 8px; font-size: 14px; color: var(--soft); }
input[type=file] { max-width: 100%; font-size: 13px; }
table { border-collapse: collapse; width: 100%; font-size: 15px; } td, th { text-align: left; vertical-align: top;
  padding: 6px 16px 6px 0; border-top: 1px solid var(--line); } tr:first-child td { border-top: 0; }
td:first-child { color: var(--soft); width: 34%; } td.value { font-variant-numeric: tabular-nums; }
.number { color: var(--mark); font-weight: 600; }
nav a { margin-right: 16px; } a { color: inherit; }
"""

# Lays a picture of the reader's own over the still: equal pixels turn black.
_SCRIPT = """
for (const input of document.querySelectorAll('input[type=file]')) input.addEventListener('change', () => {
  const still = input.closest('.side').querySelector('.still');
  still.querySelectorAll('img + img').forEach(old => old.remove());
  if (!input.files.length) return;
  const own = document.createElement('img');
  own.src = URL.createObjectURL(input.files[0]);
  own.alt = 'your frame, subtracted';
  still.append(own);
});
"""


def html(contents: guide.KitContents, images: Sequence[bytes]) -> str:
    """The page.

    Parameters
    ----------
    contents : KitContents
    images : sequence of bytes
        One JPEG for each frame to compare.
    """
    wide = ' class="wide"' if contents.canvas.width > contents.canvas.height else ""
    cards = [
        _frame_card(contents, check_frame, image)
        for check_frame, image in zip(contents.check_frames, images, strict=True)
    ]
    editors = [_editor(contents, editor) for editor in guide.EDITORS]
    files = [(name, ", ".join(found)) for name, found in contents.files.items()]
    files += [(f"{name}, speeds", ", ".join(found)) for name, found in contents.speed_files.items()]
    body = f"""
<h1>{guide.TITLE}</h1>
<p class="soft">{contents.canvas} px, 25 frames per second, {len(contents.check_frames)} frames to compare</p>
<p class="lead">{_text(guide.INTRO)}</p>
<nav>{"".join(f'<a href="#{name.lower()}">{name}</a>' for name in ("Editors", "Frames", "Speeds", "Files"))}</nav>
<h2>How</h2>
<ol class="card" style="padding-left: 40px">{"".join(f"<li>{_text(step)}</li>" for step in guide.HOW)}</ol>
<h2 id="editors">Editors</h2>
{"".join(editors)}
<section class="card"><h3>Everywhere</h3>{_rows((t.symptom, t.remedy) for t in guide.GENERAL_PROBLEMS)}</section>
<h2 id="frames">Frames to compare</h2>
{"".join(cards)}
<h2 id="speeds">Speed changes</h2>
<p class="lead">{_text(guide.SPEEDS)}</p>
<section class="card">{_rows(guide.speed_rows(contents))}</section>
<h2 id="files">What each file leaves out</h2>
<section class="card">{_rows(guide.loss_rows(contents))}</section>
<h2>Files</h2>
<section class="card">{_rows(files)}</section>
"""
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<link rel="icon" href="data:,">\n<title>{guide.TITLE}</title>\n'
        f"<style>{_STYLE}</style>\n</head>\n<body{wide}>\n<main>{body}</main>\n<script>{_SCRIPT}</script>\n"
        f"</body>\n</html>\n"
    )


def _editor(contents: guide.KitContents, editor: guide.Editor) -> str:
    names = ", ".join(contents.files[name][0] for name in editor.formats if name in contents.files)
    steps = "".join(f"<li>{_text(step)}</li>" for step in editor.steps)
    problems = _rows((t.symptom, t.remedy) for t in editor.known_problems)
    return (
        f'<section class="card"><h3>{editor.name}</h3><p class="soft">{escape(names)}</p><ol>{steps}</ol>'
        f"<p>Read off: {_text(editor.where_to_read)}</p>{problems}</section>\n"
    )


def _frame_card(contents: guide.KitContents, check_frame: CheckFrame, image: bytes) -> str:
    source = f"data:image/jpeg;base64,{base64.b64encode(image).decode()}"
    size = f'width="{contents.canvas.width}" height="{contents.canvas.height}"'
    rows = _rows(guide.comparison_rows(check_frame, contents.canvas))
    title = escape(check_frame.clip.title)
    why = escape(check_frame.why[0].upper() + check_frame.why[1:])
    return (
        f'<section class="card point" id="{check_frame.slug}"><div class="side"><div class="still">'
        f'<img src="{source}" {size} style="height: auto" alt="{title} at {check_frame.timecode}"></div>'
        f'<label class="compare">Your frame: <input type="file" accept="image/*"></label></div>'
        f'<div><h3><span class="number">{check_frame.slug[:2]}</span> {title}</h3>'
        f'<p class="soft">{why}. Tests {escape(check_frame.clip.tests)}.</p>{rows}</div></section>\n'
    )


def _rows(rows: Iterable[tuple[str, str]]) -> str:
    made = "".join(f'<tr><td>{_text(a)}</td><td class="value">{_text(b)}</td></tr>' for a, b in rows)
    return f"<table>{made}</table>"


def _text(text: str) -> str:
    """Text with `code` and *emphasis* as HTML."""
    marked = re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text, quote=False))
    return re.sub(r"\*([^*]+)\*", r"<em>\1</em>", marked)
