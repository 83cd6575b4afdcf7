"""Camera keys in the numbers of each host. The only place where a delivery does geometry.

A key says (model.framing): `scale` s, canvas px per source px, and where the centre of the source W x H lies from the
centre of the canvas W' x H', x_px right and y_px down. Every host scales about the centre of the source first and
moves it afterwards, so each is another encoding of the same three numbers, linear in them at every key: keys that are
joined by straight lines here are joined by the same straight lines there.

What each host shows for its numbers is written once more, from the host's side, in `tests/host_crops.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from panscan.model.framing import Cell
from panscan.model.geometry import Rect, Size

YUnit = Literal["canvas", "fitted"]


@dataclass(frozen=True, slots=True)
class CameraKey:
    """Scale in canvas px per source px; centre of the source minus centre of the canvas, canvas px, right and down."""

    scale: float
    x_px: float
    y_px: float


@dataclass(frozen=True, slots=True)
class FcpxmlTransform:
    """The `scale` and `position` of an adjust-transform: factor on the fitted picture; percent, right and up."""

    scale: float
    x_percent: float
    y_percent: float


@dataclass(frozen=True, slots=True)
class FcpxmlTrim:
    """The `trim-rect` of an adjust-crop: what is cut off each side, all four in percent of the picture's height."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class ResolveTransform:
    """Zoom on the fitted picture; pan and tilt in widths and heights of the fitted picture, right and up."""

    zoom: float
    pan: float
    tilt: float


@dataclass(frozen=True, slots=True)
class PremiereMotion:
    """Scale in percent of the source's own pixels; position of its centre as a fraction of the sequence, y down."""

    scale_percent: float
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class XmemlMotion:
    """Scale in percent of the source's own pixels; centre in widths and heights of the source, right and down."""

    scale_percent: float
    horiz: float
    vert: float


@dataclass(frozen=True, slots=True)
class CropInsets:
    """What is cut off each side of the source, as a fraction (0 to 1) of its width or height."""

    left: float
    top: float
    right: float
    bottom: float


def cell_to_canvas(key: CameraKey, cell: Cell, canvas: Size) -> CameraKey:
    """A key counted from the centre of its cell, counted from the centre of the canvas."""
    return CameraKey(
        key.scale,
        key.x_px + cell.left_px + cell.size.width / 2 - canvas.width / 2,
        key.y_px + cell.top_px + cell.size.height / 2 - canvas.height / 2,
    )


def fit_scale(source: Size, canvas: Size) -> float:
    """Canvas px per source px when the whole source is fitted into the canvas."""
    return min(canvas.width / source.width, canvas.height / source.height)


def to_fcpxml_transform(key: CameraKey, source: Size, canvas: Size, y_unit: YUnit = "canvas") -> FcpxmlTransform:
    """Final Cut: adjust-conform "fit", then adjust-transform.

    Position is a percentage of the project's height on both axes, x right and y up; scale multiplies the fitted
    picture (Apple, "Animation parameters in FCPXML", and Final Cut's own exports).

    Some builds of DaVinci Resolve have been reported to read position as a percentage of the fitted picture instead;
    `y_unit` "fitted" writes that. Both agree on the axis along which the fitted picture fills the canvas.
    """
    fit = fit_scale(source, canvas)
    per_x, per_y = _percent_px(source, canvas, y_unit)
    return FcpxmlTransform(key.scale / fit, key.x_px / per_x, -key.y_px / per_y)


def to_fcpxml_trim(rect: Rect, source: Size) -> FcpxmlTrim:
    """Final Cut: an adjust-crop of mode "trim" that leaves `rect` (source px), cut before conform and transform.

    All four sides count in percent of the height of the picture that is cut, so those at the left and right may exceed
    100 (Apple's DTD: "trim values as a percentage of original frame height"; Final Cut's own exports keep the aspect
    of its crop rectangles only when read so).
    """
    cut = crop_insets(rect, source)
    shape = source.width / source.height
    return FcpxmlTrim(100 * cut.left * shape, 100 * cut.top, 100 * cut.right * shape, 100 * cut.bottom)


def to_mlt_rect(key: CameraKey, source: Size, canvas: Size) -> Rect:
    """MLT's qtblend and affine `rect`: where the whole source lands on the canvas, px from its top-left corner.

    Source: MLT's filter_qtblend, and renders of melt 7.12 located on a test pattern.
    """
    width, height = key.scale * source.width, key.scale * source.height
    return Rect(
        canvas.width / 2 + key.x_px - width / 2,
        canvas.height / 2 + key.y_px - height / 2,
        width,
        height,
    )


