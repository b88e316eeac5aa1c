#!/usr/bin/env bash
# Speaks NAME.txt into NAME.wav: ./make.sh all-hands. Needs flite 2.2, sox 14.4 and ffmpeg.
# A line of the script is "pause SECONDS" or "VOICE TEXT", VOICE being a voice of flite.
set -euo pipefail
export SOX_OPTS="-R -D"
cd "$(dirname "$0")"
name=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

parts=()
while read -r first rest; do
  part=$work/${#parts[@]}.wav
  if [ "$first" = pause ]; then
    sox -n -r 16000 -b 16 -c 1 "$part" trim 0 "$rest"
  else
    # Each voice to the same peak, its own leading and trailing silence cut: the script alone makes the pauses.
    flite -voice "$first" --setf duration_stretch=1.06 -t "$rest" -o "$work/raw.wav"
    sox "$work/raw.wav" -r 16000 -b 16 -c 1 "$part" norm -6 silence 1 0.02 0.4% reverse silence 1 0.02 0.4% reverse
  fi
  parts+=("$part")
done < "$name.txt"

sox "${parts[@]}" "$work/speech.wav"
# A room is never digitally silent: pink noise at about -65 dBFS RMS; -R makes it the same every time.
seconds=$(soxi -D "$work/speech.wav")
sox -n -r 16000 -b 16 -c 1 "$work/room.wav" synth "$seconds" pinknoise gain -12 highpass 80
level=$(sox "$work/room.wav" -n stat 2>&1 | awk '/RMS.*amplitude/ {print $3}')
sox -m -v 1 "$work/speech.wav" -v "$(awk "BEGIN {print 10^(-65/20)/$level}")" "$work/room.wav" -b 16 "$work/mix.wav" norm -6
ffmpeg -loglevel error -y -i "$work/mix.wav" -c:a adpcm_ima_wav -bitexact "$name.wav"
