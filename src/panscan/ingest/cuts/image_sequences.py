"""Image sequences: pictures in files of their own, numbered in their names, joined into one movie without a change.

All that comes after, from decoding to delivery, knows movies. Each picture becomes one packet of a QuickTime movie in
the cache folder, so nothing is coded anew; the number of the first one becomes the timecode.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import av.error

from panscan.decoding.containers import open_container
from panscan.errors import InputError
from panscan.files import whole_file
from panscan.ingest.cuts.addresses import paths_of
from panscan.ingest.cuts.clip_media import url_of
from panscan.ingest.cuts.files import cache_folder
from panscan.model.time import frames_to_timecode
from panscan.timeline.otio_time import exact_rate

# The number of a picture as programs write it: printf, a row of #, or the first and last number.
_NUMBER = re.compile(r"%0(?P<printf>\d+)d|(?P<hashes>#{2,})|\[(?P<first>\d+)-(?P<last>\d+)\]")
_SUFFIX = ".mov"  # of the movie: QuickTime holds pictures of more kinds than any other container
SEQUENCE_KEY = "image sequence"  # of a clip's media references: as the editor wrote it
_MAX_PICTURES = 500_000  # five hours at 24 fps: more is a damaged range


@dataclass(frozen=True, slots=True)
class ImageSequence:
    """What a clip says of an image sequence.

    Attributes
    ----------
    folder : str
        As it is written; empty for none.
    before, after : str
        What stands in a name before and after the number.
    digits : int
        At least so many, filled up with zeros.
    firsts : tuple of int
        Numbers that the first picture may have, the likeliest first.
    rate : Fraction
        Pictures per second.
    """

    folder: str
    before: str
    after: str
    digits: int
    firsts: tuple[int, ...]
    rate: Fraction

    def address(self, number: int) -> str:
        """The path of a picture."""
        name = f"{self.before}{number:0{self.digits}d}{self.after}"
        return f"{self.folder}/{name}" if self.folder else name

    def pictures(self, folder: Path) -> dict[int, Path]:
        """The pictures in a folder, by number."""
        wanted = re.compile(re.escape(self.before) + r"(\d+)" + re.escape(self.after))
        found = {}
        for path in folder.iterdir():
            match = wanted.fullmatch(path.name)
            if match and len(match[1]) >= self.digits and path.is_file():
                found[int(match[1])] = path
        return dict(sorted(found.items()))


def image_sequence_of(clip: Any) -> ImageSequence | None:
    """The image sequence that is the media of a clip; None where it is none."""
    reference = clip.media_reference
    if reference is None:
        return None
    rate, firsts = _rate_and_firsts(clip)
    if reference.schema_name() == "ImageSequenceReference":
        folder = paths_of(reference.target_url_base or "")[0].rstrip("/")
        own = (reference.start_frame, *firsts)
        rate = exact_rate(reference.rate) if reference.rate > 0 else rate
        digits = reference.frame_zero_padding
        return ImageSequence(folder, reference.name_prefix, reference.name_suffix, digits, own, rate)
    parts = [path.replace("\\", "/").rpartition("/") for path in paths_of(url_of(clip) or "")]
    numbered = [(folder, name, list(_NUMBER.finditer(name))) for folder, _, name in parts]
    folder, name, numbers = next((found for found in numbered if found[2]), ("", "", []))
    if not numbers:
        return None
    number = numbers[-1]
    digits = int(number["printf"]) if number["printf"] else len(number["hashes"] or number["first"])
    firsts = (int(number["first"]),) if number["first"] else firsts
    return ImageSequence(folder, name[: number.start()], name[number.end() :], digits, firsts, rate)


def join_pictures(sequence: ImageSequence, folder: Path) -> tuple[Path, str]:
    """The movie of an image sequence whose pictures lie in a folder, and a sentence on what was done.

    It is made once. Where a picture is missing, the one before it stays.

    Raises
    ------
    InputError
        A QuickTime movie cannot hold such pictures, or there is no room for them.
    """
    pictures = sequence.pictures(folder)
    if not pictures or max(pictures) - min(pictures) >= _MAX_PICTURES:
        raise InputError(f"{folder} holds no such pictures", why="No name fits.", fix="Check the path.")
    first, last = min(pictures), max(pictures)
    listing = [(path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in pictures.values()]
    digest = hashlib.blake2b(repr((str(folder), sequence.rate, listing)).encode(), digest_size=12).hexdigest()
    movie = _joined_folder() / digest / f"{sequence.before.rstrip('._- ') or 'pictures'}{_SUFFIX}"
    if not movie.is_file():
        _check_room(movie, sum(size for _, size, _ in listing))
        _write(movie, sequence.rate, first, [path for _, path in _without_holes(pictures)])
    missing = last - first + 1 - len(pictures)
    holes = f"; {missing} missing ones show the picture before" if missing else ""
    return movie, f"Its {len(pictures)} pictures were joined as they are into {movie}, which is used instead{holes}."


def is_joined(path: Path) -> bool:
    """Whether a file is a movie that was made here."""
    return path.suffix == _SUFFIX and path.is_relative_to(_joined_folder())


def _joined_folder() -> Path:
    return cache_folder().resolve() / "sequences"


def _rate_and_firsts(clip: Any) -> tuple[Fraction, tuple[int, ...]]:
    """The rate of the clip's ranges, and their starts, which count pictures."""
    ranges = [clip.media_reference.available_range, clip.source_range]
    starts = [found.start_time for found in ranges if found is not None]
    rate = exact_rate(starts[0].rate) if starts and starts[0].rate > 1 else Fraction(24)
    return rate, (*(round(start.value) for start in starts if start.value >= 0), 0, 1, 1001)


def _without_holes(pictures: dict[int, Path]) -> Iterator[tuple[int, Path]]:
    """Each number from the first to the last, with its picture or the newest one before it."""
    shown = next(iter(pictures.values()))
    for number in range(min(pictures), max(pictures) + 1):
        shown = pictures.get(number, shown)
        yield number, shown


def _check_room(movie: Path, size_bytes: int) -> None:
    movie.parent.mkdir(parents=True, exist_ok=True)
    if size_bytes > shutil.disk_usage(movie.parent).free:
        raise InputError(
            f"{movie.parent} has no room for a movie of {size_bytes // 2**20} MB",
            why="Image sequences are joined in the cache folder.",
            fix="Free some disk space, or name another folder in PANSCAN_CACHE_DIR.",
        )


def _write(movie: Path, rate: Fraction, first: int, pictures: list[Path]) -> None:
    tick = 1 / rate
    try:
        with (
            open_container(pictures[0]) as sample,
            whole_file(movie) as file,
            av.open(file, "w", format="mov") as container,
        ):
            stream: Any = container.add_stream_from_template(sample.streams.video[0])
            stream.time_base = tick
            stream.metadata["timecode"] = frames_to_timecode(first, rate)
            for number, path in enumerate(pictures):
                packet: Any = av.Packet(path.read_bytes())
                packet.stream, packet.time_base, packet.is_keyframe = stream, tick, True
                packet.pts = packet.dts = number
                packet.duration = 1
                container.mux(packet)
    except (av.error.FFmpegError, ValueError, OSError, IndexError) as error:
        raise InputError(
            f"pictures such as {pictures[0].name} cannot be joined into a movie",
            why=f"{getattr(error, 'strerror', None) or error}.",
            fix="Make a movie of them, and use that in the cut.",
        ) from error
