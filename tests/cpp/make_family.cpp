#include "make_family.hpp"

#include "gamut/family/registry.hpp"

std::unique_ptr<gamut::Family> tests::make_family(const gamut::FamilySpec& spec) {
  return gamut::make_family(spec);
}
