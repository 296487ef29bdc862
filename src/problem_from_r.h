// problem_from_r.h - the engine's Problem from the list that R/problem.R builds.
//
// Vectors are read where R keeps them; the list must outlive the problem.
#ifndef GAMUT_SRC_PROBLEM_FROM_R_H
#define GAMUT_SRC_PROBLEM_FROM_R_H

#include <Rcpp.h>

#include <memory>

#include "gamut/covariance/registry.hpp"
#include "gamut/family/family.hpp"
#include "gamut/problem.hpp"

std::shared_ptr<const gamut::Family> family_from_r(const Rcpp::List& description);
gamut::Problem problem_from_r(const Rcpp::List& problem);
/// The same at the estimates of a fit, a list with `elimination` and `theta`: the
/// parameters of its covariances, one vector for each term that has one.
gamut::Problem problem_at_estimates(const Rcpp::List& problem,
                                    const Rcpp::List& estimates);
/// "automatic", "dense", "sparse" or "iterative".
gamut::TailKind tail_kind_from_r(SEXP name);

/// list(kind, size, numbers, parts, and of a penalty given); parts are such lists again.
inline gamut::CovarianceSpec covariance_from_r(const Rcpp::List& spec) {
  gamut::CovarianceSpec out;
  out.kind = Rcpp::as<std::string>(spec["kind"]);
  out.size = Rcpp::as<int>(spec["size"]);
  out.numbers = Rcpp::as<std::vector<double>>(spec["numbers"]);
  for (SEXP part : Rcpp::List(spec["parts"])) {
    out.parts.push_back(covariance_from_r(Rcpp::List(part)));
  }
  if (spec.containsElementNamed("given")) {
    out.given = Rcpp::as<std::vector<double>>(spec["given"]);
  }
  return out;
}

#endif  // GAMUT_SRC_PROBLEM_FROM_R_H
