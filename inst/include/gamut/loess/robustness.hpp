// loess/robustness.hpp - weights that let outliers go, and the pseudovalues from which a
// robust fit takes its scale.
//
// rho_i = (1 - (r_i / 6 m)^2)^2 with m the median of |r|, 1 below a thousandth and 0
// above 0.999 of 6 m. Pseudovalues are yhat + c rho (y - yhat) with
// c = n / sum_i sqrt(rho_i) (1 - 5 a_i r_i^2 / (6 m_a)^2), m_a the median of |r| sqrt(a).
// Source: Cleveland (1979), JASA 74, 829-836; Cleveland, Grosse & Shyu (1992).
#ifndef GAMUT_LOESS_ROBUSTNESS_HPP
#define GAMUT_LOESS_ROBUSTNESS_HPP

#include <algorithm>
#include <cmath>
#include <limits>

#include "../types.hpp"

namespace gamut {

inline double median(Vector v) {
  const Index n = v.size(), middle = n / 2;
  if (v.hasNaN()) return std::numeric_limits<double>::quiet_NaN();
  std::nth_element(v.data(), v.data() + middle, v.data() + n);
  const double high = v[middle];
  if (n % 2 == 1) return high;
  return (high + *std::max_element(v.data(), v.data() + middle)) / 2;
}

inline Vector robustness_weights(const Vector& residuals) {
  const double scale = 6 * median(residuals.cwiseAbs());
  Vector out = Vector::Ones(residuals.size());
  if (scale < std::numeric_limits<double>::min()) return out;
  for (Index i = 0; i < out.size(); ++i) {
    const double r = std::abs(residuals[i]), share = r / scale;
    if (r > 0.999 * scale)
      out[i] = 0;
    else if (r > 0.001 * scale)
      out[i] = (1 - share * share) * (1 - share * share);
  }
  return out;
}

inline Vector pseudovalues(const Vector& y, const Vector& fitted, const Vector& prior,
                           const Vector& robust) {
  const Eigen::ArrayXd r2 = (y - fitted).array().square() * prior.array();
  const double scale = 6 * median(r2.sqrt().matrix());
  const double sum = (robust.array().sqrt() * (1 - 5 * r2 / (scale * scale))).sum();
  const double c = static_cast<double>(y.size()) / sum;
  return fitted + c * robust.cwiseProduct(y - fitted);
}

}  // namespace gamut

#endif  // GAMUT_LOESS_ROBUSTNESS_HPP
