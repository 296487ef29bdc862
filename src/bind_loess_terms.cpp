// bind_loess_terms.cpp - lo() terms of a problem (see R/term-loess-fit.R).
#include <RcppEigen.h>

#include "gamut/loess/joint.hpp"
#include "gamut/system/collinear.hpp"
#include "loess_from_r.h"
#include "problem_from_r.h"

using namespace gamut;
using Rcpp::_;

namespace {

LoessTerm term_from_r(const Rcpp::List& term) {
  LoessTerm out;
  out.loading = Rcpp::as<Vector>(term["loading"]);
  const Matrix x = Rcpp::as<Matrix>(term["x"]);
  out.x = std::make_shared<PointMatrix>(x);
  out.weights = Rcpp::as<Vector>(term["weights"]);
  const int d = static_cast<int>(x.cols());
  out.data =
      std::make_shared<LoessData>(x, out.weights, d, Rcpp::as<double>(term["span"]));
  out.basis = std::make_shared<LocalBasis>(Rcpp::as<int>(term["degree"]),
                                           std::vector<char>(d, 1));
  out.tree = std::make_shared<KdTree>(tree_from_r(term["surface"]));
  out.polynomial = std::make_shared<MatrixStorage>(Rcpp::as<Matrix>(term["polynomial"]));
  out.theta = Rcpp::as<Vector>(term["theta"]);
  out.leader = Rcpp::as<int>(term["leader"]) - 1;
  return out;
}

Rcpp::List matrices_to_r(const std::vector<Matrix>& matrices) {
  Rcpp::List out;
  for (const Matrix& one : matrices) out.push_back(Rcpp::wrap(one));
  return out;
}

Rcpp::List covariance_to_r(const LoessCovariance& found) {
  Rcpp::IntegerVector position(found.position.begin(), found.position.end());
  return Rcpp::List::create(
      _["position"] = position + 1, _["theta"] = found.theta,
      _["regression"] = found.regression, _["influence"] = found.influence,
      _["inverse"] = found.inverse, _["shift"] = found.shift, _["cross"] = found.cross,
      _["gram"] = found.gram, _["gamma"] = matrices_to_r(found.gamma),
      _["edf"] = found.edf, _["own_trace"] = found.own_trace,
      _["other_edf"] = found.other_edf);
}

}  // namespace

// [[Rcpp::export(rng = false)]]
Rcpp::List loess_tree_cpp(const Eigen::MatrixXd& x, int near, double span, double cell) {
  LoessData data(x, Vector::Ones(x.rows()), near, span);
  if (data.neighbours() < 1) Rcpp::stop("no point in a neighbourhood");
  TreeBuilder builder(data, cell);
  return tree_to_r(builder.build());
}

// [[Rcpp::export(rng = false)]]
Eigen::MatrixXd loess_blend_cpp(const Rcpp::List& surface, const Eigen::MatrixXd& z) {
  return blends_at(tree_from_r(surface), z);
}

// [[Rcpp::export(rng = false)]]
Rcpp::List loess_joint_cpp(const Rcpp::List& problem, const Rcpp::List& estimates,
                           const Rcpp::List& terms, bool expected) {
  Problem data = problem_at_estimates(problem, estimates);
  std::vector<LoessTerm> smoothers;
  for (SEXP term : terms) smoothers.push_back(term_from_r(Rcpp::List(term)));
  const Rcpp::LogicalVector given = estimates["aliased"];
  const std::vector<char> aliased(given.begin(), given.end());
  if (Rcpp::as<bool>(estimates["collinear"])) reduce_columns(data, aliased);
  const LoessJoint joint(data, smoothers, Rcpp::as<Vector>(estimates["coefficients"]),
                         aliased, expected ? Information::expected : Information::working,
                         Rcpp::as<int>(estimates["threads"]));
  Rcpp::List troubled;
  for (std::size_t j = 0; j < smoothers.size(); ++j) {
    const IndexVector places = joint.troubled(j);
    troubled.push_back(Rcpp::IntegerVector(places.begin(), places.end()));
  }
  return Rcpp::List::create(_["theta"] = joint.step(), _["troubled"] = troubled,
                            _["covariance"] = covariance_to_r(joint.covariance()));
}

// [[Rcpp::export(rng = false)]]
Eigen::MatrixXd loess_influence_cpp(const Rcpp::List& term, int threads) {
  const LoessTerm own = term_from_r(term);
  const auto fits = std::make_shared<VertexFits>(*own.data, *own.basis, *own.tree,
                                                 own.weights, threads);
  const InfluenceStorage storage(fits, own.x);
  Matrix out(own.x->rows(), storage.columns());
  PanelBuffer buffer;
  for (Index first = 0; first < out.rows(); first += tile_rows) {
    const Index rows = std::min(tile_rows, out.rows() - first);
    const Panel panel = storage.pack(first, rows, buffer);
    for (Index j = 0; j < out.cols(); ++j) {
      out.col(j).segment(first, rows) =
          Eigen::Map<const Vector>(panel.values + j * panel.ld, rows);
    }
  }
  return out;
}
