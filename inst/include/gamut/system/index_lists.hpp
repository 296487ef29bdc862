// system/index_lists.hpp - many lists of increasing numbers, one after another in memory.
//
// While rows are read a number may be noted many times; lists are tidied whenever they
// have doubled, so that they stay short.
#ifndef GAMUT_SYSTEM_INDEX_LISTS_HPP
#define GAMUT_SYSTEM_INDEX_LISTS_HPP

#include <algorithm>
#include <cstdint>

#include "../types.hpp"

namespace gamut {

using IndexList = std::vector<std::int32_t>;

/// Sorted, each number once, with room for as many again.
inline void tidy(IndexList& list) {
  std::sort(list.begin(), list.end());
  list.erase(std::unique(list.begin(), list.end()), list.end());
  if (2 * list.size() > list.capacity()) list.reserve(2 * list.capacity());
}

inline void note(IndexList& list, Index number) {
  if (list.size() == list.capacity() && list.size() >= 16) tidy(list);
  list.push_back(static_cast<std::int32_t>(number));
}

/// All lists in one, and where each begins (one more number than lists). Empties them.
inline void gather(std::vector<IndexList>& lists, std::vector<Index>& start,
                   IndexList& all) {
  start.assign(1, 0);
  for (IndexList& list : lists) {
    tidy(list);
    all.insert(all.end(), list.begin(), list.end());
    start.push_back(static_cast<Index>(all.size()));
    list = IndexList();
  }
}

}  // namespace gamut

#endif  // GAMUT_SYSTEM_INDEX_LISTS_HPP
