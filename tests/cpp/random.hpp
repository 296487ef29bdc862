// random.hpp - a small, portable generator: tests must not depend on the library's.
#ifndef GAMUT_TESTS_RANDOM_HPP
#define GAMUT_TESTS_RANDOM_HPP

#include <cmath>

namespace tests {

class Random {
 public:
  explicit Random(unsigned long long seed) : state_(seed) {}
  double uniform() {
    state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
    return (static_cast<double>(state_ >> 11) + 0.5) / 9007199254740992.0;
  }
  double normal() {
    return std::sqrt(-2 * std::log(uniform())) * std::cos(6.283185307179586 * uniform());
  }

 private:
  unsigned long long state_;
};

}  // namespace tests

#endif  // GAMUT_TESTS_RANDOM_HPP
