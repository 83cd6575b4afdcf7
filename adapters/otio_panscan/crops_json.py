"""OTIO adapter "panscan_crops_json": the crop of every frame as JSON.

It claims no suffix; name it:

    otioconvert -i cut.otio -o cut.crops.json -O panscan_crops_json -A ratio=9:16
"""

from otio_panscan.shared import make_writers

write_to_file, write_to_string = make_writers("crops-json")
