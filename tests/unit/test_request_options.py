"""Options of the command line become requests, or an error that says which one and why."""

from __future__ import annotations

import pytest

from panscan import registry
from panscan.errors import UsageError
from panscan.model.geometry import Size
from panscan.model.request import Models
from panscan.request import presets
from panscan.request.options import request_for, requests_for
from panscan.request.override_files import movie_overrides

TALL = ("9:16",)


def one(**options):
    """The only request of these options."""
    ((request, _),) = requests_for(TALL, **options)
    return request


def test_without_options_the_presets_hold():
    request = one()
    assert (str(request.ratio), request.canvas, request.preset) == (
        "9:16",
        Size(1080, 1920),
        presets.load_preset("default"),
    )
    assert (request.method, request.mode, request.layouts, request.prompt, request.avoid) == (None, None, None, (), ())
    assert request.with_speaker and request.tolerance_px == 1.0 and request.overrides == ()


def test_every_option_reaches_its_request():
    request = one(
        canvas="720x1280",
        preset="podcast",
        method="gravity",
        mode="stable",
        layouts="fit, split-2",
        speaker=False,
        prompt="dog, ball",
        avoid="crowd",
        tolerance_px=3.0,
    )
    assert (request.canvas, request.preset.name, request.method, request.mode) == (
        Size(720, 1280),
        "podcast",
        "gravity",
        "stable",
    )
    assert request.layouts == ("fit", "split-2") and not request.with_speaker
    assert (request.prompt, request.avoid, request.tolerance_px) == (("dog", "ball"), ("crowd",), 3.0)


def test_one_request_per_shape_each_with_its_file_name():
    made = requests_for(("9:16", "1:1", "18x32"))
    assert [(str(request.ratio), request.canvas, slug) for request, slug in made] == [
        ("9:16", Size(1080, 1920), "9x16"),
        ("1:1", Size(1080, 1080), "1x1"),
    ]


def test_both_makes_two_of_each_with_names_of_their_own():
    made = requests_for(("9:16", "1:1"), both=True)
    assert [(slug, request.with_speaker) for request, slug in made] == [
        ("9x16", True),
        ("9x16.no-speaker", False),
        ("1x1", True),
        ("1x1.no-speaker", False),
    ]


@pytest.mark.parametrize(
    ("text", "layouts"),
    [
        (None, None),
        ("", None),
        ("auto", ("auto",)),
        ("single", ("single",)),
        (" split-2 ,fit,, split-2 ", ("split-2", "fit")),
    ],
)
def test_layouts_are_a_list_with_commas(text, layouts):
    assert one(layouts=text).layouts == layouts


@pytest.mark.parametrize("name", [*registry.entries("layouts"), "auto"])
def test_every_layout_can_be_asked_for(name):
    assert one(layouts=name).layouts == (name,)


@pytest.mark.parametrize(
    ("options", "what", "why"),
    [
        ({"method": "luck"}, "unknown method 'luck'", "adaptive"),
        ({"mode": "wild"}, "unknown mode 'wild'", ", ".join(registry.MODES)),
        ({"preset": "nothing-such"}, "unknown preset 'nothing-such'", "podcast"),
        ({"layouts": "single,mosaic"}, "unknown layout 'mosaic'", "split-4"),
        ({"tolerance_px": 0.05}, "a tolerance of 0.05 px is not useful", "0.1 to 20"),
        ({"tolerance_px": 20.5}, "a tolerance of 20.5 px is not useful", "0.1 to 20"),
        ({"tolerance_px": float("nan")}, "a tolerance of nan px is not useful", "0.1 to 20"),
        ({"canvas": "1080"}, "'1080' is not a size", "WIDTHxHEIGHT"),
        ({"canvas": "1080xhigh"}, "'1080xhigh' is not a size", "WIDTHxHEIGHT"),
        ({"canvas": "-720x1280"}, "'-720x1280' is not a size", "WIDTHxHEIGHT"),
        ({"canvas": "10²x1280"}, "'10²x1280' is not a size", "WIDTHxHEIGHT"),
        ({"canvas": "9x16"}, "'9x16' is not a size", "16 to 8192"),
        ({"canvas": "9000x16000"}, "'9000x16000' is not a size", "16 to 8192"),
        ({"canvas": "1081x1920"}, "the canvas 1081x1920 has an odd side", "even"),
        ({"canvas": "1080x1921"}, "the canvas 1080x1921 has an odd side", "even"),
        ({"canvas": "1080x1080"}, "the canvas 1080x1080 is not 9:16", "0.562"),
        ({"speaker": False, "both": True}, "--both and --no-speaker contradict each other", "with and without"),
    ],
    ids=lambda value: None if isinstance(value, dict) else str(value)[:24],
)
def test_a_wrong_option_says_what_and_why(options, what, why):
    with pytest.raises(UsageError) as refused:
        requests_for(TALL, **options)
    assert what in str(refused.value) and why in refused.value.why and refused.value.fix


def test_an_odd_canvas_comes_with_the_next_even_one():
    with pytest.raises(UsageError) as refused:
        requests_for(TALL, canvas="721x1281")
    assert "720x1280" in refused.value.fix
    assert one(canvas="720x1280").canvas == Size(720, 1280)


@pytest.mark.parametrize("text", ["tall", "0:16", "1:11"])
def test_a_shape_that_is_none_is_refused(text):
    with pytest.raises(UsageError):
        requests_for((text,))


def test_a_canvas_goes_with_one_shape():
    with pytest.raises(UsageError, match="a canvas goes with one ratio"):
        requests_for(("9:16", "1:1"), canvas="720x1280")
    assert requests_for(("9:16", "18:32"), canvas="720x1280")[0][0].canvas == Size(720, 1280)


@pytest.mark.parametrize(("canvas", "fits"), [("1080x1890", True), ("1080x1880", False), ("1080x1958", True)])
def test_a_canvas_may_differ_from_its_shape_by_two_percent(canvas, fits):
    if fits:
        assert str(one(canvas=canvas).canvas) == canvas
    else:
        with pytest.raises(UsageError, match="is not 9:16"):
            one(canvas=canvas)


def test_the_weights_of_a_request_are_the_environments_unless_given(monkeypatch):
    monkeypatch.setenv("PANSCAN_OBJECTS_MODEL", "before")
    monkeypatch.setenv("PANSCAN_OBJECTS_PROMPT", "red car, guitar")
    monkeypatch.setenv("PANSCAN_SPEAKER_MODEL", "lr-asd-ava")
    monkeypatch.setenv("PANSCAN_WORDS_MODEL", "small")
    found = request_for("9:16", prompt="dog").models
    assert found == Models("before", ("red car", "guitar"), ("dog",), "lr-asd-ava", "small")
    given = request_for("9:16", prompt="dog", models=Models(objects="none")).models
    assert given == Models(objects="none", prompt=("dog",))


def test_overrides_lie_beside_the_media_unless_named(tmp_path):
    import documents as make

    media = make.media(path=str(tmp_path / "talk.mp4"), frame_count=100)
    assert movie_overrides(None, media) == ()
    (tmp_path / "talk.panscan.toml").write_text('[[shot]]\nshot = 1\nlayout = "fit"\n')
    (beside,) = movie_overrides(None, media)
    assert (beside.shot, beside.layout) == (1, "fit")
    named = tmp_path / "other.toml"
    named.write_text("[[shot]]\nfrom = 0\nhold = true\n")
    (given,) = movie_overrides(named, media)
    assert (given.first, given.hold, given.layout) == (0, True, None)
