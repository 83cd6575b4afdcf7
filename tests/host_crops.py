"""What each host shows for the numbers it is given: the source rectangle on the canvas, written from the host's side.

The other way round than `panscan.deliver.host_space`, whose docstrings name the sources.
"""

from __future__ import annotations

from panscan.deliver.host_space import YUnit, fit_scale
from panscan.deliver.host_values import (
    AfterEffectsLayer,
    BlenderTransform,
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
from panscan.model.geometry import Rect, Size


def fcpxml_crop(transform: FcpxmlTransform, source: Size, canvas: Size, y_unit: YUnit = "canvas") -> Rect:
    """The source rectangle that Final Cut shows: the canvas seen through the transform."""
    magnified = transform.scale * fit_scale(source, canvas)
    per_x, per_y = _percent_px(source, canvas, y_unit)
    left = canvas.width / 2 + transform.x_percent * per_x - magnified * source.width / 2
    top = canvas.height / 2 - transform.y_percent * per_y - magnified * source.height / 2
    return Rect(-left / magnified, -top / magnified, canvas.width / magnified, canvas.height / magnified)


def fcpxml_trim_crop(cut: FcpxmlTrim, source: Size) -> Rect:
    """The part of the picture that Final Cut leaves, px."""
    percent = source.height / 100
    left, top = cut.left * percent, cut.top * percent
    return Rect(left, top, source.width - cut.right * percent - left, source.height - cut.bottom * percent - top)


def mlt_crop(rect: Rect, source: Size, canvas: Size) -> Rect:
    """The source rectangle that MLT shows when the source fills `rect`."""
    across, down = source.width / rect.width, source.height / rect.height
    return Rect(-rect.left * across, -rect.top * down, canvas.width * across, canvas.height * down)


def resolve_crop(transform: ResolveTransform, source: Size, canvas: Size) -> Rect:
    """The source rectangle that Resolve shows: fit the picture, zoom it about its centre, shift it."""
    fitted = fit_scale(source, canvas)
    centre_x = canvas.width / 2 + transform.pan * fitted * source.width
    centre_y = canvas.height / 2 - transform.tilt * fitted * source.height
    per_source_px = fitted * transform.zoom
    return Rect(
        source.width / 2 - centre_x / per_source_px,
        source.height / 2 - centre_y / per_source_px,
        canvas.width / per_source_px,
        canvas.height / per_source_px,
    )


def premiere_crop(motion: PremiereMotion, source: Size, canvas: Size) -> Rect:
    """The source rectangle that Premiere shows: the sequence frame seen from the source placed in it."""
    source_px = 100 / motion.scale_percent
    left = source.width / 2 - motion.x * canvas.width * source_px
    top = source.height / 2 - motion.y * canvas.height * source_px
    return Rect(left, top, canvas.width * source_px, canvas.height * source_px)


def xmeml_crop(motion: XmemlMotion, source: Size, canvas: Size) -> Rect:
    """The source rectangle that Premiere shows for a Basic Motion."""
    scale = motion.scale_percent / 100
    width, height = canvas.width / scale, canvas.height / scale
    centre_x = source.width / 2 - motion.horiz * source.width / scale
    centre_y = source.height / 2 - motion.vert * source.height / scale
    return Rect(centre_x - width / 2, centre_y - height / 2, width, height)


def trim_crop(cut: CropInsets, source: Size) -> Rect:
    """The part of the source that is left after cutting its sides off, source px."""
    left, top = cut.left * source.width, cut.top * source.height
    return Rect(left, top, (1 - cut.right) * source.width - left, (1 - cut.bottom) * source.height - top)


def fusion_crop(merge: FusionMerge, source: Size, canvas: Size) -> Rect:
    """The source rectangle that a Merge shows."""
    left = merge.center_x * canvas.width - merge.size * source.width / 2
    top = (1 - merge.center_y) * canvas.height - merge.size * source.height / 2
    return Rect(-left / merge.size, -top / merge.size, canvas.width / merge.size, canvas.height / merge.size)


def after_effects_crop(layer: AfterEffectsLayer, source: Size, canvas: Size) -> Rect:
    """The source rectangle that a composition of the canvas's size shows of a layer."""
    scale = layer.scale_percent / 100
    left, top = layer.x_px - scale * source.width / 2, layer.y_px - scale * source.height / 2
    return Rect(-left / scale, -top / scale, canvas.width / scale, canvas.height / scale)


def nuke_crop(transform: NukeTransform, source: Size, canvas: Size) -> Rect:
    """The source rectangle inside the box (0, 0, width, height) after a Transform."""
    width, height = canvas.width / transform.scale, canvas.height / transform.scale
    left = source.width / 2 - (source.width / 2 + transform.x_px) / transform.scale
    bottom = source.height / 2 - (source.height / 2 + transform.y_px) / transform.scale
    return Rect(left, source.height - bottom - height, width, height)


def blender_crop(transform: BlenderTransform, source: Size, canvas: Size) -> Rect:
    """The source rectangle that the sequencer shows of a strip."""
    slip_x, slip_y = _centring_slip(source, canvas)
    scale = transform.scale
    left = canvas.width / 2 - slip_x + transform.x_px - scale * source.width / 2
    top = canvas.height / 2 - slip_y - transform.y_px - scale * source.height / 2
    return Rect(-left / scale, -top / scale, canvas.width / scale, canvas.height / scale)


def ffmpeg_crop(placed: FfmpegPlace, source: Size, canvas: Size) -> Rect:
    """The source rectangle that a canvas shows when the source was scaled and its centre laid there."""
    left = canvas.width / 2 + placed.x_px - placed.width_px / 2
    top = canvas.height / 2 + placed.y_px - placed.height_px / 2
    across, down = source.width / placed.width_px, source.height / placed.height_px
    return Rect(-left * across, -top * down, canvas.width * across, canvas.height * down)


def resolve_inspector_crop(inspector: ResolveInspector, source: Size, canvas: Size) -> Rect:
    """The source rectangle that Resolve shows: each unit moves fitted / timeline px, after the zoom."""
    fitted = fit_scale(source, canvas)
    right_px = inspector.pan * source.width * fitted / canvas.width
    up_px = inspector.tilt * source.height * fitted / canvas.height
    scale = fitted * inspector.zoom
    width, height = canvas.width / scale, canvas.height / scale
    left = (source.width - width) / 2 - right_px / scale
    return Rect(left, (source.height - height) / 2 + up_px / scale, width, height)


def resolve_inspector_trim_crop(cut: CropInsets, source: Size, canvas: Size) -> Rect:
    """The part of the source that Resolve leaves after cutting px off the fitted picture, source px."""
    fitted = fit_scale(source, canvas)
    left, top = cut.left / fitted, cut.top / fitted
    return Rect(left, top, source.width - cut.right / fitted - left, source.height - cut.bottom / fitted - top)


def _percent_px(source: Size, canvas: Size, y_unit: YUnit) -> tuple[float, float]:
    """Canvas px in one percent of position, across and down."""
    percent = canvas.height / 100
    if y_unit == "canvas":
        return percent, percent
    fit = fit_scale(source, canvas)
    return percent * source.width * fit / canvas.width, percent * source.height * fit / canvas.height


def _centring_slip(source: Size, canvas: Size) -> tuple[float, float]:
    across, down = canvas.width - source.width, canvas.height - source.height
    # The height is counted upwards there, so what is cut off below is missing above.
    return across / 2 - int(across / 2), -(down / 2 - int(down / 2))
