"""`--prompt "dog, ball" --avoid "logo, crowd"`: a person's words -> class names of the weights, and traits.

A class is something that the weights of the signal `objects` can find. A trait is something that other signals know
without weights: faces, who speaks, writing, logos, movement. A "person" is both.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from panscan.errors import CapabilityError
from panscan.request.vocabulary import CLASSES, GROUPS, IRREGULAR_PLURALS, TRAITS


@dataclass(frozen=True, slots=True)
class ResolvedPrompt:
    """What words stand for.

    Attributes
    ----------
    classes : tuple of str
        Class names of the weights, each once, in the order asked for.
    traits : tuple of str
        Of "face", "speaker", "text", "logo", "crowd", "hand", "motion", "foreground", "background", "person".
    phrases : dict
        Each phrase with the classes that it stands for; none for mere traits.
    unmet : tuple of str
        Phrases that need weights that are not there. Empty where `resolve_prompt` was strict.
    """

    classes: tuple[str, ...] = ()
    traits: tuple[str, ...] = ()
    phrases: dict[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    unmet: tuple[str, ...] = ()


def split_words(texts: Iterable[str]) -> tuple[str, ...]:
    """The phrases of options such as "dog, ball": divided at commas, tidied, each once."""
    return tuple(dict.fromkeys(p for text in texts for part in text.split(",") if (p := " ".join(part.split()))))


def resolve_prompt(
    words: Sequence[str], known_classes: Sequence[str], *, open_vocabulary: bool, strict: bool = True
) -> ResolvedPrompt:
    """What each phrase stands for: classes of the weights, traits, or both.

    Parameters
    ----------
    words : sequence of str
        Phrases as a person wrote them.
    known_classes : sequence of str
        Class names of the weights; empty where there are no weights, of no meaning for an open vocabulary.
    open_vocabulary : bool
        The weights look for whatever is named: a phrase that is no trait stands for itself.
    strict : bool
        Refuse phrases that nothing here can find. A preset's own words are wishes: without `strict`, what cannot be
        found is left in `ResolvedPrompt.unmet`.

    Raises
    ------
    CapabilityError
        `strict`, and words need weights that are not there, or that do not know them.
    """
    index = _index(known_classes)
    phrases: dict[str, tuple[str, ...]] = {}
    traits: dict[str, None] = {}
    unmet: list[str] = []
    for word in split_words(words):
        trait = _trait(word)
        if trait:
            traits[trait] = None
        exact = next((index.names[form] for form in _forms(word) if form in index.names), ())
        if open_vocabulary:
            phrases[word] = (word,) if trait in (None, "person") else ()
        elif exact or trait not in (None, "person"):
            phrases[word] = exact
        else:
            phrases[word] = index.classes_meant(word)
            if not phrases[word] and not trait:
                del phrases[word]
                unmet.append(word)
    if unmet and strict:
        raise _not_found_error(unmet, known_classes)
    classes = tuple(dict.fromkeys(name for found in phrases.values() for name in found))
    return ResolvedPrompt(classes, tuple(traits), phrases, tuple(unmet))


@dataclass(frozen=True, slots=True)
class _Index:
    """Known class names, as tables.

    Attributes
    ----------
    names : dict
        By any of their forms.
    same : dict
        By the COCO class that they are.
    kinds : dict
        By the COCO class that they are a kind of.
    """

    names: dict[str, tuple[str, ...]]
    same: dict[str, tuple[str, ...]]
    kinds: dict[str, tuple[str, ...]]

    def classes_meant(self, phrase: str) -> tuple[str, ...]:
        """The known classes that a phrase means; a class for a group ("animal") by its own name only."""
        concepts, is_kind = _concepts(phrase)
        tables = (self.same,) if is_kind else (self.same, self.kinds)
        return tuple(dict.fromkeys(name for c in concepts for table in tables for name in table.get(c, ())))


def _index(known: Sequence[str]) -> _Index:
    names: dict[str, tuple[str, ...]] = {}
    same: dict[str, tuple[str, ...]] = {}
    kinds: dict[str, tuple[str, ...]] = {}
    for name in known:
        for form in _forms(name):
            names[form] = tuple(dict.fromkeys((*names.get(form, ()), name)))
        concepts, is_kind = _concepts(name)
        if len(concepts) == 1:  # weights with a class for a whole group are met by the group's very name only
            table = kinds if is_kind else same
            table[concepts[0]] = (*table.get(concepts[0], ()), name)
    # A name as it stands goes before the singular of another ("glasses" and "glass" are two classes).
    names |= {_tidy(name): (name,) for name in known}
    return _Index(names, same, kinds)


def _tidy(phrase: str) -> str:
    return " ".join(re.sub(r"[-_/]", " ", phrase.casefold()).split())


def _forms(phrase: str) -> Iterator[str]:
    """The phrase and what may be its singular, the likeliest first."""
    text = _tidy(phrase)
    yield text
    *before, last = text.split() or [""]
    for plural, singular in IRREGULAR_PLURALS.items():
        if text == plural or last == plural:
            yield singular if text == plural else " ".join((*before, singular))
    for ending, instead in (("ies", "y"), ("ves", "fe"), ("s", ""), ("es", "")):
        if last.endswith(ending) and len(last) > len(ending) + 1:
            yield " ".join((*before, last[: -len(ending)] + instead))


def _words_of(table: dict[str, str], *, kinds: bool = False) -> dict[str, str]:
    """Word -> entry of a table: its name and the other words for the same, or the words for kinds of it."""
    found: dict[str, str] = {}
    for name, others in table.items():
        same, _, kind = others.partition("|")
        found |= {word: name for word in (kind.split(",") if kinds else (name, *same.split(","))) if word}
    return found


_TRAIT_OF = _words_of(TRAITS)
_CLASS_OF = _words_of(CLASSES)
_KIND_OF = _words_of(CLASSES, kinds=True)


def _trait(phrase: str) -> str | None:
    for form in _forms(phrase):
        if form in _TRAIT_OF:
            return _TRAIT_OF[form]
    return "person" if _concepts(phrase)[0] == ("person",) else None


def _concepts(phrase: str) -> tuple[tuple[str, ...], bool]:
    """The COCO classes that a phrase means (one, those of a group, or none), and whether it means a kind only."""
    for form in _forms(phrase):
        if form in _CLASS_OF:
            return (_CLASS_OF[form],), False
        if form in _KIND_OF:
            return (_KIND_OF[form],), True
        if form in GROUPS:
            return tuple(GROUPS[form].split(",")), False
    return (), False


def _not_found_error(unmet: Sequence[str], known: Sequence[str]) -> CapabilityError:
    shown = ", ".join(repr(word) for word in unmet)
    if not known:
        return CapabilityError(
            f"cannot look for {shown}",
            why="That takes weights for objects, and there are none on this machine.",
            fix="panscan models pull (`panscan models list` shows what it fetches), or name a file in "
            f"PANSCAN_OBJECTS_MODEL. Without weights panscan knows {', '.join(('person', *TRAITS))}.",
        )
    near = "; ".join(f"nearest to {word!r}: {', '.join(_nearest(word, known)) or 'none'}" for word in unmet)
    some = ", ".join(known[:12]) + (", ..." if len(known) > 12 else "")
    return CapabilityError(
        f"the weights cannot look for {shown}",
        why=f"They know {len(known)} fixed classes ({some}); {near}.",
        fix="Use other words, or open-vocabulary weights (YOLO-World, YOLOE): name the .pt file in "
        "PANSCAN_OBJECTS_MODEL and what it shall look for in PANSCAN_OBJECTS_PROMPT.",
    )


def _nearest(phrase: str, known: Sequence[str]) -> list[str]:
    """Up to three classes: those that a word of the phrase means or is part of, then those spelled alike."""
    index = _index(known)
    found: list[str] = []
    for word in reversed(_tidy(phrase).split()):  # the last word carries the meaning: "red car"
        for form in _forms(word):
            found += index.names.get(form, ())
            found += [name for name in known if form in _tidy(name).split()]
        found += index.classes_meant(word)
    for near in difflib.get_close_matches(_tidy(phrase), [*index.names, *_CLASS_OF, *_KIND_OF], n=3, cutoff=0.7):
        found += index.names.get(near) or index.classes_meant(near)
    return list(dict.fromkeys(found))[:3]
