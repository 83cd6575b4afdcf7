@echo off
rem Made by panscan. The picture moves by whole px: good for a look, not for the master.
rem Keep it beside the file that ends in .ffmpeg.filter.
rem Needs FFmpeg 5 or newer. The first argument names the movie to write; more are options for FFmpeg's encoders.
setlocal DisableDelayedExpansion
chcp 65001 >nul
if not defined FFMPEG set "FFMPEG=ffmpeg"
set "BASE=%~dpn0"
set "BASE=%BASE:~0,-7%"
set "OUT=%~1"
if not defined OUT set "OUT=%BASE%.mp4"
set "GRAPH=-/filter_complex"
"%FFMPEG%" -hide_banner -h long 2>nul | findstr /c:"-filter_complex_script" >nul && set "GRAPH=-filter_complex_script"
"%FFMPEG%" -hide_banner -nostdin -y ^
  -i "/media/wide shot.mov" ^
  %GRAPH% "%BASE%.ffmpeg.filter" ^
  "-map" "[v]" "-r" "24000/1001" -c:v libx264 -preset medium -crf 18 -pix_fmt yuv420p -c:a aac -b:a 192k -movflags +faststart ^
  %2 %3 %4 %5 %6 %7 %8 %9 "%OUT%"
exit /b %ERRORLEVEL%
