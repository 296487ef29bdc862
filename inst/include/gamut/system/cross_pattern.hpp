// system/cross_pattern.hpp - which columns of the tail meet each level of the leading
// factor.
//
// Two crossed factors of thousands of levels each meet in few of their combinations. The
// pattern lists, level by level of the leading factor, the raw tail columns of local
// storages (in increasing order) that some row of that level has; only for these do the
// cross-products keep a number. It depends on the data alone, never on coefficients.
#ifndef GAMUT_SYSTEM_CROSS_PATTERN_HPP
#define GAMUT_SYSTEM_CROSS_PATTERN_HPP

#include <algorithm>
#include <cstdint>

#include "../term/storage.hpp"

namespace gamut {

class CrossPattern {
 public:
  /// A storage in the tail and where its first column stands there.
  struct Place {
    const Storage* storage;
    Index column;
  };

  CrossPattern() = default;
  CrossPattern(const Storage& lead, Index rows, const std::vector<Place>& tail)
      : start_(static_cast<std::size_t>(lead.levels()) + 1, 0) {
    std::vector<std::vector<std::int32_t>> met(start_.size() - 1);
    PanelBuffer lead_buffer, buffer;
    for (Index first = 0; first < rows; first += tile_rows) {
      const Index count = std::min(tile_rows, rows - first);
      const Panel levels = lead.pack(first, count, lead_buffer);
      for (const Place& place : tail) {
        const Panel panel = place.storage->pack(first, count, buffer);
        for (Index i = 0; i < count; ++i) {
          note(met[levels.level(i)], place.column + panel.first[i], panel.width);
        }
      }
    }
    gather(met);
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
  /// Lists are tidied whenever they have doubled, so that they stay short.
  static void note(std::vector<std::int32_t>& list, Index first, int width) {
    for (int j = 0; j < width; ++j) {
      if (list.size() == list.capacity() && list.size() >= 16) tidy(list);
      list.push_back(static_cast<std::int32_t>(first + j));
    }
  }

  static void tidy(std::vector<std::int32_t>& list) {
    std::sort(list.begin(), list.end());
    list.erase(std::unique(list.begin(), list.end()), list.end());
    if (2 * list.size() > list.capacity()) list.reserve(2 * list.capacity());
  }

  void gather(std::vector<std::vector<std::int32_t>>& met) {
    for (std::size_t l = 0; l < met.size(); ++l) {
      tidy(met[l]);
      column_.insert(column_.end(), met[l].begin(), met[l].end());
      start_[l + 1] = static_cast<Index>(column_.size());
      met[l] = std::vector<std::int32_t>();
    }
  }

  std::vector<Index> start_{0};
  std::vector<std::int32_t> column_;
};

}  // namespace gamut

#endif  // GAMUT_SYSTEM_CROSS_PATTERN_HPP
