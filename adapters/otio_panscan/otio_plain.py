"""OTIO adapter "panscan_otio": panscan's own timeline (.otio), cameras included.

It claims no suffix; name it:

    otioconvert -i cut.otio -o cut.9x16.otio -O panscan_otio -A ratio=9:16
"""

from otio_panscan.shared import make_writers

write_to_file, write_to_string = make_writers("otio")
