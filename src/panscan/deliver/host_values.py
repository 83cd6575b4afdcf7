"""The numbers in which each host states where a picture lies; `panscan.deliver.host_space` makes them."""

from __future__ import annotations

from dataclasses import dataclass

MAX_LEVEL_DB = 12.0  # where the faders of Final Cut and of FCP7 XML end
XMEML_MAX_LEVEL = 3.98109  # the same as a factor, as Premiere and Final Cut 7 write it
_SILENT_DB = -96.0  # what editors call silence: their faders end there


@dataclass(frozen=True, slots=True)
class CameraKey:
    """One key of a camera.

    Attributes
    ----------
    scale : float
        Canvas px per source px.
    x_px, y_px : float
        Centre of the source minus centre of the canvas, in canvas px, right and down.
    """

    scale: float
    x_px: float
    y_px: float


@dataclass(frozen=True, slots=True)
class CropInsets:
    """What is cut off each side of the source; the function that makes it says in which unit."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class FcpxmlTransform:
    """The `scale` and `position` of an adjust-transform.

    Attributes
    ----------
    scale : float
        Factor on the fitted picture.
    x_percent, y_percent : float
        Position in percent, right and up.
    """

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
    """Transform in Resolve's own OTIO metadata.

    Attributes
    ----------
    zoom : float
        Factor on the fitted picture.
    pan, tilt : float
        Position in widths and heights of the fitted picture, right and up.
    """

    zoom: float
    pan: float
    tilt: float


@dataclass(frozen=True, slots=True)
class ResolveInspector:
    """Values of Resolve's Inspector.

    Attributes
    ----------
    zoom : float
        ZoomX and ZoomY: factor on the fitted picture.
    pan, tilt : float
        Position in the Inspector's own units, right and up.
    """

    zoom: float
    pan: float
    tilt: float


@dataclass(frozen=True, slots=True)
class PremiereMotion:
    """Motion in Premiere's own OTIO metadata and in scripts.

    Attributes
    ----------
    scale_percent : float
        Percent of the source's own pixels.
    x, y : float
        Centre of the source as a fraction of the sequence frame, from its top-left corner.
    """

    scale_percent: float
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class XmemlMotion:
    """Basic Motion in xmeml.

    Attributes
    ----------
    scale_percent : float
        Percent of the source's own pixels.
    horiz, vert : float
        Centre of the source minus centre of the sequence, in widths and heights of the source, right and down.
    """

    scale_percent: float
    horiz: float
    vert: float


@dataclass(frozen=True, slots=True)
class FusionMerge:
    """The `Size` and `Center` of a Merge.

    Attributes
    ----------
    size : float
        Factor on the foreground's own pixels.
    center_x, center_y : float
        Centre of the foreground as a fraction of the background, from its bottom-left corner.
    """

    size: float
    center_x: float
    center_y: float


@dataclass(frozen=True, slots=True)
class AfterEffectsLayer:
    """The `Scale` and `Position` of a layer.

    Attributes
    ----------
    scale_percent : float
        Percent of the source's own pixels.
    x_px, y_px : float
        Centre of the source in px of the composition, from its top-left corner.
    """

    scale_percent: float
    x_px: float
    y_px: float


@dataclass(frozen=True, slots=True)
class NukeTransform:
    """The `scale` and `translate` of a Transform whose centre is the centre of the source.

    Attributes
    ----------
    scale : float
        Factor on the source's own pixels.
    x_px, y_px : float
        Shift in px, right and up.
    """

    scale: float
    x_px: float
    y_px: float


@dataclass(frozen=True, slots=True)
class BlenderTransform:
    """The `scale` and `offset` of a strip.

    Attributes
    ----------
    scale : float
        Factor on the source's own pixels.
    x_px, y_px : float
        Shift from the centre in px, right and up.
    """

    scale: float
    x_px: float
    y_px: float


@dataclass(frozen=True, slots=True)
class BlenderCrop:
    """The `crop` of a strip: whole source px cut off each side."""

    min_x: int
    max_x: int
    min_y: int
    max_y: int


@dataclass(frozen=True, slots=True)
class FfmpegPlace:
    """The whole source, scaled and laid on a canvas.

    Attributes
    ----------
    width_px, height_px : float
        Of the scaled source.
    x_px, y_px : float
        Of its centre from the canvas's centre, + right, + down.
    """

    width_px: float
    height_px: float
    x_px: float
    y_px: float


def to_xmeml_level(level_db: float) -> float:
    """The level of an Audio Levels filter: a factor, at most that of 12 dB.

    Source: Apple's "Final Cut Pro 7 XML Interchange Format".
    """
    return 0.0 if level_db <= _SILENT_DB else min(float(10 ** (level_db / 20)), XMEML_MAX_LEVEL)


def to_xmeml_pan(pan: float) -> float:
    """The pan of an Audio Pan filter: from -1, left, to 1, right (files that Premiere and Resolve write)."""
    return pan


def to_fcpxml_level(level_db: float) -> str:
    """The `amount` of an adjust-volume, in dB from -96 to 12 (Apple's DTD; files that Final Cut exports)."""
    return f"{min(max(level_db, _SILENT_DB), MAX_LEVEL_DB):.6g}dB"


def to_fcpxml_pan(pan: float) -> str:
    """The `amount` of an adjust-panner "Stereo Left/Right": from -100, left, to 100, right (files of Final Cut)."""
    return f"{100 * pan:.6g}"


def to_blender_volume(level_db: float) -> float:
    """The `volume` of a sound strip: a factor (Blender's Python reference)."""
    return float(10 ** (level_db / 20))


def to_mlt_level(level_db: float) -> str:
    """The `level` of MLT's volume filter, in dB."""
    return f"{max(level_db, _SILENT_DB):.6g}"


def to_mlt_balance(pan: float) -> float:
    """The `split` of MLT's panner filter: from 0, left, to 1, right."""
    return (pan + 1) / 2
