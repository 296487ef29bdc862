// basis/radial.hpp - functions of the distance to each knot, and sums of these.
//
//   R_ij = r(|x_i - k_j|^2)   and   R C,
// for n places x and K knots k, rows of matrices with a column for each covariate. R is
// never kept: tiles of rows are filled, one knot at a time, and multiplied by C (K x q).
// Squared distances are sums of squared differences, which cancel nothing.
#ifndef GAMUT_BASIS_RADIAL_HPP
#define GAMUT_BASIS_RADIAL_HPP

#include <algorithm>
#include <functional>

#include "../types.hpp"

namespace gamut {

/// In place, from squared distances to the values of a radial function.
using Radial = std::function<void(Eigen::Ref<Vector>)>;

inline void check_places(const Matrix& places, const Matrix& knots) {
  if (places.cols() == knots.cols() && knots.cols() > 0) return;
  throw Error(Status::invalid_argument, "places and knots of different dimensions");
}

/// Rows from `first` on, as many as `out` has.
inline void fill_radial(const Matrix& places, Index first, const Matrix& knots,
                        const Radial& radial, Matrix& out) {
  const Index rows = out.rows();
  for (Index j = 0; j < knots.rows(); ++j) {
    auto column = out.col(j);
    column.setZero();
    for (Index d = 0; d < knots.cols(); ++d) {
      column.array() +=
          (places.col(d).segment(first, rows).array() - knots(j, d)).square();
    }
    radial(column);
  }
}

inline Matrix radial_matrix(const Matrix& places, const Matrix& knots,
                            const Radial& radial) {
  check_places(places, knots);
  Matrix out(places.rows(), knots.rows());
  fill_radial(places, 0, knots, radial, out);
  return out;
}

inline Matrix radial_product(const Matrix& places, const Matrix& knots,
                             const Radial& radial, const Matrix& coefficients) {
  check_places(places, knots);
  const Index tile = 128;
  Matrix out(places.rows(), coefficients.cols()), values;
  for (Index first = 0; first < places.rows(); first += tile) {
    const Index rows = std::min(tile, places.rows() - first);
    values.resize(rows, knots.rows());
    fill_radial(places, first, knots, radial, values);
    out.middleRows(first, rows).noalias() = values * coefficients;
  }
  return out;
}

}  // namespace gamut

#endif  // GAMUT_BASIS_RADIAL_HPP
