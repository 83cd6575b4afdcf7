"""Which reader an editor's file needs."""

from __future__ import annotations

from pathlib import Path

from lxml import etree

from panscan.errors import InputError
from panscan.ingest.cameras.fcpxml import fcpxml_motions
from panscan.ingest.cameras.motions import EditorMotions
from panscan.ingest.cameras.xmeml import xmeml_motions
from panscan.ingest.cuts.files import read_xml, unreadable

SUFFIXES = (".fcpxml", ".fcpxmld", ".xml")


def read_motions(path: Path) -> EditorMotions:
    """How the clips of an FCPXML or xmeml file show their media.

    Raises
    ------
    InputError
        The file is none of both, holds no sequence or several, or cannot be understood.
    """
    root = read_xml(path / "Info.fcpxml" if path.is_dir() else path)
    readers = {"fcpxml": fcpxml_motions, "xmeml": xmeml_motions}
    if root.tag not in readers:
        why = f"It is a {root.tag!r} document; cameras are read from FCPXML and from Final Cut Pro 7 XML"
        raise unreadable(path, why, "Export the timeline as XML from the editor.")
    sequence = _only_sequence(path, root)
    try:
        return readers[root.tag](root, sequence)
    except (ValueError, ArithmeticError) as error:
        raise unreadable(path, str(error) or type(error).__name__) from error


def _only_sequence(path: Path, root: etree._Element) -> etree._Element:
    """The sequence of the file; compound clips have one too, which are no project of their own."""
    within = {"fcpxml": "project/sequence", "xmeml": "sequence"}[str(root.tag)]
    nested = {"fcpxml": "media", "xmeml": "clipitem"}[str(root.tag)]
    found = [
        sequence
        for sequence in root.iter("sequence")
        if _ends_with(sequence, within) and not any(True for _ in sequence.iterancestors(nested))
    ]
    if len(found) != 1:
        raise InputError(
            f"{path} holds {len(found) or 'no'} timeline{'s' if len(found) > 1 else ''}",
            why="Cameras are read from one at a time.",
            fix="Select one timeline in the editor and export that as XML.",
        )
    return found[0]


def _ends_with(element: etree._Element, way: str) -> bool:
    tags = [str(one.tag) for one in (*reversed(list(element.iterancestors())), element)]
    return "/".join(tags).endswith(way)
