"""Reads back how an editor's clips show their media: the keys of their scale and position."""

from panscan.ingest.cameras.motions import EditorMotions, MotionClip, MotionKey
from panscan.ingest.cameras.read import SUFFIXES, read_motions

__all__ = ["SUFFIXES", "EditorMotions", "MotionClip", "MotionKey", "read_motions"]
