// link_power.hpp - identity, log, inverse, sqrt, 1/mu^2 and mu^lambda.
//
// All are powers: eta = mu^lambda, mu = eta^{1/lambda}, with log in the place of
// lambda = 0 (Box & Cox 1964). McCullagh & Nelder (1989), section 2.2.
#ifndef GAMUT_FAMILY_LINK_POWER_HPP
#define GAMUT_FAMILY_LINK_POWER_HPP

#include <algorithm>
#include <cmath>
#include <string>

#include "../simd/exp.hpp"
#include "link.hpp"
#include "special_functions.hpp"

namespace gamut {

class IdentityLink : public Link {
 public:
  std::string name() const override { return "identity"; }
  void inverse(Index n, const double* eta, const LinkOutput& out) const override {
    if (out.mu) std::copy(eta, eta + n, out.mu);
    if (out.d1) std::fill(out.d1, out.d1 + n, 1.0);
    if (out.d2) std::fill(out.d2, out.d2 + n, 0.0);
    if (out.d3) std::fill(out.d3, out.d3 + n, 0.0);
    if (!out.complement) return;
    for (Index i = 0; i < n; ++i) out.complement[i] = 1 - eta[i];
  }
  void link(Index n, const double* mu, double* eta) const override {
    std::copy(mu, mu + n, eta);
  }
};

/// mu = e^eta; every derivative is mu itself.
class LogLink : public Link {
 public:
  std::string name() const override { return "log"; }
  void inverse(Index n, const double* eta, const LinkOutput& out) const override {
    double* const targets[] = {out.mu, out.d1, out.d2, out.d3};
    const double* done = nullptr;
    for (double* target : targets) {
      if (!target) continue;
      if (done) {
        std::copy(done, done + n, target);
      } else {
        for (Index i = 0; i < n; ++i) target[i] = clamped(eta[i]);
        simd::exp(n, target, target);
        done = target;
      }
    }
    if (!out.complement) return;
    for (Index i = 0; i < n; ++i) out.complement[i] = -std::expm1(clamped(eta[i]));
  }
  void link(Index n, const double* mu, double* eta) const override {
    for (Index i = 0; i < n; ++i) eta[i] = std::log(mu[i]);
  }

 private:
  static double clamped(double eta) {
    return clamp_eta(eta, -kTailExponent, kTailExponent);
  }
};

/// eta where a link is defined on (0, infinity) alone; NaN elsewhere.
inline double positive(double eta) { return eta > 0 ? eta + (eta - eta) : special::kNaN; }

/// mu = 1 / eta.
class InverseLink : public ElementLink<InverseLink> {
 public:
  std::string name() const override { return "inverse"; }
  double neutral() const override { return 1; }
  LinkPoint point(double eta) const {
    const double mu = 1 / eta + (eta - eta), square = mu * mu;
    return {mu, -square, 2 * square * mu, -6 * square * square};
  }
  double of(double mu) const { return 1 / mu; }
};

/// mu = eta^2 on eta > 0 (the other branch would give each mu twice). Normal random
/// effects have no such bound: for them there is a `whole` link, with both branches.
class SqrtLink : public ElementLink<SqrtLink> {
 public:
  explicit SqrtLink(bool whole) : whole_(whole) {}
  std::string name() const override { return whole_ ? "whole sqrt" : "sqrt"; }
  double neutral() const override { return 1; }
  /// Never exactly 0: there the weight of a Poisson row is (2 eta)^2 / eta^2 = 4.
  LinkPoint point(double eta) const {
    eta = whole_ ? eta + (eta - eta) : positive(eta);
    if (std::abs(eta) < 1e-30) eta = std::copysign(1e-30, eta);
    return {eta * eta, 2 * eta, 2, 0};
  }
  double of(double mu) const { return std::sqrt(mu); }

 private:
  bool whole_;
};

/// mu = eta^{-1/2} on eta > 0: the canonical link of the inverse gaussian.
class InverseSquareLink : public ElementLink<InverseSquareLink> {
 public:
  std::string name() const override { return "1/mu^2"; }
  double neutral() const override { return 1; }
  LinkPoint point(double eta) const {
    eta = positive(eta);
    const double mu = 1 / std::sqrt(eta), over = 1 / eta, d1 = -0.5 * mu * over;
    return {mu, d1, -1.5 * d1 * over, 3.75 * d1 * over * over};
  }
  double of(double mu) const { return 1 / (mu * mu); }
};

/// mu = eta^{1/lambda} on eta > 0, lambda not 0.
class PowerLink : public ElementLink<PowerLink> {
 public:
  explicit PowerLink(double lambda) : lambda_(lambda), power_(1 / lambda) {}
  std::string name() const override { return "mu^" + std::to_string(lambda_); }
  double neutral() const override { return 1; }
  LinkPoint point(double eta) const {
    eta = positive(eta);
    const double mu = std::pow(eta, power_), over = 1 / eta;
    const double d1 = power_ * mu * over, d2 = (power_ - 1) * d1 * over;
    return {mu, d1, d2, (power_ - 2) * d2 * over};
  }
  double of(double mu) const { return std::pow(mu, lambda_); }

 private:
  double lambda_, power_;
};

}  // namespace gamut

#endif  // GAMUT_FAMILY_LINK_POWER_HPP
