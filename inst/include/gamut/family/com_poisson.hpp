// com_poisson.hpp - COM-Poisson counts with mean mu and dispersion nu, both regressed.
//
//   l = y theta - nu log y! - A(theta, nu),   theta(mu, nu) from dA/dtheta = E Y = mu;
// nu = 1 is the Poisson, nu > 1 less dispersed, nu < 1 more. Information in mu and nu is
// block diagonal.
// Source: Huang (2017) Statistical Modelling 17, 359-380.
//
// theta is found on plain numbers (com_poisson_series.hpp). Its derivatives follow from
// Newton's steps for log dA/dtheta = log mu in jets: what a jet carries beyond its value
// is nilpotent, and each step settles one more order. A and dA/dtheta are Taylor
// polynomials with cumulants of (Y, -log Y!) as coefficients.
//
// Where mu nu is large, Laplace's expansion (Gaunt et al. 2019, Annals of the Institute
// of Statistical Mathematics 71, 163-180) leaves less than 1e-13: with x = exp(theta/nu)
//   A = nu x - (nu - 1)/2 log(2 pi x) - log(nu)/2 + log S,
//   S = 1 + c1/(nu x) + c2/(nu x)^2 + c3/(nu x)^3,
//   mu = x - (nu - 1)/(2 nu) + x S'/(nu S),
//   l = -nu D(y; x) - nu c(y) + (nu - 1)/2 log(2 pi x) + log(nu)/2 - log S
// (D, c: count_densities.hpp), which does not cancel.
#ifndef GAMUT_FAMILY_COM_POISSON_HPP
#define GAMUT_FAMILY_COM_POISSON_HPP

#include "com_poisson_series.hpp"
#include "count_densities.hpp"

namespace gamut {
namespace com_poisson {

/// The order of derivatives that a number carries.
template <class T>
struct OrderOf {
  static constexpr int value = 0;
};
template <int K, int O>
struct OrderOf<Jet<K, O>> {
  static constexpr int value = O;
};

/// Derivatives f[i][j] of a function of two variables, i + j <= 3.
struct Partials {
  double f[4][4];
};

/// theta and the cumulants at (mu, nu): derivatives of A and of dA/dtheta.
struct Solution {
  double mu = special::kNaN, nu = special::kNaN, theta = special::kNaN;
  int order = -1;
  Partials a, mean;

  void solve(double mu_, double nu_, int order_) {
    if (mu == mu_ && nu == nu_ && order >= order_) return;
    if (!(mu == mu_ && nu == nu_)) theta = solve_theta(mu_, nu_);
    mu = mu_;
    nu = nu_;
    order = order_;
    fill(moments_of(theta, nu, order + 1));
  }

 private:
  void fill(const Moments& m) {
    const auto& c = m.c;
    // cumulants of (Y, -L), by order
    const double k[5][5] = {
        {m.log_z, -m.mean_l, c[0][2], -c[0][3], c[0][4] - 3 * c[0][2] * c[0][2]},
        {m.mean_y, -c[1][1], c[1][2], -(c[1][3] - 3 * c[1][1] * c[0][2])},
        {c[2][0], -c[2][1], c[2][2] - c[2][0] * c[0][2] - 2 * c[1][1] * c[1][1]},
        {c[3][0], -(c[3][1] - 3 * c[2][0] * c[1][1])},
        {c[4][0] - 3 * c[2][0] * c[2][0]}};
    for (int i = 0; i < 4; ++i) {
      for (int j = 0; i + j < 4; ++j) {
        a.f[i][j] = k[i][j];
        mean.f[i][j] = k[i + 1][j];
      }
    }
  }
};

/// The function with these derivatives, at x0 + x, y0 + y where x and y have value 0.
inline double compose(const Partials& p, double, double) { return p.f[0][0]; }
template <int K, int O>
Jet<K, O> compose(const Partials& p, const Jet<K, O>& x, const Jet<K, O>& y) {
  const auto& f = p.f;
  // Horner's scheme in x, with polynomials in y for coefficients
  if constexpr (O == 2) {
    const Jet<K, O> one = f[1][0] + (0.5 * f[2][0]) * x + f[1][1] * y;
    return f[0][0] + x * one + y * (f[0][1] + (0.5 * f[0][2]) * y);
  } else {
    const Jet<K, O> yy = 0.5 * y * y;
    const Jet<K, O> two = f[2][0] + (f[3][0] / 3) * x + f[2][1] * y;
    const Jet<K, O> one = f[1][0] + (0.5 * x) * two + f[1][1] * y + f[1][2] * yy;
    return f[0][0] + x * one + y * (f[0][1] + (f[0][3] / 3) * yy) + f[0][2] * yy;
  }
}

inline double nilpotent(double) { return 0; }
template <int K, int O>
Jet<K, O> nilpotent(Jet<K, O> x) {
  x.value = 0;
  return x;
}

/// theta and A as functions of what mu and nu are functions of.
template <class T>
struct Canonical {
  T theta, a;

