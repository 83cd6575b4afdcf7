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
 "frames": 80,
 "pictures": [
  {
   "name": "001.1 talk.mp4",
   "channel": 2,
   "path": "/media/talk.mp4",
   "start": 1,
   "count": 40,
   "skip": 60,
   "mute": false,
   "still": false,
   "transform": {
    "scale_x": [
     [
      1,
      1.777778
     ]
    ],
    "scale_y": [
     [
      1,
      1.777778
     ]
    ],
    "offset_x": [
     [
      1,
      -300.5
     ]
    ],
    "offset_y": [
     [
      1,
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
   "start": 41,
   "count": 40,
   "skip": 100,
   "mute": false,
   "still": false,
   "transform": {
    "scale_x": [
     [
      41,
      0.9
     ],
     [
      80,
      0.9
     ]
    ],
    "scale_y": [
     [
      41,
      0.9
     ],
     [
      80,
      0.9
     ]
    ],
    "offset_x": [
     [
      41,
      300.0
     ],
     [
      80,
      -250.0
     ]
    ],
    "offset_y": [
     [
      41,
      480.0
     ],
     [
      80,
      475.0
     ]
    ]
   },
   "crop": {
    "min_x": [
     [
      41,
      26
     ],
     [
      42,
      42
     ],
     [
      43,
      58
     ],
     [
      44,
      73
     ],
     [
      45,
      89
     ],
     [
      46,
      105
     ],
     [
      47,
      120
     ],
     [
      48,
      136
     ],
     [
      49,
      152
     ],
     [
      50,
      167
     ],
     [
      51,
      183
     ],
     [
      52,
      199
     ],
     [
      53,
      214
     ],
     [
      54,
      230
     ],
     [
      55,
      246
     ],
     [
      56,
      261
     ],
     [
      57,
      277
     ],
     [
      58,
      293
     ],
     [
      59,
      308
     ],
     [
      60,
      324
     ],
     [
      61,
      340
     ],
     [
      62,
      355
     ],
     [
      63,
      371
     ],
     [
      64,
      387
     ],
     [
      65,
      402
     ],
     [
      66,
      418
     ],
     [
      67,
      434
     ],
     [
      68,
      449
     ],
     [
      69,
      465
     ],
     [
      70,
      481
     ],
     [
      71,
      496
     ],
     [
      72,
      512
     ],
     [
      73,
      528
     ],
     [
      74,
      543
     ],
     [
      75,
      559
     ],
     [
      76,
      575
     ],
     [
      77,
      590
     ],
     [
      78,
      606
     ],
     [
      79,
      622
     ],
     [
      80,
      637
     ]
    ],
    "max_x": [
     [
      41,
      693
     ],
     [
      42,
      677
     ],
     [
      43,
      661
     ],
     [
      44,
      646
     ],
     [
      45,
      630
     ],
     [
      46,
      614
     ],
     [
      47,
      599
     ],
     [
      48,
      583
     ],
     [
      49,
      567
     ],
     [
      50,
      552
     ],
     [
      51,
      536
     ],
     [
      52,
      520
     ],
     [
      53,
      505
     ],
     [
      54,
      489
     ],
     [
      55,
      473
     ],
     [
      56,
      458
     ],
     [
      57,
      442
     ],
     [
      58,
      426
     ],
     [
      59,
      411
     ],
     [
      60,
      395
     ],
     [
      61,
      379
     ],
     [
      62,
      364
     ],
     [
      63,
      348
     ],
     [
      64,
      332
     ],
     [
      65,
      317
     ],
     [
      66,
      301
     ],
     [
      67,
      285
     ],
     [
      68,
      270
     ],
     [
      69,
      254
     ],
     [
      70,
      238
     ],
     [
      71,
      223
     ],
     [
      72,
      207
     ],
     [
      73,
      191
     ],
     [
      74,
      176
     ],
     [
      75,
      160
     ],
     [
      76,
      144
     ],
     [
      77,
      129
     ],
     [
      78,
      113
     ],
     [
      79,
      97
     ],
     [
      80,
      82
     ]
    ],
    "min_y": [
     [
      41,
      6
     ],
     [
      44,
      7
     ],
     [
      51,
      8
     ],
     [
      58,
      9
     ],
     [
      65,
      10
     ],
     [
      72,
      11
     ],
     [
      79,
      12
     ]
    ],
    "max_y": [
     [
      41,
      6
     ],
     [
      46,
      5
     ],
     [
      53,
      4
     ],
     [
      60,
      3
     ],
     [
      67,
      2
     ],
     [
      74,
      1
     ]
    ]
   }
  },
  {
   "name": "002.2 talk.mp4",
   "channel": 3,
   "path": "/media/talk.mp4",
   "start": 41,
   "count": 40,
   "skip": 100,
   "mute": false,
   "still": false,
   "transform": {
    "scale_x": [
     [
      41,
      1.2
     ]
    ],
    "scale_y": [
     [
      41,
      1.2
     ]
    ],
    "offset_x": [
     [
      41,
      -200.0
     ]
    ],
    "offset_y": [
     [
      41,
      -400.0
     ]
    ]
   },
   "crop": {
    "min_x": [
     [
      41,
      676
     ]
    ],
    "max_x": [
     [
      41,
      343
     ]
    ],
    "min_y": [
     [
      41,
      73
     ]
    ],
    "max_y": [
     [
      41,
      206
     ]
    ]
   }
  }
 ],
 "sounds": [
  {
   "name": "001 sound talk.mp4",
   "channel": 1,
   "path": "/media/talk.mp4",
   "start": 1,
   "count": 40,
   "skip": 60,
   "mute": false,
   "still": false
  },
  {
   "name": "002 sound talk.mp4",
   "channel": 1,
   "path": "/media/talk.mp4",
   "start": 41,
   "count": 40,
   "skip": 100,
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
