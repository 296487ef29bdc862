// bind_fit.cpp - fit a problem: list in, list out (see R/engine.R for the fields).
#include <RcppEigen.h>

#include "gamut/pirls.hpp"
#include "problem_from_r.h"
#include "r_monitor.h"

using namespace gamut;

namespace {

PirlsOptions options_from_r(const Rcpp::List& control) {
  PirlsOptions options;
  options.max_iterations = Rcpp::as<int>(control["max_iterations"]);
  options.tolerance = Rcpp::as<double>(control["tolerance"]);
  options.threads = Rcpp::as<int>(control["threads"]);
  options.dispersion_estimated = Rcpp::as<bool>(control["dispersion_estimated"]);
  options.sample_rows = static_cast<Index>(Rcpp::as<double>(control["sample_rows"]));
  const std::string information = Rcpp::as<std::string>(control["information"]);
  options.information =
      information == "observed" ? Information::observed : Information::expected;
  return options;
}

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

/// Levels that have no coefficient of their own, because of their contrasts, for want
/// of data, or by aliasing, have no variance either.
Matrix lead_inverse(const Layout& layout, const PirlsResult& result) {
  if (!layout.has_lead()) return Matrix();
  Matrix inverse = result.factor.lead_inverse();
  const Index b = layout.width();
  for (Index l = 0; l < layout.levels(); ++l) {
    if (result.fixed_levels[l]) inverse.middleCols(l * b, b).setZero();
  }
  return inverse;
}

Matrix tail_inverse(const PirlsResult& result) {
  Matrix inverse = result.factor.tail_inverse();
  for (Index j = 0; j < inverse.rows(); ++j) {
    if (result.aliased.tail[j]) inverse(j, j) = 0;
  }
  return inverse;
}

Rcpp::List covariance_to_r(const Layout& layout, const PirlsResult& result) {
  const Centring centring(layout);
  const bool positive = result.factor.positive();
  return Rcpp::List::create(
      Rcpp::_["tail"] = positive ? tail_inverse(result) : Matrix(),
      Rcpp::_["centre"] = centring.centre,
      Rcpp::_["intercept"] = one_based(centring.intercept),
      Rcpp::_["tail_position"] = one_based(tail_positions(layout)),
      Rcpp::_["lead"] = positive ? lead_inverse(layout, result) : Matrix(),
      Rcpp::_["regression"] = positive && layout.has_lead()
                                  ? Matrix(result.factor.lead_regression())
                                  : Matrix(),
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
