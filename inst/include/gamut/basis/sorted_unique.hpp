// basis/sorted_unique.hpp - the different values of a covariate, in order.
//
// Default knots are quantiles of these. Numbers are sorted by the 11 lowest bits of their
// representation that are not yet sorted by, time after time: with the sign bit of
// positive numbers and all bits of negative ones turned over, the order of these as whole
// numbers is that of the doubles. A digit that all share is skipped.
// Source: Knuth (1998) The Art of Computer Programming, vol. 3, section 5.2.5.
#ifndef GAMUT_BASIS_SORTED_UNIQUE_HPP
#define GAMUT_BASIS_SORTED_UNIQUE_HPP

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <vector>

#include "../types.hpp"

namespace gamut {

class RadixSort {
 public:
  /// Finite numbers; -0 counts as 0.
  std::vector<double> unique(const double* x, Index count) {
    key_.resize(static_cast<std::size_t>(count));
    other_.resize(key_.size());
    for (Index i = 0; i < count; ++i) key_[i] = to_key(x[i] + 0.0);
    for (int shift = 0; shift < 64; shift += kBits) sort_by(shift);
    key_.erase(std::unique(key_.begin(), key_.end()), key_.end());
    std::vector<double> out;
    out.reserve(key_.size());
    for (std::uint64_t key : key_) out.push_back(from_key(key));
    return out;
  }

 private:
  static constexpr int kBits = 11;
  static constexpr std::uint64_t kSign = std::uint64_t(1) << 63;

  static std::uint64_t to_key(double x) {
    std::uint64_t bits;
    std::memcpy(&bits, &x, sizeof bits);
    return bits & kSign ? ~bits : bits | kSign;
  }

  static double from_key(std::uint64_t key) {
    const std::uint64_t bits = key & kSign ? key & ~kSign : ~key;
    double x;
    std::memcpy(&x, &bits, sizeof x);
    return x;
  }

  void sort_by(int shift) {
    constexpr std::uint64_t mask = (1 << kBits) - 1;
    std::array<std::size_t, 1 << kBits> place{};
    for (std::uint64_t key : key_) ++place[(key >> shift) & mask];
    if (std::find(place.begin(), place.end(), key_.size()) != place.end()) return;
    std::size_t before = 0;
    for (std::size_t& at : place) {
      const std::size_t count = at;
      at = before;
      before += count;
    }
    for (std::uint64_t key : key_) other_[place[(key >> shift) & mask]++] = key;
    key_.swap(other_);
  }

  std::vector<std::uint64_t> key_, other_;
};

}  // namespace gamut

#endif  // GAMUT_BASIS_SORTED_UNIQUE_HPP
