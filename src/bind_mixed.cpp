// bind_mixed.cpp - fit a problem with random effects: list in, list out (see R/mixed.R).
#include <RcppEigen.h>

#include "gamut/mixed.hpp"
#include "options_from_r.h"
#include "problem_from_r.h"
#include "r_monitor.h"

using namespace gamut;

namespace {

const char* name_of(SearchEnd end) {
  if (end == SearchEnd::converged) return "converged";
  return end == SearchEnd::stalled ? "stalled" : "evaluation_limit";
}

MixedOptions mixed_options_from_r(const Rcpp::List& control) {
  MixedOptions options;
  options.pirls = options_from_r(control);
  options.restricted = Rcpp::as<bool>(control["restricted"]);
  options.gaussian = Rcpp::as<bool>(control["gaussian"]);
  options.quadrature_points = Rcpp::as<int>(control["quadrature_points"]);
  options.log_weights = Rcpp::as<double>(control["log_weights"]);
  options.search.max_evaluations = Rcpp::as<int>(control["max_evaluations"]);
  if (Rcpp::as<std::string>(control["laplace_information"]) == "expected") {
    options.determinant = Information::expected;
  }
  options.held = Rcpp::as<int>(control["held"]);
  if (!Rf_isNull(control["theta"])) options.start = Rcpp::as<Vector>(control["theta"]);
  if (!Rf_isNull(control["fixed"])) options.fixed = Rcpp::as<Vector>(control["fixed"]);
  return options;
}

/// One vector of parameters and one b x b matrix Lambda Lambda' for each random term.
Rcpp::List random_to_r(const Problem& problem, const Vector& theta) {
  Rcpp::List out;
  Index at = 0;
  for (const Term& term : problem.terms) {
    if (!term.covariance) continue;
    const Index count = term.covariance->parameters();
    const Matrix lambda = term.covariance->matrix();
    out.push_back(Rcpp::List::create(
        Rcpp::_["theta"] = Vector(theta.segment(at, count)), Rcpp::_["lambda"] = lambda,
        Rcpp::_["covariance"] = Matrix(lambda * lambda.transpose())));
    at += count;
  }
  return out;
}

/// (R_xx'R_xx)^-1 of the coefficients `fixed`, those without a penalty; where they were
/// searched together with theta, from the Hessian of the criterion in all of them.
Matrix stored_covariance(const IndexVector& fixed, const MixedResult& result) {
  const Index size = static_cast<Index>(fixed.size());
  Matrix all = Matrix::Zero(size, size);
  if (result.factor.positive()) {
    const Matrix root = result.factor.tail().free_root();
    all = root.triangularView<Eigen::Upper>().solve(Matrix::Identity(size, size));
    all = all * all.transpose();
  }
  IndexVector kept;
  for (Index j = 0; j < size; ++j) {
    if (result.mask.tail[fixed[j]]) all(j, j) = 0;
    if (!result.mask.tail[fixed[j]]) kept.push_back(j);
  }
  const Index count = static_cast<Index>(kept.size()), rows = result.hessian.rows();
  const Eigen::LLT<Matrix> hessian(result.hessian);
  if (rows < count || hessian.info() != Eigen::Success) return all;
  const Matrix inverse = 2 * hessian.solve(Matrix::Identity(rows, rows));
  for (Index i = 0; i < count; ++i) {
    for (Index j = 0; j < count; ++j) all(kept[i], kept[j]) = inverse(i, j);
  }
  return all;
}

/// Columns as given instead of stored ones, in the rows of a covariance.
Matrix to_caller(const Layout& layout, const IndexVector& fixed, const Matrix& rows) {
  const Index size = static_cast<Index>(fixed.size());
  Matrix all = Matrix::Zero(layout.free_tail(), size), out(size, size);
  for (Index j = 0; j < size; ++j) all.row(fixed[j]) = rows.row(j);
  ColumnBasis(layout).to_caller(all);
  for (Index j = 0; j < size; ++j) out.row(j) = all.row(fixed[j]);
  return out;
}

/// Covariance (dispersion 1) of the coefficients without a penalty, and their places.
Rcpp::List fixed_covariance(const Layout& layout, const MixedResult& result) {
  const IndexVector positions = tail_positions(layout);
  IndexVector free;
  Rcpp::IntegerVector place;
  for (Index j = 0; j < layout.free_tail(); ++j) {
    if (layout.penalised(j)) continue;
    free.push_back(j);
    place.push_back(static_cast<int>(positions[j]) + 1);
  }
  const Matrix half = to_caller(layout, free, stored_covariance(free, result));
  const Matrix fixed = to_caller(layout, free, half.transpose());
  return Rcpp::List::create(Rcpp::_["matrix"] = fixed, Rcpp::_["position"] = place);
}

/// Which term leads (counted from 1; 0: none), and how the tail is solved for. `error`:
/// standard error of an estimated criterion; `collinear`: fixed effects were reduced.
Rcpp::List elimination_to_r(const Layout& layout, const MixedResult& result) {
  const TailKind kind = layout.elimination().kind;
  const char* names[] = {"automatic", "dense", "sparse", "iterative"};
  int lead = 0;
  for (std::size_t t = 0; t < layout.problem().terms.size(); ++t) {
    const Term& term = layout.problem().terms[t];
    if (layout.has_lead() && &term == &layout.lead()) lead = static_cast<int>(t) + 1;
  }
  const double p = static_cast<double>(layout.free_tail());
  return Rcpp::List::create(
      Rcpp::_["error"] = result.criterion_error, Rcpp::_["collinear"] = result.collinear,
      Rcpp::_["lead"] = lead, Rcpp::_["levels"] = static_cast<double>(layout.levels()),
      Rcpp::_["width"] = layout.width(), Rcpp::_["tail"] = names[static_cast<int>(kind)],
      Rcpp::_["tail_coefficients"] = p,
      Rcpp::_["entries"] =
          kind == TailKind::dense ? 0.5 * p * (p + 1) : layout.elimination().entries);
}

}  // namespace

