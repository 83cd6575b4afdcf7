"""OTIO adapter "panscan_premiere_plan": what the panel and the script in Premiere Pro carry out.

It claims no suffix; name it:

    otioconvert -i cut.otio -o cut.premiere-plan.json -O panscan_premiere_plan -A ratio=9:16
"""

from otio_panscan.shared import make_writers

write_to_file, write_to_string = make_writers("premiere-plan")
