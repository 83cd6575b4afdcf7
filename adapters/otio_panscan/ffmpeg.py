"""OTIO adapter "panscan_ffmpeg": shell scripts that render the cut with FFmpeg.

It claims no suffix; name it:

    otioconvert -i cut.otio -o cut.ffmpeg.sh -O panscan_ffmpeg -A ratio=9:16
"""

from otio_panscan.shared import make_writers

write_to_file, write_to_string = make_writers("ffmpeg")
