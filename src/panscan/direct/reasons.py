"""Why a shot is framed as it is, in words of an editor: who is shown, why these, and who is left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

import numpy as np

from panscan.direct.evidence import BODY, FACE, FRONT, Evidence
from panscan.direct.shot_context import ShotContext
from panscan.direct.windows import WindowPath
from panscan.model.perception import FloatArray
from panscan.model.plan import Subject

_MOST_NAMED = 3  # subjects by name: more are counted
_SPEAKS = 0.5  # mean probability from which somebody speaks rather than not
_CLEARLY = 1.2  # times the next one's: a difference in size or motion that a viewer sees
_CENTRAL = 0.05  # of the window, beside which it is no longer in the picture's middle
_LEFT_OUT = 0.3  # of the weight of who leads, from which somebody is missed who is not shown


def reason_of(
    shown: Sequence[Subject], evidence: Evidence, mean: FloatArray, path: WindowPath, context: ShotContext
) -> str:
    """Half a sentence on the best path of the window.

    Parameters
    ----------
    shown : sequence of Subject
        Those inside the window, most important first.
    evidence : Evidence
    mean : ndarray (n,)
        Mean weight of each subject of the shot.
    path : WindowPath
    context : ShotContext
    """
    left = words_on_left_out(missed(shown, mean, context), context.subjects)
    known = [subject for subject in shown if subject.kind != "mover"]
    does = "follows" if path.moves else "shows"
    if shown and shown[0].kind != "mover":
        why = _words_on_shown(does, known, _distinction(known, evidence, mean, context), context.subjects)
    elif not shown and _is_central(path, context):
        why = "middle of the picture: nothing stands out"
    else:
        nobody = "nobody and nothing leads" if known or left else "nobody and nothing is recognised"
        why = f"{f'{does} what moves most' if shown else 'where most moves and stands out'}: {nobody}"
    return f"{why}; {left}" if left else why


def _words_on_shown(does: str, shown: Sequence[Subject], distinction: str, among: Sequence[Subject]) -> str:
    """Who is shown and what sets them apart, as an editor would say it.

    does: "follows" or "shows"; among: all subjects of the shot.
    """
    lead = shown[0]
    if distinction == "speaks":
        beside = list_names([subject for subject in shown if subject.name != lead.name], among)
        return words_on_speaker(lead.known_as, beside)
    alike = [subject for subject in shown if subject.kind == lead.kind]
    others = list_names([subject for subject in shown if subject.kind != lead.kind], among)
    is_said = distinction == f"the only {lead.label}"  # by its name: the dog
    told = f"{does} {list_names(alike, among)}" + ("" if is_said else f", {distinction}")
    return f"{told}, with {others}" if others else told


def words_on_speaker(name: str, beside: str = "") -> str:
    """That somebody speaks; `beside`: who else is shown."""
    return f"{name} speaks, with {beside}" if beside else f"{name} speaks"


def words_on_turns(names: Sequence[str]) -> str:
    """Who speaks in a shot; `names`: one for each turn."""
    speakers = list(dict.fromkeys(names))
    return words_on_speaker(speakers[0]) if len(speakers) == 1 else f"{_listed(speakers)} speak in turn"


def _is_central(path: WindowPath, context: ShotContext) -> bool:
    """Whether the window stands in the middle of the picture."""
    center = (context.bounds.center_x, context.bounds.center_y)[path.axis]
    return bool(np.all(np.abs(path.start_px + path.length_px / 2 - center) <= _CENTRAL * path.length_px))


def missed(shown: Sequence[Subject], mean: FloatArray, context: ShotContext) -> list[Subject]:
    """Persons and things not shown that matter nearly as much as who leads, most important first."""
    names = {subject.name for subject in shown}
    most = max((mean[context.subjects.index(s)] for s in shown), default=mean.max(initial=0.0))
    order = np.argsort(-mean, kind="stable")
    found = [context.subjects[n] for n in order if mean[n] > 0 and mean[n] >= _LEFT_OUT * most]
    left = {s.name: s for s in found if s.kind != "mover" and s.name not in names}
    return list(left.values())


def words_on_left_out(left: Sequence[Subject], among: Sequence[Subject] = ()) -> str:
    """Who is left out; empty where nobody is. `among`: see `list_names`."""
    if not left:
        return ""
    if len(left) <= _MOST_NAMED:
        return f"{list_names(left, among)} left out"
    people = sum(subject.kind == "person" for subject in left)
    noun = "people" if people == len(left) else "things" if not people else "people and things"
    return f"{len(left)} {noun} left out"


def list_names(subjects: Sequence[Subject], among: Sequence[Subject] = ()) -> str:
    """The first few by name, the others counted; things with what they are: the dog, where `among` all is no other."""
    things = Counter(label for _, label in {(one.name, one.label) for one in among if one.kind == "object"})
    lone = {label for label, count in things.items() if count == 1}
    return _listed(list(dict.fromkeys(_called(subject, lone) for subject in subjects)))


def _listed(names: Sequence[str]) -> str:
    if len(names) > _MOST_NAMED:
        named = _MOST_NAMED - 1
        return f"{', '.join(names[:named])} and {len(names) - named} more"
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def _called(subject: Subject, lone: Collection[str]) -> str:
    if subject.kind != "object":
        return subject.known_as
    return f"the {subject.label}" if subject.label in lone else f"{subject.name} ({subject.label})"


def _distinction(shown: Sequence[Subject], evidence: Evidence, mean: FloatArray, context: ShotContext) -> str:
    """What sets those shown apart from the others of their kind, by the first of them."""
    lead = shown[0]
    rows = (evidence.part != BODY) & (evidence.part != FRONT)
    count = len(context.subjects)
    seen = np.maximum(1, np.bincount(evidence.subject[rows], minlength=count))
    speech, motion, size = (
        np.bincount(evidence.subject[rows], column[rows], count) / seen
        for column in (evidence.speech, evidence.motion, evidence.size)
    )
    first = context.subjects.index(lead)
    if speech[first] >= _SPEAKS:
        return "speaks"
    alike = [n for n, s in enumerate(context.subjects) if s.kind == lead.kind and mean[n] > 0 and s.name != lead.name]
    if not alike:
        return _only(lead, evidence, first)
    shown_names = {subject.name for subject in shown}
    rivals = [n for n in alike if context.subjects[n].name not in shown_names]
    if not rivals:
        return "all who are there" if lead.kind == "person" else "all that is there"
    presence = np.zeros(count)
    presence[evidence.subject] = evidence.presence
    for figure, word in ((size, "the largest"), (motion, "moving most"), (presence, "seen longest")):
        if figure[first] >= _CLEARLY * max(figure[n] for n in rivals) > 0:
            return word
    return "first by size, place and time"


def _only(lead: Subject, evidence: Evidence, number: int) -> str:
    """That there is but one of its kind."""
    if lead.label != "person":
        return f"the only {lead.label or 'thing'}"
    faced = bool(((evidence.subject == number) & (evidence.part == FACE)).any())
    return "the only face" if faced else "the only person"
