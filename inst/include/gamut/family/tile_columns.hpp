// tile_columns.hpp - scratch for one tile, and the rule for prior weights.
#ifndef GAMUT_FAMILY_TILE_COLUMNS_HPP
#define GAMUT_FAMILY_TILE_COLUMNS_HPP

#include <memory>
#include <vector>

#include "../types.hpp"

namespace gamut {

/// Columns of scratch for one tile, in one allocation.
class TileColumns {
 public:
  TileColumns(Index rows, int columns)
      : memory_(new double[static_cast<std::size_t>(rows * columns)]) {
    for (int j = 0; j < columns; ++j) pointers_.push_back(memory_.get() + j * rows);
  }
  double* const* data() const { return pointers_.data(); }
  double* operator[](int j) const { return pointers_[static_cast<std::size_t>(j)]; }

 private:
  std::unique_ptr<double[]> memory_;
  std::vector<double*> pointers_;
};

/// a x, where a row of prior weight zero counts for nothing even if x is NaN.
inline double weighted(const double* prior, Index i, double x) {
  return !prior ? x : (prior[i] == 0 ? 0 : prior[i] * x);
}

}  // namespace gamut

#endif  // GAMUT_FAMILY_TILE_COLUMNS_HPP
