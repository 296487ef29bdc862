// make_family.hpp - families by name, compiled once for all tests.
//
// The engine's own make_family() is inline, and each file that calls it compiles every
// family there is.
#ifndef GAMUT_TESTS_MAKE_FAMILY_HPP
#define GAMUT_TESTS_MAKE_FAMILY_HPP

#include <memory>

#include "gamut/family/family_spec.hpp"

namespace tests {

std::unique_ptr<gamut::Family> make_family(const gamut::FamilySpec& spec);

}  // namespace tests

using tests::make_family;

#endif  // GAMUT_TESTS_MAKE_FAMILY_HPP
