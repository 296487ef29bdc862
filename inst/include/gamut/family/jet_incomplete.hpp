// jet_incomplete.hpp - log I_x(a, b), the beta distribution function, also on jets.
//
// With a = mu phi, b = nu phi, mu + nu = 1, and x + z = 1,
//   I_x(a, b) = x^a z^b / (a B(a, b)) / (1 + d_1/(1 + d_2/(1 + ...))),
//   d_2m   =  m (b - m) x / ((a + 2m - 1) (a + 2m)),
//   d_2m+1 = -(a + m) (a + b + m) x / ((a + 2m) (a + 2m + 1)),
// for x below (a+1)/(a+b+2), where the fraction converges fast; above it by
// I_x(a, b) = 1 - I_z(b, a). The factor in front is taken in logarithms, in the form of
// beta_densities.hpp that does not cancel. On jets the fraction is evaluated with all its
// derivatives, and iterated until these, too, have converged.
// Source: DLMF 8.17.22; Lentz (1976), Thompson & Barnett (1986) J. Comput. Phys. 64,
// 490-509 (evaluation from the top).
#ifndef GAMUT_FAMILY_JET_INCOMPLETE_HPP
#define GAMUT_FAMILY_JET_INCOMPLETE_HPP

#include <limits>

#include "beta_densities.hpp"

namespace gamut {
namespace incomplete {

/// Is the factor one, and the derivatives of the logarithm of the product at rest?
inline bool settled(double factor, double) {
  return std::fabs(factor - 1) <= 2 * std::numeric_limits<double>::epsilon();
}
template <int K, int O>
bool settled(const Jet<K, O>& factor, const Jet<K, O>& product) {
  if (!settled(factor.value, product.value)) return false;
  const double size = std::fabs(product.value);
  const auto small = [size](const auto& change, const auto& whole) {
    for (std::size_t i = 0; i < change.size(); ++i) {
      if (std::fabs(change[i]) > 1e-14 * (1 + std::fabs(whole[i]) / size)) return false;
    }
    return true;
  };
  return small(factor.first, product.first) && small(factor.second, product.second) &&
         small(factor.third, product.third);
}

/// One step of Lentz's method with coefficient d: c and e are its two ratios. (Numerators
/// and denominators of convergents would be cheaper, but their derivatives grow with
/// each step and cancel in the end.)
template <class T>
T lentz_step(const T& d, T& c, T& e) {
  constexpr double tiny = 1e-300;
  e = 1.0 + d * e;
  if (value_of(e) == 0) e = T(tiny);
  e = 1.0 / e;
  c = 1.0 + d / c;
  if (value_of(c) == 0) c = T(tiny);
  return c * e;
}

/// 1 / (1 + d_1/(1 + ...))
template <class T>
T beta_fraction(const T& a, const T& b, const T& x) {
  // sqrt(max(a, b)) terms are enough: this is shapes of 1e9
  constexpr int most = 50000;
  const T sum = (a + b) * x, product = b * x;
  T odd = 1.0 / (a + 1.0);
  T c(1.0), e = 1.0 - sum * odd;
  if (value_of(e) == 0) e = T(1e-300);
  e = 1.0 / e;
  T h = e;
  for (int m = 1; m < most; ++m) {
    const T even = 1.0 / (a + 2.0 * m);
    const T first = (product - x * double(m)) * double(m) * (odd * even);
    odd = 1.0 / (a + (2.0 * m + 1));
    const T second = (a + double(m)) * (sum + x * double(m)) * (even * odd);
    h = h * lentz_step(first, c, e);
    const T factor = lentz_step(T(-second), c, e);
    h = h * factor;
    if (settled(factor, h)) break;
  }
  return h;
}

/// log I_x(mu phi, nu phi) for x on the side where the fraction converges.
template <class T>
T log_beta_lower(const T& x, const T& z, const T& mu, const T& nu, const T& phi) {
  const T a = mu * phi, b = nu * phi;
  return beta_log_constant(mu, nu, phi) - phi * beta_divergence<T, T>(mu, nu, x, z) -
         fn::log(a) + fn::log(beta_fraction<T>(a, b, x));
}

}  // namespace incomplete

namespace fn {

/// log I_x(mu phi, (1 - mu) phi); z = 1 - x and nu = 1 - mu are given with their digits.
template <class T>
T log_incomplete_beta(const T& x, const T& z, const T& mu, const T& nu, const T& phi) {
  const double a = value_of(mu) * value_of(phi), b = value_of(nu) * value_of(phi);
  if (value_of(x) * (a + b + 2) <= a + 1) {
    return incomplete::log_beta_lower(x, z, mu, nu, phi);
  }
  return log1mexp(incomplete::log_beta_lower(z, x, nu, mu, phi));
}

}  // namespace fn
}  // namespace gamut

#endif  // GAMUT_FAMILY_JET_INCOMPLETE_HPP
