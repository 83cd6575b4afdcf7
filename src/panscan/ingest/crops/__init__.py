"""Reading an edit list and its table of crops back into a timeline of framings."""
