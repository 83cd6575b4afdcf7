"""What a person likes and avoids, as labels of subjects and names of people."""

from __future__ import annotations

from panscan.model.perception import Objects, Perception
from panscan.model.request import NamedPerson, Request, Taste
from panscan.request.prompts import resolve_prompt


def taste_of(perception: Perception, request: Request) -> Taste:
    """The labels that the words of the user and of the preset stand for, with the weights at hand; and names.

    Raises
    ------
    CapabilityError
        The user's words name things that cannot be found. A preset's words are wishes.
    """
    objects = perception.get(Objects)
    known = tuple(str(n) for n in objects.names) if objects is not None and objects.available else ()

    def labels(words: tuple[str, ...], wishes: tuple[str, ...]) -> frozenset[str]:
        names = _names_among(words, request.people)
        others = tuple(word for word in words if word.casefold() not in names)
        if names and not others:
            return frozenset(names.values())
        meant = resolve_prompt(others, known, open_vocabulary=False)
        if not others:
            meant = resolve_prompt(wishes, known, open_vocabulary=False, strict=False)
        people = {"person"} if {"face", "speaker", "person"} & set(meant.traits) else set()
        return frozenset((*meant.classes, *meant.traits, *people, *names.values()))

    return Taste(labels(request.prompt, request.preset.prompt), labels(request.avoid, request.preset.avoid))


def _names_among(words: tuple[str, ...], people: tuple[NamedPerson, ...]) -> dict[str, str]:
    """The words that are somebody's name, in small letters, with the name as it is written."""
    asked = {word.casefold() for word in words}
    return {person.name.casefold(): person.name for person in people if person.name.casefold() in asked}
