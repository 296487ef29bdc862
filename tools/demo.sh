#!/usr/bin/env bash
# demo.sh - from a bare machine to fitted models, step by step.

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

say "gamut: this sets up what is missing, builds the package inside this folder,"
say "and fits one model of each kind to real data."

step "Looking for R, a compiler and the packages that gamut needs"
bash tools/setup.sh demo
say "    all there: $(Rscript -e 'cat(R.version.string)')"
bash tools/build.sh
step "Fitting models to real data"
Rscript tools/demo.R demo-output
