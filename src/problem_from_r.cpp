#include "problem_from_r.h"

#include <RcppEigen.h>

#include <string>

#include "gamut/covariance/registry.hpp"
#include "storage_from_r.h"

using gamut::Index;

gamut::TailKind tail_kind_from_r(SEXP name) {
  const std::string kind = Rcpp::as<std::string>(name);
  if (kind == "dense") return gamut::TailKind::dense;
  if (kind == "sparse") return gamut::TailKind::sparse;
  if (kind == "iterative") return gamut::TailKind::iterative;
  return gamut::TailKind::automatic;
}

namespace {

gamut::CoefficientMap map_from_r(const Rcpp::List& storage) {
  gamut::CoefficientMap map;
  if (storage.containsElementNamed("map") && !Rf_isNull(storage["map"])) {
    for (int target : Rcpp::IntegerVector(storage["map"])) {
      map.selection.push_back(target - 1);
    }
  } else if (storage.containsElementNamed("contrast") &&
             !Rf_isNull(storage["contrast"])) {
    map.matrix = Rcpp::as<gamut::Matrix>(storage["contrast"]);
  }
  return map;
}

gamut::Term term_from_r(const Rcpp::List& term, const Rcpp::List& storages) {
  gamut::Term out;
  out.storage = Rcpp::as<int>(term["storage"]) - 1;
  out.loading = Rcpp::as<gamut::Matrix>(term["loading"]);
  for (int place : Rcpp::IntegerVector(term["position"])) {
    out.position.push_back(place - 1);
  }
  out.map = map_from_r(Rcpp::List(storages[out.storage]));
  if (term.containsElementNamed("covariance")) {
    out.covariance =
        gamut::make_covariance(covariance_from_r(Rcpp::List(term["covariance"])));
  }
  if (term.containsElementNamed("apart")) out.apart = Rcpp::as<bool>(term["apart"]);
  return out;
}

const double* optional_real(SEXP vector) {
  return Rf_isNull(vector) ? nullptr : REAL(vector);
}

}  // namespace

gamut::Problem problem_from_r(const Rcpp::List& problem) {
  gamut::Problem out;
  out.rows = static_cast<Index>(Rcpp::as<double>(problem["rows"]));
  out.family = family_from_r(Rcpp::List(problem["family"]));
  SEXP response = problem["response"];
  if (!Rf_isNull(response)) {
    out.response = REAL(response);
    out.response_columns = Rf_isMatrix(response) ? Rf_ncols(response) : 1;
  }
  out.prior = optional_real(problem["weights"]);
  const Rcpp::List offsets = problem["offsets"], variables = problem["columns"];
  for (SEXP offset : offsets) out.offsets.push_back(optional_real(offset));
  const Rcpp::List storages = problem["storages"], terms = problem["terms"];
  for (SEXP storage : storages) {
    const Rcpp::List one(storage);
    out.storages.push_back(storage_from_r(one, variables, out.rows));
  }
  for (SEXP term : terms) out.terms.push_back(term_from_r(Rcpp::List(term), storages));
  out.coefficients = Rcpp::as<int>(problem["coefficients"]);
  if (problem.containsElementNamed("outside")) {
    const Rcpp::LogicalVector outside = problem["outside"];
    out.outside.assign(outside.begin(), outside.end());
  }
  out.check();
  return out;
}

gamut::Problem problem_at_estimates(const Rcpp::List& problem,
                                    const Rcpp::List& estimates) {
  gamut::Problem out = problem_from_r(problem);
  out.tail = tail_kind_from_r(estimates["elimination"]);
  const Rcpp::List theta = estimates["theta"];
  R_xlen_t next = 0;
  for (const gamut::Term& term : out.terms) {
    if (!term.covariance) continue;
    const auto value = Rcpp::as<std::vector<double>>(theta[next++]);
    term.covariance->set_parameters(value.data());
  }
  return out;
}
