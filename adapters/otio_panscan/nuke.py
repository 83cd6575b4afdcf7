"""OTIO adapter "panscan_nuke": a Nuke script.

It claims no suffix; name it:

    otioconvert -i cut.otio -o cut.nk -O panscan_nuke -A ratio=9:16
"""

from otio_panscan.shared import make_writers

write_to_file, write_to_string = make_writers("nuke")
