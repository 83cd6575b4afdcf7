"""OTIO adapter "panscan_otio_resolve": OTIO with the cameras as DaVinci Resolve's transforms.

It claims no suffix; name it:

    otioconvert -i cut.otio -o cut.resolve.otio -O panscan_otio_resolve -A ratio=9:16
"""

from otio_panscan.shared import make_writers

write_to_file, write_to_string = make_writers("otio-resolve")
