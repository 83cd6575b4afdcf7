"""MediaPipe's solutions, and what is said where they are missing."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from panscan.errors import CapabilityError
from panscan.libraries import import_mediapipe

_FRAME_INTERVAL_US = 33_333  # 30 pictures a second: MediaPipe's own clock only has to rise


def run_solution(solution: Any, image: npt.NDArray[np.uint8]) -> Any:
    """Run a MediaPipe solution that has one input and one output on a picture (h, w, 3); None where it finds nothing.

    MediaPipe's own `process` creates a new class for every result, which costs 5 % of one face detection.
    """
    (stream, kind), (output, content) = (
        next(iter(streams.items())) for streams in (solution._input_stream_type_info, solution._output_stream_type_info)
    )
    solution._graph_outputs.clear()
    solution._simulated_timestamp += _FRAME_INTERVAL_US
    packet = solution._make_packet(kind, image).at(solution._simulated_timestamp)
    solution._graph.add_packet_to_input_stream(stream=stream, packet=packet)
    solution._graph.wait_until_idle()
    packet = solution._graph_outputs.get(output)
    return None if packet is None else solution._get_packet_content(content, packet)


def load_mediapipe(what_fails: str) -> Any:
    """MediaPipe with the models inside.

    Parameters
    ----------
    what_fails : str
        What cannot be done without it, for the error: "lips cannot be read".

    Raises
    ------
    CapabilityError
        MediaPipe is missing or brings no models.
    """
    try:
        mediapipe = import_mediapipe()
    except ImportError as error:
        raise CapabilityError(
            what_fails,
            why=f"MediaPipe does not import: {error}.",
            fix="Install it again: pip install --force-reinstall mediapipe==0.10.14 "
            "(on slim Linux also the system packages libgl1 and libglib2.0-0).",
        ) from error
    if not hasattr(mediapipe, "solutions"):
        raise CapabilityError(
            what_fails,
            why=f"MediaPipe {mediapipe.__version__} has no bundled models.",
            fix="pip install mediapipe==0.10.14",
        )
    return mediapipe
