// term/column.hpp - one column of a model matrix that is never formed.
//
// A column is a product of operands, each read where the caller's data lie: a
// numeric vector, an integer vector, or a table indexed by the codes of a factor
// (one column of its contrast matrix). The empty product is the intercept.
#ifndef GAMUT_TERM_COLUMN_HPP
#define GAMUT_TERM_COLUMN_HPP

#include "../simd/kernels.hpp"

namespace gamut {

/// The value in row i is real[i], integer[i], or table[integer[i] - 1].
struct Operand {
  const double* real = nullptr;
  const int* integer = nullptr;
  std::vector<double> table;
};

struct Column {
  std::vector<Operand> operands;
  /// Subtracted from the product; only columns beside an intercept are centred.
  double centre = 0;
};

/// out[i] *= value of the operand in row first + i.
inline void multiply_by(const Operand& operand, Index first, Index rows, double* out) {
  if (operand.real) {
    for (Index i = 0; i < rows; ++i) out[i] *= operand.real[first + i];
  } else if (operand.table.empty()) {
    for (Index i = 0; i < rows; ++i) out[i] *= operand.integer[first + i];
  } else {
    const double* table = operand.table.data() - 1;
    for (Index i = 0; i < rows; ++i) out[i] *= table[operand.integer[first + i]];
  }
}

/// out[i] = product of the operands in row first + i, less the centre.
inline void fill_column(const Column& column, Index first, Index rows, double* out) {
  if (column.operands.size() == 1 && column.operands[0].real) {
    simd::kernels().shift(rows, column.operands[0].real + first, column.centre, out);
    return;
  }
  for (Index i = 0; i < rows; ++i) out[i] = 1;
  for (const Operand& operand : column.operands) multiply_by(operand, first, rows, out);
  if (column.centre != 0) {
    for (Index i = 0; i < rows; ++i) out[i] -= column.centre;
  }
}

/// Mean over at most 1024 evenly spaced rows. Centring needs no exact mean: it
/// only has to take the bulk of a large common value out of the cross-products.
inline double approximate_mean(const Column& column, Index rows) {
  const Index step = rows > 1024 ? rows / 1024 : 1;
  double sum = 0, value = 0;
  Index count = 0;
  for (Index i = 0; i < rows; i += step, ++count) {
    fill_column(column, i, 1, &value);
    sum += value;
  }
  return count > 0 ? sum / count : 0;
}

}  // namespace gamut

#endif  // GAMUT_TERM_COLUMN_HPP
