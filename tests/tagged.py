"""Movies with tags that few have: HDR metadata, another timecode."""

from __future__ import annotations

from pathlib import Path

import av

import media


def hdr_film(path: Path, *, bits: int = 10, max_nits: int = 1000, light: str = "max-cll=1000,400") -> Path:
    """PQ, with a mastering display and light levels."""
    display = f"G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L({max_nits * 10_000},1)"
    told = f"hdr10=1:master-display={display}:{light}" if light else ""
    pixel_format = "yuv420p10le" if bits == 10 else "yuv420p"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx265", rate=25, options={"crf": "10", "x265-params": f"log-level=error:{told}"})
        stream.width, stream.height, stream.pix_fmt = *media.SMALL, pixel_format
        context = stream.codec_context
        context.color_primaries, context.color_trc, context.colorspace, context.color_range = 9, 16, 9, 1
        for n in range(6):
            frame = media.picture(media.coded_value, n, media.SMALL, pixel_format)
            frame.pts = n
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def one_frame_later(movie: Path, target: Path) -> Path:
    """A movie with another timecode."""
    data = bytearray(movie.read_bytes())
    with av.open(str(movie)) as container:
        (track,) = [stream for stream in container.streams if "timecode" in stream.metadata and stream.type == "data"]
        packet = next(container.demux(track))
        data[packet.pos + 3] += 1  # it holds the number of the first frame
    target.write_bytes(data)
    return target
