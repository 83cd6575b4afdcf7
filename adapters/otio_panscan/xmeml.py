"""OTIO adapter "panscan_xmeml": Final Cut Pro 7 XML with the cameras as Basic Motion, for Premiere.

It claims no suffix; name it:

    otioconvert -i cut.otio -o cut.xml -O panscan_xmeml -A ratio=9:16
"""

from otio_panscan.shared import make_reader, make_writers

read_from_file = make_reader((".xml",))
write_to_file, write_to_string = make_writers("xmeml")
