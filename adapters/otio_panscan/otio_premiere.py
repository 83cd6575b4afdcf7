"""OTIO adapter "panscan_otio_premiere": OTIO with the cameras as Premiere's Motion.

It claims no suffix; name it:

    otioconvert -i cut.otio -o cut.premiere.otio -O panscan_otio_premiere -A ratio=9:16
"""

from otio_panscan.shared import make_writers

write_to_file, write_to_string = make_writers("otio-premiere")
