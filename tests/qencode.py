"""What clients of Qencode send."""

from __future__ import annotations

from typing import Any

# As their documentation prints a request for another shape.
EXAMPLE = """
{
  "query": {
    "encoder_version": 2,
    "source": "https://example.com/talk.mp4",
    "format": [
      {
        "output": "mp4",
        "aspect_ratio": "9:16",
        "smart_crop": 1,
        "smart_crop_mode": "responsive",
        "smart_crop_method": "adaptive",
        "destination": [
          {
            "url": "s3://bucket/talk.mp4",
            "key": "YOUR_KEY",
            "secret": "YOUR_SECRET",
            "permissions": "public-read"
          }
        ]
      }
    ]
  }
}
"""


_KEYS = {"key": "YOUR_KEY", "secret": "YOUR_SECRET"}
_CODED = {"video_codec": "libx264", "audio_codec": "libfdk_aac", "resolution": 1080, "quality": 22, "keyframe": "60"}
_CROPPED = {"output": "mp4", "smart_crop": 1}

# Requests in the forms that their documentation shows; what becomes of each: shapes, kinds of file and destinations by
# job, and what is told as not used.
EXAMPLES = {
    "one shape": (EXAMPLE, [(["9:16"], ["mp4"], "s3://bucket/talk.mp4")], set()),
    "several shapes, kept by the service": (
        {
            "query": {
                "source": "https://example.com/talk.mp4",
                "encoder_version": 2,
                "format": [{**_CROPPED, "aspect_ratio": one, "tag": one} for one in ("9:16", "1:1", "4:5")],
            }
        },
        [(["9:16", "1:1", "4:5"], ["mp4"], None)],
        set(),
    ),
    "several shapes, each to a file of its own": (
        {
            "query": {
                "source": "https://example.com/talk.mp4",
                "format": [
                    {
                        **_CROPPED,
                        "aspect_ratio": ratio,
                        "destination": {"url": f"s3://us-east-1.amazonaws.com/bucket/{name}.mp4", **_KEYS},
                    }
                    for ratio, name in (("9:16", "tall"), ("1:1", "square"))
                ],
            }
        },
        [(["9:16", "1:1"], ["mp4"], "s3://bucket")],
        set(),
    ),
    "a movie and a stream, each in its place": (
        {
            "query": {
                "source": "https://example.com/talk.mp4",
                "format": [
                    {**_CROPPED, "resolution": 1080, "destination": {"url": "s3://bucket/tall.mp4", **_KEYS}},
                    {**_CROPPED, "output": "advanced_hls", "destination": {"url": "s3://bucket/stream/", **_KEYS}},
                ],
            }
        },
        [(["9:16"], ["mp4"], "s3://bucket/tall.mp4"), (["9:16"], ["hls"], "s3://bucket/stream/")],
        set(),
    ),
    "a stream in a folder of another store, with callbacks": (
        {
            "query": {
                "source": "s3://YOUR_KEY:YOUR_SECRET@nyc3.store.example.com/input/talks/talk.mp4",
                "encoder_version": 2,
                "retry_on_error": 1,
                "callback_url": "https://example.com/told",
                "format": [
                    {
                        "output": "advanced_hls",
                        "smart_crop": 1,
                        "aspect_ratio": "9:16",
                        "segment_duration": 6,
                        "stream": [_CODED, {**_CODED, "resolution": 720}],
                        "destination": {"url": "s3://nyc3.store.example.com/movies/abc/", **_KEYS},
                    }
                ],
            }
        },
        [(["9:16"], ["hls"], "s3://movies/abc/")],
        {"format 1: segment_duration, stream"},
    ),
    "a container of Azure": (
        {
            "query": {
                "source": "https://example.com/talk.mp4",
                "format": [
                    {
                        **_CROPPED,
                        **_CODED,
                        "destination": {"url": "azblob://clips/talk.mp4", "key": "account", "secret": "c2VjcmV0"},
                    }
                ],
            }
        },
        [(["9:16"], ["mp4"], "az://clips/talk.mp4")],
        {"format 1: audio_codec, keyframe, quality, video_codec"},
    ),
}


def asked(*formats: dict[str, Any], **query: Any) -> dict[str, Any]:
    """A query; without formats with one that names nothing."""
    given = [{"output": "mp4", "smart_crop": 1, **one} for one in formats or ({},)]
    return {"source": "https://example.com/talk.mp4", "format": given, **query}
