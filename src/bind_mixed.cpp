// bind_mixed.cpp - fit a problem with random effects: list in, list out (see R/mixed.R).
#include <RcppEigen.h>

#include "gamut/mixed.hpp"
#include "gamut/mixed_covariance.hpp"
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
  options.joint = Rcpp::as<bool>(control["joint"]);
  options.held = Rcpp::as<int>(control["held"]);
  if (!Rf_isNull(control["theta"])) options.start = Rcpp::as<Vector>(control["theta"]);
  options.has_effects = Rcpp::as<bool>(control["has_effects"]);
  options.rough_start = Rcpp::as<bool>(control["rough_start"]);
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

/// See joint_covariance.hpp.
Rcpp::List joint_to_r(const JointCovariance& joint) {
  Rcpp::IntegerVector place;
  for (Index position : joint.position) place.push_back(static_cast<int>(position) + 1);
  Rcpp::List blocks;
  for (const Matrix& own : joint.blocks) blocks.push_back(Rcpp::wrap(own));
  return Rcpp::List::create(Rcpp::_["known"] = joint.known, Rcpp::_["position"] = place,
                            Rcpp::_["bayesian"] = joint.bayesian,
                            Rcpp::_["frequentist"] = joint.frequentist,
                            Rcpp::_["gram"] = joint.gram, Rcpp::_["edf"] = joint.edf,
                            Rcpp::_["edf1"] = joint.edf1, Rcpp::_["blocks"] = blocks);
}

/// Covariance (dispersion 1) of the parametric coefficients, and their places.
Rcpp::List fixed_covariance(const Layout& layout, const MixedResult& result) {
  const ParametricCovariance found = parametric_covariance(layout, result);
  Rcpp::IntegerVector place;
  for (Index position : found.position) place.push_back(static_cast<int>(position) + 1);
  return Rcpp::List::create(Rcpp::_["matrix"] = found.matrix, Rcpp::_["position"] = place,
                            Rcpp::_["joint"] = joint_to_r(result.joint));
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
