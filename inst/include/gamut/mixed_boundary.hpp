// mixed_boundary.hpp - moves that a search over theta does not make by itself: onto the
// boundary of no variance, and back from where a parameter has no meaning any more.
#ifndef GAMUT_MIXED_BOUNDARY_HPP
#define GAMUT_MIXED_BOUNDARY_HPP

#include <cmath>

#include "criterion/random_terms.hpp"
#include "optimise/trust_region.hpp"

namespace gamut {

class BoundaryMoves {
 public:
  /// theta stands behind `before` other arguments; `unit`: the usual size of each.
  BoundaryMoves(Objective& objective, const RandomTerms& terms, Index before,
                const Vector& unit)
      : objective_(objective), terms_(terms), before_(before), unit_(unit) {}

  int evaluations() const { return evaluations_; }

  /// Standard deviations next to 0 at exactly 0, unless the criterion rises.
  bool put_at_zero(const SearchResult& found, Vector& x) {
    Vector at = x;
    for (int j = 0; j < terms_.parameters(); ++j) {
      const double size = std::abs(at[before_ + j]);
      if (terms_.is_scale(j) && size > 0 && size < 1e-3 * unit_[j]) at[before_ + j] = 0;
    }
    if (at == x) return false;
    const Evaluation zero = objective_.evaluate(at);
    ++evaluations_;
    if (!zero.valid || zero.value > found.at.value + 1e-8) return false;
    x = at;
    return true;
  }

  /// Far out a pure number changes nothing any more, and a search ends there whichever
  /// way the criterion falls. Where it falls inwards, go on from nearer the start.
  bool come_back(const Vector& begun, const SearchResult& found, Vector& x) {
    double lowest = found.at.value - 1e-8;
    for (int j = 0; j < terms_.parameters(); ++j) {
      const double away = found.x[before_ + j] - begun[before_ + j];
      if (!terms_.is_pure(j)) continue;
      for (double distance : {6.0, 5.0, 4.0, 3.0, 2.0}) {
        if (std::abs(away) <= distance + 1) continue;
        Vector at = found.x;
        at[before_ + j] = begun[before_ + j] + (away < 0 ? -distance : distance);
        const Evaluation nearer = objective_.evaluate(at);
        ++evaluations_;
        if (!nearer.valid || nearer.value >= lowest) continue;
        lowest = nearer.value;
        x = at;
      }
    }
    return x != found.x;
  }

 private:
  Objective& objective_;
  const RandomTerms& terms_;
  Index before_;
  const Vector& unit_;
  int evaluations_ = 0;
};

}  // namespace gamut

#endif  // GAMUT_MIXED_BOUNDARY_HPP
