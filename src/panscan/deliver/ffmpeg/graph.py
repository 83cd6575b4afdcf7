"""The filter graph of a timeline: trim, crop or place, lay out, join."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction

from panscan.deliver.ffmpeg.expressions import (
    LinearSegment,
    escape_filter_value,
    expression,
    map_segments,
    round_to_px,
    sendcmd_commands,
    with_frame_from_time,
)
from panscan.deliver.ffmpeg.runs import FilterRun, RunCell
from panscan.deliver.ffmpeg.sounds import SoundForm, row_chains, rows_of, sound_files
from panscan.deliver.host_space import ffmpeg_corner_expression, to_ffmpeg_place
from panscan.deliver.host_values import FfmpegPlace
from panscan.deliver.sequence import ClipSequence
from panscan.model.framing import BLUR_REDUCTION, BLUR_SIGMA_PX
from panscan.model.geometry import Size
from panscan.model.media import StillFacts
from panscan.model.time import EARLY_FRAMES

# FFmpeg's names of the usual channel layouts; the others are named by their count.
_CHANNEL_LAYOUTS = {1: "mono", 2: "stereo", 6: "5.1", 8: "7.1"}
_PIXELS = "format=yuv420p"
# Halved colour lies beside the left one of two px (H.264's and H.265's default); FFmpeg takes it to lie between them.
_COLOUR_PLACE = "in_h_chr_pos=0:out_h_chr_pos=0"
# Colour of every px becomes halved. Before it, `crop` and `overlay` move by one px, and not by two.
_HALVED = f"format=yuv444p,scale={_COLOUR_PLACE},{_PIXELS}"
# The numbers of a place that are linear in the keys, in the order in which expressions are made of them.
_VALUES: tuple[Callable[[FfmpegPlace], float], ...] = (
    lambda place: place.width_px,
    lambda place: place.height_px,
    lambda place: place.x_px,
    lambda place: place.y_px,
)
# By what of a media is deinterlaced, as the renderer does it.
_BWDIF = {
    "flagged": "bwdif=mode=send_frame:deint=interlaced",
    "top_first": "bwdif=mode=send_frame:parity=tff",
    "bottom_first": "bwdif=mode=send_frame:parity=bff",
}
# By the number in EXIF, what shows a photo upright.
_TURNS = {
    1: (),
    2: ("hflip",),
    3: ("hflip", "vflip"),
    4: ("vflip",),
    5: ("transpose=cclock_flip",),
    6: ("transpose=clock",),
    7: ("transpose=clock_flip",),
    8: ("transpose=cclock",),
}
_TICKS = 100_000  # per frame, of the clock of a retimed clip: fine enough for any speed
_BLUR = f"scale=iw/{BLUR_REDUCTION}:ih/{BLUR_REDUCTION}:flags=area,gblur=sigma={BLUR_SIGMA_PX:g}"
_LUMA_WEIGHTS = (0.2126, 0.7152, 0.0722)  # of red, green and blue (BT.709)


def video_graph(clip_sequence: ClipSequence, runs: list[FilterRun], *, use_sendcmd: bool) -> list[str]:
    """Chains of the picture; the last one ends in [v]."""
    rate = f"{clip_sequence.rate.numerator}/{clip_sequence.rate.denominator}"
    chains = []
    for source in sorted({run.input_index for run in runs if run.clip_items}):
        used = [n for n, run in enumerate(runs) if run.input_index == source and run.clip_items]
        first = runs[used[0]]
        if first.still is not None:
            pictures = still_filters(first.still, first.framing.source, clip_sequence.rate)
        elif first.is_retimed:
            pictures = retimed_picture_filters(first, clip_sequence.rate)
        else:
            pictures = _frame_grid_filters(first, clip_sequence.rate)
        chains.append(f"[{source}:v:0]{pictures},split={len(used)}{_pads('m', used)}")
    for index, run in enumerate(runs):
        if run.clip_items:
            *before, last = _run_chains(index, run, use_sendcmd)
            chains += [*before, last.removesuffix(f"[r{index}]") + _fades(run) + f"[r{index}]"]
        else:
            size = f"s={clip_sequence.canvas}:r={rate}"
            chains.append(f"color=c=black:{size},trim=end_frame={run.frame_count},{_PIXELS},setsar=1[r{index}]")
    # Joined pictures are counted anew, so that every one lies exactly on the grid.
    join = (
        f"concat=n={len(runs)}:v=1:a=0,settb={clip_sequence.rate.denominator}/{clip_sequence.rate.numerator},setpts=N"
    )
    chains.append(f"{_pads('r', range(len(runs)))}{join}[v]")
    return chains


def sound_graph(clip_sequence: ClipSequence, runs: list[FilterRun], first_sound_input: int) -> tuple[list[str], int]:
    """Chains of the sound, cut to the sample, and how many streams they end in: [a0], [a1], ...

    first_sound_input: number of FFmpeg's input that is the first of `sound_files`.
    """
    heard = [
        run for run in runs if run.clip_items and run.clip_items[0].has_sound and run.clip_items[0].clip.facts.audio
    ]
    streams = max((len(run.clip_items[0].clip.facts.audio) for run in heard), default=0)
    outputs = [item.sound.output for track in clip_sequence.sound_tracks for item in track.items]
    count = max(streams, max(outputs, default=-1) + 1)
    files = sound_files(clip_sequence)
    chains: list[str] = []
    for stream in range(count):
        able = [run for run in heard if stream < len(run.clip_items[0].clip.facts.audio)]
        rows = rows_of(clip_sequence, stream)
        facts = able[0].clip_items[0].clip.facts.audio[stream] if able else (2, clip_sequence.sound_rate_hz)
        form = _sound_form(clip_sequence, facts)
        base = f"[{'b' if rows else 'a'}{stream}]"
        if able or not rows:
            chains += _clip_sound_chains(clip_sequence, runs, able, stream, form, base)
        if rows:
            chains += row_chains(rows, files, first_sound_input, form, f"w{stream}_")
            pads = (base if able else "") + _pads(f"w{stream}_", range(len(rows)))
            inputs = len(rows) + bool(able)
            mix = f"amix=inputs={inputs}:duration=first:normalize=0" if inputs > 1 else "anull"
            chains.append(f"{pads}{mix}[a{stream}]")
    return chains, count


def _sound_form(clip_sequence: ClipSequence, facts: tuple[int, int]) -> SoundForm:
    channels, rate_hz = facts
    layout = _CHANNEL_LAYOUTS.get(channels, f"{channels}c")
    return SoundForm(rate_hz, layout, _samples(clip_sequence.frame_count, clip_sequence.rate, rate_hz))


def _clip_sound_chains(
    clip_sequence: ClipSequence,
    runs: list[FilterRun],
    able: list[FilterRun],
    stream: int,
    sound_form: SoundForm,
    last: str,
) -> list[str]:
    """Chains of one stream of the clips' own sound; `able`: the runs that have it."""
    chains: list[str] = []
    rate_hz, form = sound_form.rate_hz, sound_form.filters
    heard = {id(run) for run in able}  # comparing runs themselves compares all their clips
    for source in sorted({run.input_index for run in able}):
        used = [n for n, run in enumerate(runs) if id(run) in heard and run.input_index == source]
        head = f"[{source}:a:{stream}]aresample={rate_hz}:async=1:first_pts=0,{form}"
        chains.append(f"{head},asplit={len(used)}{_pads(f's{stream}_', used)}")
    for index, run in enumerate(runs):
        out = f"[h{stream}_{index}]"
        begin, end = (
            _samples(n, clip_sequence.rate, rate_hz) for n in (run.record_frame, run.record_frame + run.frame_count)
        )
        if id(run) in heard:
            at = _samples(run.first_picture, clip_sequence.rate, rate_hz)
            cut = f"atrim=start_sample={at}:end_sample={at + end - begin},asetpts=PTS-STARTPTS"
            chains.append(f"[s{stream}_{index}]{cut},apad=whole_len={end - begin}{out}")
        else:
            chains.append(f"{sound_form.silence},atrim=end_sample={end - begin},{form}{out}")
    joined = _pads(f"h{stream}_", range(len(runs)))
    chains.append(f"{joined}concat=n={len(runs)}:v=0:a=1,asetpts=N/SR/TB{last}")
    return chains


