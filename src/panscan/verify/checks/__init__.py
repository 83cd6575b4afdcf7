"""What is checked, and the findings that come of it."""
