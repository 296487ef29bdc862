// covariance/penalty_sum.hpp - smooths: c'S_lambda c with S_lambda = sum_j lambda_j S_j.
//
// As a law: c = Lambda(theta) u + N v, where N is a basis of the common null space of the
// b x b penalties S_j, v is free, and on their range Lambda Lambda' is the inverse of
// S_lambda. The parameters are theta_j = lambda_j^-1/2, so that lambda = infinity, where
// penalty j holds its part of c at 0, is theta_j = 0. Some lambda_j may be given.
//
// With B such that B'(sum_j S_j / |S_j|)B = I, the T_j = B'S_jB are diagonal in one basis
// V wherever the penalties are those of a tensor product, of disjoint parts of c, or two
// of any kind. Then, column by column of R = BV,
//   Lambda = R diag(s),   s_i = (sum_j t_ij / theta_j^2)^-1/2,
//   d s_i / d theta_j = t_ij (s_i / theta_j)^3,
// where nothing is lost at any ratio of the lambda_j, and theta_j = 0 is a value like
// another. Other penalties (three derivatives of one spline) have Lambda = B L^-T with
// LL' = sum_j T_j / h_j^2, where h_j^2 = theta_j^2 + e sum_l |S_l| theta_l^2 / |S_j|
// keeps the digits that a Cholesky decomposition needs: no lambda_j counts as more than 1
// / e times the least of them, in units of the norms. Source: Wood (2017) Generalized
// Additive Models, 2nd ed., sections 5.8 and 6.2; Wood (2011) J. R. Stat. Soc. B 73,
// appendix B for why a sum with ratios above 1e8 of the lambda_j must not be decomposed
// as it is.
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
  /// `given`: for each penalty its lambda, or NaN where it is a parameter; empty: all
  /// are.
  explicit PenaltySum(std::vector<Matrix> penalties, std::vector<double> given = {})
      : penalties_(std::move(penalties)) {
    const std::size_t count = penalties_.size();
    theta_ = Vector::Ones(static_cast<Index>(count));
    norm_.resize(static_cast<Index>(count));
    for (std::size_t j = 0; j < count; ++j) {
      norm_[static_cast<Index>(j)] = penalties_[j].norm();
      const bool free = given.empty() || std::isnan(given[j]);
      if (free) free_.push_back(static_cast<Index>(j));
      if (!free) theta_[static_cast<Index>(j)] = 1 / std::sqrt(given[j]);
    }
    find_range();
    diagonalise();
  }

  int parameters() const override { return static_cast<int>(free_.size()); }
  void set_parameters(const double* value) override {
    for (std::size_t j = 0; j < free_.size(); ++j) theta_[free_[j]] = value[j];
  }
  Vector values() const override {
    Vector out(parameters());
    for (int j = 0; j < parameters(); ++j) out[j] = theta_[free_[j]];
    return out;
  }

  /// `sd[i]`: what the data alone would leave of coefficient i. Each penalty then takes
  /// about half of the freedom that it can.
  void start(const Vector& sd) override {
    for (Index j : free_) {
      const double mean = penalties_[j].diagonal().dot(sd.cwiseAbs2());
      theta_[j] = std::sqrt(mean / std::max(rank_[j], 1.0));
    }
  }
  bool is_penalty() const override { return true; }
  bool is_scale(int) const override { return true; }

  Index size() const override { return basis_.rows(); }
  Index penalised() const override { return basis_.cols(); }
  Matrix root() const override {
    Matrix out = matrix();
    out.rightCols(null_.cols()) = null_;
    return out;
  }
  Matrix matrix() const override {
    return padded(diagonal_ ? Matrix(basis_ * deviations().asDiagonal()) : factor());
  }
  Matrix derivative(int parameter) const override {
    const Index j = free_[parameter];
    if (diagonal_) return padded(basis_ * slopes(j).asDiagonal());
    // half of d(Lambda Lambda') Lambda^-T, which any root of the same product will do
    const Matrix lambda = factor();
    const Vector h = held();
    Matrix change = Matrix::Zero(size(), size());
    for (Index l = 0; l < theta_.size(); ++l) {
      const double own = l == j ? theta_[j] : 0;
      const double slope = own + least_ratio * theta_[j] * norm_[j] / norm_[l];
      change += slope / (h[l] * h[l]) * penalties_[l];
    }
    return padded(lambda * lambda.transpose() * (change * lambda));
  }

 private:
  Matrix padded(const Matrix& left) const {
    Matrix out = Matrix::Zero(size(), size());
    out.leftCols(left.cols()) = left;
    return out;
  }

  /// s_i, 0 where any penalty on it is infinite.
  Vector deviations() const {
    Vector out(shares_.rows());
    for (Index i = 0; i < out.size(); ++i) {
      double precision = 0;
      for (Index j = 0; j < theta_.size(); ++j) {
        if (shares_(i, j) > 0) precision += shares_(i, j) / (theta_[j] * theta_[j]);
      }
      out[i] = 1 / std::sqrt(precision);
    }
    return out;
  }

  /// d s_i / d theta_j; s_i / theta_j is taken as a whole, since both may be 0.
  Vector slopes(Index j) const {
    Vector out = Vector::Zero(shares_.rows());
    for (Index i = 0; i < out.size(); ++i) {
      if (!(shares_(i, j) > 0)) continue;
      double sum = 0;
      for (Index l = 0; l < theta_.size(); ++l) {
        const double ratio = theta_[l] == theta_[j] ? 1 : theta_[j] / theta_[l];
        if (shares_(i, l) > 0) sum += shares_(i, l) * ratio * ratio;
      }
      const double side = theta_[j] < 0 ? -1 : 1;
      out[i] = side * shares_(i, j) / (sum * std::sqrt(sum));
    }
    return out;
  }

  /// h_j^2
  Vector held() const {
    const double all = norm_.dot(theta_.cwiseAbs2());
    return theta_.cwiseAbs2() + least_ratio * all * norm_.cwiseInverse();
  }

  Matrix factor() const {
    Matrix sum = Matrix::Zero(basis_.cols(), basis_.cols());
    const Vector h = held();
    for (Index j = 0; j < theta_.size(); ++j) {
      sum += basis_.transpose() * penalties_[j] * basis_ / h[j];
    }
    return sum.llt().matrixU().solve<Eigen::OnTheRight>(basis_);
  }

  /// B, and the space that no penalty acts on.
  void find_range() {
    const Index size = penalties_.front().rows();
    Matrix balanced = Matrix::Zero(size, size);
    for (const Matrix& penalty : penalties_) balanced += penalty / penalty.norm();
    const Eigen::SelfAdjointEigenSolver<Matrix> eigen(balanced);
    const Vector& values = eigen.eigenvalues();
    const double cut = least_share * values[size - 1];
    Index null = 0;
    while (null < size && values[null] <= cut) ++null;
    null_ = eigen.eigenvectors().leftCols(null);
    basis_ = eigen.eigenvectors().rightCols(size - null) *
             values.tail(size - null).cwiseSqrt().cwiseInverse().asDiagonal();
  }

  /// V from a combination of the T_j that no two different eigenvectors of all share.
  void diagonalise() {
    const Index m = basis_.cols(), count = static_cast<Index>(penalties_.size());
    std::vector<Matrix> inner;
    Matrix mixture = Matrix::Zero(m, m);
    for (Index j = 0; j < count; ++j) {
      inner.push_back(basis_.transpose() * penalties_[j] * basis_);
      mixture += inner.back() / penalties_[j].norm() / (1 + 0.7310585 * double(j));
    }
    const Matrix turn = Eigen::SelfAdjointEigenSolver<Matrix>(mixture).eigenvectors();
    shares_.resize(m, count);
    rank_.resize(count);
    diagonal_ = true;
    for (Index j = 0; j < count; ++j) {
      Matrix turned = turn.transpose() * inner[j] * turn;
      shares_.col(j) = turned.diagonal();
      const double largest = shares_.col(j).maxCoeff();
      turned.diagonal().setZero();
      diagonal_ = diagonal_ && turned.cwiseAbs().maxCoeff() < 1e-9 * largest;
      for (Index i = 0; i < m; ++i) {
        if (shares_(i, j) < least_share * largest) shares_(i, j) = 0;
      }
      rank_[j] = static_cast<double>((shares_.col(j).array() > 0).count());
    }
    if (diagonal_) basis_ = basis_ * turn;
  }

  /// Of the largest eigenvalue; below it there is rounding.
  static constexpr double least_share = 1e-11;
  /// e
  static constexpr double least_ratio = 1e-10;

  std::vector<Matrix> penalties_;
  Vector theta_, norm_;
  std::vector<Index> free_;  ///< penalties whose lambda is a parameter
  Matrix basis_, null_;      ///< B, or where there is a V, R; N
  Matrix shares_;            ///< t_ij
  Vector rank_;
  bool diagonal_ = true;
};

}  // namespace gamut

#endif  // GAMUT_COVARIANCE_PENALTY_SUM_HPP
