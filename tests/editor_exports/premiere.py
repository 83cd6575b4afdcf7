"""The cut as Premiere Pro 23 to 26 exports it as Final Cut Pro XML: stereo sounds lie in two exploded tracks."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from editor_exports.truth import DISSOLVE, FRAMES, HOUR, LENGTH, MUSIC_DB, MUSIC_FRAMES, PICTURES, TITLE

_RATE = "<rate><timebase>25</timebase><ntsc>FALSE</ntsc></rate>"
_TICKS = 254_016_000_000 // 25  # of a frame
_TRACK = (
    'TL.SQTrackAudioKeyframeStyle="0" TL.SQTrackShy="0" TL.SQTrackExpandedHeight="25" TL.SQTrackExpanded="0" '
    'MZ.TrackTargeted="1" PannerCurrentValue="0.5" PannerIsInverted="true" '
    'PannerStartKeyframe="-91445760000000000,0.5,0,0,0,0,0,0" PannerName="Balance" '
)
_SIZE = (
    "<width>320</width><height>180</height><anamorphic>FALSE</anamorphic>"
    "<pixelaspectratio>square</pixelaspectratio><fielddominance>none</fielddominance>"
)


class Writer:
    """The items of a sequence, and its media, which are described where they are used first."""

    def __init__(self, m: Mapping[str, Path]) -> None:
        self._m, self._known, self._number = m, set[str](), 0

    def text(self, *, nested: bool, layered: bool) -> str:
        """The sequence; nested: one clip lies in a sequence of its own; layered: below an adjustment layer."""
        pictures = self._pictures(nested)
        layers = f"<track>{self._layer()}<enabled>TRUE</enabled></track>" if layered else ""
        own, j_cut, music = self._own_sounds(), self._j_cut(), self._music()
        sounds = "".join(_exploded(side, row) for row in (own, j_cut, music) for side, row in enumerate(row))
        video = f"<format><samplecharacteristics>{_RATE}{_SIZE}</samplecharacteristics></format>{pictures}{layers}"
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE xmeml>\n<xmeml version="4">\n'
            f'<sequence id="sequence-1" explodedTracks="true"><uuid>9d1e0c3c-1b35-4dd0-a3c4-7b0a4f9a2c10</uuid>'
            f"<duration>{LENGTH}</duration>{_RATE}<name>finished</name><media><video>{video}</video>"
            f"<audio><numOutputChannels>2</numOutputChannels><format><samplecharacteristics><depth>16</depth>"
            f"<samplerate>48000</samplerate></samplecharacteristics></format>{sounds}</audio></media>"
            f"<timecode>{_RATE}<string>01:00:00:00</string><frame>{HOUR * 25}</frame>"
            "<displayformat>NDF</displayformat></timecode><labels><label2>Forest</label2></labels></sequence></xmeml>\n"
        )

    def _pictures(self, nested: bool) -> str:
        items = []
        for index, (stem, record, count, first) in enumerate(PICTURES):
            start, end, begin, out = record, record + count, first, first + count
            if index == 0:
                end, out = -1, out + DISSOLVE[2]
            if index == 1:
                items.append(
                    _transition(
                        "Cross Dissolve", "Cross Dissolve", "video", "<effectcategory>Dissolve</effectcategory>"
                    )
                )
                start, begin = -1, begin - DISSOLVE[1]
            inner = _freeze() if stem == "2" else ""
            if nested and stem == "4":
                items.append(self._nest(start, end, begin, out))
            else:
                items.append(self._item(stem, "v", start, end, begin, out, inner=inner))
        items.append(self._graphic())
        return f"<track>{''.join(items)}<enabled>TRUE</enabled><locked>FALSE</locked></track>"

    def _item(
        self, stem: str, track: str, start: int, end: int, first: int, out: int, *, inner: str = "", sound: int = 0
    ) -> str:
        """A clipitem of a video track, or of the track of a channel, with links to those cut with it."""
        kind = ' premiereChannelType="stereo"' if sound else ""
        look = "<alphatype>none</alphatype><pixelaspectratio>square</pixelaspectratio><anamorphic>FALSE</anamorphic>"
        source = f"<sourcetrack><mediatype>audio</mediatype><trackindex>{sound}</trackindex></sourcetrack>"
        links = "".join(
            f"<link><linkclipref>clipitem-{stem}-{other}</linkclipref><mediatype>{kind}</mediatype>"
            f"<trackindex>{index}</trackindex><clipindex>1</clipindex>{group}</link>"
            for other, kind, index, group in (
                ("v", "video", 1, ""), ("1", "audio", 1, "<groupindex>1</groupindex>"),
                ("2", "audio", 2, "<groupindex>1</groupindex>"),
            )
            if stem not in ("2", "music") or (stem == "music" and kind == "audio")
        )  # fmt: skip
        return (
            f'<clipitem id="clipitem-{stem}-{sound or track}"{kind}><masterclipid>masterclip-{stem}</masterclipid>'
            f"<name>{self._m[stem].name}</name><enabled>TRUE</enabled>"
            f"<duration>{MUSIC_FRAMES if stem == 'music' else FRAMES}</duration>{_RATE}<start>{start}</start>"
            f"<end>{end}</end><in>{first}</in><out>{out}</out><pproTicksIn>{first * _TICKS}</pproTicksIn>"
            f"<pproTicksOut>{out * _TICKS}</pproTicksOut>{'' if sound else look}{self._file(stem)}"
            f"{source if sound else ''}{inner}{links}<logginginfo><description></description><scene></scene>"
            "<shottake></shottake><lognote></lognote></logginginfo><colorinfo><lut></lut><asc_sop></asc_sop>"
            "<asc_sat></asc_sat></colorinfo><labels><label2>Iris</label2></labels></clipitem>"
        )

    def _file(self, stem: str) -> str:
        if stem in self._known:
            return f'<file id="file-{stem}"/>'
        self._known.add(stem)
        picture = f"<video><samplecharacteristics>{_RATE}{_SIZE}</samplecharacteristics></video>"
        return (
            f'<file id="file-{stem}"><name>{self._m[stem].name}</name>'
            f"<pathurl>{self._m[stem].as_uri().replace('file://', 'file://localhost')}</pathurl>{_RATE}"
            f"<duration>{MUSIC_FRAMES if stem == 'music' else FRAMES}</duration><timecode>{_RATE}"
            "<string>00:00:00:00</string><frame>0</frame><displayformat>NDF</displayformat></timecode>"
            f"<media>{'' if stem == 'music' else picture}<audio><samplecharacteristics><depth>16</depth>"
            "<samplerate>48000</samplerate></samplecharacteristics><channelcount>2</channelcount></audio></media></file>"
        )

    def _own_sounds(self) -> list[str]:
        rows = []
        for side in (1, 2):
            fade = _transition("Constant Power", "KGAudioTransCrossFade3dB", "audio", "")
            before = self._item("0", "", 0, -1, 10, 68, sound=side)
            after = self._item("1", "", -1, 90, 12, 60, sound=side)
            rows.append(before + fade + after + self._item("4", "", 155, 190, 15, 50, sound=side))
        return rows

    def _j_cut(self) -> list[str]:
        return [self._item("3", "", 98, 155, 13, 70, sound=side) for side in (1, 2)]

    def _music(self) -> list[str]:
        return [self._item("music", "", 0, LENGTH, 0, LENGTH, sound=side, inner=_level()) for side in (1, 2)]

    def _graphic(self) -> str:
        first, end = TITLE
        return (
            f'<clipitem id="clipitem-title"><name>Graphic</name><enabled>TRUE</enabled><duration>1080000</duration>'
            f"{_RATE}<start>{first}</start><end>{end}</end><in>90000</in><out>{90000 + end - first}</out>"
            f'<alphatype>none</alphatype><file id="file-title"><name>Graphic</name>'
            f"<mediaSource>GraphicAndType</mediaSource>{_RATE}<timecode>{_RATE}<string>00:00:00:00</string>"
            f"<frame>0</frame><displayformat>NDF</displayformat></timecode><media><video><samplecharacteristics>"
            f"{_RATE}{_SIZE}</samplecharacteristics></video></media></file></clipitem>"
        )

    def _layer(self) -> str:
        return (
            f'<clipitem id="clipitem-layer"><name>Adjustment Layer</name><enabled>TRUE</enabled>'
            f"<duration>1080000</duration>{_RATE}<start>0</start><end>150</end><in>90000</in><out>90150</out>"
            f"<alphatype>none</alphatype><adjustmentLayer>TRUE</adjustmentLayer>"
            f'<file id="file-layer"><name>Adjustment Layer</name><mediaSource>Slug</mediaSource>{_RATE}'
            f"<media><video><samplecharacteristics>{_RATE}{_SIZE}</samplecharacteristics></video></media></file></clipitem>"
        )

    def _nest(self, start: int, end: int, first: int, out: int) -> str:
        inner = self._item("4", "v", 0, FRAMES, 0, FRAMES)
        return (
            f'<clipitem id="clipitem-nest"><masterclipid>masterclip-nest</masterclipid><name>Nested Sequence 01</name>'
            f"<enabled>TRUE</enabled><duration>{FRAMES}</duration>{_RATE}<start>{start}</start><end>{end}</end>"
            f'<in>{first}</in><out>{out}</out><sequence id="sequence-2"><duration>{FRAMES}</duration>{_RATE}'
            f"<name>Nested Sequence 01</name><media><video><format><samplecharacteristics>{_RATE}{_SIZE}"
            f"</samplecharacteristics></format><track>{inner}</track></video><audio/></media></sequence></clipitem>"
        )


def _exploded(side: int, items: str) -> str:
    return (
        f'<track {_TRACK}currentExplodedTrackIndex="{side}" totalExplodedTrackCount="2" premiereTrackType="Stereo">'
        f"{items}<enabled>TRUE</enabled><locked>FALSE</locked>"
        f"<outputchannelindex>{side + 1}</outputchannelindex></track>"
    )


def _transition(name: str, identifier: str, kind: str, category: str) -> str:
    cut, before, after = DISSOLVE
    return (
        f"<transitionitem><start>{cut - before}</start><end>{cut + after}</end><alignment>center</alignment>"
        f"<cutPointTicks>{before * _TICKS}</cutPointTicks>{_RATE}<effect><name>{name}</name>"
        f"<effectid>{identifier}</effectid>{category}<effecttype>transition</effecttype><mediatype>{kind}</mediatype>"
        "<wipecode>0</wipecode><wipeaccuracy>100</wipeaccuracy><startratio>0</startratio><endratio>1</endratio>"
        "<reverse>FALSE</reverse></effect></transitionitem>"
    )


def _freeze() -> str:
    values = (("variablespeed", 0), ("speed", 0), ("reverse", "FALSE"), ("frameblending", "FALSE"))
    said = "".join(
        f'<parameter authoringApp="PremierePro"><parameterid>{key}</parameterid><name>{key}</name>'
        f"<value>{value}</value></parameter>"
        for key, value in values
    )
    return (
        "<filter><effect><name>Time Remap</name><effectid>timeremap</effectid><effectcategory>motion</effectcategory>"
        f"<effecttype>motion</effecttype><mediatype>video</mediatype>{said}</effect></filter>"
    )


def _level() -> str:
    return (
        "<filter><effect><name>Audio Levels</name><effectid>audiolevels</effectid>"
        "<effectcategory>audiolevels</effectcategory><effecttype>audiolevels</effecttype><mediatype>audio</mediatype>"
        '<pproBypass>false</pproBypass><parameter authoringApp="PremierePro"><parameterid>level</parameterid>'
        "<name>Level</name><valuemin>0</valuemin><valuemax>3.98109</valuemax>"
        f"<value>{10 ** (MUSIC_DB / 20):.6f}</value></parameter></effect></filter>"
    )


def text(m: Mapping[str, Path], *, nested: bool = False, layered: bool = False) -> str:
    return Writer(m).text(nested=nested, layered=layered)
