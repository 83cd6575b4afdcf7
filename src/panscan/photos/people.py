"""The people whom the shots of a photo are about."""

from __future__ import annotations

from panscan.errors import UsageError
from panscan.photos.briefs import leading_people
from panscan.photos.perception import PhotoPerception, PhotoPerson
from panscan.photos.words import names_of


def chosen_people(perception: PhotoPerception, subject: str) -> list[PhotoPerson]:
    """The people whom the shots are about.

    Raises
    ------
    UsageError
        Nobody answers to `subject`.
    """
    leading = leading_people(perception)
    if not subject:
        return leading
    headed = [p for p in perception.people if p.head_px is not None]
    if subject == "all" and headed:
        return headed
    by_place = sorted(headed, key=lambda p: p.body_px[0])
    places = {"left": 0, "right": len(by_place) - 1, **{str(n + 1): n for n in range(len(by_place))}}
    if subject in places and by_place:
        return [by_place[places[subject]]]
    named = [p for p in headed if p.name == subject]
    if named:
        return named
    raise UsageError(
        f"nobody in the photo answers to {subject!r}",
        why=f"Seen: {names_of(headed)}." if headed else "No person with a head is seen.",
        fix="Use --subject left, right, all, a number from the left, or one of these names.",
    )
