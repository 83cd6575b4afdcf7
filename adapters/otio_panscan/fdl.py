"""OTIO adapter "panscan_fdl": an ASC Framing Decision List.

It claims no suffix; name it:

    otioconvert -i cut.otio -o cut.fdl -O panscan_fdl -A ratio=9:16
"""

from otio_panscan.shared import make_writers

write_to_file, write_to_string = make_writers("fdl")
