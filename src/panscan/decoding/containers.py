"""Opening media files for reading: the one place where it is done."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import av
import av.error

# FFmpeg's names of the file formats that are read. Playlists and scripts (hls, dash, concat, sdp) are not among them:
# they name other files, and whoever sends one could have any file of this machine read.
_MOVIES = (
    "mov,matroska,avi,mpegts,mpegtsraw,mpeg,mpegvideo,asf,flv,mxf,gxf,ogg,nut,dv,wtv,rm,ivf,nsv,nuv,lxf,dhav,ty,"
    "h264,hevc,vvc,av1,obu,m4v,h263,vc1,vc1test,dirac,dnxhd,mjpeg,mjpeg_2000,mpjpeg,yuv4mpegpipe,rawvideo,"
    "amv,film_cpk,flic,smk,bink,roq,mlv,r3d,cine,gif,apng,webp,jpegxl_anim"
)
_SOUNDS = "wav,w64,aiff,caf,mp3,aac,flac,ac3,eac3,ac4,dts,dtshd,truehd,mlp,amr,au,ape,wv,tta,tak,oma,mpc,mpc8,xwma,loas"
_STILLS = (
    "image2,gif_pipe,"
    "jpeg_pipe,jpegls_pipe,jpegxl_pipe,jpegxs_pipe,j2k_pipe,png_pipe,webp_pipe,tiff_pipe,bmp_pipe,dpx_pipe,exr_pipe,"
    "psd_pipe,sgi_pipe,sunrast_pipe,hdr_pipe,qoi_pipe,dds_pipe,pcx_pipe,pam_pipe,pbm_pipe,pgm_pipe,ppm_pipe,pfm_pipe"
)
_OPTIONS = {
    "format_whitelist": f"{_MOVIES},{_SOUNDS},{_STILLS}",
    "protocol_whitelist": "file",  # nothing from the network, and no tricks such as "concat:" and "subfile:"
    "pattern_type": "none",  # a photo called img%03d.png is that photo, no row of others
}


def open_container(path: Path | str) -> Any:
    """A media file, opened for reading: the file itself, never one that it names.

    Text in its metadata may be in any encoding: what is no UTF-8 becomes U+FFFD.

    Raises
    ------
    av.error.FFmpegError
        The file is damaged, or no format of the list.
    """
    return open_bytes(f"file:{path}")


def open_bytes(source: Any) -> Any:
    """The same of a file in memory."""
    # Not `options`: PyAV keeps those for each stream that is there at first, and FFmpeg, finding more of them in a
    # transport stream, reads beyond their end.
    return av.open(source, container_options=dict(_OPTIONS), metadata_errors="replace")


def seek_back(container: Any, stream: Any, ticks: int) -> None:
    """Go to the last key packet before a time; stay where the file stands if that is not found, as near damage."""
    with suppress(av.error.FFmpegError):
        container.seek(ticks, stream=stream, backward=True)
