"""What is there: the streams of a media file, its pictures and its sound."""
