"""OTIO adapter "panscan_fcpxml": FCPXML with panscan's cameras as keyframed transforms, and a reader of FCPXML.

It claims no suffix, so that it never displaces another adapter; name it:

    otioconvert -i talk.9x16.otio -o talk.fcpxml -O panscan_fcpxml
    otioconvert -i cut.otio -o cut.fcpxml -O panscan_fcpxml -A ratio=9:16
"""

from otio_panscan.shared import make_reader, make_writers

read_from_file = make_reader((".fcpxml", ".fcpxmld"))
# otioconvert reads `-A version=1.10` as the number 1.1; there is no FCPXML 1.1 to confuse it with here.
write_to_file, write_to_string = make_writers("fcpxml", {"version": {"1.1": "1.10"}})
