// term/storage.hpp - how the rows A of a term lie in memory, and a tile of them.
//
// A storage packs a tile of rows into a Panel. There are two kinds of panel, and
// all weighted cross-products (term/cross.hpp) are between these two:
//   dense  every row has `columns` values, column-major at distance `ld`;
//   local  every row has `width` neighbouring non-zeros that start at column
//          first[row] (a factor: width 1; a factor with k slopes: width k; a
//          B-spline of order m: width m). Four of them lie side by side (quads),
//          other widths column after column.
// Rows are padded with zeros to `padded`, a multiple of 8, so that the kernels
// need no remainder loops.
#ifndef GAMUT_TERM_STORAGE_HPP
#define GAMUT_TERM_STORAGE_HPP

#include <memory>

#include "../aligned_buffer.hpp"
#include "../simd/quad_kernels.hpp"

namespace gamut {

/// Rows that a pass handles at once; a packed tile of some dozens of columns
/// stays in the second-level cache.
constexpr Index tile_rows = 512;

inline Index pad_rows(Index rows) { return (rows + 7) / 8 * 8; }

struct Panel {
  Index rows = 0;
  Index padded = 0;
  Index columns = 0;
  Index ld = 0;
  Index step = 1;                  ///< distance of the rows; 4 for quads, whose ld is 1
  const double* values = nullptr;  ///< null in a local panel: all values are 1
  const Index* first = nullptr;    ///< null in a dense panel
  int width = 0;                   ///< non-zeros per row of a local panel
  bool is_local() const { return first != nullptr; }
  /// The j-th non-zero of a row of a local panel.
  double value(int j, Index row) const {
    return values ? values[j * ld + row * step] : 1.0;
  }
  /// The non-zeros of a row, of either kind: how many, and the column of the first.
  int count() const { return is_local() ? width : static_cast<int>(columns); }
  Index start(Index row) const { return is_local() ? first[row] : 0; }
  bool is_quad() const { return is_local() && step == 4; }
  simd::Quads quads() const { return {rows, values, first}; }
  /// Level of a row of a factor (its non-zeros start at level * width).
  Index level(Index row) const { return width == 1 ? first[row] : first[row] / width; }
};

/// The memory behind one panel; one for each storage and thread.
struct PanelBuffer {
  AlignedBuffer values;
  std::vector<Index> first;
};

class Storage {
 public:
  virtual ~Storage() = default;
  virtual Index columns() const = 0;
  virtual bool is_local() const = 0;
  virtual Panel pack(Index first, Index rows, PanelBuffer& buffer) const = 0;

  /// The columns A T for a few columns T, where they can be made without those of A; else
  /// null.
  virtual std::shared_ptr<Storage> mapped(const Matrix& map) const {
    (void)map;
    return nullptr;
  }

  /// Levels of a factor, whose columns never meet in a row, so that their part of a
  /// Gram matrix is block-diagonal; 0 for a storage of another kind.
  virtual Index levels() const { return 0; }

  /// True when column 0 is an intercept on which the others are centred.
  virtual bool centred() const { return false; }
  virtual double centre_of(Index column) const {
    (void)column;
    return 0;
  }
  virtual void set_centre(Index column, double centre) {
    (void)column;
    (void)centre;
  }

  /// Make nearly collinear columns nearly orthogonal, see reduction(). `aliased` columns
  /// stay as they are, and no other is relieved of its share in them.
  virtual void reduce(Index rows, const std::vector<char>& aliased) {
    (void)rows;
    (void)aliased;
  }
  /// C, unit upper triangular: centred columns as given = those of the panels * C.
  /// Empty: they are the same.
  virtual const Matrix& reduction() const {
    static const Matrix none;
    return none;
  }
};

}  // namespace gamut

#endif  // GAMUT_TERM_STORAGE_HPP
