"""One photo from file to files: read, look, plan, write."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import gcd
from pathlib import Path

from panscan.decoding.photo import RAW_SUFFIXES, SUFFIXES, Photo, read_photo
from panscan.errors import CapabilityError
from panscan.model.geometry import Ratio
from panscan.model.request import Override
from panscan.photos.briefs import SHOTS
from panscan.photos.by_hand import with_overrides
from panscan.photos.crops import crop_bytes, crop_path
from panscan.photos.detectors import PhotoDetectors
from panscan.photos.document import shot_entry, shots_document
from panscan.photos.page import shots_page
from panscan.photos.people import chosen_people
from panscan.photos.perceive import perceive_photo
from panscan.photos.perception import PhotoPerception
from panscan.photos.planner import ShotSet, plan_shots
from panscan.photos.preview import Preview
from panscan.photos.sheet import contact_sheet

_COMMAND_S = 120.0  # longest answer of a user's own command

Write = Callable[[bytes, Path], None]


@dataclass(frozen=True, slots=True, eq=False)
class PhotoShots:
    """The shots of a photo.

    Attributes
    ----------
    photo : Photo
    perception : PhotoPerception
    sets : tuple of ShotSet
        One for each shape.
    """

    photo: Photo
    perception: PhotoPerception
    sets: tuple[ShotSet, ...]


def plan_photo(
    path: Path, ratios: Sequence[Ratio], subject: str, detectors: PhotoDetectors, overrides: Sequence[Override] = ()
) -> PhotoShots:
    """Read a photo, look at it and plan its shots.

    Parameters
    ----------
    path : Path
    ratios : sequence of Ratio
        The photo's own where there is none.
    subject : str
        "" for the largest and sharpest and those about as large, "all", "left", "right", a number from the left, or a
        name such as "person-2".
    detectors : PhotoDetectors
    overrides : sequence of Override
        What a person wants otherwise, as `photo_overrides` gives it.

    Raises
    ------
    InputError
        The photo cannot be read.
    UsageError
        Nobody answers to `subject`, or an override names what is not there.
    """
    photo = read_photo(path)
    perception = perceive_photo(photo, detectors)
    main = chosen_people(perception, subject)
    divisor = gcd(photo.size.width, photo.size.height)
    own = Ratio(photo.size.width // divisor, photo.size.height // divisor)
    planned = [plan_shots(perception, main, ratio) for ratio in ratios or [own]]
    return PhotoShots(photo, perception, tuple(with_overrides(found, perception, overrides) for found in planned))


def output_paths(planned: PhotoShots, folder: Path) -> list[Path]:
    """All files that `write_shots` writes."""
    stem = planned.photo.path.stem
    crops = [crop_path(planned.photo, folder, _name(planned, n, s.shot)) for n, f in _sets(planned) for s in f.shots]
    return [*crops, *(folder / f"{stem}.shots.{ending}" for ending in ("json", "jpg", "html"))]


def photos_in(folder: Path) -> list[Path]:
    """The photos of a folder in order of their names, without crops that were made of others."""
    made = _made_of_photos(folder)
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES and path not in made)


def raw_files_in(folder: Path) -> list[Path]:
    """The raw files of a folder, which have to be developed first."""
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in RAW_SUFFIXES)


def _made_of_photos(folder: Path) -> set[Path]:
    """Crops and contact sheets that earlier runs wrote into a folder, as far as their numbers still lie there."""
    stems = [numbers.name.removesuffix(".shots.json") for numbers in folder.glob("*.shots.json")]
    return {
        path
        for stem in stems
        for path in folder.iterdir()
        if path.name.startswith(f"{stem}.") and path.stem.rpartition(".")[2] in (*SHOTS, "shots")
    }


def write_shots(planned: PhotoShots, folder: Path, write: Write, command: str = "") -> list[Path]:
    """Write crops, numbers, contact sheet and page; returns what was written."""
    photo, perception = planned.photo, planned.perception
    words: dict[str, str] = {}
    for n, found in _sets(planned):
        for shot in found.shots:
            data = crop_bytes(photo, shot.box_px)
            path = crop_path(photo, folder, _name(planned, n, shot.shot))
            if command:
                entry = shot_entry(photo, shot, perception, {})
                words[f"{shot.ratio.slug}.{shot.shot}"] = described_by(command, entry, data, path.suffix)
            write(data, path)
    document = shots_document(photo, perception, planned.sets, words)
    written = output_paths(planned, folder)
    write(f"{json.dumps(document, indent=1, ensure_ascii=False)}\n".encode(), written[-3])
    seen = Preview.of(photo)
    write(contact_sheet(photo, seen, perception, planned.sets), written[-2])
    write(shots_page(photo, seen, perception, planned.sets).encode(), written[-1])
    return written


def described_by(command: str, entry: dict[str, object], crop: bytes, suffix: str) -> str:
    """What a user's own command says about a crop: it gets the facts as JSON on stdin and the crop as its argument.

    Raises
    ------
    CapabilityError
        It cannot be run, fails, or does not end.
    """
    import shlex

    with tempfile.TemporaryDirectory(prefix="panscan-") as folder:
        file = Path(folder) / f"crop{suffix}"
        file.write_bytes(crop)
        try:
            done = subprocess.run(
                [*shlex.split(command), str(file)],
                input=json.dumps(entry),
                capture_output=True,
                text=True,
                timeout=_COMMAND_S,
                check=True,
            )
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            told = getattr(error, "stderr", None) or str(error)
            raise CapabilityError(
                f"the command {command!r} does not describe the crop",
                why=str(told).strip().splitlines()[-1] if str(told).strip() else "It says nothing.",
                fix="It gets facts as JSON on standard input and the crop as its last argument, and prints one line.",
            ) from error
    return done.stdout.strip()


def _sets(planned: PhotoShots) -> list[tuple[int, ShotSet]]:
    return list(enumerate(planned.sets))


def _name(planned: PhotoShots, number: int, shot: str) -> str:
    """The name of a crop behind the photo's: with its shape, but for the photo's own."""
    found = planned.sets[number]
    size = planned.photo.size
    is_own = found.ratio.width * size.height == found.ratio.height * size.width
    return shot if is_own and len(planned.sets) == 1 else f"{found.ratio.slug}.{shot}"
