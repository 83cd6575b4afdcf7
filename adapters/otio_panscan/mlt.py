"""OTIO adapter "panscan_mlt": MLT XML for Kdenlive, Shotcut and melt.

It claims no suffix; name it:

    otioconvert -i cut.otio -o cut.mlt -O panscan_mlt -A ratio=9:16
"""

from otio_panscan.shared import make_writers

write_to_file, write_to_string = make_writers("mlt")
