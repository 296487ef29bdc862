// density_cases_unit.hpp - the log-densities of proportions, for the tests of families.
#ifndef GAMUT_TESTS_DENSITY_CASES_UNIT_HPP
#define GAMUT_TESTS_DENSITY_CASES_UNIT_HPP

#include "family_case.hpp"

namespace cases {

inline void unit_cases(std::vector<Case>& all) {
  const Numbers mean = {-2, 0.3, 1.4}, precision = {0.4, 3.1}, share = {-1.5, 0.6};
  all.push_back({"beta_inflated",
                 specify("beta_inflated", {"logit", "log", "logit", "logit"}),
                 {0, 0.04, 0.93, 1},
                 {mean, precision, share, {-0.4}}});
  all.push_back({"beta_zero_inflated",
                 specify("beta_zero_inflated", {"cloglog", "log", "probit"}),
                 {0, 0.04, 0.93},
                 {{-1.2, 0.4}, precision, share}});
  all.push_back({"beta_one_inflated",
                 specify("beta_one_inflated", {"probit", "sqrt", "logit"}),
                 {0.04, 0.93, 1},
                 {{-1.2, 0.4}, {0.9, 4}, share}});
  for (const char* name : {"beta_extended", "beta_extended_mixture"}) {
    all.push_back({name,
                   specify(name, {"logit", "log", "log"}),
                   {0, 0.04, 0.93, 1},
                   {mean, precision, {-4, -1, 0.5}}});
  }
}

}  // namespace cases

#endif  // GAMUT_TESTS_DENSITY_CASES_UNIT_HPP
