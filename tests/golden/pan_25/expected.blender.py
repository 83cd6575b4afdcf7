"""Fills the video sequencer of a new scene. Run it in the Text Editor, or `blender --python FILE`."""

import json

import bpy

CUT = json.loads(r"""
{
 "name": "talk 9x16",
 "canvas": [
  1080,
  1920
 ],
 "fps": [
  25,
  1.0
 ],
 "frames": 222,
 "pictures": [
  {
   "name": "001.1 talk.mp4",
   "channel": 2,
   "path": "/media/talk.mp4",
   "start": 1,
   "count": 150,
   "skip": 250,
   "mute": false,
   "still": false,
   "transform": {
    "scale_x": [
     [
      1,
      1.777778
     ],
     [
      150,
      1.777778
     ]
    ],
    "scale_y": [
     [
      1,
      1.777778
     ],
     [
      150,
      1.777778
     ]
    ],
    "offset_x": [
     [
      1,
      811.1111
     ],
     [
      150,
      277.7778
     ]
    ],
    "offset_y": [
     [
      1,
      0.0
     ],
     [
      150,
      0.0
     ]
    ]
   },
   "crop": {}
  },
  {
   "name": "002.1 talk.mp4",
   "channel": 2,
   "path": "/media/talk.mp4",
   "start": 163,
   "count": 60,
   "skip": 400,
   "mute": false,
   "still": false,
   "transform": {
    "scale_x": [
     [
      163,
      1.777778
     ]
    ],
    "scale_y": [
     [
      163,
      1.777778
     ]
    ],
    "offset_x": [
     [
      163,
      -300.5
     ]
    ],
    "offset_y": [
     [
      163,
      0.0
     ]
    ]
   },
   "crop": {}
  }
 ],
 "sounds": [
  {
   "name": "001 sound talk.mp4",
   "channel": 1,
   "path": "/media/talk.mp4",
   "start": 1,
   "count": 150,
   "skip": 250,
   "mute": false,
   "still": false
  },
  {
   "name": "002 sound talk.mp4",
   "channel": 1,
   "path": "/media/talk.mp4",
   "start": 163,
   "count": 60,
   "skip": 400,
   "mute": false,
   "still": false
  }
 ]
}
""")


def animate(scene, owner, name, rows, interpolation):
    """Set a property, or key it with straight lines (or steps) between the keys."""
    frames, values = zip(*rows, strict=True)
    setattr(owner, name, values[0])
    if len(set(values)) == 1:
        return
    action = scene.animation_data.action
    path = owner.path_from_id(name)
    if hasattr(action, "fcurve_ensure_for_datablock"):  # Blender 4.4 and later
        curve = action.fcurve_ensure_for_datablock(scene, path)
    else:
        curve = action.fcurves.new(path)
    for frame, value in zip(frames, values, strict=True):
        curve.keyframe_points.insert(frame, value).interpolation = interpolation
    curve.update()


def trim(strip, row):
    """Show the strip's own range only, on its own channel."""
    strip.frame_final_start = row["start"]
    strip.frame_final_duration = row["count"]
    strip.channel = row["channel"]
    strip.mute = row["mute"]


def main():
    scene = bpy.data.scenes.new(CUT["name"])
    render = scene.render
    render.resolution_x, render.resolution_y = CUT["canvas"]
    render.resolution_percentage = 100
    render.pixel_aspect_x = render.pixel_aspect_y = 1.0
    render.fps, render.fps_base = CUT["fps"]
    scene.frame_start, scene.frame_end = 1, CUT["frames"]
    scene.view_settings.view_transform = "Standard"
    scene.animation_data_create()
    scene.animation_data.action = bpy.data.actions.new(CUT["name"])
    scene.sequence_editor_create()
    editor = scene.sequence_editor
    strips = editor.strips if hasattr(editor, "strips") else editor.sequences  # "strips" since Blender 4.4
    for row in CUT["pictures"]:
        head = row["start"] - row["skip"]
        new = strips.new_image if row["still"] else strips.new_movie
        strip = new(row["name"], row["path"], row["channel"], head, fit_method="ORIGINAL")
        trim(strip, row)
        strip.blend_type = "ALPHA_OVER"
        for name, rows in row["transform"].items():
            animate(scene, strip.transform, name, rows, "LINEAR")
        for name, rows in row["crop"].items():
            animate(scene, strip.crop, name, rows, "CONSTANT")
    for row in CUT["sounds"]:
        head = row["start"] - row["skip"]
        trim(strips.new_sound(row["name"], row["path"], row["channel"], head), row)
    if bpy.context.window is not None:
        bpy.context.window.scene = scene
    if hasattr(bpy.context.workspace, "sequencer_scene"):  # Blender 5
        bpy.context.workspace.sequencer_scene = scene


main()
