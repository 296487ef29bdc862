// system/tile_qr.hpp - the triangle R of sqrt(W) X, tile by tile.
//
// Where a Gram matrix has lost too many digits, the tail is decomposed without
// squaring: W_i = U_i'U_i whitens the K rows of observation i, and each tile of
// whitened rows is stacked under the triangle so far and reduced by Householder
// reflections. The working residual W^-1 s rides along as a last column, so that
// R delta = q is the least-squares step. A leading factor is projected out first,
//   x~ = x - z D^-1 B (its level),
// which makes R'R the Schur complement S without forming it. A penalty on coefficients
// c adds the rows of [c + delta]: the identity for the tail, and for the leading term,
// projected likewise, -D^-1 B with the residual -(c + D^-1 g).
// Source: Golub & Van Loan (2013) section 5.3; Wood, Goude & Shaw (2015) J. R. Stat.
// Soc. C 64, 139-155 (tile-wise updates).
#ifndef GAMUT_SYSTEM_TILE_QR_HPP
#define GAMUT_SYSTEM_TILE_QR_HPP

#include <Eigen/Cholesky>
#include <Eigen/QR>

#include "arrow_factor.hpp"
#include "expand.hpp"

namespace gamut {

struct TriangularSystem {
  Matrix root;   ///< R, upper triangular, tail x tail
  Vector right;  ///< q
};

class TileQr {
 public:
  /// `regression` = D^-1 B and `lead_step` = D^-1 g_l of the leading term (empty when
  /// there is none); `from`: where a penalty counts from, zero when the solution is not
  /// a step.
  TileQr(const Layout& layout, const RowMatrix& regression, const Vector& lead_step,
         const Coefficients& from)
      : layout_(layout),
        regression_(regression),
        lead_step_(lead_step),
        k_(layout.problem().predictors()),
        triangle_(Matrix::Zero(layout.free_tail() + 1, layout.free_tail() + 1)),
        tile_(layout) {
    stack_tail_penalty(from);
    if (layout.lead_penalised() > 0) stack_lead_penalty(from);
  }

  TriangularSystem operator()(const Coefficients& coefficients, Expansion expansion,
                              const Vector& constants) {
    const Coefficients raw = layout_.raw_from_free(coefficients);
    const Index rows = layout_.problem().rows;
    for (Index first = 0; first < rows; first += tile_rows) {
      tile_.load(first, std::min(tile_rows, rows - first));
      tile_.place(expansion, raw, constants);
      tile_.differentiate(Information::working, true, true);
      tile_.anchor(expansion);
      reduce(whitened_rows());
    }
    const Index p = layout_.free_tail();
    return {triangle_.topLeftCorner(p, p), triangle_.col(p).head(p)};
  }

 private:
  void stack_tail_penalty(const Coefficients& from) {
    const Index p = layout_.free_tail();
    Matrix rows = Matrix::Zero(p, p + 1);
    for (Index j = 0; j < p; ++j) {
      if (!layout_.penalised(j)) continue;
      rows(j, j) = 1;
      rows(j, p) = -from.tail[j];
    }
    reduce(rows);
  }

  void stack_lead_penalty(const Coefficients& from) {
    const Index p = layout_.free_tail(), b = layout_.width();
    Matrix rows(layout_.lead_penalised(), p + 1);
    for (Index level = 0; level < layout_.levels(); ++level) {
      for (Index r = 0; r < rows.rows(); ++r) {
        const Index j = level * b + r;
        rows.row(r).head(p) = -regression_.row(j);
        rows(r, p) = -(from.lead[j] + lead_step_[j]);
      }
      reduce(rows);
    }
  }

  void reduce(const Matrix& rows) {
    Matrix stacked(triangle_.rows() + rows.rows(), triangle_.cols());
    stacked << triangle_, rows;
    const Eigen::HouseholderQR<Matrix> qr(stacked);
    triangle_ = qr.matrixQR().topRows(triangle_.rows()).triangularView<Eigen::Upper>();
  }

  /// Rows of predictor k, the leading term projected out, with what the leading term
  /// takes from the working residual in the last column.
  Matrix predictor_rows(int k) const {
    const Index n = tile_.rows(), p = layout_.free_tail(), b = layout_.width();
    Matrix rows = Matrix::Zero(n, p + 1);
    rows.leftCols(p) = tail_rows(layout_, tile_, k);
    if (!layout_.has_lead()) return rows;
    const RowMatrix z = leading_rows(layout_, tile_, k);
    for (Index i = 0; i < n; ++i) {
      const Index start = leading_level(layout_, tile_, i) * b;
      rows.row(i).head(p) -= z.row(i) * regression_.middleRows(start, b);
      rows(i, p) -= z.row(i).dot(lead_step_.segment(start, b));
    }
    return rows;
  }

  /// U_i times the rows of observation i, with W_i = U_i'U_i; rows of zero weight
  /// stay zero.
  Matrix whitened_rows() {
    const Index n = tile_.rows(), p = layout_.free_tail();
    std::vector<Matrix> rows;
    for (int k = 0; k < k_; ++k) rows.push_back(predictor_rows(k));
    Matrix out = Matrix::Zero(n * k_, p + 1);
    Matrix w(k_, k_);
    Vector s(k_);
    for (Index i = 0; i < n; ++i) {
      for (int k = 0; k < k_; ++k) {
        s[k] = tile_.scores()[k][i];
        for (int l = 0; l < k_; ++l) w(k, l) = tile_.weight(k, l)[i];
      }
      const Eigen::LLT<Matrix> llt(w);
      if (llt.info() != Eigen::Success) continue;
      const Matrix upper = llt.matrixU();
      for (int k = 0; k < k_; ++k) {
        for (int l = k; l < k_; ++l) out.row(i * k_ + k) += upper(k, l) * rows[l].row(i);
      }
      const Vector residual = llt.matrixL().solve(s);
      for (int k = 0; k < k_; ++k) out(i * k_ + k, p) += residual[k];
    }
    return out;
  }

  const Layout& layout_;
  const RowMatrix& regression_;
  const Vector& lead_step_;
  int k_;
  Matrix triangle_;
  Tile tile_;
};

}  // namespace gamut

#endif  // GAMUT_SYSTEM_TILE_QR_HPP
