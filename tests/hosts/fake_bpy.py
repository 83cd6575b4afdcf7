"""A strict stand-in for Blender's `bpy`: only what the API reference lists of what we need; anything else raises.

It keeps the habits that break scripts: strips that overlap after a change of their range are moved to another channel,
a movie is as long as its file, animation is kept on the scene under paths that only `path_from_id` knows, and the
picture is centred by whole pixels.
"""

from __future__ import annotations

from bisect import bisect_right
from types import SimpleNamespace

from hosts.shown import Shown


class Struct:
    """An object whose attributes are fixed: reading or setting any other raises."""

    def __init__(self, **fields) -> None:
        object.__setattr__(self, "_fields", fields)

    def __getattr__(self, name):
        fields = object.__getattribute__(self, "_fields")
        if name not in fields:
            raise AttributeError(f"{type(self).__name__} has no {name!r}")
        return fields[name]

    def __setattr__(self, name, value) -> None:
        if name not in self._fields:
            raise AttributeError(f"{type(self).__name__} has no {name!r}")
        kind = type(self._fields[name])
        if kind is int and not isinstance(value, int):
            raise TypeError(f"{name} takes a whole number, not {value!r}")
        self._fields[name] = kind(value) if kind in (int, float) else value


class Owned(Struct):
    """Properties of a strip that can be animated."""

    def __init__(self, path, **fields) -> None:
        super().__init__(**fields)
        object.__setattr__(self, "_path", path)

    def path_from_id(self, name):
        getattr(self, name)
        return f"{self._path()}.{name}"


class Strip(Struct):
    def __init__(self, editor, kind, name, path, channel, frame_start, length) -> None:
        own = self
        super().__init__(
            name=name,
            filepath=path,
            channel=int(channel),
            frame_start=int(frame_start),
            frame_final_start=int(frame_start),
            frame_final_duration=int(length),
            mute=False,
            blend_type="ALPHA_OVER",
        )
        object.__setattr__(self, "_editor", editor)
        object.__setattr__(self, "kind", kind)
        if kind == "SOUND":
            self._fields["volume"] = 1.0
        if kind in ("MOVIE", "IMAGE"):
            where = lambda part: lambda: f'sequence_editor.{editor.word}_all["{own.name}"].{part}'  # noqa: E731
            transform = Owned(where("transform"), offset_x=0.0, offset_y=0.0, scale_x=1.0, scale_y=1.0)
            self._fields["transform"] = transform
            self._fields["crop"] = Owned(where("crop"), min_x=0, max_x=0, min_y=0, max_y=0)

    def path_from_id(self, name):
        getattr(self, name)
        return f'sequence_editor.{self._editor.word}_all["{self.name}"].{name}'

    @property
    def end(self):
        return self.frame_final_start + self.frame_final_duration

    def __setattr__(self, name, value) -> None:
        if name == "frame_final_start":  # the end stays where it is
            self._fields["frame_final_duration"] += self._fields["frame_final_start"] - value
        super().__setattr__(name, value)
        if name in ("frame_final_start", "frame_final_duration", "channel"):
            self._editor.shuffle(self)


class Strips:
    def __init__(self, editor) -> None:
        self._editor = editor
        self.all: list[Strip] = []

    def new_movie(self, name, filepath, channel, frame_start, *, fit_method="ORIGINAL"):
        assert fit_method == "ORIGINAL" and 1 <= channel <= 128
        return self._add("MOVIE", name, filepath, channel, frame_start)

    def new_image(self, name, filepath, channel, frame_start, *, fit_method="ORIGINAL"):
        assert fit_method == "ORIGINAL" and 1 <= channel <= 128
        return self._add("IMAGE", name, filepath, channel, frame_start)

    def new_sound(self, name, filepath, channel, frame_start):
        return self._add("SOUND", name, filepath, channel, frame_start)

    def _add(self, kind, name, filepath, channel, frame_start):
        names = {strip.name for strip in self.all}
        assert name not in names and len(name.encode()) < 64
        length = 1 if kind == "IMAGE" else self._editor.lengths[filepath]
        strip = Strip(self._editor, kind, name, filepath, channel, frame_start, length)
        self.all.append(strip)
        return strip


class Editor:
    def __init__(self, word, lengths) -> None:
        self.word = word
        self.lengths = lengths
        setattr(self, word, Strips(self))

    @property
    def row(self) -> list[Strip]:
        return getattr(self, self.word).all

    def shuffle(self, strip) -> None:
        def overlaps(channel):
            return any(
                other is not strip
                and other.channel == channel
                and other.frame_final_start < strip.end
                and strip.frame_final_start < other.end
                for other in self.row
            )

        while overlaps(strip.channel):
            strip._fields["channel"] += 1


