"""Everything about OpenTimelineIO: framings on clips, layout in record time, reading, building, flattening, files."""
