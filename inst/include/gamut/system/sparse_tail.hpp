// system/sparse_tail.hpp - the sparse factor of a long tail, and its selected inverse.
//
// P S P' = L L', the penalised coefficients first, within them by approximate minimum
// degree (elimination.hpp). Factors nested in one another cause no fill: what a blocked
// elimination would do level by level, this does too. The entries of S^-1 where L has
// some follow from L alone, last column first: with s the rows below the diagonal of
// column j and x = L_sj / L_jj,
//   Z_sj = -Z_ss x,   Z_jj = 1 / L_jj^2 - x' Z_sj.
// Source: George & Liu (1981) Computer Solution of Large Sparse Positive Definite
// Systems; Takahashi, Fagan & Chen (1973); Erisman & Tinney (1975) Comm. ACM 18, 177-179.
#ifndef GAMUT_SYSTEM_SPARSE_TAIL_HPP
#define GAMUT_SYSTEM_SPARSE_TAIL_HPP

#include <Eigen/SparseCholesky>

#include "tail_factor.hpp"

namespace gamut {

/// S^-1 at the entries that L has.
class SparseInverse {
 public:
  SparseInverse() = default;

  /// Of the leading m x m part of L; 0 elsewhere. `place`: of each coefficient in L.
  SparseInverse(const SparseMatrix& lower, const IndexVector& place, Index m)
      : lower_(&lower), place_(&place), count_(m) {
    value_.resize(static_cast<std::size_t>(lower.nonZeros()));
    std::vector<int> at(static_cast<std::size_t>(m), -1);
    for (Index j = m - 1; j >= 0; --j) fill_column(j, at);
  }

  /// An entry, in the order of the layout.
  double operator()(Index i, Index j) const {
    const Index p = (*place_)[i], q = (*place_)[j];
    const Index row = std::max(p, q), column = std::min(p, q);
    if (row >= count_) return 0;
    const int* rows = lower_->innerIndexPtr();
    const int* first = rows + lower_->outerIndexPtr()[column];
    const int* last = rows + lower_->outerIndexPtr()[column + 1];
    const int* found = std::lower_bound(first, last, static_cast<int>(row));
    return found != last && *found == row ? value_[found - rows] : 0;
  }

 private:
  void fill_column(Index j, std::vector<int>& at) {
    const int* rows = lower_->innerIndexPtr();
    const double* l = lower_->valuePtr();
    const Index first = lower_->outerIndexPtr()[j], below = first + 1;
    Index end = below;
    while (end < lower_->outerIndexPtr()[j + 1] && rows[end] < count_) ++end;
    const Index size = end - below;
    x_.resize(size);
    z_.setZero(size);
    for (Index a = 0; a < size; ++a) {
      x_[a] = l[below + a] / l[first];
      at[rows[below + a]] = static_cast<int>(a);
    }
    for (Index a = 0; a < size; ++a) add_column(rows[below + a], a, at);
    for (Index a = 0; a < size; ++a) {
      value_[below + a] = -z_[a];
      at[rows[below + a]] = -1;
    }
    value_[first] = 1 / (l[first] * l[first]) + x_.dot(z_);
  }

  /// z += the part of Z_ss x that column k of Z, both triangles, has.
  void add_column(Index k, Index a, const std::vector<int>& at) {
    const int* rows = lower_->innerIndexPtr();
    const Index first = lower_->outerIndexPtr()[k];
    const Index end = lower_->outerIndexPtr()[k + 1];
    double sum = value_[first] * x_[a];
    for (Index e = first + 1; e < end && rows[e] < count_; ++e) {
      const int b = at[rows[e]];
      if (b < 0) continue;
      sum += value_[e] * x_[b];
      z_[b] += value_[e] * x_[a];
    }
    z_[a] += sum;
  }

  const SparseMatrix* lower_ = nullptr;
  const IndexVector* place_ = nullptr;
  Index count_ = 0;
  std::vector<double> value_;
  Vector x_, z_;
};

class SparseTail : public TailFactor {
 public:
  /// `s`: both triangles, in the order of the layout.
  SparseTail(const Layout& layout, const SparseMatrix& s, const Vector& diagonal)
      : place_(layout.elimination().place), penalised_(layout.penalised_tail()) {
    Eigen::SimplicialLLT<SparseMatrix, Eigen::Lower, Eigen::NaturalOrdering<int>> llt;
    llt.compute(permuted(s, place_));
    positive_ = llt.info() == Eigen::Success && diagonal.minCoeff() > 0;
    if (!positive_) return;
    lower_ = llt.matrixL().nestedExpression();
    for (Index j = 0; j < s.rows(); ++j) {
      const double pivot = root(place_[j]);
      smallest_pivot_ = std::min(smallest_pivot_, pivot * pivot / diagonal[j]);
    }
  }

  bool positive() const override { return positive_; }
  double smallest_pivot() const override { return positive_ ? smallest_pivot_ : 0; }

  Vector solve(const Vector& v, bool penalised_only, double) const override {
    const Index m = count(penalised_only);
    Vector x = half_solve(v, penalised_only);
    for (Index j = m - 1; j >= 0; --j) {
      double sum = x[j];
      for (SparseMatrix::InnerIterator it(lower_, j); it; ++it) {
        if (it.row() >= m) break;
        if (it.row() > j) sum -= it.value() * x[it.row()];
      }
      x[j] = sum / root(j);
    }
    Vector out(v.size());
    for (Index j = 0; j < v.size(); ++j) out[j] = place_[j] < m ? x[place_[j]] : 0;
    return out;
  }

  /// L^-1 P v: inner products of these are those of v and S^-1.
  Vector half_solve(const Vector& v, bool penalised_only) const {
    const Index m = count(penalised_only);
    Vector x = Vector::Zero(v.size());
    for (Index j = 0; j < v.size(); ++j) {
      if (place_[j] < m) x[place_[j]] = v[j];
    }
    for (Index j = 0; j < m; ++j) {
      if (x[j] == 0) continue;
      x[j] /= root(j);
      for (SparseMatrix::InnerIterator it(lower_, j); it; ++it) {
        if (it.row() >= m) break;
        if (it.row() > j) x[it.row()] -= it.value() * x[j];
      }
    }
    return x;
  }

  double log_determinant(bool penalised_only) const override {
    double sum = 0;
    for (Index j = 0; j < count(penalised_only); ++j) sum += std::log(root(j));
    return 2 * sum;
  }

  Matrix free_root() const override {
    const Index rest = lower_.rows() - penalised_;
    Matrix out = Matrix::Zero(rest, rest);
    for (Index j = 0; j < rest; ++j) {
      for (SparseMatrix::InnerIterator it(lower_, penalised_ + j); it; ++it) {
        out(j, it.row() - penalised_) = it.value();
      }
    }
    return out;
  }

  SparseInverse inverse(bool penalised_only) const {
    return SparseInverse(lower_, place_, count(penalised_only));
  }

 private:
  Index count(bool penalised_only) const {
    return penalised_only ? penalised_ : lower_.rows();
  }
  /// The diagonal, first in its column.
  double root(Index j) const { return lower_.valuePtr()[lower_.outerIndexPtr()[j]]; }

  IndexVector place_;
  Index penalised_ = 0;
  bool positive_ = false;
  double smallest_pivot_ = std::numeric_limits<double>::infinity();
  SparseMatrix lower_;
};

}  // namespace gamut

#endif  // GAMUT_SYSTEM_SPARSE_TAIL_HPP