  Canonical(const T& mu, const T& nu) {
    thread_local Solution at;
    constexpr int order = OrderOf<T>::value;
    at.solve(value_of(mu), value_of(nu), order);
    const T y = nilpotent(nu), target = nilpotent(fn::log(mu));
    const double slope = at.mean.f[1][0] / at.mean.f[0][0];
    T x(0.0);
    for (int step = 0; step < order; ++step) {
      x -= (nilpotent(fn::log(compose(at.mean, x, y))) - target) / slope;
    }
    theta = x + at.theta;
    a = compose(at.a, x, y);
  }
};

/// Does Laplace's expansion hold to all digits?
inline bool is_smooth(double mu, double nu) { return mu * nu > 1000 && mu > 100 * nu; }

/// x S' / S and log S, negated.
template <class T>
struct Expansion {
  T log_s, r;

  Expansion(const T& x, const T& nu) {
    const T s = fn::square(nu), u = 1.0 / (nu * x), excess = s - 1.0;
    const T c1 = excess / 24, c2 = excess * (s + 23.0) / 1152;
    const T c3 = excess * (s * (5.0 * s - 298.0) + 11237.0) / 414720;
    const T sum = u * (c1 + u * (c2 + u * c3));
    log_s = fn::log1p(sum);
    r = u * (c1 + u * (2.0 * c2 + u * (3.0 * c3))) / (1.0 + sum);
  }
};

template <class T>
T smooth_log_density(double y, const T& mu, const T& nu) {
  const T shift = 0.5 * (1.0 - 1.0 / nu);
  T x = mu + shift;
  for (int step = 0; step < 4; ++step) x = mu + shift + Expansion<T>(x, nu).r / nu;
  return -nu * (count_divergence(y, x) + count_constant(y)) +
         (nu - 1.0) * (0.5 * fn::log(x) + special::kHalfLogTwoPi) + 0.5 * fn::log(nu) -
         Expansion<T>(x, nu).log_s;
}

/// About how many terms a sum has: nineteen standard deviations, or a geometric tail.
inline double terms_of(double mu, double nu) {
  return std::fmin(19 * std::sqrt(mu / nu), 45 * mu);
}

template <class T>
T log_density(double y, const T& mu, const T& nu) {
  const double m = value_of(mu), n = value_of(nu);
  if (!(m > 0 && n > 0) || !std::isfinite(m + n)) return T(special::kNaN);
  if (is_smooth(m, n)) return smooth_log_density(y, mu, nu);
  if (m * n < 150 && terms_of(m, n) > kMostTerms) return T(special::kNaN);
  const Canonical<T> at(mu, nu);
  const double whole = std::floor(y);
  const double l = whole == y ? log_factorial(y) : special::log_gamma(y + 1);
  return y * at.theta - l * nu - at.a;
}

}  // namespace com_poisson

/// Parameters mu, nu; numbers: the mean of all counts.
struct ComPoisson : PlainDensity {
  static constexpr int kParameters = 2;
  static constexpr bool kExpected = true;
  explicit ComPoisson(const std::vector<double>& numbers)
      : typical_(number(numbers, 0, 0)) {}

  template <class T>
  T log_density(const double* y, const T* m, const T*) const {
    return com_poisson::log_density(y[0], m[0], m[1]);
  }
  template <class T>
  T log_zero(const T* m, const T*) const {
    return com_poisson::log_density(0, m[0], m[1]);
  }
  /// l is linear in y and log y!, the latter times nu: at y = mu its second derivatives
  /// are their expectations.
  void expected(const double* m, const double*, double* second) const {
    using J = Jet<2, 2>;
    const J l =
        com_poisson::log_density(m[0], J::variable(m[0], 0), J::variable(m[1], 1));
    std::copy(l.second.begin(), l.second.end(), second);
  }
  void start(const double* y, double, double* m) const {
    m[0] = count_start(y[0], typical_, [](double) { return 1.0; });
    m[1] = 1;
  }

 private:
  double typical_;
};

}  // namespace gamut

#endif  // GAMUT_FAMILY_COM_POISSON_HPP
