// bind_loess.cpp - local regressions to and from R.
#include <RcppEigen.h>

#include "loess_from_r.h"

using namespace gamut;
using Rcpp::_;

// [[Rcpp::export(rng = false)]]
Rcpp::List loess_fit_cpp(const Rcpp::List& spec, const Rcpp::List& response) {
  const LoessSpec own = spec_from_r(spec);
  const OwnedResponse given(response);
  Loess loess(own, given.response);
  const LoessResult result = loess.fit();
  Rcpp::RObject surface = R_NilValue;
  if (!own.direct) surface = surface_to_r(loess.tree(), result);
  return Rcpp::List::create(
      _["fitted"] = result.fitted, _["robust"] = result.robust,
      _["pseudo_residuals"] = result.pseudo_residuals, _["weights"] = result.weights,
      _["trace"] = result.trace, _["leverage"] = result.leverage,
      _["one_delta"] = result.deltas.first,
      _["two_delta"] = result.deltas.second, _["limited"] = result.limited,
      _["troubles"] = troubles_to_r(result.troubles, static_cast<int>(own.x.cols())),
      _["surface"] = surface);
}

// [[Rcpp::export(rng = false)]]
Rcpp::List loess_surface_cpp(const Rcpp::List& surface, const Eigen::MatrixXd& z,
                             bool gradient, bool variance, bool joint, int threads) {
  const KdTree tree = tree_from_r(surface);
  const PointMatrix points = z;
  const auto at = [&](Index i) { return points.data() + i * points.cols(); };
  const Vector values = Rcpp::as<Vector>(surface["values"]);
  const Matrix covariance = Rcpp::as<Matrix>(surface["covariance"]);
  Rcpp::List out = Rcpp::List::create(
      _["fit"] = blended_surface(tree, values, z.rows(), at, threads));
  if (gradient) out["gradient"] = blended_gradient(tree, values, points, threads);
  if (variance) {
    out["variance"] = blended_variance(tree, covariance, z.rows(), at, threads);
  }
  if (joint) out["joint"] = blended_covariance(tree, covariance, points);
  return out;
}

// [[Rcpp::export(rng = false)]]
Rcpp::List loess_places_cpp(const Rcpp::List& spec, const Rcpp::List& response,
                            const Eigen::VectorXd& weights, const Eigen::MatrixXd& z,
                            bool variance, bool joint, bool details) {
  const LoessSpec own = spec_from_r(spec);
  const OwnedResponse given(response);
  const LoessPlaces places(own, given.response, weights, z);
  Rcpp::List out = Rcpp::List::create(_["values"] = places.values());
  if (variance) out["variance"] = places.variance();
  if (joint) out["joint"] = places.covariance();
  if (!details) return out;
  Rcpp::List rows(z.rows()), kernel(z.rows());
  Vector radius(z.rows());
  for (Index i = 0; i < z.rows(); ++i) {
    const LoessPlaces::Members members = places.members(i);
    rows[i] = Rcpp::IntegerVector(members.rows.begin(), members.rows.end());
    kernel[i] = members.kernel;
    radius[i] = members.radius;
  }
  out["rows"] = rows;
  out["kernel"] = kernel;
  out["radius"] = radius;
  return out;
}
