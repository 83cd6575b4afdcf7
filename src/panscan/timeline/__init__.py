"""Everything about OpenTimelineIO: framings on clips, layout in record time, transitions, reading, building, files."""
