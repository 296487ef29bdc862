// category_counts.hpp - how often each category was observed in a row.
//
// A response of C categories is one column of codes 1 .. C, that is one observation a
// row, or C columns of counts or proportions.
#ifndef GAMUT_FAMILY_CATEGORY_COUNTS_HPP
#define GAMUT_FAMILY_CATEGORY_COUNTS_HPP

#include "family.hpp"

namespace gamut {

class CategoryCounts {
 public:
  explicit CategoryCounts(int categories) : categories_(categories) {}

  void check(const ResponseTile& tile) const {
    if (tile.columns != 1 && tile.columns != categories_) {
      throw Error(Status::invalid_argument,
                  "a response of categories is one column of codes or one column for "
                  "each category");
    }
  }

  /// `category` counts from 0.
  double count(const ResponseTile& tile, int category, Index i) const {
    if (tile.columns > 1) return tile.y[category * tile.stride + i];
    return tile.y[i] == category + 1;
  }

  double total(const ResponseTile& tile, Index i) const {
    if (tile.columns == 1) return 1;
    double n = 0;
    for (int c = 0; c < categories_; ++c) n += count(tile, c, i);
    return n;
  }

 private:
  int categories_;
};

}  // namespace gamut

#endif  // GAMUT_FAMILY_CATEGORY_COUNTS_HPP
