// criterion/laplace_adjustment.hpp - how log|H| moves with the predictors.
//
// Puts v_ik = sum_lm h_i,lm dW_i,lm / d eta_k in the place of the scores, h_i the K x K
// covariance of the predictors of a row (any RowVariance). Derivatives of observed
// weights are minus the third derivatives of the log-density, which are symmetric, so
// that K contractions with unit directions give all; expected weights are differenced, a
// row at a time.
#ifndef GAMUT_CRITERION_LAPLACE_ADJUSTMENT_HPP
#define GAMUT_CRITERION_LAPLACE_ADJUSTMENT_HPP

#include "../pass.hpp"
#include "predictor_variance.hpp"

namespace gamut {

class LaplaceAdjustment : public ScoreAdjustment {
 public:
  LaplaceAdjustment(const Layout& layout, const RowVariance& variance,
                    Information information)
      : family_(*layout.problem().family),
        variance_(variance),
        information_(information),
        k_(layout.problem().predictors()) {}

  void operator()(Tile& tile) const override {
    const Index n = tile.rows();
    Matrix variance(n, packed_size(k_));
    variance_.fill(tile, variance);
    Matrix slope(tile_rows, packed_size(k_)), direction = Matrix::Zero(tile_rows, k_);
    Matrix out = Matrix::Zero(n, k_);
    for (int l = 0; l < k_; ++l) {
      direction.setZero();
      direction.col(l).head(n).setOnes();
      weight_slope(tile, direction, slope);
      add_contraction(l, variance, slope, out);
    }
    for (int k = 0; k < k_; ++k) {
      for (Index i = 0; i < n; ++i) {
        tile.scores()[k][i] = std::isfinite(out(i, k)) ? out(i, k) : 0;
      }
    }
  }

 private:
  /// Observed: T is symmetric, so T(e_l) has the slopes of row l of W. Expected: the
  /// direction itself moves all of W.
  void add_contraction(int l, const Matrix& variance, const Matrix& slope,
                       Matrix& out) const {
    const Index n = out.rows();
    for (int j = 0; j < k_; ++j) {
      for (int m = 0; m < k_; ++m) {
        const auto dw = slope.col(place(j, m)).head(n);
        if (information_ == Information::observed) {
          out.col(j) += variance.col(place(l, m)).cwiseProduct(dw);
        } else {
          out.col(l) += variance.col(place(j, m)).cwiseProduct(dw);
        }
      }
    }
  }

  int place(int a, int b) const {
    return a >= b ? packed_index(a, b, k_) : packed_index(b, a, k_);
  }

  static std::vector<double*> columns(Matrix& m) {
    std::vector<double*> out;
    for (Index j = 0; j < m.cols(); ++j) out.push_back(m.col(j).data());
    return out;
  }

  void weight_slope(Tile& tile, Matrix& direction, Matrix& slope) const {
    const std::vector<double*> to = columns(slope), along = columns(direction);
    if (information_ == Information::observed) {
      family_.third(tile.response(), tile.eta(), along.data(), to.data());
      return;
    }
    constexpr double h = 1e-5;
    Matrix ahead(tile_rows, packed_size(k_)), behind = ahead;
    weights_at(tile, direction, h, ahead);
    weights_at(tile, direction, -h, behind);
    slope = (ahead - behind) / (2 * h);
  }

  void weights_at(Tile& tile, const Matrix& direction, double h, Matrix& out) const {
    Matrix eta(tile_rows, k_);
    for (int k = 0; k < k_; ++k) {
      eta.col(k) =
          Eigen::Map<const Vector>(tile.eta()[k], tile_rows) + h * direction.col(k);
    }
    const std::vector<double*> at = columns(eta), to = columns(out);
    RowDerivatives want;
    want.weight = to.data();
    family_.evaluate(tile.response(), at.data(), Information::expected, want);
  }

  const Family& family_;
  const RowVariance& variance_;
  Information information_;
  int k_;
};

}  // namespace gamut

#endif  // GAMUT_CRITERION_LAPLACE_ADJUSTMENT_HPP
