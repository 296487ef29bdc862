// bind_rows.cpp - results with one value a row, made on demand.
#include <RcppEigen.h>

#include "gamut/rows.hpp"
#include "gamut/system/coefficients.hpp"
#include "problem_from_r.h"

using namespace gamut;

namespace {

/// Columns of one matrix as the pointers that a family writes to.
std::vector<double*> columns_of(Matrix& matrix, Index first) {
  std::vector<double*> out;
  for (Index k = 0; k < matrix.cols(); ++k) out.push_back(matrix.col(k).data() + first);
  return out;
}

/// Centre the columns of this problem as those of the fit were.
void set_centres(const Problem& problem, const Layout& layout, const Vector& centre) {
  for (const Block& block : layout.tail()) {
    Storage& storage = *problem.storages[problem.terms[block.term].storage];
    if (!storage.centred()) continue;
    for (Index j = 1; j < block.free_columns; ++j) {
      storage.set_centre(j, centre[block.free + j]);
    }
  }
}

}  // namespace

// [[Rcpp::export(rng = false)]]
Eigen::MatrixXd linear_predictor_cpp(const Rcpp::List& problem,
                                     const Eigen::VectorXd& coefficients, int threads) {
  const Problem data = problem_from_r(problem);
  const Layout layout(data, false);  // nothing is solved
  return linear_predictor(layout, coefficients, threads);
}

// [[Rcpp::export(rng = false)]]
Eigen::MatrixXd predictor_variance_cpp(const Rcpp::List& problem,
                                       const Rcpp::List& covariance, int threads) {
  const Problem data = problem_from_r(problem);
  const Layout layout(data);
  set_centres(data, layout, Rcpp::as<Vector>(covariance["centre"]));
  CompactCovariance compact;
  compact.tail = Rcpp::as<Matrix>(covariance["tail"]);
  compact.lead = Rcpp::as<Matrix>(covariance["lead"]);
  compact.regression = Rcpp::as<Matrix>(covariance["regression"]);
  return PredictorVariance(layout, compact)(threads);
}

// [[Rcpp::export(rng = false)]]
Rcpp::List row_derivatives_cpp(const Rcpp::List& family, SEXP response, SEXP weights,
                               Eigen::MatrixXd eta, const std::string& information) {
  const int k = static_cast<int>(eta.cols());
  const auto model = family_from_r(family);
  const Index n = eta.rows();
  const Information which = information == "observed"  ? Information::observed
                            : information == "working" ? Information::working
                                                       : Information::expected;
  Vector objective(n);
  Matrix score(n, k), weight(n, packed_size(k));
  for (Index first = 0; first < n; first += tile_rows) {
    ResponseTile tile;
    tile.rows = std::min(tile_rows, n - first);
    tile.y = REAL(response) + first;
    tile.stride = n;
    tile.columns = Rf_isMatrix(response) ? Rf_ncols(response) : 1;
    tile.prior = Rf_isNull(weights) ? nullptr : REAL(weights) + first;
    const auto at = columns_of(eta, first), s = columns_of(score, first),
               w = columns_of(weight, first);
    RowDerivatives out;
    out.objective = objective.data() + first;
    out.score = s.data();
    out.weight = w.data();
    model->evaluate(tile, at.data(), which, out);
  }
  return Rcpp::List::create(Rcpp::_["objective"] = objective, Rcpp::_["score"] = score,
                            Rcpp::_["weight"] = weight);
}

// [[Rcpp::export(rng = false)]]
Eigen::MatrixXd weight_derivative_cpp(const Rcpp::List& family, SEXP response,
                                      SEXP weights, Eigen::MatrixXd eta,
                                      Eigen::MatrixXd direction) {
  const int k = static_cast<int>(eta.cols());
  const auto model = family_from_r(family);
  Matrix out(eta.rows(), packed_size(k));
  ResponseTile tile;
  tile.rows = tile.stride = eta.rows();
  tile.y = REAL(response);
  tile.columns = Rf_isMatrix(response) ? Rf_ncols(response) : 1;
  tile.prior = Rf_isNull(weights) ? nullptr : REAL(weights);
  const auto at = columns_of(eta, 0), along = columns_of(direction, 0),
             w = columns_of(out, 0);
  model->third(tile, at.data(), along.data(), w.data());
  return out;
}
