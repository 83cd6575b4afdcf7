"""Camera keys in the numbers of each host. The only place where a delivery does geometry.

A camera key has three numbers: `scale` in canvas px per source px, and the position of the source's centre relative to
the centre of the canvas, x_px to the right and y_px down. Every host scales the source about its centre first and moves
it afterwards. So each host's numbers are a linear encoding of the same three, and linear interpolation between keys
there is linear interpolation here. What a host counts in is described in `host_values`; `from_` functions read what
an editor gives back.

What each host shows for its numbers is written once more, from the host's side, in `tests/host_crops.py`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Literal

import numpy as np
import numpy.typing as npt

from panscan.deliver.homography import tilted, untilted
from panscan.deliver.host_values import (
    AfterEffectsLayer,
    BlenderCrop,
    BlenderTransform,
    CameraKey,
    CropInsets,
    FcpxmlTransform,
    FcpxmlTrim,
    FfmpegPlace,
    FusionMerge,
    NukeTransform,
    PremiereMotion,
    ResolveInspector,
    ResolveTransform,
    XmemlMotion,
)
from panscan.model.corners import FLAT, Corners, Point, is_unfolded
from panscan.model.framing import Cell, FloatArray
from panscan.model.geometry import Rect, Size, cover_scale

YUnit = Literal["canvas", "fitted"]

# The most that Resolve's Transform takes (its README, and `maxValue` in its own .otio files): a factor, and how many
# widths or heights the picture may be moved.
RESOLVE_MAX_ZOOM = 100.0
RESOLVE_MAX_MOVE = 4.0

# Source px. Camera and crop of a document are rounded; a crop beyond the picture by less than this is not meant.
ROUNDING_PX = 0.01
# Source px. A crop beyond the picture by less than this shows no background: half a px is rounded away.
VISIBLE_PX = 0.5
# Source px: the smallest side of a rectangle that a file may hold, where next to nothing of a crop is picture.
_MIN_SIDE_PX = 1e-3
# Source px: what is this near to a whole px was that before the camera was rounded.
_WHOLE_PX = 1e-3


def cell_to_canvas(key: CameraKey, cell: Cell, canvas: Size) -> CameraKey:
    """Convert a key measured from the centre of its cell to one measured from the centre of the canvas."""
    return CameraKey(
        key.scale,
        key.x_px + cell.left_px + cell.size.width / 2 - canvas.width / 2,
        key.y_px + cell.top_px + cell.size.height / 2 - canvas.height / 2,
    )


def canvas_to_cell(key: CameraKey, cell: Cell, canvas: Size) -> CameraKey:
    """Convert a key measured from the centre of the canvas to one measured from the centre of its cell."""
    place = cell_place(cell, canvas)
    return CameraKey(key.scale, key.x_px - place.x_px, key.y_px - place.y_px)


def cell_place(cell: Cell, canvas: Size) -> CameraKey:
    """The key that shows a picture of a cell's size, unscaled, where the cell lies on the canvas."""
    return cell_to_canvas(CameraKey(1.0, 0.0, 0.0), cell, canvas)


def fit_scale(source: Size, canvas: Size) -> float:
    """Canvas px per source px when the whole source is fitted into the canvas."""
    return min(canvas.width / source.width, canvas.height / source.height)


def cover_key(source: Size, canvas: Size) -> CameraKey:
    """The key at which the source just covers the canvas, centre on centre."""
    return CameraKey(cover_scale(canvas, Rect(0, 0, source.width, source.height)), 0.0, 0.0)


def source_centre(source: Size) -> tuple[float, float]:
    """Centre of the source in px from one of its corners, about which every host scales."""
    return source.width / 2, source.height / 2


