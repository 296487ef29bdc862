// mixed_passes.hpp - the passes over the rows that a search begins with.
#ifndef GAMUT_MIXED_PASSES_HPP
#define GAMUT_MIXED_PASSES_HPP

#include "pirls_result.hpp"
#include "starting.hpp"

namespace gamut {

class MixedPasses {
 public:
  MixedPasses(const Layout& layout, const PirlsOptions& options, Monitor* monitor)
      : layout_(layout), options_(options), monitor_(monitor) {}

  /// All sums, by working weights.
  Sums whole(const Coefficients& c, Index tile_step = 1) const {
    PassRequest request;
    request.information = Information::working;
    request.tile_step = tile_step;
    return Pass(layout_, options_.threads, monitor_)(c, request);
  }

  Sums without_gram(const Coefficients& c) const {
    PassRequest request;
    request.information = Information::working;
    request.gram = false;
    return Pass(layout_, options_.threads, monitor_)(c, request);
  }

  /// What standard deviations are to begin with. Smooths begin where the size of the Gram
  /// matrix says, which a sample tells, too.
  Sums to_begin(const Coefficients& c) const {
    bool smooths = !layout_.has_lead();
    for (const Term& term : layout_.problem().terms) {
      smooths = smooths && (!term.covariance || term.covariance->is_penalty());
    }
    const Index step = smooths ? sample_step(layout_, options_.sample_rows) : 1;
    Sums sums = whole(c, step);
    if (step > 1 && misses_smooth(sums)) return whole(c);
    sums.tail.dense *= static_cast<double>(step);
    return sums;
  }

 private:
  /// Has a sample no row of some smooth, such as that of a level at the end of the data?
  bool misses_smooth(const Sums& sums) const {
    const Vector diagonal = sums.tail.diagonal();
    for (const Block& block : layout_.tail()) {
      if (!layout_.problem().terms[block.term].covariance) continue;
      if (!(diagonal.segment(block.raw, block.raw_columns).maxCoeff() > 0)) return true;
    }
    return false;
  }

  const Layout& layout_;
  const PirlsOptions& options_;
  Monitor* monitor_;
};

}  // namespace gamut

#endif  // GAMUT_MIXED_PASSES_HPP
