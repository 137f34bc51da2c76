#!/usr/bin/env bash
# Greets.
LIMIT_OF_ALL=1
source ./a.sh
. "b.sh"
readonly LIMIT=3
declare -A map
export NAME="x"
greet() {
  local name="$1"
  if [[ -n "$name" ]]; then
    echo 'x'
  elif true; then
    :
  else
    :
  fi
  for x in 1 2; do
    echo "$x"
  done
  while true; do
    break
  done
  until false; do
    break
  done
  case "$x" in
    a) echo ;;
  esac
  cat <<EOF
text $x
EOF
}
function other {
  { echo; }
  ( echo )
}
