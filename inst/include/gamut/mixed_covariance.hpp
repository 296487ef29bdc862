// mixed_covariance.hpp - the covariance of the parametric coefficients of a fit with
// random effects or smooths, of dispersion 1.
//
// (R_xx'R_xx)^-1 from the last block of the factor, that of all coefficients without a
// penalty; of those that were searched together with theta, from the Hessian of the
// criterion in all of them (outer_covariance.hpp). Those of smooths (functions that no
// penalty acts on) take part in it and are then left out. For the columns as given, not
// as stored.
#ifndef GAMUT_MIXED_COVARIANCE_HPP
#define GAMUT_MIXED_COVARIANCE_HPP

#include "mixed_result.hpp"
#include "outer_covariance.hpp"
#include "system/coefficients.hpp"

namespace gamut {

struct ParametricCovariance {
  Matrix matrix;
  IndexVector position;  ///< of each coefficient in the caller's vector
};

/// Of the coefficients `free` of the system, those without a penalty.
inline Matrix unpenalised_covariance(const IndexVector& free, const MixedResult& result) {
  const Index size = static_cast<Index>(free.size());
  Matrix all = Matrix::Zero(size, size);
  if (result.factor.positive()) {
    const Matrix root = result.factor.tail().free_root();
    all = root.triangularView<Eigen::Upper>().solve(Matrix::Identity(size, size));
    all = all * all.transpose();
  }
  for (Index j = 0; j < size; ++j) {
    if (result.mask.tail[free[j]]) all(j, j) = 0;
  }
  if (!result.outer.empty()) {
    all += outer_change(all, places_of(result.outer, free), result.outer_covariance);
  }
  return all;
}

inline ParametricCovariance parametric_covariance(const Layout& layout,
                                                  const MixedResult& result) {
  const IndexVector positions = tail_positions(layout);
  std::vector<char> parametric(static_cast<std::size_t>(layout.free_tail()), 0);
  for (const Block& block : layout.tail()) {
    const bool own = !layout.problem().terms[block.term].covariance;
    for (Index j = 0; j < block.free_columns; ++j) parametric[block.free_column(j)] = own;
  }
  IndexVector free, wanted;
  ParametricCovariance out;
  for (Index j = 0; j < layout.free_tail(); ++j) {
    if (layout.penalised(j)) continue;
    free.push_back(j);
    if (!parametric[j]) continue;
    wanted.push_back(static_cast<Index>(free.size()) - 1);
    out.position.push_back(positions[j]);
  }
  const Matrix stored = unpenalised_covariance(free, result);
  const Index size = static_cast<Index>(wanted.size());
  // rows of the columns as given from those as stored, once for each side
  const ColumnBasis basis(layout);
  const auto to_caller = [&](const Matrix& rows) {
    Matrix all = Matrix::Zero(layout.free_tail(), size), own(size, size);
    for (Index j = 0; j < size; ++j) all.row(free[wanted[j]]) = rows.row(j);
    basis.to_caller(all);
    for (Index j = 0; j < size; ++j) own.row(j) = all.row(free[wanted[j]]);
    return own;
  };
  Matrix own(size, size);
  for (Index i = 0; i < size; ++i) {
    for (Index j = 0; j < size; ++j) own(i, j) = stored(wanted[i], wanted[j]);
  }
  const Matrix half = to_caller(own);
  out.matrix = to_caller(half.transpose());
  return out;
}

}  // namespace gamut

#endif  // GAMUT_MIXED_COVARIANCE_HPP
