"""Encoding in segments, by several processes or machines, resumed where a killed run stopped, joined without loss.

Where segments begin depends on the timeline alone, and each is encoded with the same number of threads: so the movie is
the same whoever encodes how many of them. Finished segments are kept in a folder until all are there; its manifest says
which movie they belong to.
"""
