// criterion/gaussian_absolute.hpp - the deviance of a linear mixed model in absolute
// parameters.
//
// As gaussian.hpp, but with the residual standard deviation s as a parameter, so that a
// profile can hold it, or a standard deviation of random effects:
//   dev = N log(2 pi s^2) + r^2 / s^2 + log|H| - sum log w,
// with arguments theta, whose standard deviations are absolute, and log s. The covariance
// must be of a kind whose Lambda is proportional to its standard deviations (is_scale)
// and has no further parameters with a scale.
#ifndef GAMUT_CRITERION_GAUSSIAN_ABSOLUTE_HPP
#define GAMUT_CRITERION_GAUSSIAN_ABSOLUTE_HPP

#include "gaussian.hpp"

namespace gamut {

class GaussianAbsolute : public Objective {
 public:
  explicit GaussianAbsolute(GaussianCriterion& relative) : relative_(relative) {}

  Index size() const override { return relative_.size() + 1; }

  Evaluation evaluate(const Vector& x) override {
    const Index q = relative_.size();
    const double s = std::exp(x[q]);
    Vector theta = x.head(q);
    // theta_j / s moves with log s, too.
    Matrix change = Matrix::Identity(q + 1, q + 1);
    for (Index j = 0; j < q; ++j) {
      if (!relative_.terms().is_scale(static_cast<int>(j))) continue;
      theta[j] /= s;
      change(j, j) = 1 / s;
      change(j, q) = -theta[j];
    }
    const Evaluation at = relative_.evaluate_at(theta, s * s);
    if (!at.valid) return at;
    Evaluation out = at;
    out.gradient = change.transpose() * at.gradient;
    out.curvature = change.transpose() * at.curvature * change;
    return out;
  }

  double noise() const override { return relative_.noise(); }
  std::vector<char> nonnegative() const override {
    std::vector<char> out = relative_.nonnegative();
    out.push_back(0);
    return out;
  }

  Vector least_scales() const override {
    Vector out = Vector::Zero(size());
    out.head(relative_.size()) = relative_.least_scales();
    return out;
  }

 private:
  GaussianCriterion& relative_;
};

}  // namespace gamut

#endif  // GAMUT_CRITERION_GAUSSIAN_ABSOLUTE_HPP
