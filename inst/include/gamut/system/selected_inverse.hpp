// system/selected_inverse.hpp - the entries of the inverse that gradients need.
//
// Of C = (covariance of the coefficients) = R H^-1 R' over raw columns, with R the maps
// and roots of the layout, only these are made: the tail's block, the b x b blocks of the
// levels of the leading term, and the rows between them where the pattern has them. They
// give
//   variance   of the predictors of each row, x' C x: K(K+1)/2 numbers a row;
//   projected  sum over the levels of a term of the diagonal blocks of Z'PZ, where
//              Z'PZ = Z'WZ - Z'WA C A'WZ.
// With `penalised_only` H is that of the penalised coefficients. By Z'PZ = Lambda^-T (I -
// H^-1) Lambda^-1 the latter also follows from H^-1 alone; that form is used for the tail
// unless Lambda is nearly singular.
// Source: Takahashi, Fagan & Chen (1973); the identity is that of Bates & DebRoy
// (2004) J. Multivar. Anal. 91, 1-17, in another notation.
#ifndef GAMUT_SYSTEM_SELECTED_INVERSE_HPP
#define GAMUT_SYSTEM_SELECTED_INVERSE_HPP

#include <optional>

#include "../criterion/random_terms.hpp"
#include "gram_product.hpp"
#include "tail_inverse.hpp"

namespace gamut {

class SelectedInverse {
 public:
  /// `for_rows`: is anything but projected() wanted?
  SelectedInverse(const Layout& layout, const Sums& sums, const ArrowFactor& factor,
                  bool penalised_only, bool for_rows = true)
      : layout_(layout),
        factor_(factor),
        gram_(layout, sums),
        penalised_only_(penalised_only),
        for_rows_(for_rows) {
    if (layout.elimination().kind == TailKind::iterative) return;
    tail_.emplace(layout, factor, penalised_only);
    if (layout.has_lead()) fill_lead();
  }

  /// Not of an iterative tail, of which no entry is known.
  const TailInverse& tail() const { return tail_.value(); }
  /// b x b block of a level of the leading term.
  Eigen::Ref<const Matrix> lead(Index level) const {
    return lead_.middleCols(level * layout_.width(), layout_.width());
  }
  /// The blocks of all levels of a term's own coefficients side by side, b x (b m).
  Matrix levels_of(const RandomTerm& term) const {
    if (term.leads) return lead_;
    const Matrix lambda = term.covariance->matrix();
    Matrix out(term.size, term.size * term.levels);
    for (Index l = 0; l < term.levels; ++l) {
      const Index at = term.first + l * term.size;
      out.middleCols(l * term.size, term.size) =
          lambda * tail_->free_block(at, term.size) * lambda.transpose();
    }
    return out;
  }
  /// Leading rows over raw tail columns.
  const CrossRows& cross() const { return cross_; }

  /// Sum of the b x b diagonal blocks of Z'PZ of a term.
  Matrix projected(const RandomTerm& term) const {
    if (term.leads) return lead_projected_;
    if (term.covariance->penalised() < term.size) return schur_projected(term);
    // singular values of a large Lambda take longer than products of its size
    if (term.size > 300) return schur_projected(term);
    const Matrix lambda = term.covariance->matrix();
    const Eigen::JacobiSVD<Matrix> svd(lambda);
    const Vector values = svd.singularValues();
    if (values.minCoeff() < 1e-4 * values.maxCoeff() || values.maxCoeff() < 1e-7) {
      return schur_projected(term);
    }
    Matrix rest = term.levels * Matrix::Identity(term.size, term.size);
    for (Index l = 0; l < term.levels; ++l) {
      const Index at = term.first + l * term.size;
      rest -= tail_->free_block(at, term.size);
    }
    const Matrix half = lambda.transpose().fullPivLu().solve(rest);
    return lambda.transpose().fullPivLu().solve(half.transpose());
  }

