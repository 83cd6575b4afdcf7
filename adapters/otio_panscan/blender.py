"""OTIO adapter "panscan_blender": a Python script that builds the cut in Blender.

It claims no suffix; name it:

    otioconvert -i cut.otio -o cut.blender.py -O panscan_blender -A ratio=9:16
"""

from otio_panscan.shared import make_writers

write_to_file, write_to_string = make_writers("blender")
