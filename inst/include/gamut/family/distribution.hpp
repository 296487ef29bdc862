// distribution.hpp - a response distribution in the space of its own parameters.
//
// A distribution has parameters m_1 .. m_K (mean, precision, ...) and knows nothing
// of predictors or links. For rows with prior weight one and dispersion one it gives
//   objective  the unit deviance d(y, m), or -2 log f(y; m),
//   first      dl/dm_k,
//   second     d2l/dm_k dm_l, observed or its expectation over y (packed by columns),
//   third      d3l/dm_j dm_k dm_l (packed, packed3_index).
// Minus half the objective differs from l by a function of y alone.
#ifndef GAMUT_FAMILY_DISTRIBUTION_HPP
#define GAMUT_FAMILY_DISTRIBUTION_HPP

#include <algorithm>
#include <utility>

#include "family.hpp"

namespace gamut {

/// Number of different third derivatives of a function of k variables.
inline constexpr int packed3_size(int k) { return k * (k + 1) * (k + 2) / 6; }

/// Position of the derivative in variables a, b, c (any order) among k:
/// smallest index slowest, as packed_index one dimension up.
inline int packed3_index(int a, int b, int c, int k) {
  if (a < b) std::swap(a, b);
  if (b < c) std::swap(b, c);
  if (a < b) std::swap(a, b);
  return packed3_size(k) - packed3_size(k - c) + packed_index(a - c, b - c, k - c);
}

/// Parameters of the rows of a tile. complement[k] = 1 - m_k, given with full
/// precision for those parameters that ask for it (else null).
struct ParameterTile {
  const double* const* value = nullptr;
  const double* const* complement = nullptr;
};

class Distribution {
 public:
  virtual ~Distribution() = default;

  /// Number of parameters K, and whether parameter k needs its complement.
  virtual int parameters() const = 0;
  virtual bool uses_complement(int /*k*/) const { return false; }

  /// Name of the link whose eta is the natural parameter (up to a factor), if any.
  virtual const char* canonical_link() const { return ""; }

  /// Is it an exponential dispersion family of one mean?
  virtual bool has_mean_only() const { return false; }

  /// Per row; NaN or infinity where m is outside the parameter space.
  virtual void objective(const ResponseTile& tile, const ParameterTile& m,
                         double* out) const = 0;

  /// `second` may be null.
  virtual void derivatives(const ResponseTile& tile, const ParameterTile& m,
                           Information information, double* const* first,
                           double* const* second) const = 0;

  virtual void third(const ResponseTile& tile, const ParameterTile& m,
                     double* const* third) const = 0;

  /// Parameters from y alone, strictly inside the parameter space wherever y is in
  /// the support. Row by row, so that they do not depend on how rows fall into tiles.
  virtual void start(const ResponseTile& tile, double* const* m) const = 0;

  /// (y - mu)^2 / V(mu) per row; zero when there is no dispersion to estimate.
  virtual void pearson(const ResponseTile& tile, const ParameterTile&,
                       double* out) const {
    std::fill(out, out + tile.rows, 0.0);
  }
};

}  // namespace gamut

#endif  // GAMUT_FAMILY_DISTRIBUTION_HPP