 private:
  /// From the Schur complement itself, at any Lambda.
  Matrix schur_projected(const RandomTerm& term) const {
    return tail_->sparse_factor() ? solved_projected(term) : tail_projected(term);
  }

  Matrix tail_projected(const RandomTerm& term) const {
    const auto& contrasts = layout_.tail_contrasts();
    const Index count = term.size * term.levels;
    const Matrix schur = factor_.raw_schur().dense.selfadjointView<Eigen::Lower>();
    const Matrix rows = (contrasts.transpose() * schur).middleRows(term.first, count);
    const Matrix own = (rows * contrasts).middleCols(term.first, count);
    const Matrix through = rows * tail_->raw().dense;
    Matrix out = Matrix::Zero(term.size, term.size);
    for (Index l = 0; l < term.levels; ++l) {
      const Index at = l * term.size;
      out += own.block(at, at, term.size, term.size);
      out -=
          through.middleRows(at, term.size) * rows.middleRows(at, term.size).transpose();
    }
    return out;
  }

  /// The same column by column, where the inverse is known at few entries: with w_a = M'S
  /// e_a the block is S_ll - w'S_free^-1 w. What is fixed has no part in w.
  Matrix solved_projected(const RandomTerm& term) const {
    const auto& contrasts = layout_.tail_contrasts();
    const SparseMatrix columns = factor_.raw_schur().full() * contrasts;
    const SparseMatrix own = contrasts.transpose() * columns;
    SparseMatrix scores = layout_.tail_map().transpose() * columns;
    scores.prune([&](Index row, Index, double) { return !factor_.tail_fixed()[row]; });
    Matrix out = Matrix::Zero(term.size, term.size);
    Matrix half(layout_.free_tail(), term.size);
    for (Index l = 0; l < term.levels; ++l) {
      const Index at = term.first + l * term.size;
      for (Index j = 0; j < term.size; ++j) {
        half.col(j) =
            tail_->sparse_factor()->half_solve(scores.col(at + j), penalised_only_);
      }
      out += Matrix(own.block(at, at, term.size, term.size)) - half.transpose() * half;
    }
    return out;
  }

  void fill_lead() {
    const Index b = layout_.width(), levels = layout_.levels();
    lead_.resize(b, b * levels);
    lead_projected_ = Matrix::Zero(b, b);
    const Index p = gram_.cross().dense.cols();
    dense_ = p > 0 && !tail_->is_zero(layout_.raw_tail() - p, p);
    const Matrix root = layout_.lead_root(), own = factor_.lead_inverse();
    if (b == 1 && layout_.sparse_columns() == 0) {
      if (for_rows_) cross_.set_zero(layout_);
      return fill_intercepts(root(0, 0) * root(0, 0) * own.row(0).transpose());
    }
    cross_ = gram_.cross();
    if (!dense_) cross_.dense.setZero();
    for (Index l = 0; l < levels; ++l) {
      const Matrix a = root * own.middleCols(l * b, b) * root.transpose();
      const Matrix g = gram_.lead_block(l).selfadjointView<Eigen::Lower>();
      fill_level(l, a, g);
    }
  }

  /// The same as fill_level() for one coefficient a level and a tail kept in full, many
  /// levels at a time.
  void fill_intercepts(const Vector& a) {
    constexpr Index step = 512;
    Matrix product;
    for (Index first = 0; first < a.size(); first += step) {
      const Index count = std::min(step, a.size() - first);
      const auto own = a.segment(first, count), g = gram_.lead_segment(first, count);
      const auto rows = gram_.cross().dense.middleRows(first, count);
      Vector through = Vector::Zero(count);
      if (dense_) {
        dense::multiply_rows(rows, tail_->raw().dense, product);
        for (Index l = 0; l < count; ++l) through[l] = rows.row(l).dot(product.col(l));
        if (for_rows_) {
          cross_.dense.middleRows(first, count).noalias() =
              (-own).asDiagonal() * product.transpose();
        }
      }
      const Vector rest = Vector::Ones(count) - g.cwiseProduct(own);
      lead_.row(0).segment(first, count) =
          (own + own.cwiseAbs2().cwiseProduct(through)).transpose();
      lead_projected_(0, 0) += g.dot(rest) - rest.cwiseAbs2().dot(through);
    }
  }

