#!/usr/bin/env bash
# eigen.sh - prints an include folder that holds Eigen and nothing else, so that what
# compiles against it cannot have used R or Rcpp: RcppEigen ships all in one folder.

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

folder=$build_dir/eigen
headers=$(Rscript -e 'cat(system.file("include", package = "RcppEigen"))')
mkdir -p "$folder"
ln -sfn "$headers/Eigen" "$folder/Eigen"
ln -sfn "$headers/unsupported" "$folder/unsupported"
say "$folder"
