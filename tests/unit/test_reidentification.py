"""One person keeps one number across shots."""

from __future__ import annotations

import numpy as np

from panscan.model.perception import Appearance
from panscan.perceive.tracking.reidentification import reidentify

PART = 72  # colours counted per part: hair, face, clothes


def tone(*colours: int) -> np.ndarray:
    """Hair, face and clothes of one plain colour each, a little of every other."""
    parts = []
    for colour in colours:
        part = np.full(PART, 0.1 / PART)
        part[colour] += 0.9
        parts.append(part)
    return np.concatenate(parts)


ANNA, BERT = tone(1, 20, 40), tone(5, 22, 60)


def cast(*tracks: tuple[int, int, float, np.ndarray | None]) -> np.ndarray:
    """Persons of tracks given as (shot, kind, left edge px, look); each shot lasts 100 frames."""
    track, frame, box, looked, place, looks = [], [], [], [], [], []
    for number, (shot, _, left, look) in enumerate(tracks):
        for at in range(100 * shot, 100 * shot + 90, 10):
            track.append(number)
            frame.append(at)
            box.append([left, 100.0, 80.0, 80.0])
            if look is not None:
                looked.append(at)
                place.append([left + 4, 98.0, 80.0, 80.0])
                looks.append(look)
    appearance = Appearance(
        np.array(looked, np.int64), np.array(place).reshape(-1, 4), np.array(looks).reshape(-1, 3 * PART)
    )
    kinds, shots = np.array([t[1] for t in tracks]), np.array([t[0] for t in tracks])
    return reidentify(np.array(track), np.array(frame), np.array(box), kinds, shots, appearance)


def test_a_person_is_known_again_in_another_shot():
    assert cast((0, 0, 100, ANNA), (0, 0, 600, BERT), (1, 0, 300, BERT), (2, 0, 300, ANNA)).tolist() == [0, 1, 1, 0]


def test_nobody_is_twice_in_one_shot():
    assert cast((0, 0, 100, ANNA), (0, 0, 600, ANNA)).tolist() == [0, 1]


def test_a_stranger_is_new():
    assert cast((0, 0, 100, ANNA), (1, 0, 100, tone(9, 30, 70))).tolist() == [0, 1]


def test_without_a_look_everybody_is_new_and_movers_are_nobody():
    assert cast((0, 0, 100, None), (0, 1, 500, None), (1, 0, 100, None)).tolist() == [0, -1, 1]


def test_the_looks_of_a_neighbour_are_not_taken():
    # Only the right one was looked at: the left one has no colours, so nothing ties it to anybody.
    assert cast((0, 0, 100, None), (0, 0, 600, ANNA), (1, 0, 100, ANNA)).tolist() == [0, 1, 1]


def mixed(share: float) -> np.ndarray:
    """Anna in other light: this share of her colours is as it was."""
    return share * ANNA + (1 - share) * tone(9, 30, 70)


def test_who_comes_back_to_a_seat_may_look_a_little_different():
    # Shot, counter-shot, shot: the same place says half of it, a third shot or another place nothing.
    seat, counter = (0, 0, 300, ANNA), (1, 0, 700, BERT)
    assert cast(seat, counter, (2, 0, 310, mixed(0.52))).tolist() == [0, 1, 0]
    assert cast(seat, counter, (2, 0, 500, mixed(0.52))).tolist() == [0, 1, 2]
    assert cast(seat, counter, (3, 0, 310, mixed(0.52))).tolist() == [0, 1, 2]
    assert cast(seat, counter, (2, 0, 310, mixed(0.4))).tolist() == [0, 1, 2]


def test_things_are_nobody():
    assert cast((0, 0, 100, ANNA), (0, 2, 500, None), (1, 0, 100, ANNA)).tolist() == [0, -1, 0]


def test_the_speakers_of_the_talk_keep_their_names(talk_seen):
    from panscan.model.perception import Tracks

    tracks = talk_seen[1].need(Tracks)
    faces = tracks.kind == 0
    by_shot = {int(s): sorted(set(tracks.person[faces & (tracks.shot == s)].tolist())) for s in range(4)}
    assert len(by_shot[0]) == 2
    first, second = by_shot[1][0], by_shot[2][0]
    assert {first, second} == set(by_shot[0]), "both close-ups show the two of the first shot"
    assert by_shot[3] == [first], "the wide shot shows the one of the second"
