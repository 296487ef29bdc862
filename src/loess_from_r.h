// loess_from_r.h - the boxes of a fitted surface to and from R.
#ifndef GAMUT_SRC_LOESS_FROM_R_H
#define GAMUT_SRC_LOESS_FROM_R_H

#include <RcppEigen.h>

#include <algorithm>

#include "gamut/loess/kd_tree.hpp"
#include "gamut/loess/operator_sums.hpp"

/// The outermost box, the cuts, and the places of the vertices.
inline Rcpp::List tree_to_r(const gamut::KdTree& tree) {
  using Rcpp::_;
  const gamut::Index cells = tree.size(), d = tree.predictors();
  Rcpp::IntegerVector axis(cells), low(cells);
  gamut::Vector cut(cells), lower(d), upper(d);
  for (gamut::Index c = 0; c < cells; ++c) {
    axis[c] = tree.cell(c).axis + 1;
    low[c] = static_cast<int>(tree.cell(c).low);
    cut[c] = tree.cell(c).cut;
  }
  for (int j = 0; j < d; ++j) {
    lower[j] = tree.lower(0, j);
    upper[j] = tree.upper(0, j);
  }
  gamut::Matrix vertices(tree.vertices(), d);
  for (gamut::Index v = 0; v < tree.vertices(); ++v) {
    vertices.row(v) = Eigen::Map<const gamut::Vector>(tree.place(v), d);
  }
  return Rcpp::List::create(_["lower"] = lower, _["upper"] = upper, _["axis"] = axis,
                            _["cut"] = cut, _["low"] = low, _["vertices"] = vertices);
}

/// The tree, cut again in the order of the first time.
inline gamut::KdTree tree_from_r(const Rcpp::List& surface) {
  using gamut::Vector;
  gamut::KdTree tree(Rcpp::as<Vector>(surface["lower"]),
                     Rcpp::as<Vector>(surface["upper"]));
  const Rcpp::IntegerVector axis = surface["axis"], low = surface["low"];
  const Rcpp::NumericVector cut = surface["cut"];
  gamut::IndexVector cells;
  for (gamut::Index c = 0; c < axis.size(); ++c) {
    if (axis[c] > 0) cells.push_back(c);
  }
  std::sort(cells.begin(), cells.end(),
            [&](gamut::Index a, gamut::Index b) { return low[a] < low[b]; });
  for (gamut::Index c : cells) tree.cut(c, axis[c] - 1, cut[c]);
  return tree;
}

/// A sparse matrix as its columns: rows (from 0) and values, and where columns start.
inline Rcpp::List sparse_to_r(gamut::VertexMatrix m) {
  using Rcpp::_;
  m.makeCompressed();
  const gamut::Index count = m.nonZeros();
  return Rcpp::List::create(
      _["rows"] = Rcpp::IntegerVector(m.innerIndexPtr(), m.innerIndexPtr() + count),
      _["starts"] =
          Rcpp::IntegerVector(m.outerIndexPtr(), m.outerIndexPtr() + m.cols() + 1),
      _["values"] = Rcpp::NumericVector(m.valuePtr(), m.valuePtr() + count));
}

inline gamut::VertexMatrix sparse_from_r(const Rcpp::List& list) {
  const Rcpp::IntegerVector rows = list["rows"], starts = list["starts"];
  const Rcpp::NumericVector values = list["values"];
  const gamut::Index size = starts.size() - 1;
  return Eigen::Map<const gamut::VertexMatrix>(size, size, values.size(), starts.begin(),
                                               rows.begin(), values.begin());
}

#endif  // GAMUT_SRC_LOESS_FROM_R_H