def retimed_picture_filters(run: FilterRun, rate: Fraction) -> str:
    """Filters that give one picture per frame of a retimed run, taken from the media at its own rate.

    Each picture gets a time slightly before the first frame that shows it; `fps` with round=up then gives every frame
    the newest picture that is not later than it.
    """
    clip = run.clip_items[0].clip
    pictures = clip.facts.rate / rate
    start = (clip.media_position(0) - clip.available_first) * pictures
    step = clip.speed * pictures
    ends = sorted((clip.source_picture_number(0), clip.source_picture_number(run.frame_count - 1)))
    trim = f"trim=start_frame={ends[0]}:end_frame={ends[1] + 1},setpts=PTS-STARTPTS"
    chain = f"{_frame_grid_filters(run, clip.facts.rate)},{trim}"
    hold = f"tpad=stop_mode=clone:stop={run.frame_count},trim=end_frame={run.frame_count}"
    if step == 0:
        return f"{chain},settb={rate.denominator}/{rate.numerator},setpts=N,{hold}"
    slack = Fraction(1, 2 * math.lcm(start.denominator, step.denominator))
    at = ends[0] - start - slack if step > 0 else start - ends[1] - 1 + slack
    ticks = f"({_TICKS}*(N+({float(at):.9f}))/{float(abs(step)):.9f})"
    clock = f"settb={rate.denominator}/{rate.numerator * _TICKS},setpts='max(0,{ticks})'"
    back = ",reverse" if step < 0 else ""
    return f"{chain}{back},{clock},fps={rate.numerator}/{rate.denominator}:round=up,{hold}"


