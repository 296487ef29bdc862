// link_probability.hpp - links of a probability: mu = F(eta), F a distribution function.
//
//   logit    F = 1 / (1 + e^-eta)          f' = f (1 - 2F)
//   logit12  F + 1, a number between one and two
//   probit   F = Phi(eta)                  f' = -eta f
//   cauchit  F = 1/2 + atan(eta) / pi
//   cloglog  F = 1 - exp(-e^eta)           f' = f (1 - e^eta)
//   loglog   F = exp(-e^-eta), cloglog seen from the other side
// Both F and 1 - F are computed as the small tail they are, never as one minus the
// other. Source: McCullagh & Nelder (1989), section 4.3; derivatives by hand.
#ifndef GAMUT_FAMILY_LINK_PROBABILITY_HPP
#define GAMUT_FAMILY_LINK_PROBABILITY_HPP

#include <cmath>
#include <string>

#include "../simd/exp.hpp"
#include "link.hpp"
#include "special_functions.hpp"

namespace gamut {

class LogitLink : public Link {
 public:
  std::string name() const override { return "logit"; }
  void inverse(Index n, const double* eta, const LinkOutput& out) const override {
    constexpr Index kBlock = 256;
    double tail[kBlock];
    for (Index first = 0; first < n; first += kBlock) {
      const Index rows = n - first < kBlock ? n - first : kBlock;
      for (Index i = 0; i < rows; ++i) {
        tail[i] = -std::fabs(clamp_eta(eta[first + i], -kTailExponent, kTailExponent));
      }
      simd::exp(rows, tail, tail);
      for (Index i = 0; i < rows; ++i) store(eta[first + i], tail[i], first + i, out);
    }
  }
  void link(Index n, const double* mu, double* eta) const override {
    for (Index i = 0; i < n; ++i) eta[i] = std::log(mu[i] / (1 - mu[i]));
  }

 private:
  /// From e = exp(-|eta|).
  static void store(double eta, double e, Index i, const LinkOutput& out) {
    const double large = 1 / (1 + e), small = e * large;
    const double d1 = small * large;
    const double skew = eta > 0 ? small - large : large - small;  // 1 - 2 mu
    if (out.mu) out.mu[i] = eta > 0 ? large : small;
    if (out.complement) out.complement[i] = eta > 0 ? small : large;
    if (out.d1) out.d1[i] = d1;
    if (out.d2) out.d2[i] = d1 * skew;
    if (out.d3) out.d3[i] = d1 * (1 - 6 * d1);
  }
};

/// mu in (1, 2): eta = logit(mu - 1), for the power of a Tweedie variance. 1 - mu is
/// minus the probability, exact however small.
class Logit12Link : public Link {
 public:
  std::string name() const override { return "logit12"; }
  void inverse(Index n, const double* eta, const LinkOutput& out) const override {
    LinkOutput logit = out;
    if (!out.mu) logit.mu = out.complement;
    logit.complement = nullptr;
    logit_.inverse(n, eta, logit);
    for (Index i = 0; out.complement && i < n; ++i) out.complement[i] = -logit.mu[i];
    for (Index i = 0; out.mu && i < n; ++i) out.mu[i] += 1;
  }
  void link(Index n, const double* mu, double* eta) const override {
    for (Index i = 0; i < n; ++i) eta[i] = std::log((mu[i] - 1) / (2 - mu[i]));
  }

 private:
  LogitLink logit_;
};

class ProbitLink : public ElementLink<ProbitLink> {
 public:
  std::string name() const override { return "probit"; }
  LinkPoint point(double eta) const {
    const double x = clamped(eta), f = special::normal_density(x);
    return {special::normal_cdf(x), f, -x * f, (x * x - 1) * f};
  }
  double complement(double eta, double) const {
    return special::normal_cdf(-clamped(eta));
  }
  double of(double mu) const { return special::normal_quantile(mu); }

 private:
  /// Phi(-16.3) is just above the floor of 1e-60.
  static double clamped(double eta) { return clamp_eta(eta, -16.3, 16.3); }
};

class CauchitLink : public ElementLink<CauchitLink> {
 public:
  std::string name() const override { return "cauchit"; }
  LinkPoint point(double eta) const {
    const double x = clamped(eta), q = 1 / (1 + x * x), f = q / special::kPi;
    return {tail(-x), f, -2 * x * q * f, (6 * x * x - 2) * q * q * f};
  }
  double complement(double eta, double) const { return tail(clamped(eta)); }
  double of(double mu) const { return -1 / std::tan(special::kPi * mu); }

 private:
  static double clamped(double eta) { return clamp_eta(eta, -1e15, 1e15); }
  /// 1 - F(x) as the angle of the point (x, 1): exact however small.
  static double tail(double x) { return std::atan2(1.0, x) / special::kPi; }
};

/// The pieces that cloglog and loglog share, as functions of t = e^x.
namespace gumbel {
/// The upper tail exp(-e^x) reaches 1e-60 at x = log 138.
inline double clamped(double x) { return clamp_eta(x, -kTailExponent, 4.927); }
inline LinkPoint point(double x) {
  const double t = std::exp(clamped(x)), f = t * std::exp(-t);
  return {-std::expm1(-t), f, f * (1 - t), f * (1 - t * (3 - t))};
}
inline double upper_tail(double x) { return std::exp(-std::exp(clamped(x))); }
}  // namespace gumbel

class CloglogLink : public ElementLink<CloglogLink> {
 public:
  std::string name() const override { return "cloglog"; }
  LinkPoint point(double eta) const { return gumbel::point(eta); }
  double complement(double eta, double) const { return gumbel::upper_tail(eta); }
  double of(double mu) const { return std::log(-std::log1p(-mu)); }
};

class LoglogLink : public ElementLink<LoglogLink> {
 public:
  std::string name() const override { return "loglog"; }
  LinkPoint point(double eta) const {
    const LinkPoint p = gumbel::point(-eta);
    return {gumbel::upper_tail(-eta), p.d1, -p.d2, p.d3};
  }
  double complement(double eta, double) const { return gumbel::point(-eta).mu; }
  double of(double mu) const { return -std::log(-std::log(mu)); }
};

}  // namespace gamut

#endif  // GAMUT_FAMILY_LINK_PROBABILITY_HPP
