// categorical.hpp - the multinomial logit: C categories, K = C - 1 predictors.
//
//   eta_k = log(pi_k / pi_ref),  pi = softmax with eta_ref = 0,
//   objective  -2 a sum_c y_c log pi_c,
//   score_k    a (y_k - n pi_k),                n = sum_c y_c
//   W_kl       a n ([k = l] pi_k - pi_k pi_l)   expected and observed alike
//   dW_kl      a n ([k = l] p_k - p_k pi_l - pi_k p_l),  p_k = pi_k (v_k - v'pi).
// The response is as in category_counts.hpp.
// Predictors follow the categories in order, the reference left out.
// Source: McCullagh & Nelder (1989), sections 5.2-5.4.
#ifndef GAMUT_FAMILY_CATEGORICAL_HPP
#define GAMUT_FAMILY_CATEGORICAL_HPP

#include <algorithm>
#include <cmath>

#include "../simd/exp.hpp"
#include "category_counts.hpp"
#include "tile_columns.hpp"

namespace gamut {

class Categorical : public Family {
 public:
  /// `reference` counts from 0.
  Categorical(int categories, int reference)
      : counts_(categories), categories_(categories), reference_(reference) {
    if (categories < 2 || reference < 0 || reference >= categories) {
      throw Error(Status::invalid_argument,
                  "a categorical family needs two categories or more, one of them the "
                  "reference");
    }
  }

  int predictors() const override { return categories_ - 1; }
  bool information_equal() const override { return true; }

  double evaluate(const ResponseTile& tile, const double* const* eta, Information,
                  const RowDerivatives& out) const override {
    counts_.check(tile);
    const Softmax at(tile.rows, predictors(), eta);
    if (out.score) score(tile, at, out.score);
    if (out.weight) weight(tile, at, out.weight);
    double sum = 0;
    for (Index i = 0; i < tile.rows; ++i) {
      const double d = weighted(tile.prior, i, row_objective(tile, at, eta, i));
      if (out.objective) out.objective[i] = d;
      sum += d;
    }
    return sum;
  }

  void third(const ResponseTile& tile, const double* const* eta, const double* const* v,
             double* const* dweight) const override {
    counts_.check(tile);
    const int size = predictors();
    const Softmax at(tile.rows, size, eta);
    const TileColumns slope(tile.rows, size + 1);
    double* mean = slope[size];
    std::fill(mean, mean + tile.rows, 0.0);
    for (int k = 0; k < size; ++k) {
      for (Index i = 0; i < tile.rows; ++i) mean[i] += at.pi(k)[i] * v[k][i];
    }
    for (int k = 0; k < size; ++k) {
      for (Index i = 0; i < tile.rows; ++i) {
        slope[k][i] = at.pi(k)[i] * (v[k][i] - mean[i]);
      }
    }
    const TileColumns size_of_row = totals(tile);
    for (int l = 0; l < size; ++l) {
      for (int k = l; k < size; ++k) {
        double* out = dweight[packed_index(k, l, size)];
        for (Index i = 0; i < tile.rows; ++i) {
          const double cross = slope[k][i] * at.pi(l)[i] + at.pi(k)[i] * slope[l][i];
          const double d = (k == l ? slope[k][i] : 0) - cross;
          out[i] = weighted(size_of_row[0], i, d);
        }
      }
    }
  }

  /// log odds against the reference with half an observation added to each side.
  void start(const ResponseTile& tile, double* const* eta) const override {
    counts_.check(tile);
    for (int k = 0; k < predictors(); ++k) {
      for (Index i = 0; i < tile.rows; ++i) {
        const double a = tile.prior ? tile.prior[i] : 1;
        eta[k][i] = std::log((a * counts_.count(tile, category(k), i) + 0.5) /
                             (a * counts_.count(tile, reference_, i) + 0.5));
      }
    }
  }

  double pearson(const ResponseTile&, const double* const*) const override { return 0; }

  /// Probabilities of the categories that have a predictor, in their order.
  void parameters(Index rows, const double* const* eta,
                  double* const* param) const override {
    const Softmax at(rows, predictors(), eta);
    for (int k = 0; k < predictors(); ++k) {
      std::copy(at.pi(k), at.pi(k) + rows, param[k]);
    }
  }