def to_resolve_transform(key: CameraKey, source: Size, canvas: Size) -> ResolveTransform:
    """DaVinci Resolve's Transform in its own OTIO metadata, with mismatched media scaled to fit the timeline.

    Zoom multiplies the fitted picture. Pan and tilt count in widths and heights of the fitted picture (not of the
    timeline, and not scaled by the zoom), right and up. Sources: transforms in Resolve's own .otio exports; rendered
    pixels of UHD media in a 1080x1920 timeline, published in prajwal-395/firstmate; JaggerITA/Venturi, otio/resolve.rs.
    """
    fit = fit_scale(source, canvas)
    return ResolveTransform(key.scale / fit, key.x_px / (source.width * fit), -key.y_px / (source.height * fit))


def to_premiere_motion(key: CameraKey, canvas: Size) -> PremiereMotion:
    """Premiere's Motion in its own OTIO metadata and in scripts, with media left at their own size.

    100 percent shows the source's own pixels, whatever the sequence; position is where the source's centre lies as a
    fraction of the sequence frame from its top-left corner. Sources: Adobe's guide "Reframe with OTIO files" and
    Premiere's scripting reference; WyattBlue/auto-editor writes the same.
    """
    return PremiereMotion(100 * key.scale, 0.5 + key.x_px / canvas.width, 0.5 + key.y_px / canvas.height)


def to_xmeml_motion(key: CameraKey, source: Size) -> XmemlMotion:
    """Basic Motion in xmeml as Premiere writes and reads it.

    Scale 100 shows the source's own pixels. `center` counts from the middle of the sequence in widths and heights of
    the source, right and down. Source: Premiere's own exports (UHD media in 1080x1920 at scale 118 and position
    1530, 960 is written as horiz 0.257812, which is 990 / 3840); the vertical divisor follows from stills exported
    the same way.
    """
    return XmemlMotion(100 * key.scale, key.x_px / source.width, key.y_px / source.height)


def crop_insets(rect: Rect, source: Size) -> CropInsets:
    """What to cut off a source so that only `rect` (source px) of it shows; nothing where `rect` reaches beyond it.

    Resolve's Cropping counts so, Premiere's Crop and Motion in percent of the same (their manuals, and the JSON and
    XML they export); both cut the source before it is scaled and moved.
    """
    return CropInsets(
        min(max(rect.left / source.width, 0.0), 1.0),
        min(max(rect.top / source.height, 0.0), 1.0),
        min(max(1 - rect.right / source.width, 0.0), 1.0),
        min(max(1 - rect.bottom / source.height, 0.0), 1.0),
    )


def _percent_px(source: Size, canvas: Size, y_unit: YUnit) -> tuple[float, float]:
    """Canvas px in one percent of position, across and down."""
    percent = canvas.height / 100
    if y_unit == "canvas":
        return percent, percent
    fit = fit_scale(source, canvas)
    return percent * source.width * fit / canvas.width, percent * source.height * fit / canvas.height


@dataclass(frozen=True, slots=True)
class FusionMerge:
    """The `Size` and `Center` of a Merge: factor on native pixels; shares of the background, right and up."""

    size: float
    center_x: float
    center_y: float


@dataclass(frozen=True, slots=True)
class AfterEffectsLayer:
    """The `Scale` and `Position` of a layer: percent of native pixels; px of the composition, right and down."""

    scale_percent: float
    x_px: float
    y_px: float


@dataclass(frozen=True, slots=True)
class NukeTransform:
    """The `scale` and `translate` of a Transform whose centre is the centre of the source: factor; px, right and up."""

    scale: float
    x_px: float
    y_px: float


@dataclass(frozen=True, slots=True)
class BlenderTransform:
    """The `scale` and `offset` of a strip: factor on native pixels; px, right and up."""

    scale: float
    x_px: float
    y_px: float


def canvas_to_cell(key: CameraKey, cell: Cell, canvas: Size) -> CameraKey:
    """A key counted from the centre of the canvas, counted from the centre of its cell: undoes `on_canvas`."""
    origin = cell_to_canvas(CameraKey(key.scale, 0.0, 0.0), cell, canvas)
    return CameraKey(key.scale, key.x_px - origin.x_px, key.y_px - origin.y_px)


def to_fusion_merge(key: CameraKey, canvas: Size) -> FusionMerge:
    """Fusion: the foreground of a Merge over a background of the canvas's size.

    Size 1 shows the foreground's own pixels. Center is where the foreground's centre lies, 0 to 1 from the
    background's bottom-left corner (Blackmagic Design, Fusion reference manual, "Merge" and "Coordinate systems").
    """
    return FusionMerge(key.scale, 0.5 + key.x_px / canvas.width, 0.5 - key.y_px / canvas.height)


