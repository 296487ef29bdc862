// outer_covariance.hpp - coefficients that are parameters of the criterion, in the
// covariance of all.
//
// By ML these are all parametric ones, by REML those of dispersions and shapes. The
// inverse C of the information knows what others would be at each value of them: C_ag
// C_gg^-1 is how others a follow g. But their own covariance is V, from the Hessian of
// the criterion:
//   C + (C_.g C_gg^-1) (V - C_gg) (C_.g C_gg^-1)'.
#ifndef GAMUT_OUTER_COVARIANCE_HPP
#define GAMUT_OUTER_COVARIANCE_HPP

#include <algorithm>

#include "types.hpp"

namespace gamut {

/// The place of each of `some` among `all`, which has them.
inline IndexVector places_of(const IndexVector& some, const IndexVector& all) {
  IndexVector out;
  for (Index wanted : some) {
    out.push_back(std::find(all.begin(), all.end(), wanted) - all.begin());
  }
  return out;
}

/// What is to be added to C; `g` are places in it, `v` is V.
inline Matrix outer_change(const Matrix& c, const IndexVector& g, const Matrix& v) {
  const Index size = static_cast<Index>(g.size());
  Matrix columns(c.rows(), size), own(size, size);
  for (Index j = 0; j < size; ++j) columns.col(j) = c.col(g[j]);
  for (Index j = 0; j < size; ++j) own.row(j) = columns.row(g[j]);
  const Eigen::LLT<Matrix> factor(own);
  if (factor.info() != Eigen::Success) return Matrix::Zero(c.rows(), c.cols());
  const Matrix follow = factor.solve(columns.transpose());
  return follow.transpose() * (v - own) * follow;
}

}  // namespace gamut

#endif  // GAMUT_OUTER_COVARIANCE_HPP
