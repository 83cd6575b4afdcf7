"""The output file: streams, codecs, sound, subtitles."""
