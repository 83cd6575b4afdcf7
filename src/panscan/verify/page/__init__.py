"""The report as a page in pictures."""