 private:
  /// Probabilities and log(1 + sum_k exp(eta_k)), the largest exponent taken out.
  class Softmax {
   public:
    Softmax(Index rows, int size, const double* const* eta)
        : size_(size), columns_(rows, size + 3) {
      double *reference = columns_[size], *top = columns_[size + 1];
      double* log_sum = columns_[size + 2];
      std::fill(top, top + rows, 0.0);
      for (int k = 0; k < size; ++k) {
        for (Index i = 0; i < rows; ++i) top[i] = top[i] < eta[k][i] ? eta[k][i] : top[i];
      }
      for (Index i = 0; i < rows; ++i) reference[i] = -top[i];
      simd::exp(rows, reference, reference);
      std::copy(reference, reference + rows, log_sum);
      for (int k = 0; k < size; ++k) {
        double* pi = columns_[k];
        for (Index i = 0; i < rows; ++i) pi[i] = finite_or_nan(eta[k][i]) - top[i];
        simd::exp(rows, pi, pi);
        for (Index i = 0; i < rows; ++i) log_sum[i] += pi[i];
      }
      for (int k = 0; k <= size; ++k) {
        for (Index i = 0; i < rows; ++i) columns_[k][i] /= log_sum[i];
      }
      for (Index i = 0; i < rows; ++i) log_sum[i] = std::log(log_sum[i]);
    }
    const double* pi(int k) const { return columns_[k]; }
    /// 1 - pi_k, as the sum of the others where the difference would cancel.
    double complement(int k, Index i) const {
      if (columns_[k][i] <= 0.5) return 1 - columns_[k][i];
      double sum = 0;
      for (int j = 0; j <= size_; ++j) sum += j == k ? 0 : columns_[j][i];
      return sum;
    }
    /// -log pi of the category whose predictor is eta.
    double surprise(double eta, Index i) const {
      return (columns_[size_ + 1][i] - eta) + columns_[size_ + 2][i];
    }

   private:
    int size_;
    TileColumns columns_;
  };

  static double finite_or_nan(double eta) { return eta + (eta - eta); }

  int category(int predictor) const {
    return predictor < reference_ ? predictor : predictor + 1;
  }

  /// Observations per row times the prior weight.
  TileColumns totals(const ResponseTile& tile) const {
    TileColumns n(tile.rows, 1);
    for (Index i = 0; i < tile.rows; ++i) {
      n[0][i] = weighted(tile.prior, i, counts_.total(tile, i));
    }
    return n;
  }

  double row_objective(const ResponseTile& tile, const Softmax& at,
                       const double* const* eta, Index i) const {
    double sum = 0;
    if (counts_.count(tile, reference_, i) != 0) {
      sum = counts_.count(tile, reference_, i) * at.surprise(0, i);
    }
    for (int k = 0; k < predictors(); ++k) {
      const double y = counts_.count(tile, category(k), i);
      if (y != 0) sum += y * at.surprise(eta[k][i], i);
    }
    return 2 * sum;
  }

  /// y - n pi, written so that neither part cancels when pi is near 0 or 1.
  void score(const ResponseTile& tile, const Softmax& at, double* const* out) const {
    for (int k = 0; k < predictors(); ++k) {
      for (Index i = 0; i < tile.rows; ++i) {
        const double y = counts_.count(tile, category(k), i),
                     rest = counts_.total(tile, i) - y;
        const double r = y * at.complement(k, i) - rest * at.pi(k)[i];
        out[k][i] = weighted(tile.prior, i, r);
      }
    }
  }

  void weight(const ResponseTile& tile, const Softmax& at, double* const* out) const {
    const int size = predictors();
    const TileColumns n = totals(tile);
    for (int l = 0; l < size; ++l) {
      for (int k = l; k < size; ++k) {
        double* w = out[packed_index(k, l, size)];
        for (Index i = 0; i < tile.rows; ++i) {
          const double other = k == l ? at.complement(k, i) : -at.pi(l)[i];
          w[i] = weighted(n[0], i, at.pi(k)[i] * other);
        }
      }
    }
  }

  CategoryCounts counts_;
  int categories_, reference_;
};

}  // namespace gamut

#endif  // GAMUT_FAMILY_CATEGORICAL_HPP
