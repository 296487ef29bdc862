// family_spec.hpp - how a caller names a family: its distribution, links and numbers.
#ifndef GAMUT_FAMILY_FAMILY_SPEC_HPP
#define GAMUT_FAMILY_FAMILY_SPEC_HPP

#include <memory>
#include <string>
#include <vector>

#include "density.hpp"
#include "links.hpp"

namespace gamut {

struct FamilySpec {
  /// A name that registry.hpp knows.
  std::string distribution;
  /// One for each parameter, and one for all of cumulative; categorical, dirichlet and
  /// dirichlet_mean have their own and take none.
  std::vector<LinkPointer> links;
  /// What else the family must be told. quasi: the code of its variance function, see
  /// make_quasi(); categorical, dirichlet_mean: the reference or base, counted
  /// from 0; densities: see their headers (often numbers to start from).
  std::vector<double> numbers;
  int categories = 0;
  bool fused = true;
};

/// An entry in the list of the families that are written as a log-density.
struct DensityMaker {
  const char* name;
  std::unique_ptr<Family> (*make)(const FamilySpec&);
};
using DensityMakers = std::vector<DensityMaker>;

template <class Density>
std::unique_ptr<Family> make_density(const FamilySpec& spec) {
  return std::make_unique<DensityFamily<Density>>(Density(spec.numbers), spec.links);
}

}  // namespace gamut

#endif  // GAMUT_FAMILY_FAMILY_SPEC_HPP
