// beta_densities.hpp - the beta density on jets, and beta with masses at 0 and 1.
//
// Beta with mean mu, nu = 1 - mu and precision phi, in the form of beta.hpp, where
// Stirling's leading terms have cancelled:
//   l = -phi D + log(mu nu phi / 2 pi)/2 + s(phi) - s(mu phi) - s(nu phi)
//       - log y - log(1-y),   D = mu log(mu/y) + nu log(nu/(1-y)).
// Inflated: a response is 0 or 1 with probability zoi, and then 1 with probability coi,
//   P(0) = zoi (1 - coi),  P(1) = zoi coi,  else (1 - zoi) f(y; mu, phi);
// with masses at one end only, that end has probability zi. The likelihood falls into
// parts for (mu, phi), for zoi and for coi.
// Source: Ospina & Ferrari (2010) Statistical Papers 51, 111-126.
#ifndef GAMUT_FAMILY_BETA_DENSITIES_HPP
#define GAMUT_FAMILY_BETA_DENSITIES_HPP

#include <limits>

#include "density.hpp"

namespace gamut {

/// log(mu nu phi / 2 pi)/2 + s(phi) - s(mu phi) - s(nu phi): all of the density's
/// constant but for -phi D.
template <class T>
T beta_log_constant(const T& mu, const T& nu, const T& phi) {
  return 0.5 * (fn::log(mu) + fn::log(nu) + fn::log(phi)) - special::kHalfLogTwoPi +
         fn::stirling(phi) - fn::stirling(T(mu * phi)) - fn::stirling(T(nu * phi));
}

/// D, with x + y = 1 given as two numbers or jets.
template <class T, class X>
T beta_divergence(const T& mu, const T& nu, const X& x, const X& y) {
  return fn::deviance_part<T, T, X>(mu, mu - x, x) +
         fn::deviance_part<T, T, X>(nu, nu - y, y);
}

template <class T>
T beta_log_density(double y, const T& mu, const T& nu, const T& phi) {
  return beta_log_constant(mu, nu, phi) - phi * beta_divergence(mu, nu, y, 1 - y) -
         (std::log(y) + std::log1p(-y));
}

/// Expectations of the second derivatives in mu and phi: (mu, mu), (phi, mu), (phi, phi).
inline void beta_expected(double mu, double nu, double phi, double (&second)[3]) {
  const double a = mu * phi, b = nu * phi;
  const double a1 = special::trigamma_excess(a), b1 = special::trigamma_excess(b);
  second[0] = -phi * phi * (a1 + b1 + 1 / a + 1 / b);
  second[1] = -phi * (mu * a1 - nu * b1);
  second[2] = special::trigamma_excess(phi) - mu * mu * a1 - nu * nu * b1;
}

/// Parameters mu, phi, then zoi and coi, or zi alone. Numbers: phi, zoi (zi), coi to
/// start from.
template <bool Zero, bool One>
struct BetaInflated : PlainDensity {
  static constexpr int kParameters = Zero && One ? 4 : 3;
  static constexpr bool kComplement = true;
  static constexpr bool kExpected = true;

  explicit BetaInflated(const std::vector<double>& numbers)
      : phi_(number(numbers, 0, 8)),
        inflated_(number(numbers, 1, 0.2)),
        ones_(number(numbers, 2, 0.5)) {}

  template <class T>
  T log_density(const double* y, const T* m, const T* c) const {
    const bool zero = y[0] == 0, one = y[0] == 1;
    if ((zero && !Zero) || (one && !One)) {
      return T(-std::numeric_limits<double>::infinity());
    }
    if constexpr (Zero && One) {
      if (zero) return fn::log(m[2]) + fn::log(c[3]);
      if (one) return fn::log(m[2]) + fn::log(m[3]);
    } else {
      if (zero || one) return fn::log(m[2]);
    }
    return fn::log(c[2]) + beta_log_density<T>(y[0], m[0], c[0], m[1]);
  }

  void expected(const double* m, const double* c, double* second) const {
    constexpr int k = kParameters;
    double own[3];
    beta_expected(m[0], c[0], m[1], own);
    std::fill(second, second + packed_size(k), 0.0);
    second[packed_index(0, 0, k)] = c[2] * own[0];
    second[packed_index(1, 0, k)] = c[2] * own[1];
    second[packed_index(1, 1, k)] = c[2] * own[2];
    second[packed_index(2, 2, k)] = -1 / m[2] - 1 / c[2];
    if (k > 3) second[packed_index(3, 3, k)] = -m[2] * (1 / m[k - 1] + 1 / c[k - 1]);
  }

  void start(const double* y, double, double* m) const {
    m[0] = (y[0] + 0.05) / 1.1;
    m[1] = phi_;
    m[2] = inflated_;
    if (kParameters > 3) m[kParameters - 1] = ones_;
  }

 private:
  double phi_, inflated_, ones_;
};

}  // namespace gamut

#endif  // GAMUT_FAMILY_BETA_DENSITIES_HPP
