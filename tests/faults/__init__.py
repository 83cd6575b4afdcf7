"""Faults that the verifier must find: each is planted into honest movies of several kinds."""

from faults import carried, container, looks, picture, sound, sources, timeline

FAULTS = (
    *picture.FAULTS,
    *looks.FAULTS,
    *sound.FAULTS,
    *container.FAULTS,
    *carried.FAULTS,
    *sources.FAULTS,
    *timeline.FAULTS,
)


def table() -> str:
    """Fault, finding and verdict as the manual shows them."""
    rows = [f"| {f.name} | `{f.check}` | {f.tier} |" for f in FAULTS]
    return "\n".join(["| planted fault | found by | verdict |", "|---|---|---|", *rows])
