"""Reading an edit list and its table of crops back into a timeline of framings."""

from panscan.ingest.crops.read import edl_and_csv, read_crops

__all__ = ["edl_and_csv", "read_crops"]
