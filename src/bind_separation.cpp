// bind_separation.cpp - which rows and coefficients of a problem are separated.
#include <RcppEigen.h>

#include "gamut/separation.hpp"
#include "problem_from_r.h"

using namespace gamut;

// [[Rcpp::export(rng = false)]]
Rcpp::List separation_cpp(const Rcpp::List& problem, const Eigen::MatrixXd& combinations,
                          const Rcpp::IntegerMatrix& signs) {
  const Problem data = problem_from_r(problem);
  for (const auto& storage : data.storages) {
    if (!storage->centred()) continue;
    for (Index j = 1; j < storage->columns(); ++j) storage->set_centre(j, 0);
  }
  const Layout layout(data, false);
  const SeparationRows rows(layout, combinations, INTEGER(signs));
  const Separation found = SeparationSearch(rows)();
  const auto logical = [](const std::vector<char>& flags) {
    return Rcpp::LogicalVector(flags.begin(), flags.end());
  };
  return Rcpp::List::create(Rcpp::_["direction"] = found.direction,
                            Rcpp::_["infinite"] = logical(found.infinite),
                            Rcpp::_["aliased"] = logical(found.aliased),
                            Rcpp::_["rows"] = logical(rows.rows(found.distinct)),
                            Rcpp::_["complete"] = found.complete,
                            Rcpp::_["exact"] = found.exact);
}
