"""A timeline as one row of clips, and what a format loses of it."""

from panscan.deliver.sequence.cell_edges import crop_inset_keys
from panscan.deliver.sequence.losses import background_kind, shows_background
from panscan.deliver.sequence.markers import Marker
from panscan.deliver.sequence.reader import read_sequence
from panscan.deliver.sequence.sequence import DEFAULT_SOUND_HZ, ClipItem, ClipSequence, Layer, subclip, trim_camera
from panscan.deliver.sequence.sound_losses import named, too_loud
from panscan.deliver.sequence.sounds import SoundItem, SoundMedia, SoundTrack, cross_fades, level_at, level_keys

__all__ = [
    "DEFAULT_SOUND_HZ",
    "ClipItem",
    "ClipSequence",
    "Layer",
    "Marker",
    "SoundItem",
    "SoundMedia",
    "SoundTrack",
    "background_kind",
    "crop_inset_keys",
    "cross_fades",
    "level_at",
    "level_keys",
    "named",
    "read_sequence",
    "shows_background",
    "subclip",
    "too_loud",
    "trim_camera",
]
