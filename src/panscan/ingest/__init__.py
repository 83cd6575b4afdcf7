"""What is there: the streams of a media file, its pictures and its sound."""

from panscan.ingest.media.audio import Samples, mono_blocks
from panscan.ingest.media.frames import PictureDecoder, stills
from panscan.ingest.media.probe import probe

__all__ = ["PictureDecoder", "Samples", "mono_blocks", "probe", "stills"]
