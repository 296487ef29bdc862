#!/usr/bin/env bash
# check-headers.sh - each header of the engine compiles alone, with Eigen and the
# standard library as its only neighbours: no R on the include path, no warnings.
# Including it twice shows that its guard works.

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

EIGEN=$(bash tools/eigen.sh)
export EIGEN

check_header() {
  printf '#include "%s"\n#include "%s"\n' "$1" "$1" |
    "${CXX:-g++}" -std=c++17 -fsyntax-only -Wall -Wextra -Werror -isystem "$EIGEN" \
      -I inst/include -x c++ - || {
    printf 'not independent: %s\n' "$1" >&2
    return 1
  }
}
export -f check_header

cd inst/include
headers=$(find gamut -name '*.hpp' | sort)
cd ../..
printf '%s\n' "$headers" | xargs -P "$(cores)" -I '{}' bash -c 'check_header {}'
say "$(printf '%s\n' "$headers" | wc -l) headers compile alone"
