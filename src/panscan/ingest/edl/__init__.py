"""Reading CMX3600 edit lists."""
