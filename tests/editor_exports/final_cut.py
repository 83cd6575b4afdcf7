"""The cut as Final Cut Pro 10.6 to 11 exports it: FCPXML 1.10 to 1.13."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from editor_exports.truth import DISSOLVE, FRAMES, FROZEN, HOUR, LENGTH, MUSIC_DB, MUSIC_FRAMES, TITLE, seconds

VERSIONS = ("1.10", "1.11", "1.12", "1.13")
_TICKS = 2500  # Final Cut writes times that are no whole seconds in hundredths of a frame


def at(frames: float, plus_s: int = 0) -> str:
    time_s = seconds(frames) + plus_s
    return f"{time_s}s" if time_s.denominator == 1 else f"{time_s * _TICKS}/{_TICKS}s"


def text(m: Mapping[str, Path], version: str, *, wrapped: bool = False) -> str:
    """The project; wrapped: one clip is a synchronized clip, and one a multicam clip."""
    second = _synchronized("1", 50, 40, 20) if wrapped else _clip("1", 50, 40, 20)
    last = _multicam(155, 35, 15) if wrapped else _clip("4", 155, 35, 15)
    spine = "\n".join((_clip("0", 0, 50, 10, _music(10)), _dissolve(), second, _frozen(), _j_cut(), last, _title()))
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE fcpxml>

<fcpxml version="{version}">
    <resources>
        <format id="r1" name="FFVideoFormatRateUndefined" frameDuration="100/2500s" width="320" height="180" colorSpace="1-1-1 (Rec. 709)"/>
{"".join(_asset(stem, path) for stem, path in m.items())}{_camera_angles() if wrapped else ""}
        <effect id="r20" name="Cross Dissolve" uid="FxPlug:4731E73A-8DAC-4113-9A30-AE85B1761265"/>
        <effect id="r21" name="Audio Crossfade" uid="FFAudioTransition"/>
        <effect id="r22" name="Basic Title" uid=".../Titles.localized/Bumper:Opener.localized/Basic Title.localized/Basic Title.moti"/>
    </resources>
    <library location="file:///Users/editor/Movies/Cut.fcpbundle/">
        <event name="Event" uid="0C1D6B7E-51C6-4F5E-9A55-2B8E4E9A7C11">
            <project name="finished" uid="5E0B4E3C-7B1F-4C38-8A0D-6E1A31B7D0A2" modDate="2025-03-02 10:12:44 +0100">
                <sequence format="r1" duration="{at(LENGTH)}" tcStart="3600s" tcFormat="NDF" audioLayout="stereo" audioRate="48k">
                    <spine>
{spine}
                    </spine>
                </sequence>
            </project>
        </event>
        <smart-collection name="Projects" match="all"><match-clip rule="is" type="project"/></smart-collection>
    </library>
</fcpxml>
"""  # noqa: E501


def _asset(stem: str, path: Path) -> str:
    name, frames, picture = (stem, MUSIC_FRAMES, "") if stem == "music" else (
        stem, FRAMES, ' hasVideo="1" format="r1" videoSources="1"')  # fmt: skip
    return f"""
        <asset id="m{name}" name="{name}" uid="{"0" * 24}{hash_of(stem)}" start="0s" duration="{at(frames)}"{picture} hasAudio="1" audioSources="1" audioChannels="2" audioRate="48000">
            <media-rep kind="original-media" sig="{"0" * 24}{hash_of(stem)}" src="{path.as_uri()}"><bookmark>Ym9vaw==</bookmark></media-rep>
            <metadata><md key="com.apple.proapps.studio.rawToLogConversion" value="0"/></metadata>
        </asset>"""  # noqa: E501


def hash_of(stem: str) -> str:
    return stem.encode().hex().upper().rjust(12, "0")[:12]


def _clip(stem: str, record: int, count: int, first: int, inner: str = "", more: str = "") -> str:
    return (
        f'<asset-clip ref="m{stem}" offset="{at(record, HOUR)}" name="{stem}" start="{at(first)}" '
        f'duration="{at(count)}" tcFormat="NDF" audioRole="dialogue"{more}>{inner}</asset-clip>'
    )


def _music(parent_first: int) -> str:
    """Connected below the first clip, on the clock of which its offset is counted."""
    return (
        f'<asset-clip ref="mmusic" lane="-1" offset="{at(parent_first)}" name="music" duration="{at(LENGTH)}" '
        f'audioRole="music.music-1"><adjust-volume amount="{MUSIC_DB:g}dB"/></asset-clip>'
    )


def _dissolve() -> str:
    cut, before, after = DISSOLVE
    return (
        f'<transition name="Cross Dissolve" offset="{at(cut - before, HOUR)}" duration="{at(before + after)}">'
        '<filter-video ref="r20" name="Cross Dissolve"><param name="Look" key="1" value="11 (Video)"/>'
        '<param name="Amount" key="2" value="50"/><param name="Ease" key="50" value="2 (In &amp; Out)"/></filter-video>'
        '<filter-audio ref="r21" name="Audio Crossfade"/></transition>'
    )


def _frozen() -> str:
    points = "".join(f'<timept time="{at(time)}" value="{at(FROZEN)}" interp="smooth2"/>' for time in (0, 20))
    return (
        f'<asset-clip ref="m2" offset="{at(90, HOUR)}" name="2" duration="{at(20)}" tcFormat="NDF" '
        f'srcEnable="video" audioRole="dialogue"><timeMap>{points}</timeMap></asset-clip>'
    )


def _j_cut() -> str:
    return _clip("3", 110, 45, 25, more=f' audioStart="{at(13)}" audioDuration="{at(57)}"')


def _title() -> str:
    first, end = TITLE
    return (
        f'<title ref="r22" offset="{at(first, HOUR)}" name="The End - Basic Title" start="3600s" '
        f'duration="{at(end - first)}"><param name="Position" key="9999/999166631/999166633/1/100/101" value="0 0"/>'
        '<text><text-style ref="ts1">The End</text-style></text><text-style-def id="ts1"><text-style font="Helvetica" '
        'fontSize="60" fontFace="Regular" fontColor="1 1 1 1" alignment="center"/></text-style-def></title>'
    )


def _synchronized(stem: str, record: int, count: int, first: int) -> str:
    inner = f'<asset-clip ref="m{stem}" offset="0s" name="{stem}" duration="{at(FRAMES)}" tcFormat="NDF" audioRole="dialogue"/>'  # noqa: E501
    return (
        f'<sync-clip offset="{at(record, HOUR)}" name="{stem}" start="{at(first)}" duration="{at(count)}" '
        f'format="r1" tcFormat="NDF"><spine>{inner}</spine><sync-source sourceID="storyline">'
        '<audio-role-source role="dialogue.dialogue-1" active="1"/></sync-source></sync-clip>'
    )


def _camera_angles() -> str:
    angles = "".join(
        f'<mc-angle name="{stem}" angleID="angle{stem}"><asset-clip ref="m{stem}" offset="0s" name="{stem}" '
        f'duration="{at(FRAMES)}" tcFormat="NDF" audioRole="dialogue"/></mc-angle>'
        for stem in ("3", "4")
    )
    return (
        f'\n        <media id="r30" name="Multicam" uid="{"0" * 32}"><multicam format="r1" tcStart="0s" tcFormat="NDF">'
        f"{angles}</multicam></media>"
    )


def _multicam(record: int, count: int, first: int) -> str:
    return (
        f'<mc-clip ref="r30" offset="{at(record, HOUR)}" name="Multicam" start="{at(first)}" '
        f'duration="{at(count)}"><mc-source angleID="angle4" srcEnable="all"/></mc-clip>'
    )
