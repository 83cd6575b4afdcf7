"""OTIO adapter "panscan_edl": a CMX 3600 edit list.

It claims no suffix; name it:

    otioconvert -i cut.otio -o cut.edl -O panscan_edl -A ratio=9:16
"""

from otio_panscan.shared import make_reader, make_writers

read_from_file = make_reader((".edl",))
write_to_file, write_to_string = make_writers("edl")
