// positive_weights.hpp - the weights of each row made positive semi-definite.
//
// A step that is sure to go downhill needs positive weights. Where a family has no
// expectation in closed form, the observed weights of a row serve, its eigenvalues
// replaced by their absolute values: a direction of negative curvature is then left
// about as fast as one of positive curvature is followed.
// Source: Nocedal & Wright (2006), Numerical Optimization, section 3.4.
#ifndef GAMUT_FAMILY_POSITIVE_WEIGHTS_HPP
#define GAMUT_FAMILY_POSITIVE_WEIGHTS_HPP

#include <cmath>

#include "../types.hpp"

namespace gamut {

/// At most this many predictors without an allocation a row.
constexpr int kSmallBlock = 8;
using SmallMatrix =
    Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, 0, kSmallBlock, kSmallBlock>;

/// Has the packed block of row i a Cholesky root, with pivots clear of rounding?
inline bool is_positive_row(int k, const double* const* weight, Index i) {
  if (k == 1) return weight[0][i] > 0;
  if (k == 2) {
    const double a = weight[0][i], b = weight[1][i], c = weight[2][i];
    return a > 0 && c > 0 && b * b < (1 - 1e-8) * a * c;
  }
  return false;
}

inline void make_positive_row(int k, double* const* weight, Index i) {
  SmallMatrix w(k, k);
  for (int l = 0; l < k; ++l) {
    for (int j = l; j < k; ++j) w(j, l) = w(l, j) = weight[packed_index(j, l, k)][i];
  }
  if (!w.allFinite()) return;
  const Eigen::SelfAdjointEigenSolver<SmallMatrix> solved(w);
  const double least = 1e-8 * solved.eigenvalues().cwiseAbs().maxCoeff();
  if (solved.eigenvalues()[0] >= least) return;
  const auto positive = solved.eigenvalues().cwiseAbs().cwiseMax(least).eval();
  w = solved.eigenvectors() * positive.asDiagonal() * solved.eigenvectors().transpose();
  for (int l = 0; l < k; ++l) {
    for (int j = l; j < k; ++j) weight[packed_index(j, l, k)][i] = w(j, l);
  }
}

/// Rows of K x K blocks, packed; K at most kSmallBlock.
inline void make_positive(Index rows, int k, double* const* weight) {
  for (Index i = 0; i < rows; ++i) {
    if (k == 1) {
      weight[0][i] = std::fabs(weight[0][i]);
    } else if (!is_positive_row(k, weight, i)) {
      make_positive_row(k, weight, i);
    }
  }
}

}  // namespace gamut

#endif  // GAMUT_FAMILY_POSITIVE_WEIGHTS_HPP
