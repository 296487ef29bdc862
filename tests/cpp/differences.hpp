// differences.hpp - derivatives of vectors of numbers by differences.
#ifndef GAMUT_TESTS_DIFFERENCES_HPP
#define GAMUT_TESTS_DIFFERENCES_HPP

#include <cmath>
#include <functional>
#include <vector>

#include "family_cases.hpp"

namespace cases {

/// d f(eta + t direction)/dt at 0, Richardson's extrapolation. The error is
/// h^4 f5 / 30 + eps |f| / h with h = 5e-4: 1e-11 |f| wherever f5 is below 1e4 |f|.
inline Numbers slope(const std::function<Numbers(const Numbers&)>& f, const Numbers& eta,
                     const Numbers& direction) {
  const double h = 5e-4;
  const double steps[] = {h, -h, 2 * h, -2 * h};
  std::vector<Numbers> values;
  for (double step : steps) {
    Numbers moved = eta;
    for (std::size_t k = 0; k < eta.size(); ++k) moved[k] += step * direction[k];
    values.push_back(f(moved));
  }
  Numbers out(values[0].size());
  for (std::size_t j = 0; j < out.size(); ++j) {
    const double near = (values[0][j] - values[1][j]) / (2 * h);
    const double wide = (values[2][j] - values[3][j]) / (4 * h);
    out[j] = (4 * near - wide) / 3;
  }
  return out;
}

inline Numbers unit(std::size_t size, std::size_t k) {
  Numbers e(size, 0.0);
  e[k] = 1;
  return e;
}

/// Size of the numbers that a difference has to resolve.
inline double scale(const Numbers& x) {
  double top = 1;
  for (double v : x) top = std::fmax(top, std::fabs(v));
  return top;
}

}  // namespace cases

#endif  // GAMUT_TESTS_DIFFERENCES_HPP
