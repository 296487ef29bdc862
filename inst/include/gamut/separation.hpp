// separation.hpp - directions in which a likelihood rises for ever.
//
// Each row wants some combinations a'b of the coefficients not to fall (signs +1), or, a
// being turned round, not to rise (-1), or to stay (2, "equal"). The maximum is at
// infinity if and only if some b satisfies all, and strictly one of the unequal ones:
//   C* = { b : a_i'b >= 0 for all i, e_j'b = 0 for all j }
// holds more than directions with a_i'b = 0 for all i. This header finds a b of C* for
// which as many a_i'b as possible are positive: these rows are separated.
//   Coordinates are orthonormal (b = R^-1 z, X = QR), in the null space of the e_j, and
// the a_i have length 1. With v the sum of those not yet known to be separated, the
// projection of v on C* is, by Moreau's decomposition,
//   b = v + sum_i lambda_i a_i,  lambda >= 0 least squares for A lambda = -v,
// which Lawson & Hanson's active sets find exactly in finitely many steps with at most
// dim(b) rows at a time. v'b = |b|^2 > 0 shows a row that is separated; b = 0, that no
// further one is, since then v = -A lambda is not positive anywhere on C*. Each round
// takes a dimension from the span of the rest.
//   Coefficients that may be infinite are those that move in the span of C*, the null
// space of all rows that are not separated.
// Source: Albert & Anderson (1984) Biometrika 71, 1-10; Konis (2007) DPhil thesis,
// Oxford (linear programs); Correia, Guimaraes & Zylkin (2019) arXiv:1903.01633 (zeros
// under a log link); Lawson & Hanson (1974) Solving Least Squares Problems, chapter 23.
#ifndef GAMUT_SEPARATION_HPP
#define GAMUT_SEPARATION_HPP

#include <Eigen/QR>
#include <Eigen/SVD>

#include "nonnegative.hpp"
#include "separation_rows.hpp"
#include "system/rank.hpp"

namespace gamut {

struct Separation {
  Vector direction;            ///< such a b, 0 if there is none
  std::vector<char> infinite;  ///< does the coefficient move in the span of C*?
  std::vector<char> aliased;
  std::vector<char> distinct;  ///< which of the distinct constraints are separated
  bool complete = false;       ///< all, and none is equal
  bool exact = true;           ///< false: the search for a projection was cut short
};

/// Cosine between a constraint and a direction below which it counts as 0: far above
/// the rounding of unit vectors, far below what data measured to six digits show.
constexpr double separation_angle = 1e-8;

class SeparationSearch {
 public:
  explicit SeparationSearch(const SeparationRows& rows) : rows_(rows) {}

  Separation operator()() {
    out_.distinct.assign(static_cast<std::size_t>(rows_.count()), 0);
    coordinates();
    if (kept_.empty()) return nothing();
    Vector b = cone_direction();
    const Matrix span = to_coefficients(space_ * null_space(directions_, true));
    const Matrix direction = to_coefficients(space_ * b);
    out_.direction = direction.col(0);
    mark_infinite(span);
    out_.complete = rows_.count() > 0;
    for (char separated : out_.distinct) out_.complete = out_.complete && separated;
    return std::move(out_);
  }

 private:
  Separation nothing() {
    out_.direction = Vector::Zero(length_.size());
    out_.infinite.assign(out_.aliased.size(), 0);
    return std::move(out_);
  }

  /// R of the rows, the columns kept, the null space of the equal rows, and the
  /// directions of the unequal ones in it.
  void coordinates() {
    Matrix x = rows_.matrix();
    const Matrix root = triangle(x);
    length_ = root.colwise().norm();
    out_.aliased = aliased_columns(root, alias_tolerance * length_);
    for (std::size_t j = 0; j < out_.aliased.size(); ++j) {
      if (!out_.aliased[j]) kept_.push_back(static_cast<Index>(j));
    }
    if (kept_.empty()) return;
    const Matrix columns = chosen_columns(root, kept_);
    root_ = triangle(columns);
    Matrix z = chosen_columns(x, kept_);
    x.resize(0, 0);
    root_.triangularView<Eigen::Upper>().solveInPlace<Eigen::OnTheRight>(z);
    for (Index i = 0; i < z.rows(); ++i) z.row(i) /= unit(z.row(i).norm());
    directions_ = z.transpose();
    z.resize(0, 0);
    space_ = null_space(directions_, false);
    directions_ = space_.transpose() * directions_;
    for (Index i = 0; i < directions_.cols(); ++i) {
      const double size = directions_.col(i).norm();
      const bool free = !rows_.equal(i) && size > separation_angle;
      directions_.col(i) *= free ? 1 / size : 0;
    }
  }

