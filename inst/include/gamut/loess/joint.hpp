// loess/joint.hpp - lo() terms beside all other terms of a predictor, solved at once.
//
// A smoother L_j = B_j F_j of the working response (weights W, scores s = W(z - eta)) has
// levels and slopes theta_j at its vertices; all other terms A c have the normal
// equations H c = A'W(z - sum_j B_j theta_j) with their penalties in H. The fixed point
// of backfitting,
//   theta_j = F_j (z - A c - sum_{k != j} Bt_k theta_k),   Bt_j = B_j - Q_j Gamma_j,
// where what the smoother reproduces (Q_j: constant and polynomial, columns of A) is
// projected out of B_j in the metric W, is the solution of one linear system. With
// S = A H^-1 A'W and M = F (I - S) B,
//   (I + M - blockdiag F_j Bt_j) theta = F (I - S) z.
// Errors of c and theta, given what the other terms' priors say of c, have the covariance
//   diag(H^-1, 0) + (-D; I) V (-D; I)',  D = H^-1 A'W Bt,
//   V = K^-1 (F W^-1 F' - F A H^-1 A'F') K^-T,  K the matrix of the system,
// and the operator the trace tr S + tr K^-1 F (I - S)(I - S) Bt.
// All cross-products are those of one pass with B, Phi = W^-1 F' and Q as further
// columns. Source: Hastie & Tibshirani (1990) Generalized Additive Models,
// sections 5.2-5.4.
#ifndef GAMUT_LOESS_JOINT_HPP
#define GAMUT_LOESS_JOINT_HPP

#include "joint_columns.hpp"

namespace gamut {

struct LoessCovariance {
  IndexVector position;       ///< of each parametric coefficient and each of smooths
  Matrix theta;               ///< V
  Matrix regression;          ///< D, over all of the caller's other coefficients
  Matrix influence;           ///< H^-1 A'W Phi, likewise
  Matrix inverse;             ///< K^-1
  Vector shift;               ///< what these grow by when Bt takes the place of B
  Matrix cross, gram;         ///< A'W Bt over the coefficients at `position`, and Bt'W Bt
  std::vector<Matrix> gamma;  ///< Gamma_j, a row for each column of Q_j
  Vector edf;                 ///< of each lo() term, without its polynomial
  Vector own_trace;           ///< tr L_j, of each smoother alone
  double other_edf = 0;       ///< change of the trace over the other coefficients
};

class LoessJoint {
 public:
  /// As JointColumns.
  LoessJoint(const Problem& problem, const std::vector<LoessTerm>& terms,
             const Vector& coefficients, const std::vector<char>& aliased,
             Information information, int threads)
      : columns_(problem, terms, coefficients, aliased, information, threads) {
    project();
    build();
  }

  /// The solution, term after term.
  Vector step() const {
    const Vector old = theta();
    Vector right = columns_.score() - old;
    for (std::size_t j = 0; j < count(); ++j) {
      const auto at = columns_.range(j);
      right.segment(at.first, at.size) += own_blend(j) * old.segment(at.first, at.size);
    }
    return old + system_.solve(right);
  }

  /// Vertices of a term whose neighbourhoods are not what they should be.
  IndexVector troubled(std::size_t j) const {
    IndexVector out;
    const auto& fits = columns_.fits(j).fits();
    for (std::size_t v = 0; v < fits.size(); ++v) {
      if (fits[v].trouble != LocalTrouble::none) out.push_back(static_cast<Index>(v));
    }
    return out;
  }

  LoessCovariance covariance() const {
    const IndexVector &b = columns_.blends(), &f = columns_.phi();
    LoessCovariance out;
    out.inverse = system_.solve(Matrix::Identity(columns_.total(), columns_.total()));
    const Matrix left = columns_.inner(f, f) - columns_.inner_solved(f, f);
    out.theta = out.inverse * left * out.inverse.transpose();
    out.theta = (0.5 * (out.theta + out.theta.transpose())).eval();
    regression(out);
    grams(out);
    // F (I - S)(I - S) Bt = F (I - S) B - F S (I - S) B, and of S (I - S) B
    // = A H^-1 (A'W B - A'W A e), e = H^-1 A'W B, is left A H^-1 P e
    traces(product_ - columns_.inner_penalised(f, b), out);
    return out;
  }

 private:
  std::size_t count() const { return columns_.terms().size(); }

  Vector theta() const {
    Vector out(columns_.total());
    for (std::size_t j = 0; j < count(); ++j) {
      const auto at = columns_.range(j);
      out.segment(at.first, at.size) = columns_.terms()[j].theta;
    }
    return out;
  }

