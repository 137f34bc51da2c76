#!/usr/bin/env bash
# Packs what has changed since yesterday.
set -euo pipefail

declare -a names=("$@")
declare -A sizes

count_names() {
  local count=${#names[@]}
  local minutes=$((10#${1:-08} * 60))
  if [[ ${#1} -gt 2 && $# -eq 1 ]]; then
    printf '%s\n' "${names[@]#*/}"
  fi
  echo "$count names, $minutes minutes"
}

while getopts "hv:o:" option; do
  case "$option" in
    h)
      cat <<USAGE
Usage: backup [-v LEVEL] [-o FOLDER] NAME...
  <div>The page that lists them is written as well.</div>
def main():
    This is the text of a program and not the program.
USAGE
      exit 0
      ;;
    v | verbose) level=${OPTARG##*=} ;;
    o)
      target="${OPTARG%/}"
      ;;
    *) exit 2 ;;
  esac
done

function pack() {
  for name in "${names[@]}"; do
    sizes[$name]=$(stat -c '%s' "$name") || continue
    tar --create --file="${target:-.}/${name//\//_}.tar" "$name" &
  done
  wait
}

pack && count_names "$(date +%H)"
