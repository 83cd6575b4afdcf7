"""The picture of a timeline as clips and gaps in a row, for formats that write the clips one after the other."""