def crop_insets(rect: Rect, source: Size) -> CropInsets:
    """What to cut off a source so that only `rect` (source px) of it shows; nothing where `rect` reaches beyond it.

    In fractions (0 to 1) of the source's width and height. Resolve's Cropping counts so (its manual, and the JSON it
    exports); it cuts the source before it is scaled and moved.
    """
    return CropInsets(
        min(max(rect.left / source.width, 0.0), 1.0),
        min(max(rect.top / source.height, 0.0), 1.0),
        min(max(1 - rect.right / source.width, 0.0), 1.0),
        min(max(1 - rect.bottom / source.height, 0.0), 1.0),
    )


def part_in_picture(crop: Rect, source: Size) -> Rect:
    """The part of a crop that lies inside the picture; a crop that reaches outside only by rounding is unchanged."""
    left, top = max(crop.left, 0.0), max(crop.top, 0.0)
    right, bottom = min(crop.right, float(source.width)), min(crop.bottom, float(source.height))
    inside = Rect(left, top, max(right - left, _MIN_SIDE_PX), max(bottom - top, _MIN_SIDE_PX))
    is_near = abs(inside.width - crop.width) < ROUNDING_PX and abs(inside.height - crop.height) < ROUNDING_PX
    return crop if is_near and crop.left >= 0 and crop.top >= 0 else inside


def corners_in_picture(crops: FloatArray, source: Size) -> tuple[FloatArray, npt.NDArray[np.bool_]]:
    """The parts of crops (n, 4: left, top, width, height) inside the picture, and which crops show background.

    The parts are (n, 4): left, top, right, bottom in source px.
    """
    left, top, width, height = crops.T
    right, bottom = left + width, top + height
    beyond = np.maximum.reduce([-left, -top, right - source.width, bottom - source.height]) > VISIBLE_PX
    corners = np.stack([left, top, right, bottom], axis=-1)
    return np.clip(corners, 0, [source.width, source.height, source.width, source.height]), beyond


def shown_at(x_px: int, y_px: int, cell: Cell, crop: Rect, source: Size) -> tuple[float, float]:
    """What a cell shows at the middle of a canvas pixel: a place in the source, as fractions of its width and height.

    crop: the source rectangle that the cell shows.
    """
    across = crop.left + (x_px + 0.5 - cell.left_px) / cell.size.width * crop.width
    down = crop.top + (y_px + 0.5 - cell.top_px) / cell.size.height * crop.height
    return across / source.width, down / source.height


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


def from_fcpxml_transform(transform: FcpxmlTransform, source: Size, canvas: Size) -> CameraKey:
    """The key that an adjust-transform of Final Cut shows: the inverse of `to_fcpxml_transform`."""
    per_x, per_y = _percent_px(source, canvas, "canvas")
    scale = transform.scale * fit_scale(source, canvas)
    return CameraKey(scale, transform.x_percent * per_x, -transform.y_percent * per_y)


def to_fcpxml_trim(rect: Rect, source: Size) -> FcpxmlTrim:
    """Final Cut: an adjust-crop of mode "trim" that leaves `rect` (source px), cut before conform and transform.

    All four sides count in percent of the height of the picture that is cut, so those at the left and right may exceed
    100 (Apple's DTD: "trim values as a percentage of original frame height"; Final Cut's own exports keep the aspect
    of its crop rectangles only when read so).
    """
    insets = crop_insets(rect, source)
    shape = source.width / source.height
    return FcpxmlTrim(100 * insets.left * shape, 100 * insets.top, 100 * insets.right * shape, 100 * insets.bottom)


def to_mlt_rect(key: CameraKey, source: Size, canvas: Size) -> Rect:
    """MLT's qtblend and affine `rect`: where the whole source lands on the canvas, px from its top-left corner.

    Source: MLT's filter_qtblend, and renders of melt 7.12 located on a test pattern.
    """
    width, height = key.scale * source.width, key.scale * source.height
    left, top = canvas.width / 2 + key.x_px - width / 2, canvas.height / 2 + key.y_px - height / 2
    return Rect(left, top, width, height)


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


