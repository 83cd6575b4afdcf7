"""Make the demo recording `screen.mp4`: a line of code is typed, then a button far away is clicked.

python samples/make_screen.py OUTDIR
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import av

from drawn import HEIGHT_PX, WIDTH_PX, Arrow, Stage, TypedLine, desktop

RATE = 25  # frames per second
FRAME_COUNT = 20 * RATE
TYPED = TypedLine(350, 296, "const answer = await ask(question); log(answer)", 5 * RATE, 10 * RATE)
POINTER = Arrow(((0, 900, 850), (280, 900, 850), (300, 1500, 920), (499, 1500, 920)))


def recording(*, clicked: bool = True) -> Stage:
    """What is on the screen; `clicked`: whether anything happens after the typing."""
    return Stage(desktop(), (TYPED, POINTER) if clicked else (TYPED,), FRAME_COUNT)


def make_screen(path: Path) -> Path:
    """Write the recording."""
    stage = recording()
    with av.open(str(path), "w") as container:
        video: Any = container.add_stream("libx264", rate=RATE, options={"preset": "veryfast", "crf": "18"})
        video.width, video.height, video.pix_fmt = WIDTH_PX, HEIGHT_PX, "yuv420p"
        for frame in range(FRAME_COUNT):
            container.mux(video.encode(av.VideoFrame.from_ndarray(stage.draw(frame), format="bgr24")))
        container.mux(video.encode(None))
    return path


def main() -> int:
    """Read the command line and make the recording."""
    parser = argparse.ArgumentParser(description="Make screen.mp4.")
    parser.add_argument("folder", type=Path, metavar="OUTDIR")
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    print(make_screen(folder / "screen.mp4"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
