"""The numbers in which each host states where a picture lies; `panscan.deliver.host_space` makes them."""

from __future__ import annotations

from dataclasses import dataclass


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
