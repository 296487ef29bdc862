// basis/kriging.hpp - correlations of Gaussian processes that serve as a basis.
//
// With u = r / rho, distance over range,
//   1  spherical          1 - 1.5 u + 0.5 u^3 for u <= 1, else 0
//   2  power exponential  exp(-u^power), 0 < power <= 2
//   3  Matern 3/2         (1 + u) exp(-u)
//   4  Matern 5/2         (1 + u + u^2 / 3) exp(-u)
//   5  Matern 7/2         (1 + u + 2 u^2 / 5 + u^3 / 15) exp(-u).
// Source: Kammann & Wand (2003) Appl. Statist. 52, 1-18; Wood (2017) Generalized Additive
// Models, 2nd ed., section 5.8.2.
#ifndef GAMUT_BASIS_KRIGING_HPP
#define GAMUT_BASIS_KRIGING_HPP

#include <cmath>

#include "radial.hpp"

namespace gamut {

inline double correlation_at(int kind, double u, double power) {
  if (kind == 1) return u <= 1 ? 1 - 1.5 * u + 0.5 * u * u * u : 0;
  if (kind == 2) return std::exp(-std::pow(u, power));
  if (kind == 3) return (1 + u) * std::exp(-u);
  if (kind == 4) return (1 + u + u * u / 3) * std::exp(-u);
  return (1 + u + 0.4 * u * u + u * u * u / 15) * std::exp(-u);
}

inline Radial kriging_radial(int kind, double range, double power) {
  if (kind < 1 || kind > 5 || !(range > 0) || !(power > 0) || power > 2) {
    throw Error(Status::invalid_argument,
                "correlations of kind 1 to 5, with a range above 0 and a power up to 2");
  }
  return [kind, range, power](Eigen::Ref<Vector> squares) {
    for (Index i = 0; i < squares.size(); ++i) {
      squares[i] = correlation_at(kind, std::sqrt(squares[i]) / range, power);
    }
  };
}

}  // namespace gamut

#endif  // GAMUT_BASIS_KRIGING_HPP
