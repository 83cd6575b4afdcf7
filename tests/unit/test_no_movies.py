"""Files that are no movies: one clear line with the way out, and no file that another one names is ever opened."""

from __future__ import annotations

import av
import av.error
import numpy as np
import pytest
from PIL import Image

import media
from commandline import panscan
from panscan import ingest, pipeline
from panscan.decoding.containers import open_container
from panscan.errors import InputError

PLAYLISTS = {
    "stream.m3u8": "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{movie}\n#EXT-X-ENDLIST\n",
    "stream.mp4": "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{movie}\n#EXT-X-ENDLIST\n",
    "list.ffconcat": "ffconcat version 1.0\nfile {movie}\n",
    "list.mov": "# made by hand\nffconcat version 1.0\nfile {movie}\n",
    "list.txt": "file '{movie}'\nfile '{movie}'\n",
    "stream.mpd": '<?xml version="1.0"?>\n<!-- x -->\n<MPD xmlns="urn:mpeg:dash:schema:mpd:2011"></MPD>\n',
    "list.pls": "[playlist]\nFile1={movie}\n",
}


def refusal(path):
    with pytest.raises(InputError) as told:
        pipeline.analyse(path, cache=False)
    assert told.value.why and told.value.fix and "\n" not in told.value.what
    return told.value


@pytest.mark.parametrize("name", PLAYLISTS)
def test_playlists_and_scripts(name, movie, tmp_path):
    path = tmp_path / name
    path.write_text(PLAYLISTS[name].format(movie=movie("cuts")), encoding="utf-8")
    assert "is a playlist, no movie" in refusal(path).what
    with pytest.raises(av.error.FFmpegError), open_container(path):  # and the opener itself would not follow it
        pass


@pytest.mark.parametrize(
    "name", ["photo.jpg", "photo.png", "photo.webp", "photo.tif", "photo.bmp", "photo.mp4", "img%03d.jpg"]
)
def test_photos(name, tmp_path):
    path = tmp_path / name
    picture = Image.fromarray(np.full((36, 64, 3), 90, np.uint8))
    picture.save(path, format="JPEG" if path.suffix in (".mp4", ".jpg") else None)
    (tmp_path / "img001.jpg").write_bytes(b"another file")
    assert "is a photo, no movie" in refusal(path).what
    assert ingest.probe(path).frame_count == 1, "a cut may show it"


def test_a_photo_with_exif_is_read(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # lying on its side
    Image.fromarray(np.full((36, 64, 3), 90, np.uint8)).save(tmp_path / "photo.jpg", exif=exif)
    assert ingest.probe(tmp_path / "photo.jpg").video.coded_size.width == 64


def test_an_animation_is_a_movie(tmp_path):
    frames = [Image.fromarray(np.full((36, 64, 3), 40 * n, np.uint8)) for n in range(4)]
    frames[0].save(tmp_path / "loop.gif", save_all=True, append_images=frames[1:], duration=100)
    assert ingest.probe(tmp_path / "loop.gif", photos=False).frame_count >= 4
    frames[0].save(tmp_path / "loop.webp", save_all=True, append_images=frames[1:], duration=100)
    assert "animated WebP" in refusal(tmp_path / "loop.webp").what


@pytest.mark.parametrize(("head", "words"), [(b"%PDF-1.7\n", "a PDF"), (b"PK\x03\x04....", "a ZIP archive")])
def test_documents(head, words, tmp_path):
    (tmp_path / "talk.mp4").write_bytes(head + bytes(100))
    assert words in refusal(tmp_path / "talk.mp4").what


def test_sound_alone(tmp_path):
    assert "has no picture" in refusal(media.audio_only(tmp_path / "talk.m4a")).what


def test_titles_in_any_encoding(tmp_path):
    path = tmp_path / "film.avi"
    with av.open(str(path), "w") as container:
        container.metadata["title"] = "Caf__"
        stream = container.add_stream("mpeg4", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 36, "yuv420p"
        for n in range(5):
            shown = av.VideoFrame(64, 36, "yuv420p")
            shown.pts = n
            container.mux(stream.encode(shown))
        container.mux(stream.encode(None))
    path.write_bytes(path.read_bytes().replace(b"Caf__", b"Caf\xe9\xff"))
    assert ingest.probe(path).video.picture_count == 5
    with open_container(path) as container:
        assert container.metadata["title"].startswith("Caf\ufffd")


def test_the_command_line_says_it_in_one_line(tmp_path):
    (tmp_path / "list.m3u8").write_text("#EXTM3U\nfilm.ts\n", encoding="utf-8")
    ran = panscan("reframe", tmp_path / "list.m3u8")
    assert ran.code == 3 and "is a playlist, no movie" in ran.err and "Traceback" not in ran.err
    assert not list(tmp_path.glob("*.otio"))
