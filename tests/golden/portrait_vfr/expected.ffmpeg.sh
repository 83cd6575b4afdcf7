#!/bin/sh
# Made by panscan. The picture moves by whole px: good for a look, not for the master.
# Keep it beside the file that ends in .ffmpeg.filter.
# Needs FFmpeg 5 or newer. The first argument names the movie to write; more are options for FFmpeg's encoders.
set -eu
ffmpeg="${FFMPEG:-ffmpeg}"
base="${0%.sh}"
if [ -f "${base%.ffmpeg}.ffmpeg.filter" ]; then base="${base%.ffmpeg}"; fi
out="${1:-$base.mp4}"
if [ "$#" -gt 0 ]; then shift; fi
# FFmpeg 8 reads the graph with -/filter_complex; before, it was -filter_complex_script.
graph=-/filter_complex
if "$ffmpeg" -hide_banner -h long 2>/dev/null | grep -q -e -filter_complex_script; then
  graph=-filter_complex_script
fi
exec "$ffmpeg" -hide_banner -nostdin -y \
  -i /media/phone.mp4 \
  "$graph" "$base.ffmpeg.filter" \
  -map '[v]' -map '[a0]' -r 30/1 -c:v libx264 -preset medium -crf 18 -pix_fmt yuv420p -c:a aac -b:a 192k -movflags +faststart \
  "$@" "$out"
