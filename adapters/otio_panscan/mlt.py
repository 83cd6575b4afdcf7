"""OTIO adapter "panscan_mlt": MLT XML for Kdenlive, Shotcut and melt.

It claims no suffix; name it:

    otioconvert -i cut.otio -o cut.mlt -O panscan_mlt -A ratio=9:16
"""

from otio_panscan.shared import writers

write_to_file, write_to_string = writers("mlt")
