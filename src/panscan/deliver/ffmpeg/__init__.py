"""Scripts that make the movie with nothing but FFmpeg."""

from panscan.deliver.ffmpeg.exporter import FfmpegExporter, FfmpegOptions

__all__ = ["FfmpegExporter", "FfmpegOptions"]
