#!/usr/bin/env bash
# test.sh - sets up, builds, and runs all tests: first the engine's own, a C++
# program that knows nothing of R, then those of the package.
#
# .build/results.tsv gets one line a suite: name, passed, failed, skipped.
# GAMUT_REQUIRE_PEERS=true turns an absent peer package from a skip into a failure.

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

# Snapshots and long tests are for everywhere but CRAN.
export NOT_CRAN=true
results=$build_dir/results.tsv

record() { printf '%s\t%s\t%s\t%s\n' "$@" >> "$results"; }

# The program ends with "N passed, N failed"; without that line it did not finish, and
# with no test passed it did not find them.
engine_tests() {
  local log=$build_dir/log/cpp-tests.log counts
  step "Compiling and running the engine's C++ tests"
  patiently "engine tests" "$log" make -j"$(cores)" -C tests/cpp test \
    EIGEN="$(bash tools/eigen.sh)" BUILD=../../.build/cpp || true
  counts=$(sed -nE 's/^ *([0-9]+) passed, ([0-9]+) failed.*$/\1 \2/p' "$log" | tail -n 1)
  case $counts in "" | "0 0") counts="0 1" ;; esac
  # shellcheck disable=SC2086
  record "engine, C++" $counts 0
}

package_tests() {
  step "Running the package's tests"
  rm -f "$build_dir/testthat.tsv"
  Rscript tools/run-tests.R "$build_dir/testthat.tsv" < /dev/null || true
  if [ -e "$build_dir/testthat.tsv" ]; then
    cat "$build_dir/testthat.tsv" >> "$results"
  else
    say "    the tests did not run to their end"
    record "package, R" 0 1 0
  fi
}

bash tools/setup.sh test
bash tools/build.sh
: > "$results"
engine_tests
package_tests

step "Results"
awk -F '\t' '
  { printf "    %-14s %5d passed %4d failed %4d skipped\n", $1, $2, $3, $4; failed += $3 }
  END { exit failed > 0 }
' "$results"
