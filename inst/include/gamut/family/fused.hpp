// fused.hpp - a composed family whose evaluate() is one fused kernel.
//
// Everything but evaluate() is inherited: third derivatives, starts and parameters are
// asked for seldom. fused_kernel() knows for which pairs a kernel exists.
#ifndef GAMUT_FAMILY_FUSED_HPP
#define GAMUT_FAMILY_FUSED_HPP

#include <memory>
#include <utility>

#include "composed_family.hpp"
#include "exponential_dispersion.hpp"
#include "fused_kernels.hpp"
#include "links.hpp"

namespace gamut {

using FusedKernel = double (*)(const fused::Arguments&);

class FusedFamily : public ComposedFamily {
 public:
  FusedFamily(std::unique_ptr<const Distribution> distribution, LinkPointer link,
              FusedKernel kernel)
      : ComposedFamily(std::move(distribution), {std::move(link)}), kernel_(kernel) {}

  double evaluate(const ResponseTile& tile, const double* const* eta,
                  Information information, const RowDerivatives& out) const override {
    return kernel_({tile.rows, tile.y, tile.prior, eta[0], out.objective,
                    out.score ? out.score[0] : nullptr,
                    out.weight ? out.weight[0] : nullptr,
                    information == Information::observed});
  }

 private:
  FusedKernel kernel_;
};

/// The kernel for this very distribution and this very link (not a user's link of the
/// same name), or null.
inline FusedKernel fused_kernel(const Distribution& distribution, const Link& link) {
  const auto is = [&](auto* wanted_distribution, auto* wanted_link) {
    return dynamic_cast<decltype(wanted_distribution)>(&distribution) &&
           dynamic_cast<decltype(wanted_link)>(&link);
  };
  const GaussianDistribution* gaussian = nullptr;
  const BinomialDistribution* binomial = nullptr;
  const PoissonDistribution* poisson = nullptr;
  const GammaDistribution* gamma = nullptr;
  const IdentityLink* identity = nullptr;
  const LogitLink* logit = nullptr;
  const LogLink* log = nullptr;
  if (is(gaussian, identity)) return fused::gaussian_identity;
  if (is(binomial, logit)) return fused::binomial_logit;
  if (is(poisson, log)) return fused::poisson_log;
  if (is(gamma, log)) return fused::gamma_log;
  return nullptr;
}

}  // namespace gamut

#endif  // GAMUT_FAMILY_FUSED_HPP
