// loess_from_r.h - specifications, responses and surfaces of local regressions from R,
// and back.
#ifndef GAMUT_SRC_LOESS_FROM_R_H
#define GAMUT_SRC_LOESS_FROM_R_H

#include <RcppEigen.h>

#include <memory>
#include <vector>

#include "gamut/loess/places.hpp"
#include "problem_from_r.h"

namespace gamut {

using Rcpp::_;


inline LoessSpec spec_from_r(const Rcpp::List& spec) {
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

inline Rcpp::List troubles_to_r(const std::vector<LoessTrouble>& troubles, int d) {
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

inline Rcpp::List surface_to_r(const KdTree& tree, const LoessResult& result) {
  const Index cells = tree.size(), d = tree.predictors();
  Rcpp::IntegerVector axis(cells), low(cells);
  Vector cut(cells), lower(d), upper(d);
  for (Index c = 0; c < cells; ++c) {
    axis[c] = tree.cell(c).axis + 1;
    low[c] = static_cast<int>(tree.cell(c).low);
    cut[c] = tree.cell(c).cut;
  }
  for (int j = 0; j < d; ++j) {
    lower[j] = tree.lower(0, j);
    upper[j] = tree.upper(0, j);
  }
  Matrix vertices(tree.vertices(), d);
  for (Index v = 0; v < tree.vertices(); ++v) {
    vertices.row(v) = Eigen::Map<const Vector>(tree.place(v), d);
  }
  return Rcpp::List::create(_["lower"] = lower, _["upper"] = upper, _["axis"] = axis,
                            _["cut"] = cut, _["low"] = low, _["vertices"] = vertices,
                            _["values"] = result.values,
                            _["covariance"] = result.covariance);
}

/// The tree, cut again in the order of the first time.
inline KdTree tree_from_r(const Rcpp::List& surface) {
  KdTree tree(Rcpp::as<Vector>(surface["lower"]), Rcpp::as<Vector>(surface["upper"]));
  const Rcpp::IntegerVector axis = surface["axis"], low = surface["low"];
  const Rcpp::NumericVector cut = surface["cut"];
  IndexVector cells;
  for (Index c = 0; c < axis.size(); ++c) {
    if (axis[c] > 0) cells.push_back(c);
  }
  std::sort(cells.begin(), cells.end(), [&](Index a, Index b) { return low[a] < low[b]; });
  for (Index c : cells) tree.cut(c, axis[c] - 1, cut[c]);
  return tree;
}

}  // namespace gamut

#endif  // GAMUT_SRC_LOESS_FROM_R_H
