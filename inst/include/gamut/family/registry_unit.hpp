// registry_unit.hpp - the log-densities of proportions, by name.
#ifndef GAMUT_FAMILY_REGISTRY_UNIT_HPP
#define GAMUT_FAMILY_REGISTRY_UNIT_HPP

#include "beta_densities.hpp"
#include "beta_extended.hpp"
#include "family_spec.hpp"

namespace gamut {

inline DensityMakers unit_makers() {
  return {
      {"beta_inflated", make_density<BetaInflated<true, true>>},
      {"beta_zero_inflated", make_density<BetaInflated<true, false>>},
      {"hurdle_beta", make_density<BetaInflated<true, false>>},
      {"beta_one_inflated", make_density<BetaInflated<false, true>>},
      {"beta_extended", make_density<BetaExtended<false>>},
      {"beta_extended_mixture", make_density<BetaExtended<true>>},
  };
}

}  // namespace gamut

#endif  // GAMUT_FAMILY_REGISTRY_UNIT_HPP
