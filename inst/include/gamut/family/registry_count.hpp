// registry_count.hpp - the log-densities of counts, by name.
#ifndef GAMUT_FAMILY_REGISTRY_COUNT_HPP
#define GAMUT_FAMILY_REGISTRY_COUNT_HPP

#include "beta_binomial.hpp"
#include "com_poisson.hpp"
#include "count_densities.hpp"
#include "family_spec.hpp"
#include "mixture_densities.hpp"

namespace gamut {

inline DensityMakers count_makers() {
  using NB2 = NegativeBinomial;
  using NB1 = LinearNegativeBinomial;
  return {
      {"negbinomial", make_density<NB2>},
      {"negbinomial1", make_density<NB1>},
      {"betabinomial", make_density<BetaBinomial>},
      {"compois", make_density<ComPoisson>},
      {"zero_inflated_poisson", make_density<ZeroInflated<PoissonDensity>>},
      {"zero_inflated_negbinomial", make_density<ZeroInflated<NB2>>},
      {"zero_inflated_negbinomial1", make_density<ZeroInflated<NB1>>},
      {"zero_inflated_compois", make_density<ZeroInflated<ComPoisson>>},
      {"zero_inflated_binomial", make_density<ZeroInflated<BinomialDensity>>},
      {"zero_inflated_betabinomial", make_density<ZeroInflated<BetaBinomial>>},
      {"hurdle_poisson", make_density<Hurdle<PoissonDensity>>},
      {"hurdle_negbinomial", make_density<Hurdle<NB2>>},
      {"hurdle_negbinomial1", make_density<Hurdle<NB1>>},
      {"hurdle_compois", make_density<Hurdle<ComPoisson>>},
      {"truncated_poisson", make_density<Truncated<PoissonDensity>>},
      {"truncated_negbinomial", make_density<Truncated<NB2>>},
      {"truncated_negbinomial1", make_density<Truncated<NB1>>},
      {"truncated_compois", make_density<Truncated<ComPoisson>>},
  };
}

}  // namespace gamut

#endif  // GAMUT_FAMILY_REGISTRY_COUNT_HPP