def to_after_effects_layer(key: CameraKey, canvas: Size) -> AfterEffectsLayer:
    """After Effects: a layer whose anchor point is the centre of its source.

    Position is where the anchor lies in the composition, px from its top-left corner; 100 % shows native pixels
    (Adobe, After Effects user guide, "Layer properties").
    """
    return AfterEffectsLayer(100 * key.scale, canvas.width / 2 + key.x_px, canvas.height / 2 + key.y_px)


def to_nuke_transform(key: CameraKey, source: Size, canvas: Size) -> NukeTransform:
    """Nuke: a Transform about the centre of the source, then a Crop to the canvas's box from the same origin.

    Both count from the bottom-left corner of the picture, y up; a point p goes to centre + scale * (p - centre) +
    translate (Foundry, Nuke reference guide, "Transform" and "Crop").
    """
    across = canvas.width / 2 + key.x_px - source.width / 2
    up = canvas.height / 2 - key.y_px - source.height / 2
    return NukeTransform(key.scale, across, up)


def to_blender_transform(key: CameraKey, source: Size, canvas: Size) -> BlenderTransform:
    """Blender: the transform of a strip in the video sequencer, added with the fit method "ORIGINAL".

    Scale 1 shows native pixels about the centre, offset moves the picture in px, y up (Blender manual, "Strip
    transform"). The sequencer centres a picture by whole px, cut off towards zero (its image_center_offs), so half a
    px is given back where picture and canvas differ by an odd number.
    """
    slip_x, slip_y = _centring_slip(source, canvas)
    return BlenderTransform(key.scale, key.x_px + slip_x, -key.y_px - slip_y)


def _centring_slip(source: Size, canvas: Size) -> tuple[float, float]:
    across, down = canvas.width - source.width, canvas.height - source.height
    # The height is counted upwards there, so what is cut off below is missing above.
    return across / 2 - int(across / 2), -(down / 2 - int(down / 2))


def to_ffmpeg_rect(key: CameraKey, source: Size, canvas: Size) -> Rect:
    """FFmpeg's `scale` and `overlay`: where the whole source lands on the canvas, px from its top-left corner.

    Source: FFmpeg's filter documentation, "overlay": x and y place the overlay's top-left corner.
    """
    width, height = key.scale * source.width, key.scale * source.height
    left, top = canvas.width / 2 + key.x_px - width / 2, canvas.height / 2 + key.y_px - height / 2
    return Rect(left, top, width, height)


def to_ffmpeg_crop(key: CameraKey, source: Size, canvas: Size) -> Rect:
    """FFmpeg's `crop` before `scale`: the source rectangle that fills the canvas, source px from the top-left corner.

    Source: FFmpeg's filter documentation, "crop".
    """
    width, height = canvas.width / key.scale, canvas.height / key.scale
    return Rect(
        (source.width - width) / 2 - key.x_px / key.scale,
        (source.height - height) / 2 - key.y_px / key.scale,
        width,
        height,
    )


def ffmpeg_crop_expressions(scale: str, x_px: str, y_px: str, source: Size, canvas: Size) -> tuple[str, str, str, str]:
    """`ffmpeg_window` as expressions (left, top, width, height) of the expressions of a key's three numbers."""
    width, height = f"{canvas.width}/({scale})", f"{canvas.height}/({scale})"
    left = f"({source.width}-{width})/2-({x_px})/({scale})"
    top = f"({source.height}-{height})/2-({y_px})/({scale})"
    return left, top, width, height


@dataclass(frozen=True, slots=True)
class ResolveInspector:
    """ZoomX and ZoomY on the fitted picture; Pan and Tilt in units of the Inspector, right and up."""

    zoom: float
    pan: float
    tilt: float


def to_resolve_inspector(key: CameraKey, source: Size, canvas: Size) -> ResolveInspector:
    """DaVinci Resolve's `TimelineItem.SetProperty`, with Scaling 2 (fit) and the timeline current.

    One unit of Pan moves the picture by fitted width / timeline width px, one of Tilt by fitted height / timeline
    height: in a 1080x1920 timeline a 16:9 picture moves 1 px across and 0.3164 px up. Sources: stills rendered by
    Studio 21.1, published in pong34811's layout scripts, and palmier-io/palmier-pro, FCPXMLExporter.swift.
    """
    share = to_resolve_transform(key, source, canvas)
    return ResolveInspector(share.zoom, share.pan * canvas.width, share.tilt * canvas.height)


def to_resolve_inspector_crop(cut: CropInsets, source: Size, canvas: Size) -> CropInsets:
    """CropLeft, CropTop, CropRight and CropBottom in px of the fitted picture before it is zoomed.

    Source: the same published stills of Studio 21.1, where px on screen were crop times zoom.
    """
    fitted = fit_scale(source, canvas)
    across, down = source.width * fitted, source.height * fitted
    return CropInsets(cut.left * across, cut.top * down, cut.right * across, cut.bottom * down)
