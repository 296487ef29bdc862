// system/block.hpp - one term in one of its loadings, and the system's coefficients.
//
// Three kinds of coefficients are told apart:
//   raw   of the storages' columns,
//   term  the model's own: raw = contrasts * term,
//   free  the system's: term = root * free, where the root is that of the term's
//         covariance (covariance.hpp), the identity for parametric terms.
#ifndef GAMUT_SYSTEM_BLOCK_HPP
#define GAMUT_SYSTEM_BLOCK_HPP

#include "../types.hpp"

namespace gamut {

struct Block {
  int term = 0;
  int loading = 0;
  Index raw = 0, raw_columns = 0;
  Index free_columns = 0;
  /// Free columns come in runs: the whole block, or the slopes of one level where the
  /// coefficients of a level stand together over all loadings.
  Index free = 0, run = 0, stride = 0;
  Index free_column(Index j) const { return free + j / run * stride + j % run; }
};

/// Coefficients in the order of the system: levels of the leading term, then tail.
struct Coefficients {
  Vector lead, tail;
  Coefficients operator+(const Coefficients& o) const {
    return {lead + o.lead, tail + o.tail};
  }
  Coefficients operator-(const Coefficients& o) const {
    return {lead - o.lead, tail - o.tail};
  }
  Coefficients operator*(double scale) const { return {lead * scale, tail * scale}; }
  double dot(const Coefficients& o) const { return lead.dot(o.lead) + tail.dot(o.tail); }
};

}  // namespace gamut

#endif  // GAMUT_SYSTEM_BLOCK_HPP
