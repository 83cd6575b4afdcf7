"""The cut as DaVinci Resolve 18 to 20 exports it as FCPXML 1.9 or 1.10: times over 25, a place for every clip.

Every clip carries its conform and transform. Sound that is not cut with its picture lies in lanes of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from editor_exports.truth import DISSOLVE, FRAMES, FROZEN, HOUR, LENGTH, MUSIC_DB, MUSIC_FRAMES, TITLE

VERSIONS = ("1.9", "1.10")
_PLACED = '<adjust-conform type="fit"/><adjust-transform position="0 0" anchor="0 0" scale="1 1"/>'


def at(frames: int, plus_s: int = 0) -> str:
    return f"{frames + 25 * plus_s}/{1 if frames + plus_s == 0 else 25}s"


def text(m: Mapping[str, Path], version: str) -> str:
    cut, before, after = DISSOLVE
    dissolve = (
        f'<transition duration="{at(before + after)}" name="Cross Dissolve" offset="{at(cut - before, HOUR)}">'
        '<filter-video ref="r20" name="Cross Dissolve"/></transition>'
    )
    hold = "".join(f'<timept time="{at(time)}" value="{at(FROZEN)}" interp="linear"/>' for time in (0, 20))
    frozen = (
        f'<asset-clip tcFormat="NDF" ref="m2" start="{at(0)}" duration="{at(20)}" name="2.mov" format="r1" '
        f'offset="{at(90, HOUR)}" enabled="1" srcEnable="video"><timeMap frameSampling="floor">{hold}</timeMap>'
        f"{_PLACED}"
        # Under the freeze frame the sound of the next clip begins; its offset counts on the clock of its parent.
        f"{_sound('3', 8, 57, 13, '-1')}</asset-clip>"
    )
    first, end = TITLE
    title = (
        f'<title ref="r22" duration="{at(end - first)}" start="{at(0, HOUR)}" name="Text" '
        f'offset="{at(first, HOUR)}" enabled="1"><text roll-up-height="0"><text-style ref="ts0">The End</text-style>'
        '</text><text-style-def id="ts0"><text-style font="Open Sans" fontSize="60" fontColor="1 1 1 1"/>'
        f"</text-style-def>{_PLACED}</title>"
    )
    music = _sound("music", 10, LENGTH, 0, "-2", f'<adjust-volume amount="{MUSIC_DB:g}dB"/>')
    clips = (
        _clip("0", 0, 50, 10, music), dissolve, _clip("1", 50, 40, 20), frozen,
        _clip("3", 110, 45, 25, "", ' srcEnable="video"'), _clip("4", 155, 35, 15), title,
    )  # fmt: skip
    form = 'frameDuration="1/25s" width="320" height="180"'
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE fcpxml>\n'
        f'<fcpxml version="{version}"><resources><format id="r1" name="FFVideoFormatRateUndefined" {form}/>'
        f"{''.join(_asset(stem, path) for stem, path in m.items())}"
        '<effect id="r20" name="Cross Dissolve" uid="FxPlug:4731E73A-8DAC-4113-9A30-AE85B1761265"/>'
        '<effect id="r22" name="Basic Title" uid=".../Titles.localized/Basic Title.moti"/></resources>'
        '<library><event name="finished (Resolve)"><project name="finished (Resolve)">'
        f'<sequence tcFormat="NDF" tcStart="{at(0, HOUR)}" duration="{at(LENGTH)}" format="r1">'
        f"<spine>{''.join(clips)}</spine></sequence></project></event></library></fcpxml>\n"
    )


def _asset(stem: str, path: Path) -> str:
    frames, picture = (MUSIC_FRAMES, "") if stem == "music" else (FRAMES, ' hasVideo="1" format="r1"')
    return (
        f'<asset audioSources="1" duration="{at(frames)}" start="{at(0)}" name="{path.name}" id="m{stem}" hasAudio="1" '
        f'audioChannels="2"{picture}><media-rep src="{path.as_uri()}" kind="original-media"/></asset>'
    )


def _clip(stem: str, record: int, count: int, first: int, inner: str = "", more: str = "") -> str:
    return (
        f'<asset-clip tcFormat="NDF" ref="m{stem}" start="{at(first)}" duration="{at(count)}" name="{stem}.mov" '
        f'format="r1" offset="{at(record, HOUR)}" enabled="1"{more}>{_PLACED}{inner}</asset-clip>'
    )


def _sound(stem: str, offset: int, count: int, first: int, lane: str, inner: str = "") -> str:
    return (
        f'<asset-clip tcFormat="NDF" ref="m{stem}" start="{at(first)}" duration="{at(count)}" name="{stem}" '
        f'lane="{lane}" offset="{at(offset)}" enabled="1" srcEnable="audio">{inner}</asset-clip>'
    )
