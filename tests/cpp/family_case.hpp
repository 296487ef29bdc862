// family_case.hpp - one family with the responses and predictors that tests visit.
#ifndef GAMUT_TESTS_FAMILY_CASE_HPP
#define GAMUT_TESTS_FAMILY_CASE_HPP

#include <memory>
#include <string>
#include <vector>

#include "make_family.hpp"

namespace cases {

using namespace gamut;
using Numbers = std::vector<double>;

/// One family with responses y and, for each predictor, values of eta to visit.
struct Case {
  std::string label;
  FamilySpec spec;
  Numbers y;
  std::vector<Numbers> eta;
};

inline FamilySpec specify(const std::string& name, const std::vector<std::string>& links,
                          const Numbers& parameters = {}) {
  FamilySpec spec;
  spec.distribution = name;
  for (const std::string& link : links) spec.links.push_back(make_link(link));
  spec.numbers = parameters;
  return spec;
}

inline FamilySpec categorical(int categories, int reference) {
  FamilySpec spec;
  spec.distribution = "categorical";
  spec.categories = categories;
  spec.numbers = {double(reference)};
  return spec;
}

}  // namespace cases

#endif  // GAMUT_TESTS_FAMILY_CASE_HPP
