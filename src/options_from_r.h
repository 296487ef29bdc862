// options_from_r.h - the options of the fitting loop from R's list.
#ifndef GAMUT_SRC_OPTIONS_FROM_R_H
#define GAMUT_SRC_OPTIONS_FROM_R_H

#include <RcppEigen.h>

#include "gamut/pirls_result.hpp"

inline gamut::PirlsOptions options_from_r(const Rcpp::List& control) {
  gamut::PirlsOptions options;
  options.max_iterations = Rcpp::as<int>(control["max_iterations"]);
  options.tolerance = Rcpp::as<double>(control["tolerance"]);
  options.threads = Rcpp::as<int>(control["threads"]);
  options.dispersion_estimated = Rcpp::as<bool>(control["dispersion_estimated"]);
  options.bias_reduction = Rcpp::as<bool>(control["bias_reduction"]);
  options.sample_rows =
      static_cast<gamut::Index>(Rcpp::as<double>(control["sample_rows"]));
  const std::string information = Rcpp::as<std::string>(control["information"]);
  options.information = information == "observed" ? gamut::Information::observed
                                                  : gamut::Information::expected;
  return options;
}

#endif  // GAMUT_SRC_OPTIONS_FROM_R_H
