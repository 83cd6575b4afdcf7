"""OTIO adapter "panscan_aftereffects": After Effects keyframe data.

It claims no suffix; name it:

    otioconvert -i cut.otio -o cut.ae.txt -O panscan_aftereffects -A ratio=9:16
"""

from otio_panscan.shared import make_writers

write_to_file, write_to_string = make_writers("aftereffects")
