// covariance/penalty_sum.hpp - S(lambda) = sum_j lambda_j S_j with log|S|_+.
//
// The rank of S is that of the sum of the S_j, each scaled to unit norm, so that it
// does not change with lambda. log|S|_+ is the log of the product of that many
// largest eigenvalues; its gradient in rho_j = log lambda_j is
// lambda_j tr(S^- S_j) with the pseudo-inverse on the same space. With S = U L L'U' on
// the range U, the root is R = [U L^-T, N], N the null space: c'Sc = |z_1|^2.
// (Wood, 2011, J. R. Stat. Soc. B 73, appendix B gives the case of widely spread
// lambda_j, which the eigenvalues of the range-space projection handle here).
#ifndef GAMUT_COVARIANCE_PENALTY_SUM_HPP
#define GAMUT_COVARIANCE_PENALTY_SUM_HPP

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <utility>

#include "covariance.hpp"

namespace gamut {

class PenaltySum : public Covariance {
 public:
  explicit PenaltySum(std::vector<Matrix> penalties)
      : penalties_(std::move(penalties)),
        log_lambda_(Vector::Zero(static_cast<Index>(penalties_.size()))) {
    find_range();
  }

  Form form() const override { return Form::penalty; }
  int parameters() const override { return static_cast<int>(penalties_.size()); }
  void set_parameters(const double* log_lambda) override {
    std::copy(log_lambda, log_lambda + parameters(), log_lambda_.data());
  }
  Vector values() const override { return log_lambda_; }
  void start(const Vector&) override { log_lambda_.setZero(); }
  bool is_scale(int) const override { return false; }
  Index size() const override { return range_.rows(); }
  Index penalised() const override { return range_.cols(); }
  Matrix root() const override {
    const Matrix inner = range_.transpose() * matrix() * range_;
    Matrix out(size(), size());
    out << inner.llt().matrixU().solve<Eigen::OnTheRight>(range_), null_;
    return out;
  }
  Matrix matrix() const override {
    Matrix sum = Matrix::Zero(range_.rows(), range_.rows());
    for (int j = 0; j < parameters(); ++j) sum += derivative(j);
    return sum;
  }
  Matrix derivative(int j) const override {
    return std::exp(log_lambda_[j]) * penalties_[j];
  }
  Index rank() const { return range_.cols(); }

  double log_determinant() const override {
    const Matrix inner = range_.transpose() * matrix() * range_;
    return inner.ldlt().vectorD().array().log().sum();
  }
  Vector log_determinant_gradient() const override {
    const Matrix inner = range_.transpose() * matrix() * range_;
    const auto factor = inner.ldlt();
    Vector gradient(parameters());
    for (int j = 0; j < parameters(); ++j) {
      const Matrix projected = range_.transpose() * derivative(j) * range_;
      gradient[j] = factor.solve(projected).trace();
    }
    return gradient;
  }

 private:
  /// Orthonormal basis of the space that any of the penalties acts on.
  void find_range() {
    const Index size = penalties_.front().rows();
    Matrix balanced = Matrix::Zero(size, size);
    for (const Matrix& penalty : penalties_) balanced += penalty / penalty.norm();
    const Eigen::SelfAdjointEigenSolver<Matrix> eigen(balanced);
    const double cut = 1e-10 * eigen.eigenvalues()[size - 1];
    Index null = 0;
    while (null < size && eigen.eigenvalues()[null] <= cut) ++null;
    range_ = eigen.eigenvectors().rightCols(size - null);
    null_ = eigen.eigenvectors().leftCols(null);
  }

  std::vector<Matrix> penalties_;
  Vector log_lambda_;
  Matrix range_, null_;
};

}  // namespace gamut

#endif  // GAMUT_COVARIANCE_PENALTY_SUM_HPP