  /// `a` is Lambda D^-1 Lambda', `g` the raw Gram block of the level.
  void fill_level(Index l, const Matrix& a, const Matrix& g) {
    const Index b = layout_.width();
    const Matrix rows = level_rows(l), product = rows * level_block(l);
    const Matrix through = a * product, explained = a * rows;
    lead_.middleCols(l * b, b) = a + through * explained.transpose();
    store(l, -through);
    lead_projected_ += g - g * a * g;
    lead_projected_ -= (product - g * through) * (rows - g * explained).transpose();
  }

  Index sparse_size(Index level) const {
    return cross_.sparse_columns > 0 ? cross_.pattern->size(level) : 0;
  }
  Index dense_size() const { return dense_ ? cross_.dense.cols() : 0; }

  /// The raw leading rows of a level over the columns that matter.
  Matrix level_rows(Index level) const {
    const Index b = layout_.width(), k = sparse_size(level), p = dense_size();
    Matrix out(b, k + p);
    if (k > 0) out.leftCols(k) = cross_.sparse_block(level);
    if (p > 0) out.rightCols(p) = cross_.dense.middleRows(level * b, b);
    return out;
  }

  /// The tail's block between these columns.
  Matrix level_block(Index level) const {
    const Index k = sparse_size(level), p = dense_size();
    const Index begin = k > 0 ? cross_.pattern->begin(level) : 0;
    Matrix out(k + p, k + p);
    const TailMatrix& tail = tail_->raw();
    if (tail.local() > 0) return coupled_block(begin, k, p);
    for (Index e = 0; e < k; ++e) {
      const double* from = tail.dense.col(cross_.pattern->column(begin + e)).data();
      for (Index f = e; f < k; ++f) {
        out(f, e) = out(e, f) = from[cross_.pattern->column(begin + f)];
      }
      if (p == 0) continue;
      out.col(e).tail(p) = Eigen::Map<const Vector>(from + cross_.sparse_columns, p);
      out.row(e).tail(p) = out.col(e).tail(p).transpose();
    }
    out.bottomRightCorner(p, p) = tail.dense.bottomRightCorner(p, p);
    return out;
  }

  Matrix coupled_block(Index begin, Index k, Index p) const {
    const TailMatrix& tail = tail_->raw();
    Matrix out(k + p, k + p);
    for (Index e = 0; e < k; ++e) {
      const Index column = cross_.pattern->column(begin + e);
      Index at = tail.pattern->begin(column);
      for (Index f = e; f < k; ++f) {
        at = tail.pattern->find(cross_.pattern->column(begin + f), column, at);
        out(f, e) = out(e, f) = tail.sparse[at];
      }
      if (p == 0) continue;
      out.col(e).tail(p) = tail.cross.row(column).transpose();
      out.row(e).tail(p) = tail.cross.row(column);
    }
    if (p > 0) out.bottomRightCorner(p, p) = tail.dense;
    return out;
  }

  void store(Index level, const Matrix& rows) {
    const Index b = layout_.width(), k = sparse_size(level), p = dense_size();
    if (k > 0) cross_.sparse_block(level) = rows.leftCols(k);
    if (p > 0) cross_.dense.middleRows(level * b, b) = rows.rightCols(p);
  }

  const Layout& layout_;
  const ArrowFactor& factor_;
  GramProduct gram_;
  bool penalised_only_, for_rows_;
  std::optional<TailInverse> tail_;
  CrossRows cross_;
  Matrix lead_, lead_projected_;
  bool dense_ = true;
};

}  // namespace gamut

#endif  // GAMUT_SYSTEM_SELECTED_INVERSE_HPP
