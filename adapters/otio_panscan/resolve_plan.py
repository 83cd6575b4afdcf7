"""OTIO adapter "panscan_resolve_plan": a plan for panscan's scripts in DaVinci Resolve.

It claims no suffix; name it:

    otioconvert -i cut.otio -o cut.resolve-plan.lua -O panscan_resolve_plan -A ratio=9:16
"""

from otio_panscan.shared import make_writers

write_to_file, write_to_string = make_writers("resolve-plan")
