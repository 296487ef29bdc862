// system/rank.hpp - which columns are aliased: R's rule.
//
// Columns are taken from left to right; one whose part orthogonal to those kept so
// far is shorter than `tolerance` times its own length is aliased. It is the rule of
// LINPACK's dqrdc2 as R uses it, applied to a triangular factor, which has the inner
// products of the full matrix. R's glm uses the tolerance 1e-11.
// Source: Dongarra et al. (1979) LINPACK Users' Guide, chapter 9; R's ?qr.
#ifndef GAMUT_SYSTEM_RANK_HPP
#define GAMUT_SYSTEM_RANK_HPP

#include <cmath>

#include "../types.hpp"

namespace gamut {

constexpr double alias_tolerance = 1e-11;

/// What centring leaves of a column that was constant: rounding, relative to the
/// centre and far above the 1e-16 of one operation, far below any real column.
constexpr double centring_noise = 1e-13;

/// Aliased columns of A (1) in the order given; A holds the columns in that order.
/// `least`: what the part that is left of each must exceed, ordinarily
/// alias_tolerance times the column's own length.
inline std::vector<char> aliased_columns(Matrix a, const Vector& least) {
  std::vector<char> aliased(static_cast<std::size_t>(a.cols()), 0);
  Index pivot = 0;
  for (Index j = 0; j < a.cols(); ++j) {
    const Index left = a.rows() - pivot;
    const double rest = left > 0 ? a.col(j).tail(left).norm() : 0;
    if (!(rest > least[j])) {
      aliased[j] = 1;
      continue;
    }
    // Householder reflection that maps the rest of column j to one entry.
    Vector v = a.col(j).tail(left);
    v[0] += v[0] >= 0 ? rest : -rest;
    const double scale = 2 / v.squaredNorm();
    auto others = a.bottomRightCorner(left, a.cols() - j);
    const Vector projection = scale * (others.transpose() * v);
    others.noalias() -= v * projection.transpose();
    ++pivot;
  }
  return aliased;
}

/// The largest entry of each column from `first` on becomes 1.
inline void normalise_columns(Matrix& a, Index first) {
  for (Index c = first; c < a.cols(); ++c) {
    const double size = a.col(c).cwiseAbs().maxCoeff();
    if (size > 0) a.col(c) /= size;
  }
}

/// The same rule when only a basis N (columns) of the null space is known: a column
/// is aliased when it is the last one that some dependency still involves. `length`
/// are the lengths of the columns; entries of N count relative to them.
inline std::vector<char> aliased_by_null_space(Matrix null, const Vector& length) {
  std::vector<char> aliased(static_cast<std::size_t>(null.rows()), 0);
  constexpr double cut = 1e-7;
  null = length.asDiagonal() * null;
  normalise_columns(null, 0);
  Index used = 0;
  for (Index row = null.rows() - 1; row >= 0 && used < null.cols(); --row) {
    Index best = 0;
    const double size = null.row(row).tail(null.cols() - used).cwiseAbs().maxCoeff(&best);
    if (!(size > cut)) continue;
    aliased[row] = 1;
    null.col(used).swap(null.col(used + best));
    for (Index c = used + 1; c < null.cols(); ++c) {
      null.col(c) -= null(row, c) / null(row, used) * null.col(used);
    }
    ++used;
    normalise_columns(null, used);
  }
  return aliased;
}

}  // namespace gamut

#endif  // GAMUT_SYSTEM_RANK_HPP