// [[Rcpp::export(rng = false)]]
Rcpp::List fit_mixed_cpp(const Rcpp::List& problem, const Rcpp::List& control) {
  Problem data = problem_from_r(problem);
  const MixedOptions options = mixed_options_from_r(control);
  data.tail = tail_kind_from_r(control["elimination"]);
  data.estimate_traces = options.gaussian;
  RMonitor monitor(Rcpp::as<bool>(control["progress"]));
  MixedFit fit(data, options, &monitor);
  const MixedResult result = fit.run();
  monitor.done();
  Rcpp::LogicalVector aliased(result.aliased.begin(), result.aliased.end());
  return Rcpp::List::create(
      Rcpp::_["coefficients"] = result.coefficients, Rcpp::_["aliased"] = aliased,
      Rcpp::_["random"] = random_to_r(data, result.theta),
      Rcpp::_["theta"] = result.theta, Rcpp::_["gradient"] = result.gradient,
      Rcpp::_["curvature"] = result.curvature, Rcpp::_["criterion"] = result.criterion,
      Rcpp::_["dispersion"] = result.dispersion, Rcpp::_["objective"] = result.objective,
      Rcpp::_["penalty"] = result.penalty,
      Rcpp::_["penalised_log_determinant"] = result.log_determinant,
      Rcpp::_["kept_rows"] = result.kept_rows,
      Rcpp::_["evaluations"] = result.evaluations,
      Rcpp::_["inner_iterations"] = result.inner_iterations,
      Rcpp::_["perfect"] = result.perfect, Rcpp::_["promised"] = result.promised,
      Rcpp::_["laplace_shift"] = result.laplace_shift,
      Rcpp::_["code"] = name_of(result.end),
      Rcpp::_["elimination"] = elimination_to_r(fit.layout(), result),
      Rcpp::_["covariance"] = fixed_covariance(fit.layout(), result));
}
