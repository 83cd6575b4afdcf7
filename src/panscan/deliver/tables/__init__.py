"""Lists and tables: edit lists, crops as CSV and JSON, framing decision lists."""
