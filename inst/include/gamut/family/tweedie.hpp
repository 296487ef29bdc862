// tweedie.hpp - compound Poisson sums of Gammas: mean mu, variance phi mu^p, 1 < p < 2.
//
//   P(y = 0) = exp{-mu^(2-p) / (phi (2-p))};  for y > 0, with q = p - 1,
//   l = log f(y; mu = y) - d/(2 phi),
//   d/2 = y^(1-q) [(e^{(1-q)e} - 1)/(1-q) + (e^{-qe} - 1)/q],   e = log(mu / y).
// At mu = y the sum over the number j of Gammas depends on two numbers only,
//   lambda = y^(1-q) / (phi (1-q)), a = (1-q)/q:
//   f(y; y) = sqrt(a) / (2 pi y) sum_j exp{-(1 + a) D(j; lambda) - s(j) - s(aj)},
// D(x; m) = x log(x/m) + m - x and s Stirling's correction: the leading terms of Dunn
// & Smyth's series have cancelled by hand. Derivatives of its logarithm in log lambda
// and a are cumulants over the terms. Terms lie around j = lambda with the variance
// lambda / (1 + a); where this is large every h-th one will do, h up to 2/5 of the
// standard deviation (the trapezoidal rule on a bell: error exp(-2 pi^2 2.5^2)).
// numbers: phi, p and a small mean to start from; fixed power: p, phi and that mean.
// Source: Jorgensen (1987) JRSS B 49, 127-162; Dunn & Smyth (2005) Statistics and
// Computing 15, 267-280 (the series); this form by hand.
#ifndef GAMUT_FAMILY_TWEEDIE_HPP
#define GAMUT_FAMILY_TWEEDIE_HPP

#include <type_traits>

#include "density.hpp"

namespace gamut {

/// log of the sum and its derivatives in u = log lambda and a: value, u, a, uu, ua, aa,
/// uuu, uua, uaa, aaa.
class TweedieSeries {
 public:
  /// order 0, 2 or 3; `power`: are derivatives in a wanted?
  TweedieSeries(double lambda, double a, int order, bool power)
      : lambda_(lambda), a_(a), order_(order), power_(power) {
    const double sd = std::sqrt(lambda / (1 + a));
    const bool thin = sd > 5 && lambda > 20 * sd;
    step_ = thin ? std::floor(0.4 * sd) : 1;
    const double top = std::fmax(1, std::round(lambda));
    highest_ = exponent(top);
    for (double j = top;; j += step_) {
      if (!add(j) || j + step_ == j) break;
    }
    for (double j = top - step_; j >= 1; j -= step_) {
      if (!add(j) || j - step_ == j) break;
    }
    finish();
  }
  double operator[](int k) const { return out_[k]; }

 private:
  double exponent(double j) {
    divergence_ = special::deviance_part(j, lambda_);
    return -(1 + a_) * divergence_ - special::stirling_correction(j) -
           special::stirling_correction(a_ * j);
  }

  /// False when this term, and all beyond it, are negligible.
  bool add(double j) {
    const double t = exponent(j) - highest_;
    if (!(t > -50)) return false;
    const double w = std::exp(t);
    sum_ += w;
    if (order_ == 0) return true;
    const double u = (1 + a_) * (j - lambda_);
    moment_[0] += w * u;
    moment_[2] += w * u * u;
    if (power_) add_power(j, w, u);
    if (order_ < 3) return true;
    third_[0] += w * u * u * u;
    return true;
  }

  void add_power(double j, double w, double u) {
    const double x = a_ * j;
    const double s1 = special::stirling_slope(x), s2 = special::stirling_curvature(x);
    const double v = -divergence_ - j * s1, vv = -j * j * s2, d = j - lambda_;
    moment_[1] += w * v;
    moment_[3] += w * (u * v + d);
    moment_[4] += w * (v * v + vv);
    if (order_ < 3) return;
    const double s3 = special::stirling_third(x);
    third_[1] += w * (u * u * v + 2 * u * d);
    third_[2] += w * (u * v * v + 2 * v * d + u * vv);
    third_[3] += w * (v * v * v + 3 * v * vv - j * j * j * s3);
  }

  /// Cumulants from moments; what is the same for all terms, -(1 + a) lambda in uu and
  /// uuu and -lambda in uua, is added here.
  void finish() {
    for (double& x : moment_) x /= sum_;
    for (double& x : third_) x /= sum_;
    const double u = moment_[0], v = moment_[1], slope = -(1 + a_) * lambda_;
    const double uu = moment_[2] - u * u, uv = moment_[3] - u * v;
    const double vv = moment_[4] - v * v;
    out_[0] = highest_ + std::log(sum_ * step_);
    out_[1] = u;
    out_[2] = v;
    out_[3] = uu + slope;
    out_[4] = uv;
    out_[5] = vv;
    out_[6] = third_[0] - 3 * u * uu - u * u * u + slope;
    out_[7] = third_[1] - 2 * u * uv - v * uu - u * u * v - lambda_;
    out_[8] = third_[2] - 2 * v * uv - u * vv - u * v * v;
    out_[9] = third_[3] - 3 * v * vv - v * v * v;
  }

