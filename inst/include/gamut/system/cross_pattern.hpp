// system/cross_pattern.hpp - which columns of the tail meet each level of the leading
// factor.
//
// Two crossed factors of thousands of levels each meet in few of their combinations. The
// pattern lists, level by level of the leading factor, the raw tail columns of local
// storages (in increasing order) that some row of that level has; only for these do the
// cross-products keep a number. It depends on the data alone, never on coefficients.
#ifndef GAMUT_SYSTEM_CROSS_PATTERN_HPP
#define GAMUT_SYSTEM_CROSS_PATTERN_HPP

#include "../term/storage.hpp"
#include "index_lists.hpp"

namespace gamut {

class CrossPattern {
 public:
  /// A storage in the tail and where its first column stands there.
  struct Place {
    const Storage* storage;
    Index column;
  };

  CrossPattern() = default;
  CrossPattern(const Storage& lead, Index rows, const std::vector<Place>& tail) {
    std::vector<IndexList> met(static_cast<std::size_t>(lead.levels()));
    PanelBuffer lead_buffer, buffer;
    for (Index first = 0; first < rows; first += tile_rows) {
      const Index count = std::min(tile_rows, rows - first);
      const Panel levels = lead.pack(first, count, lead_buffer);
      for (const Place& place : tail) {
        const Panel panel = place.storage->pack(first, count, buffer);
        for (Index i = 0; i < count; ++i) {
          IndexList& list = met[levels.level(i)];
          const Index column = place.column + panel.first[i];
          for (int j = 0; j < panel.width; ++j) note(list, column + j);
        }
      }
    }
    gather(met, start_, column_);
  }

  Index levels() const { return static_cast<Index>(start_.size()) - 1; }
  Index entries() const { return static_cast<Index>(column_.size()); }
  Index begin(Index level) const { return start_[level]; }
  Index size(Index level) const { return start_[level + 1] - start_[level]; }
  Index column(Index entry) const { return column_[entry]; }

  /// The entry of a column that is known to meet the level.
  Index find(Index level, Index column) const {
    const auto first = column_.begin() + start_[level];
    const auto last = column_.begin() + start_[level + 1];
    return std::lower_bound(first, last, column) - column_.begin();
  }

 private:
  std::vector<Index> start_{0};
  IndexList column_;
};

}  // namespace gamut

#endif  // GAMUT_SYSTEM_CROSS_PATTERN_HPP
