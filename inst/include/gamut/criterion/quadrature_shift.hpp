// criterion/quadrature_shift.hpp - how far off the Laplace approximation is.
//
// Newton's step from its optimum on the criterion of a few more points, in standard
// errors.
#ifndef GAMUT_CRITERION_QUADRATURE_SHIFT_HPP
#define GAMUT_CRITERION_QUADRATURE_SHIFT_HPP

#include "quadrature.hpp"

namespace gamut {

/// `inner`: the parameters that the Hessian is in; empty: not known.
inline Vector quadrature_shift(QuadratureCriterion& criterion, const Vector& best,
                               const IndexVector& inner, const Matrix& hessian) {
  const Index size = static_cast<Index>(inner.size());
  const Eigen::LLT<Matrix> factor(hessian);
  if (size == 0 || hessian.rows() != size || factor.info() != Eigen::Success) return {};
  const Evaluation at = criterion.evaluate(best);
  if (!at.valid) return {};
  Vector slope(size);
  for (Index j = 0; j < size; ++j) slope[j] = at.gradient[inner[j]];
  const Matrix inverse = factor.solve(Matrix::Identity(size, size));
  const Vector errors = (2 * inverse.diagonal()).cwiseSqrt();
  const Vector shift = -(inverse * slope).cwiseQuotient(errors);
  Vector out = Vector::Zero(best.size());
  for (Index j = 0; j < size; ++j) out[inner[j]] = shift[j];
  return out;
}

}  // namespace gamut

#endif  // GAMUT_CRITERION_QUADRATURE_SHIFT_HPP