def still_filters(still: StillFacts, size: Size, rate: Fraction) -> str:
    """Filters that make pictures without end of a photo: upright, black where it is transparent, in BT.709."""
    black = "format=gbrap,premultiply=inplace=1,format=gbrp," if still.is_transparent else ""
    upright = "".join(f"{name}," for name in _TURNS[still.turn])
    colours = f"out_color_matrix=bt709:out_range=tv:{_COLOUR_PLACE}"
    tags = "setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709"
    shown = f"{black}{upright}scale={size.width}:{size.height}:{colours},format=yuv444p,{tags},setsar=1"
    grid = f"settb={rate.denominator}/{rate.numerator},setpts=N,fps={rate.numerator}/{rate.denominator}:round=near"
    return f"{shown},loop=loop=-1:size=1:start=0,{grid}"


def _frame_grid_filters(run: FilterRun, rate: Fraction) -> str:
    """Filters that give one picture per frame from the file's first picture on, at the size that framings count in."""
    facts, size = run.clip_items[0].clip.facts, run.framing.source
    if facts.is_vfr or facts.rate != rate:
        # Each frame shows the newest picture that is not later than it; a little later still counts, because the time
        # stamps of files are rounded.
        early_ticks = f"{EARLY_FRAMES.numerator * rate.denominator}/({EARLY_FRAMES.denominator * rate.numerator}*TB)"
        # The last picture is held for a second: how long it lasts, the file may not say.
        held = f"tpad=stop_mode=clone:stop={max(2, int(rate))}"
        clock = f"setpts='max(0,PTS-STARTPTS-{early_ticks})',fps={rate.numerator}/{rate.denominator}:round=up,{held}"
    else:
        clock = f"setpts=PTS-STARTPTS,fps={rate.numerator}/{rate.denominator}:round=near"
    whole = f"{_BWDIF[facts.fields]}," if facts.fields != "progressive" else ""
    return f"{whole}{clock},scale={size.width}:{size.height}:{_COLOUR_PLACE},setsar=1"


