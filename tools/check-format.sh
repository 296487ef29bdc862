#!/usr/bin/env bash
# check-format.sh [--fix] - are the C++ files as clang-format would write them?
# Releases of clang-format differ, so one is pinned: the 14 of Debian 12.

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

pinned=14
formatter=$(command -v "clang-format-$pinned" || command -v clang-format) ||
  die "clang-format $pinned is not installed"
"$formatter" --version | grep -q "version $pinned\." ||
  die "clang-format $pinned is pinned, but this is $("$formatter" --version)"

mode="--dry-run -Werror"
if [ "${1:-}" = --fix ]; then mode="-i"; fi
# shellcheck disable=SC2086
find inst/include/gamut src tests/cpp \( -name '*.hpp' -o -name '*.h' -o -name '*.cpp' \) \
  ! -name 'RcppExports.cpp' -print0 | sort -z | xargs -0 "$formatter" $mode
say "clang-format: no complaints"
