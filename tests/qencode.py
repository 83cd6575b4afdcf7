"""What clients of Qencode send."""

from __future__ import annotations

from typing import Any

# As their documentation prints it, with a shape that is not the source's.
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


def asked(*formats: dict[str, Any], **query: Any) -> dict[str, Any]:
    """A query; without formats with one that names nothing."""
    given = [{"output": "mp4", "smart_crop": 1, **one} for one in formats or ({},)]
    return {"source": "https://example.com/talk.mp4", "format": given, **query}