  double lambda_, a_, step_ = 1, highest_ = 0, sum_ = 0, divergence_ = 0;
  int order_;
  bool power_;
  double moment_[5] = {}, third_[4] = {}, out_[10] = {};
};

/// log of the sum as a function of u = log lambda and a, numbers or jets.
inline double tweedie_series(double u, double a) {
  return TweedieSeries(std::exp(u), a, 0, false)[0];
}
template <int K, int O, class A>
Jet<K, O> tweedie_series(const Jet<K, O>& u, const A& a) {
  using J = Jet<K, O>;
  constexpr bool power = !std::is_same<A, double>::value;
  const TweedieSeries s(std::exp(u.value), value_of(a), O, power);
  // Taylor's polynomial around the values: what is left is zero beyond this order
  const J x = u - u.value, xx = x * x;
  J out = s[0] + s[1] * x + (0.5 * s[3]) * xx;
  if constexpr (O > 2) out += (s[6] / 6) * (xx * x);
  if constexpr (power) {
    const J z = a - a.value, zz = z * z;
    out += s[2] * z + s[4] * (x * z) + (0.5 * s[5]) * zz;
    if constexpr (O > 2) {
      out += (0.5 * s[7]) * (xx * z) + (0.5 * s[8]) * (x * zz) + (s[9] / 6) * (zz * z);
    }
  }
  return out;
}

/// l; the power is a jet, or a plain number where it is known.
template <class T, class P>
T tweedie_log_density(double y, const T& mu, const T& phi, const P& q, const P& rest) {
  if (!(y > 0)) {
    return -fn::exp(rest * fn::log(mu)) / (phi * rest);
  }
  const double log_y = std::log(y);
  const T e = fn::log(mu) - log_y, scale = fn::exp(P(rest * log_y)) / phi;
  const T deviance = fn::expm1(T(rest * e)) / rest + fn::expm1(T(-q * e)) / q;
  const P a = rest / q;
  const T u = fn::log(T(scale / rest));
  return tweedie_series(u, a) + 0.5 * fn::log(a) - scale * deviance - log_y -
         2 * special::kHalfLogTwoPi;
}

/// Parameters mu, phi, p.
struct Tweedie : PlainDensity {
  static constexpr int kParameters = 3;
  static constexpr bool kComplement = true;
  static constexpr bool kWorking = true;
  explicit Tweedie(const std::vector<double>& numbers)
      : phi_(number(numbers, 0, 1)),
        power_(number(numbers, 1, 1.5)),
        small_(number(numbers, 2, 0.1)) {}

  template <class T>
  T log_density(const double* y, const T* m, const T* c) const {
    return tweedie_log_density(y[0], m[0], m[1], T(-c[2]), T(2 - m[2]));
  }
  /// Those of mu are exact; those of log(phi mu^p) as for a small dispersion; beyond
  /// that p moves with care.
  void working(const double* m, const double* c, double* second) const {
    const double edge = c[2] * (2 - m[2]), length = std::log(m[0]);
    for (int j = 0; j < 6; ++j) second[j] = 0;
    second[0] = -std::pow(m[0], -m[2]) / m[1];
    second[3] = -0.5 / (m[1] * m[1]);
    second[4] = -0.5 * length / m[1];
    second[5] = -0.5 * (length * length + 1 / (edge * edge));
  }
  void start(const double* y, double, double* m) const {
    m[0] = y[0] > 0 ? y[0] : small_;
    m[1] = phi_;
    m[2] = power_;
  }

 private:
  double phi_, power_, small_;
};

/// Parameters mu, phi; the power is numbers[0].
struct TweediePower : PlainDensity {
  static constexpr int kParameters = 2;
  static constexpr bool kWorking = true;
  explicit TweediePower(const std::vector<double>& numbers)
      : power_(number(numbers, 0, 1.5)),
        phi_(number(numbers, 1, 1)),
        small_(number(numbers, 2, 0.1)) {}

  template <class T>
  T log_density(const double* y, const T* m, const T*) const {
    return tweedie_log_density(y[0], m[0], m[1], power_ - 1, 2 - power_);
  }
  void working(const double* m, const double*, double* second) const {
    second[0] = -std::pow(m[0], -power_) / m[1];
    second[1] = 0;
    second[2] = -0.5 / (m[1] * m[1]);
  }
  void start(const double* y, double, double* m) const {
    m[0] = y[0] > 0 ? y[0] : small_;
    m[1] = phi_;
  }

 private:
  double power_, phi_, small_;
};

}  // namespace gamut

#endif  // GAMUT_FAMILY_TWEEDIE_HPP
