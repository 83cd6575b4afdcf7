"""The report as one HTML page without scripts: verdict, framing, pictures, camera paths, keys and figures."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from fractions import Fraction
from html import escape
from typing import TYPE_CHECKING, Any

from panscan.timeline.cut import FramedClip
from panscan.timeline.framing_notes import FramingNote
from panscan.verify.page.exhibits import Exhibit
from panscan.verify.page.plot_svg import camera_plot
from panscan.verify.page.style import STYLE
from panscan.verify.report import Finding, Report, Verdict, plain_numbers
from panscan.verify.thresholds import CRITERIA

if TYPE_CHECKING:
    from panscan.verify.inspection import Inspection

_VERDICTS: Mapping[Verdict, tuple[str, str]] = {
    Verdict.VERIFIED: ("pass", "The movie is faithful to its timeline."),
    Verdict.FLAGGED: ("flag", "The movie is faithful to its timeline but for what is marked. Look at that first."),
    Verdict.REJECTED: (
        "fail",
        "Do not deliver this movie: it is not what its timeline says. What is wrong is marked below.",
    ),
}
_WORDS = {"pass": "good", "flag": "look", "fail": "wrong"}
_FIDELITY_ONLY = 'This verdict does not say that it is well framed: <a href="#framing">that is told apart</a>.'
_MAX_LINKS = 30  # to the shots of one note
_MAX_KEYS = 60  # of a shot in its table
_MAX_SHOTS = 200  # that are drawn: longer pages are slow in browsers


def report_page(inspection: Inspection) -> str:
    """The whole page as HTML text; it refers to nothing outside itself."""
    report, cut = inspection.report, inspection.cut
    bad = [f for f in report.of_fidelity if f.grade != "pass"]
    seconds = float(cut.frame_count / cut.rate)
    facts = f"{cut.canvas}, {float(cut.rate):g} fps, {seconds:.1f} s, {len(cut.clips)} shot(s)"
    body = [_head(report, facts)]
    if bad:
        body.append(_section("What to look at", _cards(bad, inspection), "look"))
    body.append(_section("Framing", _framing(inspection), "framing"))
    body.append(_section("Shots", _shots(inspection), "shots"))
    body.append(_section("Figures and floors", _table(report.findings), "figures"))
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">'
        f"<title>{escape(report.output.name)}: {report.verdict}</title><style>{STYLE}</style></head>\n"
        f"<body><main>{''.join(body)}</main></body></html>\n"
    )


def _head(report: Report, facts: str) -> str:
    kind, words = _VERDICTS[report.verdict]
    counts = {grade: sum(f.grade == grade for f in report.of_fidelity) for grade in ("pass", "flag", "fail")}
    title = str(report.verdict).replace("_", " ").capitalize() if kind == "flag" else str(report.verdict).capitalize()
    chips = "".join(
        f'<span class="chip {grade}">{count} {_WORDS[grade]}</span>' for grade, count in counts.items() if count
    )
    return (
        f'<header class="{kind}"><p class="soft">{escape(report.output.name)}</p><h1>{title}</h1><p>{words}</p>'
        f'<p class="chips">{chips}</p><p class="soft">{_FIDELITY_ONLY}</p><p class="soft">{escape(facts)}</p></header>'
    )


def _section(title: str, inner: str, name: str) -> str:
    return f'<section id="{name}"><h2>{title}</h2>{inner}</section>'


def _framing(inspection: Inspection) -> str:
    """What of the framing is worth a look: notes with links to their shots, then what was looked for in the movie."""
    notes = inspection.report.framing or ()
    drawn = min(len(inspection.cut.clips), _MAX_SHOTS)
    lines = "".join(f"<li>{escape(note.what)}.{_links(note, drawn)}</li>" for note in notes)
    told = f"<ul>{lines}</ul>" if notes else "<p>Nothing stands out.</p>"
    bad = [f for f in inspection.report.of_framing if f.grade != "pass"]
    about = "What the timeline tells of its cameras, as they were made, and of its keys. No part of the verdict."
    return f'<p class="soft">{about}</p><article class="card notes">{told}</article>{_cards(bad, inspection)}'


def _links(note: FramingNote, drawn: int) -> str:
    shots = [n for n in note.shots if n <= drawn][:_MAX_LINKS]
    links = " ".join(f'<a href="#shot-{n}">{n}</a>' for n in shots)
    return f' <span class="soft">To the shots: {links}</span>' if links else ""


def _cards(findings: Sequence[Finding], inspection: Inspection) -> str:
    return "".join(_card(f, inspection.evidence.get(f.name, ()), inspection.rate) for f in findings)


def _card(finding: Finding, evidence: Sequence[Exhibit], rate: Fraction) -> str:
    criterion = CRITERIA.get(finding.name)
    title = criterion.title if criterion else finding.name
    requirement = f'<p class="soft">Asked for: {escape(criterion.requirement)}.</p>' if criterion else ""
    return (
        f'<article class="card {finding.grade}"><h3><span class="dot {finding.grade}"></span>{escape(title)}</h3>'
        f"<p>{escape(finding.what)}.</p>{requirement}<p><b>What to do:</b> {escape(finding.advice)}</p>"
        f"{_strip(evidence, rate)}</article>"
    )


def _shots(inspection: Inspection) -> str:
    if not inspection.exhibits and not inspection.cut.clips:
        return "<p>No picture could be read.</p>"
    clips = inspection.cut.clips
    parts = [_shot(inspection, n, clip) for n, clip in enumerate(clips[:_MAX_SHOTS])]
    if len(clips) > _MAX_SHOTS:
        parts.append(f"<p>{len(clips) - _MAX_SHOTS} more shots are not drawn.</p>")
    return _index(inspection) + _legend() + "".join(parts)


def _index(inspection: Inspection) -> str:
    """All shots in a row of links, each as wide as it is long; nothing where there is only one."""
    clips = inspection.cut.clips[:_MAX_SHOTS]
    if len(clips) < 2:
        return ""
    lost = {sample.clip for sample in inspection.faces if sample.found is False}
    lost |= {e.clip for exhibits in inspection.evidence.values() for e in exhibits}
    links = "".join(
        f'<a href="#shot-{n + 1}" class="{"look" if n in lost else "fine"}" style="flex-grow:{clip.frame_count}" '
        f'title="shot {n + 1}, {_time(clip.record_frame / inspection.rate)}, {escape(clip.framing.effect)}">{n + 1}</a>'
        for n, clip in enumerate(clips)
    )
    return f'<nav class="index" aria-label="Shots">{links}</nav>'


def _legend() -> str:
    return (
        '<p class="legend soft"><span><i class="swatch band"></i>what the camera shows</span>'
        '<span><i class="swatch key"></i>key</span><span><i class="swatch found"></i>face in the picture</span>'
        '<span><i class="swatch lost"></i>face left out</span></p>'
    )


def _shot(inspection: Inspection, number: int, clip: FramedClip) -> str:
    framing, rate = clip.framing, inspection.rate
    start, length = clip.record_frame / rate, clip.frame_count / rate
    pictures = _strip([e for e in inspection.exhibits if e.clip == number], rate)
    faces = [sample for sample in inspection.faces if sample.clip == number]
    numbers = range(clip.record_frame, clip.record_frame + clip.frame_count)
    played = f"{float(clip.speed):g}x speed" if clip.speed else "a held frame"
    speed = f", {played}" if clip.is_retimed else ""
    why = f"<p>{escape(framing.why)}</p>" if framing.why else ""
    many = len({other.path for other in inspection.cut.clips}) > 1
    of = f"{escape(clip.path.name)}, " if many else ""
    facts = f"{of}{_time(start)}, {float(length):.1f} s, {escape(framing.effect)}, {escape(framing.layout)}{speed}"
    return (
        f'<article class="card shot" id="shot-{number + 1}"><h3>Shot {number + 1} <small class="soft">{facts}</small>'
        f"</h3>{why}{pictures}{camera_plot(clip, faces, numbers)}{_keys(clip)}</article>"
    )


def _strip(exhibits: Sequence[Exhibit], rate: Fraction) -> str:
    return f'<div class="strip">{"".join(_exhibit(e, rate) for e in exhibits)}</div>' if exhibits else ""


def _exhibit(exhibit: Exhibit, rate: Fraction) -> str:
    width, height = exhibit.output_size
    return (
        f'<figure style="--shape:{width / height:.4f}"><div class="pair">'
        f'<img class="whole" alt="source with the crop" src="{_inline(exhibit.source)}">'
        f'<img class="made" alt="output" src="{_inline(exhibit.output)}"></div>'
        f"<figcaption>{_time(exhibit.number / rate)}, frame {exhibit.number}</figcaption></figure>"
    )


def _inline(jpeg: bytes) -> str:
    return "data:image/jpeg;base64," + base64.b64encode(jpeg).decode()


def _keys(clip: FramedClip) -> str:
    rows = []
    for n, cell in enumerate(clip.framing.cells, 1):
        camera = cell.camera
        for key in zip(camera.frame, camera.scale, camera.x_px, camera.y_px, strict=True):
            rows.append((n, cell.subject or "", *key))
    many = len(clip.framing.cells) > 1
    lines = "".join(
        f"<tr>{f'<td>{n}</td>' if many else ''}<td>{frame}</td>"
        f"<td>{_time(Fraction(frame - clip.first) / clip.framing.rate)}</td>"
        f'<td>{scale:.4f}</td><td>{x:.1f}</td><td>{y:.1f}</td><td class="left">{escape(subject)}</td></tr>'
        for n, subject, frame, scale, x, y in rows[:_MAX_KEYS]
    )
    more = f'<p class="soft">and {len(rows) - _MAX_KEYS} more</p>' if len(rows) > _MAX_KEYS else ""
    word = "key" if len(rows) == 1 else "keys"
    cell_head = "<th>cell</th>" if many else ""
    return (
        f'<details><summary>{len(rows)} {word}</summary><div class="scroll"><table class="numbers"><tr>{cell_head}'
        '<th>frame</th><th>in the shot</th><th>scale</th><th>x px</th><th>y px</th><th class="left">subject</th></tr>'
        f"{lines}</table></div>{more}</details>"
    )


def _table(findings: Sequence[Finding]) -> str:
    rows = "".join(
        f'<tr class="{f.grade}"><td><span class="dot {f.grade}"></span>'
        f"{escape(CRITERIA[f.name].title if f.name in CRITERIA else f.name)}</td>"
        f"<td>{escape(f.what)}{_figures(f.measured)}</td>"
        f'<td class="soft">{escape(CRITERIA[f.name].requirement if f.name in CRITERIA else "")}</td></tr>'
        for f in findings
    )
    return '<table class="findings"><tr><th>check</th><th>found</th><th>asked for</th></tr>' + rows + "</table>"


def _figures(measured: Mapping[str, Any]) -> str:
    """Plain numbers beside the sentence; lists stay in the JSON report."""
    figures = [
        f"{escape(name.replace('_', ' '))} {value:g}"
        for name, value in plain_numbers(measured).items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    ]
    return f'<br><small class="soft">{"; ".join(figures)}</small>' if figures else ""


def _time(seconds: Fraction | float) -> str:
    minutes, rest = divmod(float(seconds), 60)
    return f"{int(minutes)}:{rest:05.2f}"