  static double unit(double norm) { return norm > 0 ? norm : 1; }

  /// The square R of X = QR, a block of rows at a time.
  static Matrix triangle(const Matrix& x) {
    constexpr Index block = 512;
    const Index p = x.cols();
    Matrix out = Matrix::Zero(p, p);
    for (Index first = 0; first < x.rows(); first += block) {
      const Index rows = std::min(block, x.rows() - first);
      Matrix stacked(p + rows, p);
      stacked << out, x.middleRows(first, rows);
      const Eigen::HouseholderQR<Matrix> qr(stacked);
      out = qr.matrixQR().topRows(p).triangularView<Eigen::Upper>();
    }
    return out;
  }

  /// Null space of the equal rows, or of all that are not separated.
  Matrix null_space(const Matrix& directions, bool unequal) const {
    IndexVector active;
    for (Index i = 0; i < directions.cols(); ++i) {
      const bool rests = unequal && !out_.distinct[static_cast<std::size_t>(i)];
      if (rests || (!unequal && rows_.equal(i))) active.push_back(i);
    }
    const Index q = directions.rows();
    if (active.empty() || q == 0) return Matrix::Identity(q, q);
    const Matrix root = triangle(chosen_columns(directions, active).transpose());
    const Eigen::JacobiSVD<Matrix> svd(root, Eigen::ComputeFullV);
    const Vector values = svd.singularValues();
    Index rank = 0;
    while (rank < q && values[rank] > separation_angle) ++rank;
    return svd.matrixV().rightCols(q - rank);
  }

  /// Rounds of projections; marks what is separated.
  Vector cone_direction() {
    const Index q = directions_.rows();
    Vector total = Vector::Zero(q);
    for (Index round = 0; round < q; ++round) {
      Vector v = Vector::Zero(q);
      for (Index i = 0; i < directions_.cols(); ++i) {
        if (!out_.distinct[static_cast<std::size_t>(i)]) v += directions_.col(i);
      }
      const double size = v.norm();
      if (!(size > separation_angle)) break;
      const Nonnegative fit = nonnegative_residual(directions_, -v / size);
      out_.exact = out_.exact && fit.finished;
      const double left = fit.residual.norm();
      if (!(left > separation_angle)) break;
      const Vector b = -fit.residual / left;
      if (!mark_separated(b)) break;
      total += b;
    }
    return total;
  }

  bool mark_separated(const Vector& b) {
    bool any = false;
    const Vector along = directions_.transpose() * b;
    for (Index i = 0; i < along.size(); ++i) {
      if (!(along[i] > separation_angle)) continue;
      any = any || !out_.distinct[static_cast<std::size_t>(i)];
      out_.distinct[static_cast<std::size_t>(i)] = 1;
    }
    return any;
  }

  /// From orthonormal coordinates, a column each; aliased coefficients stay 0.
  Matrix to_coefficients(const Matrix& z) const {
    const Matrix solved = root_.triangularView<Eigen::Upper>().solve(z);
    Matrix out = Matrix::Zero(length_.size(), z.cols());
    for (std::size_t j = 0; j < kept_.size(); ++j) {
      out.row(kept_[j]) = solved.row(static_cast<Index>(j));
    }
    return out;
  }

  /// Coefficients count by what they do to the rows; what is below rounding is 0.
  void mark_infinite(const Matrix& span) {
    bool any = false;
    for (char separated : out_.distinct) any = any || separated;
    const Vector moves = length_.cwiseProduct(span.rowwise().norm());
    const double largest = moves.size() > 0 ? moves.maxCoeff() : 0;
    for (Index j = 0; j < moves.size(); ++j) {
      const bool moving = any && moves[j] > 1e-7 * largest;
      out_.infinite.push_back(moving);
      if (!moving) out_.direction[j] = 0;
    }
  }

  const SeparationRows& rows_;
  Separation out_;
  IndexVector kept_;
  Vector length_;      ///< of the columns
  Matrix root_;        ///< R of the kept columns
  Matrix space_;       ///< null space of the equal rows
  Matrix directions_;  ///< a column each; 0 for equal rows and those fixed by them
};

}  // namespace gamut

#endif  // GAMUT_SEPARATION_HPP