def from_xmeml_motion(motion: XmemlMotion, source: Size) -> CameraKey:
    """The key that a Basic Motion shows: the inverse of `to_xmeml_motion`."""
    return CameraKey(motion.scale_percent / 100, motion.horiz * source.width, motion.vert * source.height)


def to_premiere_crop(insets: CropInsets) -> CropInsets:
    """Premiere's Crop, and the crop of its Motion: percent of the source's width and height.

    Both cut the source before it is scaled and moved. Sources: Premiere's manual, and the XML and JSON it exports.
    """
    return CropInsets(100 * insets.left, 100 * insets.top, 100 * insets.right, 100 * insets.bottom)


def _percent_px(source: Size, canvas: Size, y_unit: YUnit) -> tuple[float, float]:
    """Canvas px in one percent of position, across and down."""
    percent = canvas.height / 100
    if y_unit == "canvas":
        return percent, percent
    fit = fit_scale(source, canvas)
    return percent * source.width * fit / canvas.width, percent * source.height * fit / canvas.height


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


def to_nuke_corners(corners: Corners, cell: Size) -> tuple[Point, ...]:
    """Nuke: the points to1 to to4 of a CornerPin2D, whose from1 to from4 are the corners of the cell.

    They count in px from the bottom-left corner, y up: lower left, lower right, upper right, upper left (Foundry, Nuke
    reference guide, "CornerPin2D"). The node sends the whole plane through one homography, also what lies outside.
    """
    upper_left, upper_right, lower_right, lower_left = ((x * cell.width, (1 - y) * cell.height) for x, y in corners)
    return lower_left, lower_right, upper_right, upper_left


def to_after_effects_corners(corners: Corners, key: CameraKey, cell: Size, source: Size) -> tuple[Point, ...]:
    """After Effects: the points of Corner Pin, upper left, upper right, lower left, lower right, px of the layer.

    Effects come before the layer's Anchor Point, Position and Scale, so the corners of the source are sent to where
    these put the tilted picture (Adobe, After Effects user guide, "Distort effects" and "Render order").

    key: of the camera, from the centre of its cell.
    """
    middle = np.array([source.width, source.height]) / 2
    at_source = (np.array(FLAT) - 0.5) * (source.width, source.height)
    place = (at_source * key.scale + (key.x_px, key.y_px)) / (cell.width, cell.height) + 0.5
    moved = (tilted(corners, place) - 0.5) * (cell.width, cell.height) - (key.x_px, key.y_px)
    upper_left, upper_right, lower_right, lower_left = (tuple(row) for row in (moved / key.scale + middle).tolist())
    return upper_left, upper_right, lower_left, lower_right


def to_fusion_corners(corners: Corners, reach: float) -> tuple[Point, ...]:
    """Fusion: TopLeft, TopRight, BottomLeft and BottomRight of a CornerPositioner.

    Its picture is `reach` times as large as the cell and has the same middle, so that nothing is missing that the tilt
    brings into the cell. Points are shares of that picture from its bottom-left corner (Blackmagic Design, Fusion
    reference manual, "Corner Positioner" and "Coordinate systems").
    """
    moved = tilted(corners, (np.array(FLAT) - 0.5) * reach + 0.5)
    across, up = ((moved - 0.5) / reach * (1, -1) + 0.5).T.tolist()
    upper_left, upper_right, lower_right, lower_left = zip(across, up, strict=True)
    return upper_left, upper_right, lower_left, lower_right


def tilt_reach(tilts: Iterable[Corners]) -> float:
    """How many times larger than the cell the part of its plane is that tilts bring into it, 1 at least.

    Infinite where they are so steep that a part of that size would reach behind the eye.
    """
    tilts = list(tilts)
    far = [np.abs(untilted(corners, np.array(FLAT)) - 0.5).max() for corners in tilts]
    reach = max(1.0, 2 * float(max(far)))
    plane = (np.array(FLAT) - 0.5) * reach + 0.5
    is_seen = all(is_unfolded(tuple(map(tuple, tilted(corners, plane).tolist()))) for corners in tilts)  # type: ignore[arg-type]
    return reach if is_seen else math.inf


