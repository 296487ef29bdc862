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
#include "exponential_dispersion.hpp"
#include "fused.hpp"
#include "links.hpp"

namespace gamut {

struct FamilySpec {
  /// gaussian, binomial, poisson, Gamma, exponential, inverse.gaussian, quasi, beta,
  /// categorical.
  std::string distribution;
  /// One for each parameter; categorical has its own and takes none.
  std::vector<LinkPointer> links;
  /// quasi: the code of its variance function, see quasi_variance_code().
  std::vector<double> parameters;
  int categories = 0;
  int reference = 0;  ///< of the categories, counted from 0
  bool fused = true;
};

/// The code of a quasi family's variance function: its position in this list.
inline int quasi_variance_code(const std::string& name) {
  const char* const names[] = {"constant", "mu(1-mu)", "mu", "mu^2", "mu^3"};
  for (int code = 0; code < 5; ++code) {
    if (name == names[code]) return code;
  }
  throw Error(Status::invalid_argument, "unknown variance function '" + name + "'");
}

inline std::unique_ptr<const Distribution> make_quasi(
    const std::vector<double>& parameters) {
  const int code = parameters.empty() ? -1 : static_cast<int>(parameters[0]);
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
  if (name == "quasi") return make_quasi(spec.parameters);
  if (name == "beta") return std::make_unique<BetaDistribution>();
  throw Error(Status::invalid_argument, "unknown distribution '" + name + "'");
}

inline std::unique_ptr<Family> make_family(const FamilySpec& spec) {
  if (spec.distribution == "categorical") {
    return std::make_unique<Categorical>(spec.categories, spec.reference);
  }
  auto distribution = make_distribution(spec);
  // A quasi family may have y = 0 where the Gamma may not, so it is never fused there.
  const bool zeros = spec.distribution == "quasi" && spec.parameters[0] == 3;
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
