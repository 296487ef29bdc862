// exponential_dispersion.hpp - families with one parameter mu and a variance function.
//
//   dl/dmu = (y - mu)/V = r q,                       q = 1/V, t = V'/V
//   d2l/dmu2 = -q (1 + r t),  expected -q,
//   d3l/dmu3 = q [2 t - r (V''/V - 2 t^2)],
// all at dispersion one (quasi-likelihood: the same formulas without a density).
// Source: McCullagh & Nelder (1989), sections 2.2 and 9.2; derivatives by hand.
#ifndef GAMUT_FAMILY_EXPONENTIAL_DISPERSION_HPP
#define GAMUT_FAMILY_EXPONENTIAL_DISPERSION_HPP

#include "distribution.hpp"
#include "variance.hpp"

namespace gamut {

template <class Variance>
class ExponentialDispersion : public Distribution {
 public:
  int parameters() const override { return 1; }
  bool has_mean_only() const override { return true; }
  bool uses_complement(int) const override { return Variance::kComplement; }
  const char* canonical_link() const override { return Variance::kCanonicalLink; }

  void objective(const ResponseTile& tile, const ParameterTile& m,
                 double* out) const override {
    for (Index i = 0; i < tile.rows; ++i) {
      const double mu = m.value[0][i], c = complement(m, i);
      out[i] =
          Variance::valid(mu, c) ? Variance::deviance(tile.y[i], mu, c) : special::kNaN;
    }
  }

  void derivatives(const ResponseTile& tile, const ParameterTile& m,
                   Information information, double* const* first,
                   double* const* second) const override {
    const bool observed = information == Information::observed;
    for (Index i = 0; i < tile.rows; ++i) {
      const double mu = m.value[0][i], c = complement(m, i);
      const double q = 1 / Variance::value(mu, c);
      const double r = Variance::residual(tile.y[i], mu, c);
      first[0][i] = r * q;
      if (!second) continue;
      second[0][i] = observed ? -q * (1 + r * (Variance::slope(mu, c) * q)) : -q;
    }
  }

  void third(const ResponseTile& tile, const ParameterTile& m,
             double* const* third) const override {
    for (Index i = 0; i < tile.rows; ++i) {
      const double mu = m.value[0][i], c = complement(m, i);
      const double q = 1 / Variance::value(mu, c), t = Variance::slope(mu, c) * q;
      const double r = Variance::residual(tile.y[i], mu, c);
      third[0][i] = q * (2 * t - r * (Variance::curvature(mu, c) * q - 2 * t * t));
    }
  }

  void start(const ResponseTile& tile, double* const* m) const override {
    for (Index i = 0; i < tile.rows; ++i) {
      m[0][i] = Variance::start(tile.y[i], tile.prior ? tile.prior[i] : 1);
    }
  }

  void pearson(const ResponseTile& tile, const ParameterTile& m,
               double* out) const override {
    for (Index i = 0; i < tile.rows; ++i) {
      const double mu = m.value[0][i], c = complement(m, i);
      const double r = Variance::residual(tile.y[i], mu, c);
      out[i] = r * r / Variance::value(mu, c);
    }
  }

 private:
  static double complement(const ParameterTile& m, Index i) {
    return Variance::kComplement ? m.complement[0][i] : 0;
  }
};

using GaussianDistribution = ExponentialDispersion<ConstantVariance>;
using BinomialDistribution = ExponentialDispersion<BernoulliVariance>;
using PoissonDistribution = ExponentialDispersion<LinearVariance>;
using GammaDistribution = ExponentialDispersion<SquareVariance>;
using InverseGaussianDistribution = ExponentialDispersion<CubeVariance>;

}  // namespace gamut

#endif  // GAMUT_FAMILY_EXPONENTIAL_DISPERSION_HPP
