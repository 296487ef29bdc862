// nonnegative.hpp - non-negative least squares: min |b - A x|, x >= 0.
//
// Lawson & Hanson's active set method. A has many columns of few entries; at most as
// many x as A has rows are positive at a time. Only the residual is wanted; it satisfies
// A'r <= 0, with equality where x > 0.
// Source: Lawson & Hanson (1974) Solving Least Squares Problems, chapter 23.
#ifndef GAMUT_NONNEGATIVE_HPP
#define GAMUT_NONNEGATIVE_HPP

#include <Eigen/QR>

#include "types.hpp"

namespace gamut {

inline Matrix chosen_columns(const Matrix& a, const IndexVector& columns) {
  Matrix out(a.rows(), static_cast<Index>(columns.size()));
  for (Index j = 0; j < out.cols(); ++j) out.col(j) = a.col(columns[j]);
  return out;
}

struct Nonnegative {
  Vector residual;
  bool finished = true;
};

class NonnegativeSearch {
 public:
  NonnegativeSearch(const Matrix& a, const Vector& b) : a_(a), b_(b), residual_(b) {}

  Nonnegative operator()() {
    const Index most = 30 * (a_.rows() + 10);
    std::vector<char> useless(static_cast<std::size_t>(a_.cols()), 0);
    for (Index it = 0; it < most; ++it) {
      const Index j = steepest(useless);
      if (j < 0) return {residual_, true};
      const double before = residual_.norm();
      const IndexVector columns = columns_;
      const Vector x = x_;
      add(j);
      if (residual_.norm() < before) {
        std::fill(useless.begin(), useless.end(), 0);
      } else {
        // A gain below rounding: without it, and not again until something changed.
        columns_ = columns;
        x_ = x;
        update();
        useless[static_cast<std::size_t>(j)] = 1;
      }
    }
    return {residual_, false};
  }

 private:
  /// The column along which the residual shrinks fastest; -1 when there is none.
  Index steepest(const std::vector<char>& useless) const {
    const double size = residual_.norm();
    if (!(size > 1e-12 * b_.norm())) return -1;
    Vector slope = a_.transpose() * residual_;
    for (Index j = 0; j < slope.size(); ++j) {
      if (useless[static_cast<std::size_t>(j)]) slope[j] = 0;
    }
    for (Index j : columns_) slope[j] = 0;
    Index best = -1;
    if (slope.size() == 0) return best;
    return slope.maxCoeff(&best) > 1e-10 * size ? best : -1;
  }

  /// Let column j in; those that would turn negative go, the nearest to 0 first.
  void add(Index j) {
    columns_.push_back(j);
    Vector x(x_.size() + 1);
    x << x_, 0;
    x_ = x;
    while (!columns_.empty()) {
      const Vector target = least_squares();
      double way = 1;
      for (Index k = 0; k < target.size(); ++k) {
        if (target[k] <= 0) way = std::min(way, x_[k] / (x_[k] - target[k]));
      }
      x_ += way * (target - x_);
      if (way >= 1 && target.minCoeff() > 0) break;
      drop_zeros(target);
    }
    update();
  }

  Vector least_squares() const {
    const Matrix chosen = chosen_columns(a_, columns_);
    return Eigen::ColPivHouseholderQR<Matrix>(chosen).solve(b_);
  }

  void drop_zeros(const Vector& target) {
    const double tiny = 1e-14 * std::max(x_.cwiseAbs().maxCoeff(), 1e-300);
    IndexVector columns;
    std::vector<double> values;
    for (Index k = 0; k < x_.size(); ++k) {
      if (target[k] <= 0 && x_[k] <= tiny) continue;
      columns.push_back(columns_[static_cast<std::size_t>(k)]);
      values.push_back(x_[k]);
    }
    columns_ = columns;
    x_ = Eigen::Map<const Vector>(values.data(), static_cast<Index>(values.size()));
  }

  void update() {
    residual_ = b_;
    for (std::size_t k = 0; k < columns_.size(); ++k) {
      residual_ -= x_[static_cast<Index>(k)] * a_.col(columns_[k]);
    }
  }

  const Matrix& a_;
  Vector b_, residual_, x_;
  IndexVector columns_;  ///< those with positive x
};

inline Nonnegative nonnegative_residual(const Matrix& a, const Vector& b) {
  return NonnegativeSearch(a, b)();
}

}  // namespace gamut

#endif  // GAMUT_NONNEGATIVE_HPP
