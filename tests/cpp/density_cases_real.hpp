// density_cases_real.hpp - log-densities of positive and of real responses.
#ifndef GAMUT_TESTS_DENSITY_CASES_REAL_HPP
#define GAMUT_TESTS_DENSITY_CASES_REAL_HPP

#include <string>
#include <vector>

#include "family_case.hpp"

namespace cases {

/// All have one column of response; censored ones are in test_density_real.cpp.
inline std::vector<Case> real_cases() {
  const Numbers positive = {0.2, 1, 3.7}, real = {-1.3, 0.2, 2.5}, low = {-1.2, 0.3, 2};
  const Numbers with_zero = {0, 0.2, 3.7}, spread = {-0.7, 0.4, 1.1};
  std::vector<Case> all;
  all.push_back({"normal", specify("normal", {"identity", "log"}), real, {low, spread}});
  all.push_back({"normal/sqrt",
                 specify("normal", {"identity", "sqrt"}),
                 real,
                 {low, {0.6, 1.2, 2}}});
  all.push_back(
      {"lognormal", specify("lognormal", {"identity", "log"}), positive, {low, spread}});
  all.push_back({"gamma_phi",
                 specify("gamma_phi", {"log", "log"}),
                 positive,
                 {low, {-3, -0.4, 1.1}}});
  all.push_back({"inverse_gaussian_phi",
                 specify("inverse_gaussian_phi", {"log", "log"}),
                 positive,
                 {low, spread}});
  all.push_back({"student",
                 specify("student", {"identity", "log", "log"}),
                 real,
                 {low, spread, {-0.5, 1.2, 4}}});
  all.push_back({"skewnormal",
                 specify("skewnormal", {"identity", "log", "identity"}),
                 real,
                 {low, spread, {-2, 0.1, 3}}});
  all.push_back({"weibull", specify("weibull", {"log", "log"}), positive, {low, spread}});
  all.push_back({"tweedie",
                 specify("tweedie", {"log", "log", "logit12"}),
                 with_zero,
                 {low, {-2, 0.1, 1.5}, {-2, 0.2, 1.7}}});
  all.push_back({"tweedie_power",
                 specify("tweedie_power", {"log", "log"}, {1.3}),
                 with_zero,
                 {low, {-2, 0.1, 1.5}}});
  all.push_back({"hurdle_gamma_phi",
                 specify("hurdle_gamma_phi", {"log", "log", "logit"}),
                 with_zero,
                 {low, {-3, -0.4, 1.1}, {-2, 0.1, 1.5}}});
  all.push_back({"hurdle_lognormal",
                 specify("hurdle_lognormal", {"identity", "log", "logit"}),
                 with_zero,
                 {low, spread, {-2, 0.1, 1.5}}});
  all.push_back({"truncated_normal",
                 specify("truncated_normal", {"identity", "log"}, {-1.5, 3}),
                 real,
                 {low, spread}});
  all.push_back({"truncated_lognormal",
                 specify("truncated_lognormal", {"identity", "log"}, {0.1, 5}),
                 positive,
                 {low, spread}});
  all.push_back({"truncated_gamma_phi",
                 specify("truncated_gamma_phi", {"log", "log"}, {0.1, 5}),
                 positive,
                 {low, {-3, -0.4, 1.1}}});
  all.push_back({"truncated_weibull",
                 specify("truncated_weibull", {"log", "log"}, {0, 5}),
                 positive,
                 {low, spread}});
  return all;
}

}  // namespace cases

#endif  // GAMUT_TESTS_DENSITY_CASES_REAL_HPP
