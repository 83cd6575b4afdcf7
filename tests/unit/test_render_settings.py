"""Codecs, qualities, hardware, HDR metadata: what an encoder is told."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from panscan.errors import CapabilityError, UsageError
from panscan.render.container import codecs
from panscan.render.container.codecs import Encoder, check_container, composed_format, encoder_for, options_for
from panscan.render.picture.hdr_metadata import HdrMetadata, encoder_parameters
from panscan.render.settings import CODECS, QUALITIES, RenderSettings


@pytest.mark.parametrize("codec", CODECS)
def test_every_quality_of_every_codec_is_its_own(codec):
    made = [RenderSettings.of(codec, quality) for quality in QUALITIES]
    assert len({m.crf for m in made}) == 3 and all(m.codec == codec for m in made)


def test_numbers_are_the_encoders_own():
    assert RenderSettings.of("h264", "23").crf == 23
    assert RenderSettings.of("av1", "60").crf == 60
    assert RenderSettings.of("h265", "20", preset="slow").preset == "slow"


@pytest.mark.parametrize(
    ("codec", "quality"), [("h266", "high"), ("h264", "best"), ("h264", "52"), ("prores", "2"), ("h264", "-1")]
)
def test_unknown_words_are_refused(codec, quality):
    with pytest.raises(UsageError):
        RenderSettings.of(codec, quality)


def test_default_settings_are_standard():
    assert RenderSettings.of() == RenderSettings()


@pytest.mark.parametrize(("codec", "suffix"), [("prores", ".mp4"), ("av1", ".mov"), ("h264", ".avi"), ("h264", "")])
def test_containers_that_cannot_hold_a_codec(codec, suffix):
    with pytest.raises(UsageError, match="out"):
        check_container(codec, Path(f"out{suffix}"))


def test_missing_software_encoder_names_it(monkeypatch):
    monkeypatch.setitem(codecs._SOFTWARE, "av1", "libnothing")
    with pytest.raises(CapabilityError, match="libnothing") as caught:
        encoder_for(RenderSettings(codec="av1"))
    assert caught.value.exit_code == 4


def test_missing_hardware_names_what_is_there(monkeypatch):
    monkeypatch.setattr(codecs, "_works", lambda name: name == "hevc_qsv")
    with pytest.raises(CapabilityError, match="hevc_qsv") as caught:
        encoder_for(RenderSettings(codec="h264", hardware="auto"))
    assert "libx264" not in str(caught.value) and "h264" in str(caught.value) and caught.value.exit_code == 4
    assert encoder_for(RenderSettings(codec="h265", hardware="auto")).name == "hevc_qsv"


@pytest.mark.parametrize(
    ("family", "preset", "options"),
    [
        ("nvenc", None, {"rc": "vbr", "cq": "18", "b": "0"}),
        ("nvenc", "p6", {"preset": "p6", "rc": "vbr", "cq": "18", "b": "0"}),
        ("qsv", "slow", {"preset": "slow", "global_quality": "18"}),
        ("videotoolbox", None, {"flags": "+qscale", "global_quality": "7670"}),
        ("amf", None, {"rc": "cqp", "qp_i": "18", "qp_p": "18"}),
        ("vaapi", None, {"qp": "18"}),
    ],
)
def test_hardware_encoders_are_told_their_own_words(monkeypatch, family, preset, options):
    monkeypatch.setattr(codecs, "_works", lambda name: name == f"h264_{family}")
    monkeypatch.setattr(codecs, "_formats", lambda name: ("nv12", "p010le"))
    settings = RenderSettings.of(preset=preset, hardware="auto")
    encoder = encoder_for(settings)
    assert (encoder.name, encoder.software, encoder_for(settings.as_proxy())) == (f"h264_{family}", False, encoder)
    assert options_for(encoder, settings, "yuv420p", None) == options
    assert encoder_for(RenderSettings.of(preset=preset, hardware=family)) == encoder
    assert [codecs.coded_format(composed_format(name, encoder), encoder) for name in ("yuv422p", "yuv420p10le")] == [
        "nv12",
        "p010le",
    ]


@pytest.mark.parametrize(("family", "preset"), [("nvenc", "veryfast"), ("qsv", "p5"), ("videotoolbox", "fast")])
def test_presets_that_a_hardware_encoder_does_not_have(monkeypatch, family, preset):
    monkeypatch.setattr(codecs, "_works", lambda name: name == f"h264_{family}")
    with pytest.raises(UsageError, match=f"h264_{family} has no preset"):
        encoder_for(RenderSettings.of(preset=preset, hardware="auto"))


def test_an_encoder_without_its_driver_does_not_count():
    """libx264 opens here and a made-up name does not: the probe really encodes."""
    assert codecs._works("libx264") and not codecs._works("h264_nothing")


@pytest.mark.parametrize(
    ("working", "accepts", "composed"),
    [
        ("yuv420p", ("yuv420p", "yuv422p"), "yuv420p"),
        ("yuv420p", ("yuv422p10le", "yuv444p10le"), "yuv422p10le"),  # ProRes
        ("yuv444p", ("yuv422p10le", "yuv444p10le"), "yuv444p10le"),
        ("yuv422p", ("yuv420p", "yuv420p10le"), "yuv420p"),  # SVT-AV1
        ("yuv422p10le", ("yuv420p", "yuv420p10le"), "yuv420p10le"),
        ("yuv420p", ("nv12", "p010le"), "yuv420p"),
        ("yuv420p10le", ("nv12", "p010le"), "yuv420p10le"),
    ],
)
def test_nearest_format_keeps_what_it_can(working, accepts, composed):
    assert composed_format(working, Encoder("any", True, accepts)) == composed


P3 = tuple(Fraction(v, 50000) for v in (34000, 16000, 13250, 34500, 7500, 3000, 15635, 16450))
LIGHT = HdrMetadata(P3, (Fraction(1, 10000), Fraction(1000)), (1000, 400))


def test_light_is_told_in_each_encoders_words():
    assert encoder_parameters(LIGHT, "libx265")[:2] == [
        "master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,1)",
        "max-cll=1000,400",
    ]
    assert encoder_parameters(LIGHT, "libsvtav1")[0].startswith(
        "mastering-display=G(0.26500,0.69000)B(0.15000,0.06000)"
    )
    assert encoder_parameters(LIGHT, "prores_ks") == [] and encoder_parameters(None, "libx265") == []
    options = options_for(encoder_for(RenderSettings()), RenderSettings(gop_frames=50), "yuv420p10le", LIGHT)
    assert "cll=1000,400" in options["x264-params"] and "keyint=50" in options["x264-params"]


@pytest.mark.parametrize(
    ("repeatable", "has_unit", "expected"), [(True, True, "asm=AVX2"), (True, False, None), (False, True, None)]
)
def test_x264_is_repeatable_without_avx512(monkeypatch, repeatable, has_unit, expected):
    monkeypatch.setattr(codecs, "has_vector_unit", lambda name: has_unit and name == "AVX512-SKX")
    settings = RenderSettings(repeatable=repeatable)
    assert options_for(encoder_for(settings), settings, "yuv420p", None).get("x264-params") == expected
