"""OTIO adapter "panscan_segments": what the camera does, stretch by stretch, as JSON.

It claims no suffix; name it:

    otioconvert -i cut.otio -o cut.segments.json -O panscan_segments -A ratio=9:16
"""

from otio_panscan.shared import make_writers

write_to_file, write_to_string = make_writers("segments")
