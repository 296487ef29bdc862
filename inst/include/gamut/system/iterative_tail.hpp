// system/iterative_tail.hpp - a tail too long to factor: conjugate gradients and probes.
//
// S = M'(T - X'X)M + P is only ever multiplied with vectors, X = K^-1 B. The penalised
// part S_uu, scaled to a unit diagonal (A = Q^-1/2 S_uu Q^-1/2), is solved for by
// conjugate gradients: with crossed factors of many levels each its eigenvalues are close
// together, and ten steps do. Fixed effects are exact: W = S_uu^-1 S_ux column by column,
// R_xx'R_xx = S_xx - S_xu W.
// log|S_uu| = sum log q + tr log A. The trace is exact along the constant vectors V of
// the terms, where A has its outlying eigenvalues; over the rest it is the mean of
//   z'log(A)z - z'(A - I)z,   z = (I - VV')r,
// of which the second part has the known mean -tr V'(A - I)V. r are signs that are always
// the same, so that the criterion is a function; each z'log(A)z comes from the quadrature
// that some steps of Lanczos give. log_determinant_error() is the standard error.
// The terms of the tail must be scalar ones, so that M is diagonal.
// Source: Hestenes & Stiefel (1952) J. Res. NBS 49, 409-436; Ubaru, Chen & Saad (2017)
// SIAM J. Matrix Anal. Appl. 38, 1075-1099; Meyer et al. (2021) SOSA, 142-155 for the
// deflation.
#ifndef GAMUT_SYSTEM_ITERATIVE_TAIL_HPP
#define GAMUT_SYSTEM_ITERATIVE_TAIL_HPP

#include "lanczos.hpp"
#include "tail_factor.hpp"
#include "tail_matrix.hpp"

namespace gamut {

/// Signs at random, the same for the same number of the probe.
inline Vector probe_signs(Index size, int probe) {
  std::uint64_t state = 0x9e3779b97f4a7c15ULL * static_cast<std::uint64_t>(probe + 1);
  Vector out(size);
  for (Index i = 0; i < size; ++i) {
    state += 0x9e3779b97f4a7c15ULL;
    std::uint64_t x = state;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
    out[i] = ((x ^ (x >> 31)) >> 63) ? 1 : -1;
  }
  return out;
}

constexpr int probe_count = 16;

class IterativeTail : public TailFactor {
 public:
  IterativeTail(const Layout& layout, const TailMatrix& tail, const CrossRows& cross,
                const std::vector<char>& fixed, const Vector& diagonal)
      : layout_(&layout), tail_(tail), cross_(cross), scale_(layout.free_tail()) {
    for (Index j = 0; j < layout.free_tail(); ++j) {
      scale_[j] = fixed[j] ? 0 : layout.tail_map().coeff(j, j);
      (layout.penalised(j) ? random_ : free_).push_back(j);
    }
    find_diagonal();
    positive_ = root_diagonal_.minCoeff() > 0;
    if (positive_) eliminate_free(fixed, diagonal);
  }

  bool positive() const override { return positive_; }
  double smallest_pivot() const override { return smallest_pivot_; }
  Matrix free_root() const override { return free_root_; }

  Vector solve(const Vector& v, bool penalised_only, double accuracy) const override {
    return solve_each(v, penalised_only, accuracy);
  }

  Matrix solve_each(const Matrix& v, bool penalised_only,
                    double accuracy) const override {
    RowMatrix u = solve_random(part(v, random_), accuracy);
    RowMatrix out = RowMatrix::Zero(v.rows(), v.cols());
    if (!penalised_only) {
      Matrix x = part(v, free_) - border_.transpose() * u;
      free_root_.transpose().triangularView<Eigen::Lower>().solveInPlace(x);
      free_root_.triangularView<Eigen::Upper>().solveInPlace(x);
      u -= solved_border_ * x;
      put(x, free_, out);
    }
    put(u, random_, out);
    return out;
  }

  double log_determinant(bool penalised_only) const override {
    if (!known_) estimate();
    const double fixed = free_root_.diagonal().array().abs().log().sum();
    return log_determinant_ + (penalised_only ? 0 : 2 * fixed);
  }
  double log_determinant_error() const override {
    if (!known_) estimate();
    return error_;
  }

 private:
  static constexpr int most_steps = 500;

  template <class Rows>
  static RowMatrix part(const Rows& v, const IndexVector& places) {
    RowMatrix out(static_cast<Index>(places.size()), v.cols());
    for (Index j = 0; j < out.rows(); ++j) out.row(j) = v.row(places[j]);
    return out;
  }
  template <class Rows>
  static void put(const Rows& from, const IndexVector& places, RowMatrix& out) {
    for (Index j = 0; j < from.rows(); ++j) out.row(places[j]) = from.row(j);
  }

  /// M'(T - X'X)M x, over all coefficients of the tail.
  RowMatrix multiply(const RowMatrix& x) const {
    const RowMatrix raw = scale_.asDiagonal() * x;
    RowMatrix out = tail_.times(raw);
    if (!cross_.empty()) out -= cross_.transpose_times(cross_.times(raw));
    return scale_.asDiagonal() * out;
  }

  /// A x over the penalised coefficients.
  RowMatrix scaled(const RowMatrix& x) const {
    RowMatrix all = RowMatrix::Zero(scale_.size(), x.cols());
    put(unscaled(x), random_, all);
    return unscaled(part(multiply(all), random_) + part(all, random_));
  }
  /// Q^-1/2 x
  RowMatrix unscaled(const RowMatrix& x) const {
    return root_diagonal_.cwiseInverse().asDiagonal() * x;
  }

