// beta_binomial.hpp - successes and failures: binomial, and beta-binomial with mean mu
// and precision phi (alpha = mu phi, beta = (1 - mu) phi).
//
// With n = s + f trials, q = 1 - mu and D(x; m) = x log(x/m) + m - x:
//   binomial       l0 = -D(s; n mu) - D(f; n q) + c(n) - c(s) - c(f),
//                  c(k) = log k! - k log k + k;
//   beta-binomial  l = l0 + D(alpha + s; (n + phi) mu) + D(beta + f; (n + phi) q)
//                      + w(s, alpha) + w(f, beta) - w(n, phi),
//   w(k, a) = log G(a + k) - log G(a) - [(a + k) log(a + k) - a log a - k]
// (count_densities.hpp). Every part added to l0 vanishes as phi grows, so that the
// beta-binomial runs into the binomial digit by digit.
// Source: Skellam (1948) JRSS B 10, 257-261; Loader (2000).
#ifndef GAMUT_FAMILY_BETA_BINOMIAL_HPP
#define GAMUT_FAMILY_BETA_BINOMIAL_HPP

#include "count_densities.hpp"

namespace gamut {

template <class T>
T binomial_log_density(const double* y, const T& mu, const T& q) {
  const double s = y[0], f = y[1], n = s + f;
  const double constant = count_constant(n) - count_constant(s) - count_constant(f);
  return constant - count_divergence(s, n * mu) - count_divergence(f, n * q);
}

struct BinomialDensity : PlainDensity {
  static constexpr int kParameters = 1;
  static constexpr int kColumns = 2;
  static constexpr bool kComplement = true;
  static constexpr bool kExpected = false;  // it depends on the trials
  explicit BinomialDensity(const std::vector<double>&) {}

  template <class T>
  T log_density(const double* y, const T* m, const T* c) const {
    return binomial_log_density(y, m[0], c[0]);
  }
  void start(const double* y, double, double* m) const {
    m[0] = (y[0] + 0.5) / (y[0] + y[1] + 1);
  }
};

struct BetaBinomial : PlainDensity {
  static constexpr int kParameters = 2;
  static constexpr int kColumns = 2;
  static constexpr bool kComplement = true;
  explicit BetaBinomial(const std::vector<double>& numbers)
      : precision_(number(numbers, 0, 5)) {}

  template <class T>
  T log_density(const double* y, const T* m, const T* c) const {
    const double s = y[0], f = y[1], n = s + f;
    const T &mu = m[0], &q = c[0], &phi = m[1];
    const T alpha = mu * phi, beta = q * phi, total = n + phi;
    const T surplus = s - n * mu;
    const T gain = fn::deviance_part<T, T, T>(alpha + s, surplus, total * mu) +
                   fn::deviance_part<T, T, T>(beta + f, -surplus, total * q);
    return binomial_log_density(y, mu, q) + gain + rising_excess(s, alpha) +
           rising_excess(f, beta) - rising_excess(n, phi);
  }
  void start(const double* y, double, double* m) const {
    m[0] = (y[0] + 0.5) / (y[0] + y[1] + 1);
    m[1] = precision_;
  }

 private:
  double precision_;  ///< to start from
};

}  // namespace gamut

#endif  // GAMUT_FAMILY_BETA_BINOMIAL_HPP
