// covariance/spherical.hpp - any covariance, by standard deviations and angles.
//
// Lambda = P' diag(sd) C, C lower triangular with rows of length one, P a permutation: in
// the order of P coefficient i has standard deviation |sd_i|, and row i of C is a point
// of a sphere,
//   C_i0 = cos a_i0,  C_i1 = sin a_i0 cos a_i1,  ...,  C_ii = sin a_i0 ... sin a_i,i-1,
// so that the correlation of the first coefficient with the i-th is cos a_i0: what a
// profile holds is a parameter of its own in a suitable order. Correlations of -1 and 1
// are at 0 and pi, without a bound.
// theta: b standard deviations up to sign, then a_10, a_20, a_21, a_30, ...
// Source: Pinheiro & Bates (1996) Stat. Comput. 6, 289-296, section 2.3.
#ifndef GAMUT_COVARIANCE_SPHERICAL_HPP
#define GAMUT_COVARIANCE_SPHERICAL_HPP

#include <cmath>

#include "factor.hpp"

namespace gamut {

class Spherical : public Factor {
 public:
  /// order[i]: the coefficient at place i.
  explicit Spherical(IndexVector order)
      : Factor(static_cast<Index>(order.size()), count(order)), order_(std::move(order)) {
    start(Vector::Ones(size_));
  }
  void start(const Vector& sd) override {
    for (Index i = 0; i < size_; ++i) theta_[i] = sd[order_[i]];
    theta_.tail(theta_.size() - size_).setConstant(M_PI / 2);
  }
  bool is_scale(int j) const override { return j < size_; }
  /// A negative one turns the correlations of its row.
  Vector signs() const override { return Vector::Ones(theta_.size()); }
  Matrix matrix() const override {
    Matrix out(size_, size_);
    for (Index i = 0; i < size_; ++i) out.row(order_[i]) = theta_[i] * row(i, -1);
    return out;
  }
  Matrix derivative(int j) const override {
    Matrix out = Matrix::Zero(size_, size_);
    if (is_scale(j)) {
      out.row(order_[j]) = row(j, -1);
      return out;
    }
    Index i = 1;
    while (first(i + 1) <= j) ++i;
    out.row(order_[i]) = theta_[i] * row(i, j - first(i));
    return out;
  }

 private:
  static Index count(const IndexVector& order) {
    const Index b = static_cast<Index>(order.size());
    return b * (b + 1) / 2;
  }
  /// Where the angles of row i begin.
  Index first(Index i) const { return size_ + i * (i - 1) / 2; }

  /// Row i of C, or its derivative in one of its angles.
  Eigen::RowVectorXd row(Index i, Index moved) const {
    Eigen::RowVectorXd out = Eigen::RowVectorXd::Zero(size_);
    double sines = 1;
    for (Index j = 0; j < i; ++j) {
      const double angle = theta_[first(i) + j];
      const bool here = j == moved;
      if (moved < 0 || j >= moved) {
        out[j] = sines * (here ? -std::sin(angle) : std::cos(angle));
      }
      sines *= here ? std::cos(angle) : std::sin(angle);
    }
    out[i] = sines;
    return out;
  }

  IndexVector order_;
};

}  // namespace gamut

#endif  // GAMUT_COVARIANCE_SPHERICAL_HPP
