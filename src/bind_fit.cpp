// bind_fit.cpp - fit a problem: list in, list out (see R/engine.R for the fields).
#include <RcppEigen.h>

#include "gamut/pirls.hpp"
#include "options_from_r.h"
#include "problem_from_r.h"
#include "r_monitor.h"

using namespace gamut;

namespace {

const char* name_of(PirlsEnd end) {
  switch (end) {
    case PirlsEnd::converged:
      return "converged";
    case PirlsEnd::iteration_limit:
      return "iteration_limit";
    case PirlsEnd::stalled:
      return "stalled";
    case PirlsEnd::diverging:
      return "diverging";
    default:
      return "not_positive_definite";
  }
}

Rcpp::IntegerVector one_based(const IndexVector& places) {
  Rcpp::IntegerVector out(static_cast<R_xlen_t>(places.size()));
  for (std::size_t j = 0; j < places.size(); ++j)
    out[j] = static_cast<int>(places[j]) + 1;
  return out;
}

Rcpp::List covariance_to_r(const Layout& layout, const PirlsResult& result) {
  const ColumnBasis basis(layout);
  CompactCovariance compact;
  if (result.factor.positive()) {
    compact = compact_covariance(layout, result.factor, result.aliased.tail,
                                 result.fixed_levels);
  }
  return Rcpp::List::create(
      Rcpp::_["tail"] = compact.tail, Rcpp::_["centre"] = basis.centre,
      Rcpp::_["intercept"] = one_based(basis.intercept),
      Rcpp::_["tail_position"] = one_based(tail_positions(layout)),
      Rcpp::_["lead"] = compact.lead, Rcpp::_["regression"] = Matrix(compact.regression),
      Rcpp::_["lead_position"] = one_based(lead_positions(layout)));
}

Rcpp::LogicalVector aliased_to_r(const Layout& layout, const PirlsResult& result) {
  Rcpp::LogicalVector out(static_cast<R_xlen_t>(layout.problem().coefficients));
  const IndexVector tail = tail_positions(layout), lead = lead_positions(layout);
  for (std::size_t j = 0; j < tail.size(); ++j)
    out[tail[j]] = result.aliased.tail[j] != 0;
  for (std::size_t j = 0; j < lead.size(); ++j) {
    if (lead[j] >= 0) out[lead[j]] = result.fixed_levels[j / layout.width()] != 0;
  }
  return out;
}

Vector last_step_to_r(const Layout& layout, const PirlsResult& result) {
  if (result.trace.empty()) return Vector::Zero(layout.problem().coefficients);
  return caller_from_free(layout, result.last_step);
}

Rcpp::NumericMatrix trace_to_r(const PirlsResult& result) {
  Rcpp::NumericMatrix out(static_cast<int>(result.trace.size()), 2);
  for (std::size_t i = 0; i < result.trace.size(); ++i) {
    out(static_cast<int>(i), 0) = result.trace[i].objective;
    out(static_cast<int>(i), 1) = result.trace[i].decrement;
  }
  Rcpp::colnames(out) = Rcpp::CharacterVector::create("objective", "decrement");
  return out;
}

}  // namespace

// [[Rcpp::export(rng = false)]]
Rcpp::List fit_cpp(const Rcpp::List& problem, const Rcpp::List& control,
                   Rcpp::Nullable<Rcpp::NumericVector> start) {
  const Problem data = problem_from_r(problem);
  const Layout layout(data);
  RMonitor monitor(Rcpp::as<bool>(control["progress"]));
  Pirls pirls(layout, options_from_r(control), &monitor);
  PirlsResult result;
  if (start.isNotNull()) {
    const Coefficients given = free_from_caller(layout, Rcpp::as<Vector>(start.get()));
    result = pirls.run(&given);
  } else {
    result = pirls.run();
  }
  monitor.done();
  return Rcpp::List::create(
      Rcpp::_["coefficients"] = caller_from_free(layout, result.coefficients),
      Rcpp::_["aliased"] = aliased_to_r(layout, result),
      Rcpp::_["objective"] = result.objective, Rcpp::_["pearson"] = result.pearson,
      Rcpp::_["kept_rows"] = result.kept_rows, Rcpp::_["code"] = name_of(result.end),
      Rcpp::_["iterations"] = static_cast<int>(result.trace.size()),
      Rcpp::_["trace"] = trace_to_r(result),
      Rcpp::_["information"] =
          result.information == Information::observed ? "observed" : "expected",
      Rcpp::_["last_step"] = last_step_to_r(layout, result),
      Rcpp::_["covariance"] = covariance_to_r(layout, result));
}