def to_blender_transform(key: CameraKey, source: Size, canvas: Size) -> BlenderTransform:
    """Blender: the transform of a strip in the video sequencer, added with the fit method "ORIGINAL".

    Scale 1 shows native pixels about the centre, offset moves the picture in px, y up (Blender manual, "Strip
    transform"). The sequencer centres a picture by whole px, cut off towards zero (its image_center_offs), so half a
    px is given back where picture and canvas differ by an odd number.
    """
    slip_x, slip_y = _centring_slip(source, canvas)
    return BlenderTransform(key.scale, key.x_px + slip_x, -key.y_px - slip_y)


def to_blender_crop(rect: Rect, source: Size) -> BlenderCrop:
    """Blender: the crop of a strip that leaves `rect` (source px), rounded so that nothing of the rectangle is lost.

    Whole px of the source are cut off before it is transformed; min_y is at the bottom (Blender manual, "Strip crop").
    """
    return BlenderCrop(
        min_x=max(math.floor(rect.left + _WHOLE_PX), 0),
        max_x=max(math.floor(source.width - rect.right + _WHOLE_PX), 0),
        min_y=max(math.floor(source.height - rect.bottom + _WHOLE_PX), 0),
        max_y=max(math.floor(rect.top + _WHOLE_PX), 0),
    )


def _centring_slip(source: Size, canvas: Size) -> tuple[float, float]:
    """The half px, across and down, that Blender's centring by whole px loses."""
    across, down = canvas.width - source.width, canvas.height - source.height
    # The height is counted upwards there, so what is cut off below is missing above.
    return across / 2 - int(across / 2), -(down / 2 - int(down / 2))


def to_ffmpeg_place(key: CameraKey, source: Size) -> FfmpegPlace:
    """FFmpeg's `scale`, and then `crop` or `overlay`: how large the whole source becomes, and where its centre lies.

    Source: FFmpeg's filter documentation; `crop` and `overlay` count whole px from the top-left corner.
    """
    return FfmpegPlace(key.scale * source.width, key.scale * source.height, key.x_px, key.y_px)


def ffmpeg_corner_expression(side: str, offset: str, canvas_px: int) -> str:
    """Where the canvas starts in the scaled source, px from its left or upper edge, as an expression.

    Parameters
    ----------
    side, offset : str
        Expressions of the scaled source's width and x, or height and y.
    canvas_px : int
        Width or height of the canvas.
    """
    return f"({side}-{canvas_px})/2-({offset})"


def to_resolve_inspector(key: CameraKey, source: Size, canvas: Size) -> ResolveInspector:
    """DaVinci Resolve's `TimelineItem.SetProperty`, with Scaling 2 (fit) and the timeline current.

    One unit of Pan moves the picture by fitted width / timeline width px, one of Tilt by fitted height / timeline
    height: in a 1080x1920 timeline a 16:9 picture moves 1 px across and 0.3164 px up. Sources: stills rendered by
    Studio 21.1, published in pong34811's layout scripts, and palmier-io/palmier-pro, FCPXMLExporter.swift.
    """
    share = to_resolve_transform(key, source, canvas)
    return ResolveInspector(share.zoom, share.pan * canvas.width, share.tilt * canvas.height)


def to_resolve_inspector_crop(insets: CropInsets, source: Size, canvas: Size) -> CropInsets:
    """CropLeft, CropTop, CropRight and CropBottom in px of the fitted picture before it is zoomed.

    Source: the same published stills of Studio 21.1, where px on screen were crop times zoom.
    """
    fitted = fit_scale(source, canvas)
    across, down = source.width * fitted, source.height * fitted
    return CropInsets(insets.left * across, insets.top * down, insets.right * across, insets.bottom * down)
