// registry_real.hpp - the log-densities of positive and of real responses, by name.
#ifndef GAMUT_FAMILY_REGISTRY_REAL_HPP
#define GAMUT_FAMILY_REGISTRY_REAL_HPP

#include "censored.hpp"
#include "chisq.hpp"
#include "family_spec.hpp"
#include "gamma_phi.hpp"
#include "mixture_densities.hpp"
#include "normal.hpp"
#include "skew_normal.hpp"
#include "student.hpp"
#include "tweedie.hpp"
#include "weibull.hpp"

namespace gamut {

inline DensityMakers real_makers() {
  return {
      {"chisq", make_density<Chisq>},
      {"normal", make_density<Normal>},
      {"lognormal", make_density<Lognormal>},
      {"gamma_phi", make_density<GammaPhi>},
      {"inverse_gaussian_phi", make_density<InverseGaussianPhi>},
      {"student", make_density<Student>},
      {"skewnormal", make_density<SkewNormal>},
      {"weibull", make_density<Weibull>},
      {"tweedie", make_density<Tweedie>},
      {"tweedie_power", make_density<TweediePower>},
      {"censored_normal", make_density<Censored<Normal>>},
      {"censored_lognormal", make_density<Censored<Lognormal>>},
      {"censored_exponential", make_density<Censored<Exponential>>},
      {"censored_weibull", make_density<Censored<Weibull>>},
      {"censored_gamma_phi", make_density<Censored<GammaPhi>>},
      {"censored_poisson", make_density<CensoredPoisson>},
      {"hurdle_gamma_phi", make_density<Hurdle<GammaPhi>>},
      {"hurdle_lognormal", make_density<Hurdle<Lognormal>>},
      {"truncated_normal", make_density<TruncatedContinuous<Normal>>},
      {"truncated_lognormal", make_density<TruncatedContinuous<Lognormal>>},
      {"truncated_gamma_phi", make_density<TruncatedContinuous<GammaPhi>>},
      {"truncated_weibull", make_density<TruncatedContinuous<Weibull>>},
  };
}

}  // namespace gamut

#endif  // GAMUT_FAMILY_REGISTRY_REAL_HPP
