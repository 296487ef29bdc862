# shellcheck shell=bash
# lib.sh - what the scripts of this folder share: where things are, and how to
# tell the person who waits what goes on. Sourced from the top of the checkout.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# All that is built stays inside the checkout: nothing of the user's is overwritten.
build_dir=$PWD/.build
library=$build_dir/lib

# A bare system has no locale; R then garbles everything beyond ASCII.
if [ "$(locale charmap 2> /dev/null)" != "UTF-8" ]; then
  export LANG=C.UTF-8 LC_ALL=C.UTF-8
fi

# This checkout's own build comes first in every R that the scripts start.
export R_LIBS="$library${R_LIBS:+:$R_LIBS}"

# Scripts start under make as well as by hand; each sets its own number of jobs.
unset MAKEFLAGS MFLAGS MAKELEVEL

say() { printf '%s\n' "$*"; }

step() { printf '\n==> %s\n' "$*"; }

die() {
  printf '\nerror: %s\n' "$*" >&2
  exit 1
}

cores() { nproc 2> /dev/null || echo 1; }

# What a log says of where its command is: the package or file it works at.
working_at() {
  sed -nE -e "s/^\* installing \*source\* package (.*) \.\.\.$/, at \1/p" \
    -e 's/^Setting up ([^ ]+).*$/, at \1/p' \
    -e 's/^.* -c ([^ ]+\.cpp) .*$/, at \1/p' "$1" | tail -n 1
}

# patiently LABEL LOG COMMAND...: runs the command with its output in LOG, says
# every 10 seconds that it still runs, and shows the end of LOG when it fails.
patiently() {
  local label=$1 log=$2 started=$SECONDS next=10 status=0 pid
  shift 2
  mkdir -p "$(dirname "$log")"
  "$@" > "$log" 2>&1 < /dev/null &
  pid=$!
  # Without this an interrupt would end the script and leave the command running.
  trap 'kill "$pid" 2> /dev/null; exit 130' INT TERM
  while kill -0 "$pid" 2> /dev/null; do
    sleep 0.2
    if [ $((SECONDS - started)) -ge "$next" ]; then
      say "    $label: $((SECONDS - started)) s so far$(working_at "$log")"
      next=$((next + 10))
    fi
  done
  wait "$pid" || status=$?
  trap - INT TERM
  if [ "$status" -ne 0 ]; then
    say "    $label failed (exit $status); the end of $log:"
    tail -n 30 "$log" | sed 's/^/    | /'
    return "$status"
  fi
  say "    $label: done in $((SECONDS - started)) s"
}

# The files of the checkout that git knows or would add, copied to a clean folder:
# what is built from there cannot depend on left-over objects.
copy_checkout() {
  local to=$1
  rm -rf "$to"
  mkdir -p "$to"
  git ls-files -z --cached --others --exclude-standard |
    while IFS= read -r -d '' file; do
      if [ -e "$file" ]; then printf '%s\0' "$file"; fi
    done |
    tar --null --files-from=- --create | tar --extract --directory "$to"
}
