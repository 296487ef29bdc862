// density_cases_count.hpp - counts: the cases that the general tests of families run.
#ifndef GAMUT_TESTS_DENSITY_CASES_COUNT_HPP
#define GAMUT_TESTS_DENSITY_CASES_COUNT_HPP

#include "family_case.hpp"

namespace cases {

/// Links of a count family and predictors to visit, by its last name.
inline Case count_case(const std::string& name, const Numbers& y) {
  const Numbers mean = {-1.2, 0.3, 2};
  const auto ends_with = [&](const std::string& end) {
    return name.size() >= end.size() &&
           name.compare(name.size() - end.size(), end.size(), end) == 0;
  };
  std::vector<std::string> links = {"log"};
  std::vector<Numbers> eta = {mean};
  if (!ends_with("poisson")) {
    links.push_back("log");
    eta.push_back(ends_with("compois") ? Numbers{-0.8, 0, 1.1}
                  : ends_with("1")     ? Numbers{-6, 0.5, 2}
                                       : Numbers{-1, 0.5, 9});
  }
  if (name.rfind("zero_inflated", 0) == 0 || name.rfind("hurdle", 0) == 0) {
    links.push_back("logit");
    eta.push_back({-3, 0.4, 2});
  }
  return {name, specify(name, links), y, eta};
}

inline void count_cases(std::vector<Case>& all) {
  all.push_back(count_case("compois", {0, 1, 7}));
  for (const char* base : {"poisson", "negbinomial", "negbinomial1", "compois"}) {
    for (const char* form : {"zero_inflated_", "hurdle_"}) {
      all.push_back(count_case(std::string(form) + base, {0, 1, 7}));
    }
    all.push_back(count_case(std::string("truncated_") + base, {1, 2, 7}));
  }
  Case between = count_case("truncated_negbinomial", {3, 4, 7});
  between.label += " from 2 to 9";
  between.spec.numbers = {2, 9, 1};
  all.push_back(between);
}

}  // namespace cases

#endif  // GAMUT_TESTS_DENSITY_CASES_COUNT_HPP
