// optimise/difference_hessian.hpp - the Hessian of an objective with an exact gradient.
//
// Central differences of the gradient, a hundredth of a standard error (by the model's
// curvature) to both sides.
#ifndef GAMUT_OPTIMISE_DIFFERENCE_HESSIAN_HPP
#define GAMUT_OPTIMISE_DIFFERENCE_HESSIAN_HPP

#include <cmath>

#include "objective.hpp"

namespace gamut {

/// Among the arguments `which`, all of positive `curvature`: two evaluations for each.
/// Empty where the objective has no value nearby.
inline Matrix difference_hessian(Objective& objective, const Vector& at,
                                 const IndexVector& which, const Vector& curvature) {
  const Index size = static_cast<Index>(which.size());
  Matrix h(size, size);
  for (Index j = 0; j < size; ++j) {
    const double step = 0.01 / std::sqrt(curvature[which[j]]);
    Vector ahead = at, behind = at;
    ahead[which[j]] += step;
    behind[which[j]] -= step;
    const Evaluation up = objective.evaluate(ahead), down = objective.evaluate(behind);
    if (!up.valid || !down.valid) return Matrix();
    for (Index i = 0; i < size; ++i) {
      h(i, j) = (up.gradient[which[i]] - down.gradient[which[i]]) / (2 * step);
    }
  }
  return 0.5 * (h + h.transpose());
}

}  // namespace gamut

#endif  // GAMUT_OPTIMISE_DIFFERENCE_HESSIAN_HPP