  void find_diagonal() {
    Vector raw = tail_.diagonal();
    const Index p = cross_.dense.cols();
    if (!cross_.empty() && p > 0) {
      raw.tail(p) -= cross_.dense.colwise().squaredNorm().transpose();
    }
    for (Index l = 0; cross_.sparse_columns > 0 && l < cross_.levels(); ++l) {
      const CrossPattern& met = *cross_.pattern;
      for (Index e = met.begin(l); e < met.begin(l) + met.size(l); ++e) {
        raw[met.column(e)] -= cross_.sparse.col(e).squaredNorm();
      }
    }
    const Vector all = raw.cwiseProduct(scale_.cwiseAbs2());
    root_diagonal_ = (part(all, random_).col(0).array() + 1).max(0).sqrt();
  }

  /// S_uu^-1 v by conjugate gradients on A, of all columns together, each until it is
  /// there.
  RowMatrix solve_random(const RowMatrix& v, double accuracy = full_accuracy) const {
    RowMatrix r = unscaled(v), x = RowMatrix::Zero(r.rows(), r.cols()), p = r;
    Numbers size = column_dots(r, r);
    const Numbers end = accuracy * accuracy * size;
    for (int step = 0; step < most_steps && (size > end).any(); ++step) {
      const RowMatrix ap = scaled(p);
      const Numbers curvature = column_dots(p, ap);
      const Numbers length = (size > end).select(size / curvature, 0);
      x += p * length.matrix().asDiagonal();
      r -= ap * length.matrix().asDiagonal();
      const Numbers next = column_dots(r, r);
      const Numbers share = (size > end).select(next / size, 0);
      p = r + p * share.matrix().asDiagonal();
      size = next;
    }
    return unscaled(x);
  }

  void eliminate_free(const std::vector<char>& fixed, const Vector& diagonal) {
    const Index p = static_cast<Index>(free_.size());
    RowMatrix units = RowMatrix::Zero(scale_.size(), p);
    for (Index j = 0; j < p; ++j) units(free_[j], j) = 1;
    const RowMatrix columns = multiply(units);
    border_ = part(columns, random_);
    solved_border_ = solve_random(border_);
    Matrix schur = part(columns, free_);
    for (Index j = 0; j < p; ++j) {
      if (fixed[free_[j]]) schur(j, j) = 1;
    }
    schur -= border_.transpose() * solved_border_;
    const Eigen::LLT<Matrix> factor(Matrix(0.5 * (schur + schur.transpose())));
    positive_ = p == 0 || factor.info() == Eigen::Success;
    if (!positive_) return;
    free_root_ = factor.matrixU();
    smallest_pivot_ = std::numeric_limits<double>::infinity();
    for (Index j = 0; j < p; ++j) {
      const double pivot = free_root_(j, j) * free_root_(j, j) / diagonal[free_[j]];
      smallest_pivot_ = std::min(smallest_pivot_, pivot);
    }
  }

  /// An orthonormal basis of what is constant within each term, scaled as A is.
  Matrix constants() const {
    IndexVector term(static_cast<std::size_t>(scale_.size()), -1);
    for (const Block& block : layout_->tail()) {
      for (Index j = 0; j < block.free_columns; ++j) {
        term[block.free_column(j)] = block.term;
      }
    }
    std::vector<Vector> columns;
    IndexVector known;
    for (Index j = 0; j < static_cast<Index>(random_.size()); ++j) {
      const Index t = term[random_[j]];
      auto at = std::find(known.begin(), known.end(), t);
      if (at == known.end()) {
        known.push_back(t);
        columns.push_back(Vector::Zero(root_diagonal_.size()));
        at = known.end() - 1;
      }
      columns[at - known.begin()][j] = root_diagonal_[j];
    }
    Matrix out(root_diagonal_.size(), static_cast<Index>(columns.size()));
    for (Index j = 0; j < out.cols(); ++j) out.col(j) = columns[j].normalized();
    return out;  // terms do not overlap
  }

  void estimate() const {
    const Matrix v = constants();
    const Index q = v.rows();
    RowMatrix z(q, probe_count);
    for (int probe = 0; probe < probe_count; ++probe)
      z.col(probe) = probe_signs(q, probe);
    z -= v * (v.transpose() * z).eval();
    const auto multiply_by_a = [this](const RowMatrix& x) { return scaled(x); };
    const LogQuadratics along = log_quadratics(v, multiply_by_a);
    const LogQuadratics found = log_quadratics(z, multiply_by_a);
    const Numbers value = found.logarithm - found.excess;
    const double mean = value.mean();
    error_ = std::sqrt((value - mean).square().mean() / (probe_count - 1.0));
    log_determinant_ = 2 * root_diagonal_.array().log().sum() + along.logarithm.sum() -
                       along.excess.sum() + mean;
    known_ = true;
  }

  const Layout* layout_;
  TailMatrix tail_;
  CrossRows cross_;
  Vector scale_;  ///< diagonal of M, 0 for coefficients that are fixed
  IndexVector random_, free_;
  Vector root_diagonal_;  ///< Q^1/2
  Matrix border_, solved_border_, free_root_;
  bool positive_ = false;
  double smallest_pivot_ = 0;
  mutable bool known_ = false;
  mutable double log_determinant_ = 0, error_ = 0;
};

}  // namespace gamut

#endif  // GAMUT_SYSTEM_ITERATIVE_TAIL_HPP
