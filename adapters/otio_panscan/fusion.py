"""OTIO adapter "panscan_fusion": a Fusion composition.

It claims no suffix; name it:

    otioconvert -i cut.otio -o cut.setting -O panscan_fusion -A ratio=9:16
"""

from otio_panscan.shared import make_writers

write_to_file, write_to_string = make_writers("fusion")
