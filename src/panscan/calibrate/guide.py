"""What a person does with the kit, editor by editor: the numbers to read off, and what to change where they differ."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from panscan.calibrate import grid
from panscan.calibrate.clips import CheckFrame
from panscan.calibrate.speeds import SpeedCheck
from panscan.deliver import Loss
from panscan.deliver.host_space import (
    cell_to_canvas,
    to_fcpxml_transform,
    to_mlt_rect,
    to_premiere_motion,
    to_resolve_inspector,
)
from panscan.deliver.host_values import CameraKey
from panscan.model.framing import Cell
from panscan.model.geometry import Rect, Size

TITLE = "panscan calibration kit"

INTRO = (
    "Does an editor show what panscan means? Import one of the timelines here, go to the frames below, and compare "
    "what the viewer shows with the stills. Every cell of the grid says where it is (the small numbers are the source "
    "pixel at its top-left corner, ticks are 10 px apart) and which frame it is (f000 to f299)."
)

HOW = (
    "Keep this folder where it is while you test: the timelines name grid.mov by its place.",
    "Import the timeline of your editor as written below. If the media is offline, relink it to grid.mov.",
    "Go to each timecode (timelines start at zero; the number of the frame is given too) and read the yellow frame "
    "number. If it differs, settle that first.",
    "Read off which source pixel lies at each edge of the viewer, or export the frame as a picture of the full size of "
    "the timeline and choose it under the still on the page: what differs shines up, what agrees turns black.",
    "If the numbers in the inspector agree but the picture does not, a setting of the editor is in the way; if the "
    "numbers differ, the import is. Both are listed below with what to change.",
)


SPEEDS = (
    "The files named speeds hold clips at twice and half the speed, one that runs backwards, and a freeze frame. A "
    "wrong number tells that the editor counts the speed from another frame; a right number over other px at the "
    "edges, that it counts keys on another clock: tell us both. Formats that cannot say speeds are missing."
)


@dataclass(frozen=True, slots=True)
class KnownProblem:
    """Something that may be wrong in an editor.

    Attributes
    ----------
    symptom : str
        What one sees.
    remedy : str
        What to change.
    """

    symptom: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Editor:
    """One editor.

    Attributes
    ----------
    name : str
    formats : tuple of str
        Of its files, in the order to try them.
    steps : tuple of str
        How to import.
    where_to_read : str
        Where it shows its numbers.
    inspector_values : callable (CameraKey, Size) -> str
        What it must show for a key, given the canvas.
    known_problems : tuple of KnownProblem
    """

    name: str
    formats: tuple[str, ...]
    steps: tuple[str, ...]
    where_to_read: str
    inspector_values: Callable[[CameraKey, Size], str]
    known_problems: tuple[KnownProblem, ...]


@dataclass(frozen=True, slots=True)
class KitContents:
    """Contents of the kit.

    Attributes
    ----------
    canvas : Size
    check_frames : sequence of CheckFrame
    files : mapping of format to file names
    losses : mapping of format to Loss
        What each format does not carry.
    speed_checks : sequence of SpeedCheck
        Frames to compare of the second cut, which has speed changes.
    speed_files : mapping of format to file names
        Files of the second cut.
    """

    canvas: Size
    check_frames: Sequence[CheckFrame]
    files: Mapping[str, Sequence[str]]
    losses: Mapping[str, Sequence[Loss]]
    speed_checks: Sequence[SpeedCheck]
    speed_files: Mapping[str, Sequence[str]]


def _final_cut(key: CameraKey, canvas: Size) -> str:
    found = to_fcpxml_transform(key, grid.SIZE, canvas)
    return f"Scale {100 * found.scale:z.2f} %, Position {found.x_percent:z.2f} %, {found.y_percent:z.2f} %"


def _resolve(key: CameraKey, canvas: Size) -> str:
    found = to_resolve_inspector(key, grid.SIZE, canvas)
    return f"Zoom {found.zoom:z.3f}, Position {found.pan:z.1f}, {found.tilt:z.1f}"


def _premiere(key: CameraKey, canvas: Size) -> str:
    found = to_premiere_motion(key, canvas)
    return f"Scale {found.scale_percent:z.2f}, Position {found.x * canvas.width:z.1f}, {found.y * canvas.height:z.1f}"


def _kdenlive(key: CameraKey, canvas: Size) -> str:
    found = to_mlt_rect(key, grid.SIZE, canvas)
    return f"X {found.left:z.1f}, Y {found.top:z.1f}, W {found.width:z.1f}, H {found.height:z.1f}"


_EVERY_FRAME = (
    "make the file with a key on every frame: `panscan deliver calibration.otio --to {} -O keys=every-frame`."
)

EDITORS = (
    Editor(
        "Final Cut Pro",
        ("fcpxml",),
        (
            "File > Import > XML, choose calibration.fcpxml.",
            "Open the project; Settings > General > Inspector Units: Percentages.",
        ),
        "Video inspector, Transform: Position and Scale.",
        _final_cut,
        (
            KnownProblem("The whole picture is too large", "Video inspector, Spatial Conform: Fit, on every clip."),
            KnownProblem(
                "Heights are off by one factor, widths agree",
                "Position counts in something else than the height of the project: tell us the numbers; until then "
                "`-O y_unit=fitted` writes the other unit.",
            ),
            KnownProblem(
                "Only the frames between two keys differ",
                "The line between keys is a curve: select the keyframes in the video animation editor, choose Linear.",
            ),
        ),
    ),
    Editor(
        "DaVinci Resolve",
        ("otio-resolve", "fcpxml"),
        (
            "New project. Project Settings > Master Settings: timeline resolution of the kit, 25 frames per second.",
            "Project Settings > Image Scaling > Mismatched resolution files: Scale entire image to fit.",
            "File > Import > Timeline, choose calibration.resolve.otio; then the same with calibration.fcpxml.",
        ),
        "Inspector, Transform: Zoom and Position.",
        _resolve,
        (
            KnownProblem(
                "The whole picture is cropped or shows native pixels",
                "Mismatched resolution files is not *Scale entire image to fit*; change it and import again.",
            ),
            KnownProblem(
                "Positions are two or four times too far, zoom agrees",
                "Project and timeline have different resolutions, or the session is in a state that was reported "
                "before: make both the same, restart Resolve, import again.",
            ),
            KnownProblem(
                "In the .fcpxml only heights are off",
                "Make it with the other unit: `panscan deliver calibration.otio --to fcpxml -O y_unit=fitted`.",
            ),
            KnownProblem("Split: one cell is missing", "See *What each file leaves out*."),
            KnownProblem(
                "Only the frames between two keys differ",
                "The line between keys is a curve: " + _EVERY_FRAME.format("otio-resolve"),
            ),
        ),
    ),
    Editor(
        "Premiere Pro",
        ("xmeml", "otio-premiere"),
        (
            "Preferences > Media > Default Media Scaling: None. Do this before importing.",
            "File > Import, choose calibration.xml; then the same with calibration.premiere.otio (Premiere 25+).",
        ),
        "Effect Controls, Motion: Scale and Position (px of the sequence from its top-left corner).",
        _premiere,
        (
            KnownProblem(
                "The whole picture is too large or too small, by the same factor everywhere",
                "Default Media Scaling was not None while importing: change it, delete grid.mov from the project, "
                "import again.",
            ),
            KnownProblem(
                "In the .xml only heights are off",
                "The vertical unit of the .xml follows from stills only: use the .premiere.otio, tell us the numbers.",
            ),
            KnownProblem(
                "Only the frames between two keys differ",
                "Select the keyframes, set Temporal and Spatial Interpolation to Linear; or "
                + _EVERY_FRAME.format("xmeml"),
            ),
            KnownProblem(
                "Frame numbers differ by 90000 or the media is offline",
                "The start timecode of the media (01:00:00:00) was not read: Link Media, use the file's own.",
            ),
        ),
    ),
    Editor(
        "Kdenlive",
        ("mlt",),
        ("File > Open, choose calibration.kdenlive.", "Check Project > Project Settings: the size of the kit, 25 fps."),
        "Effect stack, Transform: X, Y, W, H.",
        _kdenlive,
        (
            KnownProblem(
                "Everything is letterboxed", "The profile was not taken over: choose one of the kit's size, open again."
            ),
            KnownProblem("The picture is stretched", "Effect stack, Transform: set W and H as in the table."),
            KnownProblem("Split: one cell is missing", "See *What each file leaves out*."),
        ),
    ),
)

GENERAL_PROBLEMS = (
    KnownProblem(
        "Every yellow number is off by the same count", "The clip's in-point was read from another zero: relink."
    ),
    KnownProblem("Numbers drift along the timeline", "The rate of the project is not 25: make a project of 25 fps."),
    KnownProblem("The jump is a frame early or late, all else agrees", "Tell us: the editor rounds key times."),
    KnownProblem("The circle is an ellipse", "The canvas or the project has pixels that are not square."),
)


def key_at(check_frame: CheckFrame, cell: Cell, canvas: Size) -> CameraKey:
    """The key that the camera of a cell has at a frame, measured from the centre of the canvas."""
    scale, x_px, y_px = (float(v) for v in cell.camera.sample([check_frame.movie_frame])[0])
    return cell_to_canvas(CameraKey(scale, x_px, y_px), cell, canvas)


def edges_text(rect: Rect) -> str:
    """Which source pixels lie at the edges of a cell, in words."""
    return f"left {rect.left:z.1f}, right {rect.right:z.1f}, top {rect.top:z.1f}, bottom {rect.bottom:z.1f}"


def comparison_rows(check_frame: CheckFrame, canvas: Size) -> list[tuple[str, str]]:
    """Label and value of everything to compare at a frame."""
    rows = [
        ("timeline", f"{check_frame.timecode} (frame {check_frame.record_frame})"),
        ("grid says", f"f{check_frame.movie_frame:03d}"),
    ]
    cells = list(check_frame.expected_crops())
    for number, (cell, rect) in enumerate(cells, 1):
        which = f", cell {number}" if len(cells) > 1 else ""
        rows.append((f"source px at the edges{which}", edges_text(rect)))
        rows += [(f"{e.name}{which}", e.inspector_values(key_at(check_frame, cell, canvas), canvas)) for e in EDITORS]
    return rows


def speed_rows(contents: KitContents) -> list[tuple[str, str]]:
    """What the files with other speeds must show: where, and the number on the grid with the px at the edges."""
    return [
        (
            f"{check.title}, {check.timecode} (frame {check.record_frame})",
            f"f{check.movie_frame:03d}; {edges_text(check.crop)}",
        )
        for check in contents.speed_checks
    ]


def loss_rows(contents: KitContents) -> list[tuple[str, str]]:
    """Format and what it does not carry of this cut."""
    return [(name, f"{loss.what}: {loss.why}") for name, losses in contents.losses.items() for loss in losses]


def markdown(contents: KitContents) -> str:
    """The kit's README."""
    text = [
        f"# {TITLE}, {contents.canvas}",
        "",
        INTRO,
        "",
        "The page `index.html` shows all of this with the stills.",
        "",
    ]
    text += ["## How", "", *(f"{n}. {step}" for n, step in enumerate(HOW, 1)), "", "## Editors", ""]
    for editor in EDITORS:
        names = ", ".join(f"`{contents.files[f][0]}`" for f in editor.formats if f in contents.files)
        text += [f"### {editor.name}: {names}", "", *(f"{n}. {step}" for n, step in enumerate(editor.steps, 1)), ""]
        text += [f"Read off: {editor.where_to_read}", "", *_table(editor.known_problems), ""]
    text += ["### Everywhere", "", *_table(GENERAL_PROBLEMS), "", "## Frames to compare", ""]
    for check_frame in contents.check_frames:
        text += [
            f"### {check_frame.slug}: {check_frame.clip.title}, {check_frame.why}",
            "",
            f"Still: `stills/{check_frame.slug}.png`",
            "",
        ]
        text += [
            "| | |",
            "|---|---|",
            *(f"| {label} | {value} |" for label, value in comparison_rows(check_frame, contents.canvas)),
            "",
        ]
    text += ["## Speed changes", "", SPEEDS, "", "| | |", "|---|---|"]
    text += [f"| {where} | {shows} |" for where, shows in speed_rows(contents)] + [""]
    text += ["## What each file leaves out", "", "| file | |", "|---|---|"]
    text += [f"| {name} | {lost} |" for name, lost in loss_rows(contents)]
    text += ["", "## Files", "", *(f"* {name}: {', '.join(found)}" for name, found in contents.files.items())]
    text += [
        "",
        "With other speeds:",
        "",
        *(f"* {name}: {', '.join(found)}" for name, found in contents.speed_files.items()),
    ]
    return "\n".join(text) + "\n"


def _table(problems: Sequence[KnownProblem]) -> list[str]:
    return ["| you see | change |", "|---|---|", *(f"| {t.symptom} | {t.remedy} |" for t in problems)]