  /// Gamma_j, with those columns of Q_j that A has.
  void project() {
    for (std::size_t j = 0; j < count(); ++j) {
      const IndexVector& q = columns_.polynomial(j);
      const Vector whole = columns_.inner(q, q).diagonal();
      const Vector through = columns_.inner_solved(q, q).diagonal();
      IndexVector kept;
      for (Index i = 0; i < whole.size(); ++i) {
        if (whole[i] - through[i] < 1e-7 * whole[i]) kept.push_back(q[i]);
      }
      const Matrix products =
          columns_.inner(kept, columns_.of_term(columns_.blends(), j));
      gamma_.push_back(scaled_solve(columns_.inner(kept, kept), products));
      reproduced_.push_back(kept);
    }
  }

  /// gram^-1 right, with columns of length one: powers of covariates have any size.
  static Matrix scaled_solve(const Matrix& gram, const Matrix& right) {
    const Vector scale = gram.diagonal().cwiseSqrt().cwiseInverse();
    const Matrix scaled = scale.asDiagonal() * gram * scale.asDiagonal();
    return scale.asDiagonal() *
           scaled.completeOrthogonalDecomposition().solve(scale.asDiagonal() * right);
  }

  /// F_j Bt_j.
  Matrix own_blend(std::size_t j) const {
    const IndexVector b = columns_.of_term(columns_.blends(), j);
    const IndexVector f = columns_.of_term(columns_.phi(), j);
    return columns_.inner(f, b) - columns_.inner(f, reproduced_[j]) * gamma_[j];
  }

  void build() {
    const IndexVector &b = columns_.blends(), &f = columns_.phi();
    product_ = columns_.inner(f, b) - columns_.inner_solved(f, b);
    Matrix system = Matrix::Identity(product_.rows(), product_.rows()) + product_;
    for (std::size_t j = 0; j < count(); ++j) {
      const auto at = columns_.range(j);
      system.block(at.first, at.first, at.size, at.size) -= own_blend(j);
    }
    system_.compute(system);
  }

  void regression(LoessCovariance& out) const {
    out.influence = columns_.solved(columns_.phi());
    out.regression = columns_.solved(columns_.blends());
    out.shift = Vector::Zero(columns_.own());
    for (std::size_t j = 0; j < count(); ++j) {
      const auto at = columns_.range(j);
      const Matrix share = columns_.solved(reproduced_[j]) * reported(j);
      out.regression.middleCols(at.first, at.size) -= share;
      out.shift += share * columns_.terms()[j].theta;
      out.gamma.push_back(whole_gamma(j));
    }
  }

  const Matrix& reported(std::size_t j) const {
    return gamma_[columns_.terms()[j].leader];
  }

  /// Gamma with rows of 0 for what A lacks.
  Matrix whole_gamma(std::size_t j) const {
    const IndexVector &all = columns_.polynomial(j), &kept = reproduced_[j];
    Matrix out = Matrix::Zero(static_cast<Index>(all.size()), reported(j).cols());
    Index next = 0;
    for (std::size_t i = 0; i < all.size() && next < reported(j).rows(); ++i) {
      if (all[i] != kept[next]) continue;
      out.row(static_cast<Index>(i)) = reported(j).row(next++);
    }
    return out;
  }

  /// Cross-products of Bt with the caller's columns and with itself.
  void grams(LoessCovariance& out) const {
    const IndexVector& b = columns_.blends();
    const Matrix units = columns_.caller_units(out.position);
    IndexVector all;
    for (const IndexVector& q : reproduced_) all.insert(all.end(), q.begin(), q.end());
    Matrix gamma = Matrix::Zero(static_cast<Index>(all.size()), columns_.total());
    Index row = 0;
    for (std::size_t j = 0; j < count(); ++j) {
      const Matrix& own = reported(j);
      gamma.block(row, columns_.range(j).first, own.rows(), own.cols()) = own;
      row += own.rows();
    }
    out.cross = units.transpose() * (columns_.tails(b) - columns_.tails(all) * gamma);
    const Matrix mixed = columns_.inner(all, b).transpose() * gamma;
    out.gram = columns_.inner(b, b) +
               gamma.transpose() * columns_.inner(all, all) * gamma - mixed -
               mixed.transpose();
  }

  void traces(const Matrix& twice, LoessCovariance& out) const {
    out.edf.resize(static_cast<Index>(count()));
    out.own_trace.resize(out.edf.size());
    const Vector own = (out.inverse * product_).diagonal();
    for (std::size_t j = 0; j < count(); ++j) {
      const auto at = columns_.range(j);
      const Index i = static_cast<Index>(j);
      out.edf[i] = own.segment(at.first, at.size).sum();
      out.own_trace[i] = columns_
                             .inner(columns_.of_term(columns_.phi(), j),
                                    columns_.of_term(columns_.blends(), j))
                             .trace();
    }
    out.other_edf = (out.inverse * twice).trace() - own.sum();
  }

  JointColumns columns_;
  std::vector<IndexVector> reproduced_;  ///< the columns of Q_j that A has
  std::vector<Matrix> gamma_;
  Matrix product_;  ///< M = F (I - S) B
  Eigen::PartialPivLU<Matrix> system_;
};

}  // namespace gamut

#endif  // GAMUT_LOESS_JOINT_HPP
