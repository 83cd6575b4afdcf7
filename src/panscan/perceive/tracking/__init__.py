"""From detections to tracks, persons and people."""
