// variance.hpp - the variance functions of the exponential dispersion families.
//
//   constant  V = 1          d = (y - mu)^2                          gaussian
//   bernoulli V = mu(1 - mu) d = 2 y log(y/mu) + 2 (1-y) log((1-y)/(1-mu))
//   linear    V = mu         d = 2 [y log(y/mu) - (y - mu)]           poisson
//   square    V = mu^2       d = 2 [(y - mu)/mu - log(y/mu)]          Gamma
//   cube      V = mu^3       d = (y - mu)^2 / (y mu^2)                inverse gaussian
// Each gives V, V', V'', the residual y - mu, the unit deviance
// d = 2 int_mu^y (y - t)/V(t) dt, the parameter space and a start. `c` is 1 - mu.
// Source: Jorgensen (1997), The Theory of Dispersion Models; McCullagh & Nelder
// (1989), table 2.1. Deviances are built from deviance_part, which does not cancel.
#ifndef GAMUT_FAMILY_VARIANCE_HPP
#define GAMUT_FAMILY_VARIANCE_HPP

#include <cmath>

#include "special_functions.hpp"

namespace gamut {

struct ConstantVariance {
  static constexpr bool kComplement = false;
  static constexpr const char* kCanonicalLink = "identity";
  static double value(double, double) { return 1; }
  static double slope(double, double) { return 0; }
  static double curvature(double, double) { return 0; }
  static double residual(double y, double mu, double) { return y - mu; }
  static double deviance(double y, double mu, double) { return (y - mu) * (y - mu); }
  static bool valid(double, double) { return true; }
  static double start(double y, double) { return y; }
};

struct BernoulliVariance {
  static constexpr bool kComplement = true;
  static constexpr const char* kCanonicalLink = "logit";
  static double value(double mu, double c) { return mu * c; }
  static double slope(double mu, double c) { return c - mu; }
  static double curvature(double, double) { return -2; }
  static double residual(double y, double mu, double c) { return y * c - (1 - y) * mu; }
  static double deviance(double y, double mu, double c) {
    return 2 * (special::deviance_part(y, mu) + special::deviance_part(1 - y, c));
  }
  static bool valid(double mu, double c) { return mu > 0 && c > 0; }
  /// Half a success and half a failure added to the a trials.
  static double start(double y, double a) { return (a * y + 0.5) / (a + 1); }
};

struct LinearVariance {
  static constexpr bool kComplement = false;
  static constexpr const char* kCanonicalLink = "log";
  static double value(double mu, double) { return mu; }
  static double slope(double, double) { return 1; }
  static double curvature(double, double) { return 0; }
  static double residual(double y, double mu, double) { return y - mu; }
  static double deviance(double y, double mu, double) {
    return 2 * special::deviance_part(y, mu);
  }
  static bool valid(double mu, double) { return mu > 0; }
  static double start(double y, double) { return y + 0.1; }
};

struct SquareVariance {
  static constexpr bool kComplement = false;
  static constexpr const char* kCanonicalLink = "inverse";
  static double value(double mu, double) { return mu * mu; }
  static double slope(double mu, double) { return 2 * mu; }
  static double curvature(double, double) { return 2; }
  static double residual(double y, double mu, double) { return y - mu; }
  /// At y = 0 (a quasi family may have it) the infinite term log y is left out.
  static double deviance(double y, double mu, double) {
    if (!(y > 0)) return 2 * (std::log(mu) - 1);
    return 2 * special::deviance_part(mu, y) / mu;
  }
  static bool valid(double mu, double) { return mu > 0; }
  static double start(double y, double) { return y > 0 ? y : 0.1; }
};

struct CubeVariance {
  static constexpr bool kComplement = false;
  static constexpr const char* kCanonicalLink = "1/mu^2";
  static double value(double mu, double) { return mu * mu * mu; }
  static double slope(double mu, double) { return 3 * mu * mu; }
  static double curvature(double mu, double) { return 6 * mu; }
  static double residual(double y, double mu, double) { return y - mu; }
  static double deviance(double y, double mu, double) {
    const double r = (y - mu) / mu;
    return r * r / y;
  }
  static bool valid(double mu, double) { return mu > 0; }
  static double start(double y, double) { return y > 0 ? y : 0.1; }
};

}  // namespace gamut

#endif  // GAMUT_FAMILY_VARIANCE_HPP
