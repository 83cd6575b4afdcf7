"""Reading what exists: media files with their pictures and sound, editors' cuts, and edit lists with crops."""

from panscan.decoding.sound import Samples
from panscan.ingest.media.audio import mono_blocks
from panscan.ingest.media.frames import DecodedCount, PictureDecoder, judge_decoding, stills
from panscan.ingest.media.probe import probe

__all__ = ["DecodedCount", "PictureDecoder", "Samples", "judge_decoding", "mono_blocks", "probe", "stills"]
