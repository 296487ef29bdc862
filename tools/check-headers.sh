#!/usr/bin/env bash
# check-headers.sh - each header of the engine compiles alone, with Eigen and the
# standard library as its only neighbours: no R on the include path, no warnings.
# Including it twice shows that its guard works.
#
# Headers that include each other are compiled together: see header-chains.R.

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

EIGEN=$(bash tools/eigen.sh)
export EIGEN

check_chain() {
  printf '#include "%s"\n' "$@" "$@" |
    "${CXX:-g++}" -std=c++17 -fsyntax-only -Wall -Wextra -Werror -isystem "$EIGEN" \
      -I inst/include -x c++ - || {
    printf 'not independent, the first one that errors name of: %s\n' "$*" >&2
    return 1
  }
}
export -f check_chain

chains=$(Rscript tools/header-chains.R inst/include)
printf '%s\n' "$chains" | xargs -P "$(cores)" -L 1 bash -c 'check_chain "$@"' check_chain
say "$(printf '%s\n' "$chains" | wc -w) headers compile alone, in $(printf '%s\n' \
  "$chains" | wc -l) runs"
