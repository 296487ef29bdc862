// bind_mixed_state.cpp - variances and products at the estimates of a fit with random
// effects (see R/mixed-engine.R).
#include <RcppEigen.h>

#include "gamut/caller_rows.hpp"
#include "gamut/covariance/registry.hpp"
#include "gamut/mixed_state.hpp"
#include "gamut/system/collinear.hpp"
#include "problem_from_r.h"

using namespace gamut;

namespace {

/// The estimates: theta of each random term, coefficients, what is aliased.
struct State {
  Problem problem;
  std::unique_ptr<MixedState> at;
  State(const Rcpp::List& data, const Rcpp::List& estimates)
      : problem(problem_at_estimates(data, estimates)) {
    problem.estimate_traces = Rcpp::as<bool>(estimates["estimate_traces"]);
    const Rcpp::LogicalVector given = estimates["aliased"];
    const std::vector<char> aliased(given.begin(), given.end());
    if (Rcpp::as<bool>(estimates["collinear"])) reduce_columns(problem, aliased);
    at = std::make_unique<MixedState>(
        problem, Rcpp::as<Vector>(estimates["coefficients"]), aliased,
        Information::observed, Rcpp::as<int>(estimates["threads"]));
  }
};

}  // namespace

// [[Rcpp::export(rng = false)]]
Rcpp::List conditional_variance_cpp(const Rcpp::List& problem,
                                    const Rcpp::List& estimates) {
  const State state(problem, estimates);
  Rcpp::List out;
  for (const Matrix& blocks : state.at->conditional()) out.push_back(Rcpp::wrap(blocks));
  return out;
}

// [[Rcpp::export(rng = false)]]
Rcpp::NumericMatrix mixed_row_variance_cpp(const Rcpp::List& problem,
                                           const Rcpp::List& estimates,
                                           const Rcpp::List& rows) {
  const State state(problem, estimates);
  const Problem data = problem_from_r(rows);
  CallerRows caller(data);
  const int k = data.predictors();
  Rcpp::NumericMatrix out(static_cast<int>(data.rows), packed_size(k));
  caller.for_each([&](Index row, Index i) {
    std::vector<MixedState::Half> half;
    for (int a = 0; a < k; ++a) half.push_back(state.at->half(caller.row(i, a)));
    for (int b = 0; b < k; ++b) {
      for (int a = b; a < k; ++a) {
        out(static_cast<int>(row), packed_index(a, b, k)) =
            state.at->covariance(half[a], half[b]);
      }
    }
  });
  return out;
}

// [[Rcpp::export(rng = false)]]
Eigen::MatrixXd coefficient_covariance_cpp(const Rcpp::List& problem,
                                           const Rcpp::List& estimates,
                                           const Rcpp::IntegerVector& position) {
  const State state(problem, estimates);
  std::vector<MixedState::Half> half;
  for (int place : position) half.push_back(state.at->half({{place - 1}, {1.0}}));
  const auto size = static_cast<Eigen::Index>(half.size());
  Eigen::MatrixXd out(size, size);
  for (Eigen::Index j = 0; j < size; ++j) {
    for (Eigen::Index i = j; i < size; ++i) {
      out(i, j) = out(j, i) = state.at->covariance(half[i], half[j]);
    }
  }
  return out;
}

// [[Rcpp::export(rng = false)]]
Rcpp::List marginal_products_cpp(const Rcpp::List& problem, const Rcpp::List& estimates) {
  const State state(problem, estimates);
  const MarginalProducts found = state.at->marginal();
  Rcpp::IntegerVector position(found.position.begin(), found.position.end());
  return Rcpp::List::create(
      Rcpp::_["position"] = position, Rcpp::_["across"] = found.across,
      Rcpp::_["within"] = found.within, Rcpp::_["between"] = found.between,
      Rcpp::_["basis"] = found.basis, Rcpp::_["score"] = state.at->random_scores());
}

// [[Rcpp::export(rng = false)]]
Rcpp::List covariance_cpp(const Rcpp::List& spec, const Eigen::VectorXd& theta) {
  const std::shared_ptr<Covariance> law = make_covariance(covariance_from_r(spec));
  if (law->parameters() != theta.size()) {
    Rcpp::stop("a covariance of %d parameters", law->parameters());
  }
  law->set_parameters(theta.data());
  Rcpp::List derivatives;
  for (int j = 0; j < law->parameters(); ++j) {
    derivatives.push_back(Rcpp::wrap(law->derivative(j)));
  }
  return Rcpp::List::create(Rcpp::_["lambda"] = law->matrix(),
                            Rcpp::_["derivatives"] = derivatives);
}