def _run_chains(index: int, run: FilterRun, use_sendcmd: bool) -> list[str]:
    """Chains from [m<index>] to [r<index>], the pictures of one run."""
    framing = run.framing
    cells = run.cells
    end_picture = run.first_picture + run.frame_count
    trim = f"[m{index}]trim=start_frame={run.first_picture}:end_frame={end_picture},setpts=PTS-STARTPTS"
    whole = len(cells) == 1 and cells[0].cell.size == framing.canvas
    out = f"r{index}"
    if whole:
        chains = _cell_chains(f"{out}c0", cells[0], run, f"[x{index}]", f"[{out}]", use_sendcmd)
        return [f"{trim}[x{index}]", *chains]
    count = len(cells) + 1
    chains = [f"{trim},split={count}{_pads(f'x{index}_', range(count))}"]
    chains.append(f"[x{index}_{len(cells)}]{_background_filters(framing.canvas, framing.background)}[{out}b0]")
    for part, run_cell in enumerate(cells):
        name = f"{out}c{part}"
        chains += _cell_chains(name, run_cell, run, f"[x{index}_{part}]", f"[{name}]", use_sendcmd)
        end = f"[{out}]" if part == len(cells) - 1 else f"[{out}b{part + 1}]"
        place = f"overlay=x={run_cell.cell.left_px}:y={run_cell.cell.top_px}:format=yuv420"
        chains.append(f"[{out}b{part}][{name}]{place},{_PIXELS}{end}")
    return chains


def _fades(run: FilterRun) -> str:
    """Filters that let a run come from black and go to it."""
    into, out = run.clip_items[0].fade_in_frames, run.clip_items[-1].fade_out_frames
    return (f",fade=t=in:s=0:n={into}" if into else "") + (
        f",fade=t=out:s={run.frame_count - out}:n={out}" if out else ""
    )


def _cell_chains(name: str, run_cell: RunCell, run: FilterRun, source: str, out: str, use_sendcmd: bool) -> list[str]:
    """Chains from the pictures `source` to one cell `out`: the whole picture is scaled, then moved by whole px.

    `crop` follows `scale` at once: through another filter, it would not see that the size changes.
    """
    size = run_cell.cell.size
    end = f"{_HALVED},setsar=1{out}"
    places = map_segments(run_cell.camera, lambda key: to_ffmpeg_place(key, run.framing.source))
    if run_cell.crop_mode == "placed":
        return _placed(name, places, size, run, source, end)
    if use_sendcmd:
        return [f"{source}{_commanded(name, places, run_cell, run.framing.rate)},{end}"]
    rate = run.framing.rate
    moves = run_cell.crop_mode == "zoom"
    sides = [round_to_px(side) for side in _sides(places, "ld(0)" if moves else "n")]
    width, height = (with_frame_from_time(side, rate) for side in sides) if moves else sides
    left, top = _corners(places, size)
    scale = _scale(size, width, height, ":eval=frame" if moves else "")
    return [f"{source}{scale},crop=w={size.width}:h={size.height}:x='{left}':y='{top}',{end}"]


def _scale(size: Size, width: str, height: str, more: str = "") -> str:
    """The filter that makes a picture so large, and no smaller than the cell that is cut from it."""
    return f"scale=w='max({size.width},{width})':h='max({size.height},{height})'{more}:flags=bicubic:{_COLOUR_PLACE}"


def _commanded(name: str, places: list[LinearSegment[FfmpegPlace]], run_cell: RunCell, rate: Fraction) -> str:
    """Filters that scale and crop as commands say."""
    size = run_cell.cell.size

    def settings(wide: str, high: str, x_px: str, y_px: str) -> list[tuple[str, str, str]]:
        width, height = round_to_px(wide), round_to_px(high)
        scale = [(f"scale@{name}", "w", width), (f"scale@{name}", "h", height)]
        return [
            *(scale if run_cell.crop_mode == "zoom" else []),
            (f"crop@{name}", "x", round_to_px(ffmpeg_corner_expression(width, x_px, size.width))),
            (f"crop@{name}", "y", round_to_px(ffmpeg_corner_expression(height, y_px, size.height))),
        ]

    text = escape_filter_value(sendcmd_commands(places, _VALUES, rate, settings))
    first = [LinearSegment(0, 1, places[0].start_value, places[0].start_value)]
    width, height = (round_to_px(side) for side in _sides(first))
    scale = _scale(size, width, height).replace("scale=", f"scale@{name}=")
    left, top = _corners(first, size)
    crop = f"crop@{name}=w={size.width}:h={size.height}:x='{left}':y='{top}'"
    return f"sendcmd=c={text},{scale},{crop}"


