// registry.hpp - from a family's name, links and numbers to the object.
//
// The one place that knows all families. A fused kernel takes the place of the
// composed family only where distribution and link are both its own; tests hold the
// two equal, and `fused = false` asks for the composed one.
#ifndef GAMUT_FAMILY_REGISTRY_HPP
#define GAMUT_FAMILY_REGISTRY_HPP

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "beta.hpp"
#include "categorical.hpp"
#include "composed_family.hpp"
#include "cumulative.hpp"
#include "dirichlet_mean.hpp"
#include "exponential_dispersion.hpp"
#include "family_spec.hpp"
#include "fused.hpp"
#include "registry_count.hpp"
#include "registry_real.hpp"
#include "registry_unit.hpp"

namespace gamut {

/// By the code of the variance function: 1, mu(1-mu), mu, mu^2, mu^3, from 0 on.
inline std::unique_ptr<const Distribution> make_quasi(
    const std::vector<double>& numbers) {
  const int code = numbers.empty() ? -1 : static_cast<int>(numbers[0]);
  switch (code) {
    case 0:
      return std::make_unique<GaussianDistribution>();
    case 1:
      return std::make_unique<BinomialDistribution>();
    case 2:
      return std::make_unique<PoissonDistribution>();
    case 3:
      return std::make_unique<GammaDistribution>();
    case 4:
      return std::make_unique<InverseGaussianDistribution>();
    default:
      throw Error(Status::invalid_argument,
                  "a quasi family needs the code of its variance function, 0 to 4");
  }
}

/// The exponential is the Gamma with its dispersion fixed at one: the same objective.
inline std::unique_ptr<const Distribution> make_distribution(const FamilySpec& spec) {
  const std::string& name = spec.distribution;
  if (name == "gaussian") return std::make_unique<GaussianDistribution>();
  if (name == "binomial") return std::make_unique<BinomialDistribution>();
  if (name == "poisson") return std::make_unique<PoissonDistribution>();
  if (name == "Gamma") return std::make_unique<GammaDistribution>();
  if (name == "exponential") return std::make_unique<GammaDistribution>();
  if (name == "inverse.gaussian") return std::make_unique<InverseGaussianDistribution>();
  if (name == "quasi") return make_quasi(spec.numbers);
  if (name == "beta") return std::make_unique<BetaDistribution>();
  throw Error(Status::invalid_argument, "unknown distribution '" + name + "'");
}

inline int first_number(const FamilySpec& spec, int otherwise) {
  return spec.numbers.empty() ? otherwise : static_cast<int>(spec.numbers[0]);
}

/// Families that are written as a log-density; null for all others.
inline std::unique_ptr<Family> make_density_family(const FamilySpec& spec) {
  for (const DensityMakers& makers : {count_makers(), real_makers(), unit_makers()}) {
    for (const DensityMaker& maker : makers) {
      if (spec.distribution == maker.name) return maker.make(spec);
    }
  }
  return nullptr;
}

/// Families whose predictors are not one to a parameter; null for all others.
inline std::unique_ptr<Family> make_vector_family(const FamilySpec& spec) {
  const std::string& name = spec.distribution;
  if (name == "categorical") {
    return std::make_unique<Categorical>(spec.categories, first_number(spec, 0));
  }
  if (name == "cumulative") return make_cumulative(spec.categories, spec.links);
  if (name == "dirichlet") return std::make_unique<Dirichlet>(spec.categories);
  if (name == "dirichlet_mean") {
    return std::make_unique<DirichletMean>(spec.categories, first_number(spec, -1));
  }
  return nullptr;
}

inline std::unique_ptr<Family> make_family(const FamilySpec& spec) {
  if (auto family = make_vector_family(spec)) return family;
  if (auto family = make_density_family(spec)) return family;
  auto distribution = make_distribution(spec);
  // A quasi family may have y = 0 where the Gamma may not, so it is never fused there.
  const bool zeros = spec.distribution == "quasi" && spec.numbers[0] == 3;
  if (spec.fused && !zeros && spec.links.size() == 1) {
    const FusedKernel kernel = fused_kernel(*distribution, *spec.links[0]);
    if (kernel) {
      return std::make_unique<FusedFamily>(std::move(distribution), spec.links[0],
                                           kernel);
    }
  }
  return std::make_unique<ComposedFamily>(std::move(distribution), spec.links);
}

}  // namespace gamut

#endif  // GAMUT_FAMILY_REGISTRY_HPP