class Curve:
    def __init__(self) -> None:
        self.keys: dict[int, list] = {}
        self.keyframe_points = SimpleNamespace(insert=self._insert)
        self.updated = False

    def _insert(self, frame, value):
        point = Struct(interpolation="BEZIER")
        self.keys[frame] = [value, point]
        return point

    def update(self) -> None:
        self.updated = True

    def at(self, frame: float) -> float:
        assert self.updated
        frames = sorted(self.keys)
        after = bisect_right(frames, frame)
        if after in (0, len(frames)):
            return self.keys[frames[max(after - 1, 0)]][0]
        (low, point), (high, _) = self.keys[frames[after - 1]], self.keys[frames[after]]
        if point.interpolation == "CONSTANT":
            return low
        assert point.interpolation == "LINEAR"
        return low + (high - low) * (frame - frames[after - 1]) / (frames[after] - frames[after - 1])


class Scene(Struct):
    def __init__(self, name, word, lengths, make_action) -> None:
        render = Struct(
            resolution_x=1920,
            resolution_y=1080,
            resolution_percentage=50,
            pixel_aspect_x=1.0,
            pixel_aspect_y=1.0,
            fps=24,
            fps_base=1.0,
        )
        super().__init__(
            name=name,
            render=render,
            frame_start=1,
            frame_end=250,
            view_settings=Struct(view_transform="AgX"),
            animation_data=None,
            sequence_editor=None,
        )
        object.__setattr__(self, "_made", (word, lengths))
        object.__setattr__(self, "_make_action", make_action)

    def animation_data_create(self) -> None:
        self._fields["animation_data"] = Struct(action=None)

    def sequence_editor_create(self) -> None:
        self._fields["sequence_editor"] = Editor(*self._made)


class Action:
    """The action of Blender 4.4 and later; curves by path."""

    def __init__(self) -> None:
        self.curves: dict[str, Curve] = {}

    def fcurve_ensure_for_datablock(self, datablock, data_path, *, index=0):
        assert datablock.animation_data.action is self
        return self.curves.setdefault(data_path, Curve())


class OldAction:
    """The action of Blender before 4.4."""

    def __init__(self) -> None:
        self.curves: dict[str, Curve] = {}
        self.fcurves = SimpleNamespace(new=self._new)

    def _new(self, data_path):
        assert data_path not in self.curves
        return self.curves.setdefault(data_path, Curve())


def make(*, version: int, lengths: dict[str, int]):
    """A `bpy` of Blender 3, 4 (4.4 and later) or 5; lengths: frames of each media file. And its scenes."""
    word = "strips" if version >= 4 else "sequences"
    scenes: list[Scene] = []

    def new_scene(name):
        scenes.append(Scene(name, word, lengths, None))
        return scenes[-1]

    data = SimpleNamespace(
        scenes=SimpleNamespace(new=new_scene),
        actions=SimpleNamespace(new=lambda name: Action() if version >= 4 else OldAction()),
    )
    workspace = Struct(sequencer_scene=None) if version >= 5 else Struct()
    context = Struct(window=Struct(scene=None), workspace=workspace)
    return SimpleNamespace(data=data, context=context), scenes


def play(scene, frame: int, source) -> list[tuple[Strip, int, Shown]]:
    """The strips shown on a scene frame, lowest first: strip, picture of the file (from 0), what it shows."""
    found = []
    curves = scene.animation_data.action.curves
    for strip in sorted(scene.sequence_editor.row, key=lambda strip: strip.channel):
        if strip.kind == "SOUND" or strip.mute or not strip.frame_final_start <= frame < strip.end:
            continue

        def value(owner, name):
            path = owner.path_from_id(name)
            return curves[path].at(frame) if path in curves else getattr(owner, name)

        x, y, across, up = (value(strip.transform, n) for n in ("offset_x", "offset_y", "scale_x", "scale_y"))
        assert across == up
        canvas = scene.render.resolution_x, scene.render.resolution_y
        # Centred by whole pixels from the bottom-left corner, cut off towards zero; then scaled about its own centre.
        left = int((canvas[0] - source.width) / 2) + source.width / 2 * (1 - across) + x
        bottom = int((canvas[1] - source.height) / 2) + source.height / 2 * (1 - across) + y
        top = canvas[1] - bottom - source.height * across
        trim = [value(strip.crop, n) for n in ("min_x", "max_y", "max_x", "min_y")]
        inside = (trim[0], trim[1], source.width - trim[2], source.height - trim[3])
        shown = Shown(0.0, 0.0, 1.0, tuple(float(v) for v in inside)).moved(across, left, top).cropped(*canvas)
        picture = 0 if strip.kind == "IMAGE" else frame - strip.frame_start  # a photo is held as long as its strip
        found.append((strip, picture, shown))
    return found
