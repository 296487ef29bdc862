// loess/direct_sums.hpp - what is needed of the operator L of a direct surface: its
// diagonal, delta_1 and delta_2, without the n x n matrix.
//
// delta_1 = sum_i |e_i - l_i|^2 and delta_2 = sum_ij ((e_i - l_i)'(e_j - l_j))^2 for the
// rows l_i of L: rows are made in blocks, and made again for each pair of blocks.
#ifndef GAMUT_LOESS_DIRECT_SUMS_HPP
#define GAMUT_LOESS_DIRECT_SUMS_HPP

#include "surface.hpp"

namespace gamut {

class DirectSums {
 public:
  /// `fits` are those at the data's own rows, in their order.
  DirectSums(const LocalRegression& local, const std::vector<LocalFit>& fits,
             const Vector& weights, int threads)
      : local_(local), fits_(fits), weights_(weights), threads_(threads) {}

  Vector diagonal() const {
    Vector diagonal = Vector::Zero(rows());
    each_run(threads_, rows(), 64, [&](Index first, Index last) {
      Vector basis, influence(local_.outputs());
      for (Index i = first; i < last; ++i) {
        const LocalFit& fit = fits_[i];
        if (fit.trouble == LocalTrouble::no_width) {
          diagonal[i] = nan();
        } else if (local_.own_influence(fit, i, weights_[i], basis, influence.data())) {
          diagonal[i] = influence[0];
        }
      }
    });
    return diagonal;
  }

  Deltas deltas() const {
    const Index n = rows(), step = 512, blocks = (n + step - 1) / step;
    Deltas out;
    for (Index a = 0; a < blocks; ++a) {
      const Matrix left = residual_rows(a * step, std::min(n, (a + 1) * step));
      out.first += left.squaredNorm();
      Vector part = Vector::Zero(a + 1);
      parallel_for(threads_, a + 1, [&](Index b) {
        if (b == a) {
          part[b] = (left.transpose() * left).squaredNorm();
          return;
        }
        const Matrix right = residual_rows(b * step, std::min(n, (b + 1) * step));
        part[b] = 2 * (left.transpose() * right).squaredNorm();
      });
      out.second += part.sum();
    }
    return out;
  }

 private:
  static double nan() { return std::numeric_limits<double>::quiet_NaN(); }
  Index rows() const { return local_.data().rows(); }

  template <class Use>
  void each(Index i, const Use& use) const {
    local_.each_influence(fits_[i], local_.data().row(i), weights_, use);
  }

  /// Rows of I - L as columns.
  Matrix residual_rows(Index first, Index last) const {
    Matrix out = Matrix::Zero(rows(), last - first);
    for (Index i = first; i < last; ++i) {
      auto column = out.col(i - first);
      each(i, [&](Index row, const auto& l) { column[row] = -l[0]; });
      column[i] += 1;
      if (fits_[i].trouble == LocalTrouble::no_width) column.setConstant(nan());
    }
    return out;
  }

  const LocalRegression& local_;
  const std::vector<LocalFit>& fits_;
  const Vector& weights_;
  int threads_;
};

/// sum_i l_i(z)^2 / a_i at the centre of each fit: the variance there over sigma^2. Rows
/// without precision a_i have none to give. `weights` are those of the fits.
template <class At>
Vector direct_variance(const LocalRegression& local, const std::vector<LocalFit>& fits,
                       const At& at, const Vector& weights, const Vector& precision,
                       int threads) {
  Vector out = Vector::Zero(static_cast<Index>(fits.size()));
  each_run(threads, out.size(), loess_places_per_task, [&](Index first, Index last) {
    for (Index i = first; i < last; ++i) {
      double sum = 0;
      local.each_influence(fits[i], at(i), weights, [&](Index row, const auto& l) {
        if (precision[row] > 0) sum += l[0] * l[0] / precision[row];
      });
      const bool no_width = fits[i].trouble == LocalTrouble::no_width;
      out[i] = no_width ? std::numeric_limits<double>::quiet_NaN() : sum;
    }
  });
  return out;
}

}  // namespace gamut

#endif  // GAMUT_LOESS_DIRECT_SUMS_HPP