def _placed(
    name: str, places: list[LinearSegment[FfmpegPlace]], size: Size, run: FilterRun, source: str, end: str
) -> list[str]:
    """Chains that lay the whole source over its background, for crops that reach beyond the picture."""
    rate = run.framing.rate
    sides = [round_to_px(side) for side in _sides(places, "ld(0)")]
    moves = any("ld(0)" in side for side in sides)
    width, height = (with_frame_from_time(side, rate) for side in sides) if moves else sides
    x, y = (with_frame_from_time(f"0-{corner}", rate) for corner in _corners(places, size, "ld(0)"))
    evaluation = ":eval=frame" if moves else ""
    return [
        f"{source}split=2[{name}under][{name}over]",
        f"[{name}under]{_background_filters(size, run.framing.background)}[{name}base]",
        # In the format that overlay takes: a conversion after `scale` would keep the size of the first picture.
        f"[{name}over]format=yuva444p,scale=w='{width}':h='{height}'{evaluation}:flags=bicubic:{_COLOUR_PLACE}[{name}top]",
        f"[{name}base][{name}top]overlay=x='{x}':y='{y}':format=yuv444,{end}",
    ]


def _sides(places: list[LinearSegment[FfmpegPlace]], frame: str = "n") -> tuple[str, str]:
    """Width and height of the scaled source, as expressions."""
    width, height, *_ = (expression(places, value, frame=frame) for value in _VALUES)
    return width, height


def _corners(places: list[LinearSegment[FfmpegPlace]], size: Size, frame: str = "n") -> tuple[str, str]:
    """Left and top of a cell in the scaled source, in whole px, as expressions."""
    width, height, x_px, y_px = (expression(places, value, frame=frame) for value in _VALUES)
    return (
        round_to_px(ffmpeg_corner_expression(round_to_px(width), x_px, size.width)),
        round_to_px(ffmpeg_corner_expression(round_to_px(height), y_px, size.height)),
    )


def _background_filters(size: Size, background: str) -> str:
    """Filters that turn the source's pictures into what shows behind them, keeping their times and colour tags."""
    if background == "blur":
        cover = f"scale={size.width}:{size.height}:force_original_aspect_ratio=increase:flags=bilinear"
        return f"{_PIXELS},{_BLUR},{cover},crop={size.width}:{size.height},setsar=1"
    luma, blue, red = _levels("#000000" if background == "black" else background)
    scale = f"scale={size.width}:{size.height}:flags=neighbor"
    return f"{scale},{_PIXELS},lutyuv=y={luma}:u={blue}:v={red},setsar=1"


def _levels(colour: str) -> tuple[int, int, int]:
    """Luma, blue and red difference of "#rrggbb" in BT.709, limited range of 8 bits."""
    red, green, blue = (int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5))
    luma = sum(weight * value for weight, value in zip(_LUMA_WEIGHTS, (red, green, blue), strict=True))
    differences = (blue - luma) / (2 - 2 * _LUMA_WEIGHTS[2]), (red - luma) / (2 - 2 * _LUMA_WEIGHTS[0])
    return round(16 + 219 * luma), round(128 + 224 * differences[0]), round(128 + 224 * differences[1])


def _samples(frames: int, rate: Fraction, rate_hz: int) -> int:
    """How many samples of sound last as long as so many frames."""
    return int(frames / rate * rate_hz + Fraction(1, 2))


def _pads(prefix: str, numbers: list[int] | range) -> str:
    """Names of pads: [prefix0][prefix1] ..."""
    return "".join(f"[{prefix}{n}]" for n in numbers)
