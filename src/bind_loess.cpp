// bind_loess.cpp - local regressions to and from R.
#include <RcppEigen.h>

#include <numeric>

#include "gamut/loess/places.hpp"
#include "loess_from_r.h"
#include "problem_from_r.h"

using namespace gamut;
using Rcpp::_;

namespace {

LoessSpec spec_from_r(const Rcpp::List& spec) {
  LoessSpec out;
  out.x = Rcpp::as<Matrix>(spec["x"]);
  out.near = Rcpp::as<int>(spec["near"]);
  const auto squares = Rcpp::as<std::vector<int>>(spec["squares"]);
  out.squares.assign(squares.begin(), squares.end());
  if (spec.containsElementNamed("blocks")) {
    out.blocks = Rcpp::as<std::vector<int>>(spec["blocks"]);
  }
  out.degree = Rcpp::as<int>(spec["degree"]);
  out.span = Rcpp::as<double>(spec["span"]);
  out.cell = Rcpp::as<double>(spec["cell"]);
  out.direct = Rcpp::as<bool>(spec["direct"]);
  out.statistics = static_cast<LoessStatistics>(Rcpp::as<int>(spec["statistics"]));
  out.iterations = Rcpp::as<int>(spec["iterations"]);
  out.tolerance = Rcpp::as<double>(spec["tolerance"]);
  out.threads = Rcpp::as<int>(spec["threads"]);
  return out;
}

/// The response and the family that it points to.
struct OwnedResponse {
  std::shared_ptr<const Family> family;
  LoessResponse response;

  explicit OwnedResponse(const Rcpp::List& list) {
    const Rcpp::RObject y = list["y"];
    response.y = Rf_isMatrix(y) ? Rcpp::as<Matrix>(y) : Matrix(Rcpp::as<Vector>(y));
    response.prior = Rcpp::as<Vector>(list["prior"]);
    response.offset = Rcpp::as<Vector>(list["offset"]);
    if (Rf_isNull(list["family"])) return;
    family = family_from_r(list["family"]);
    response.family = family.get();
  }
};

Rcpp::List troubles_to_r(const std::vector<LoessTrouble>& troubles, int d) {
  const Index count = static_cast<Index>(troubles.size());
  Matrix at(count, d);
  Vector radius(count), rcond(count);
  Rcpp::IntegerVector kind(count);
  for (Index i = 0; i < count; ++i) {
    at.row(i) = troubles[i].at;
    radius[i] = troubles[i].radius;
    rcond[i] = troubles[i].rcond;
    kind[i] = static_cast<int>(troubles[i].kind);
  }
  return Rcpp::List::create(_["at"] = at, _["radius"] = radius, _["rcond"] = rcond,
                            _["kind"] = kind);
}

Rcpp::List surface_to_r(const KdTree& tree, const LoessResult& result) {
  Rcpp::List out = tree_to_r(tree);
  out["values"] = result.values;
  out["covariance"] = sparse_to_r(result.covariance);
  return out;
}

}  // namespace

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
      _["one_delta"] = result.deltas.first, _["two_delta"] = result.deltas.second,
      _["limited"] = result.limited,
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
  Rcpp::List out =
      Rcpp::List::create(_["fit"] = blended_surface(tree, values, z.rows(), at, threads));
  if (gradient) out["gradient"] = blended_gradient(tree, values, points, threads);
  if (!variance && !joint) return out;
  const VertexMatrix covariance = sparse_from_r(surface["covariance"]);
  if (variance) {
    // entries of a dense matrix are found faster
    out["variance"] =
        covariance.cols() <= 1000
            ? blended_variance(tree, Matrix(covariance), z.rows(), at, threads)
            : blended_variance(tree, covariance, z.rows(), at, threads);
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
