// criterion/gaussian.hpp - the profiled deviance of a linear mixed model.
//
// y ~ N(X beta + Z b, s^2 / w), b = Lambda u, u ~ N(0, s^2): Lambda is relative to s.
// With r^2 the penalised residual sum of squares and N = n (ML) or n - p (REML)
//   dev = N (1 + log(2 pi r^2 / N)) + log|H| - sum log w,
// where |H| is that of the penalised coefficients for ML and of all for REML. The sums of
// one pass, made at the least-squares coefficients, serve every evaluation: none touches
// the rows. Where random effects take nearly all of the residuals, r^2 would be a small
// difference of large numbers: then it is expanded around coefficients near the solution,
// whose residuals and scores take another pass, now and then.
// Source: Bates, Maechler, Bolker & Walker (2015) J. Stat. Softw. 67(1), section 3.4.
#ifndef GAMUT_CRITERION_GAUSSIAN_HPP
#define GAMUT_CRITERION_GAUSSIAN_HPP

#include <functional>

#include "../optimise/objective.hpp"
#include "variance_derivatives.hpp"

namespace gamut {

class GaussianCriterion : public RememberingObjective {
 public:
  /// Objective and scores a step away from the coefficients of the sums.
  using SumsAway = std::function<Sums(const Coefficients&)>;

  /// `sums` at coefficients whose penalised part is 0; `aliased` columns stay out.
  /// Without `sums_away` small residuals lose their digits.
  GaussianCriterion(Layout& layout, const Sums& sums, const Aliased& aliased,
                    double log_weights, bool restricted, SumsAway sums_away = nullptr)
      : layout_(layout),
        terms_(layout),
        sums_(sums),
        aliased_(aliased),
        log_weights_(log_weights),
        restricted_(restricted),
        sums_away_(std::move(sums_away)) {
    double rank = -static_cast<double>(layout.penalised_tail());
    for (char flag : aliased.tail) rank += flag == 0;
    count_ = sums.kept_rows - (restricted ? rank : 0);
  }

  Index size() const override { return terms_.parameters(); }
  std::vector<char> nonnegative() const override { return terms_.nonnegative(0); }
  Vector least_scales() const override { return terms_.least_scales(0); }
  /// Of an iterative tail: the standard error of the estimated log-determinant.
  double noise() const override {
    return factor_.positive() ? factor_.tail().log_determinant_error() : 0;
  }
  const RandomTerms& terms() const { return terms_; }

  /// With s^2 given: the arguments of the derivatives are theta, relative to s, and log
  /// s.
  Evaluation evaluate_at(const Vector& theta, double dispersion) {
    forget();
    Evaluation out;
    if (!solve(theta) || !(dispersion > 0)) return out;
    dispersion_ = dispersion;
    out.valid = true;
    const double ratio = squares_ / dispersion_;
    out.value = count_ * std::log(2 * M_PI * dispersion_) + ratio + log_determinant();
    Vector product;
    differentiate(out, product);
    const Index q = size();
    out.gradient.conservativeResize(q + 1);
    out.gradient[q] = 2 * (count_ - ratio);
    out.curvature.conservativeResize(q + 1, q + 1);
    out.curvature.col(q).head(q) = 2 * product / dispersion_;
    out.curvature.row(q).head(q) = 2 * product.transpose() / dispersion_;
    out.curvature(q, q) = 4 * ratio;
    return out;
  }

  /// Share of the fixed effects' residual squares at which the fit counts as perfect: a
  /// ratio of standard deviations of some millions, whose square the traces of the
  /// gradient are small differences of.
  static constexpr double least_squares = 1e-13;

  const ArrowFactor& factor() const { return factor_; }
  /// From the coefficients of the sums to the solution. Error not_positive_definite where
  /// the last evaluation had none.
  const Coefficients& step() const {
    if (!solved_) throw Error(Status::not_positive_definite, "the mixed-model equations");
    return step_;
  }
  double dispersion() const { return dispersion_; }
  double squares() const { return squares_; }

 private:
  Evaluation compute(const Vector& theta) override {
    Evaluation out;
    if (!solve(theta)) return out;
    dispersion_ = squares_ / count_;
    out.valid = true;
    out.value = count_ * (1 + std::log(2 * M_PI * dispersion_)) + log_determinant();
    Vector product;
    differentiate(out, product);
    out.curvature -= product * product.transpose() / (dispersion_ * squares_);
    return out;
  }

  double log_determinant() const {
    return factor_.log_determinant(!restricted_) - log_weights_;
  }

  /// Coefficients and r^2 at theta.
  bool solve(const Vector& theta) {
    solved_ = false;
    if (!theta.allFinite()) return false;
    terms_.set(theta);
    layout_.update();
    NormalEquations equations(sums_, layout_, layout_.zero(), aliased_);
    const Coefficients score = equations.score;
    factor_ = ArrowFactor(std::move(equations), layout_);
    solved_ = factor_.positive();
    if (!solved_) return false;
    step_ = factor_.solve(score);
    squares_ = sums_.objective - step_.dot(score);
    nearby_ = sums_away_ && squares_ < least_share * sums_.objective;
    if (nearby_) squares_ = squares_nearby();
    return squares_ > least_squares * sums_.objective;
  }

  /// r^2 from residuals and scores near the solution, at new ones where the last ones
  /// have got too far.
  double squares_nearby() {
    const GramProduct gram(layout_, sums_);
    const Coefficients raw = layout_.raw_from_free(step_);
    double data = near_.objective > 0 ? squares_at(raw, gram) : 0;
    if (!(data > least_share * near_.objective)) {
      near_ = sums_away_(step_);
      near_raw_ = raw;
      data = squares_at(raw, gram);
    }
    return data + step_.dot(penalised_part(layout_, step_));
  }

  double squares_at(const Coefficients& raw, const GramProduct& gram) {
    const Coefficients away = raw - near_raw_, start{near_.lead_score, near_.tail_score};
    near_score_ = start - gram(away);
    return near_.objective - away.dot(start + near_score_);
  }

  Coefficients scores() const {
    if (nearby_) return near_score_;
    const GramProduct gram(layout_, sums_);
    const Coefficients start{sums_.lead_score, sums_.tail_score};
    return start - gram(layout_.raw_from_free(step_));
  }

  void differentiate(Evaluation& out, Vector& product) const {
    const Coefficients score = scores();
    const std::vector<Matrix> projected =
        projections(layout_, terms_, sums_, factor_, !restricted_);
    const VarianceDerivatives derivatives(layout_, terms_, sums_, factor_, projected,
                                          step_, score, 1 / dispersion_);
    out.gradient = derivatives.gradient();
    out.curvature = derivatives.curvature(false, &product);
    out.growth = derivatives.growth();
  }

  Layout& layout_;
  RandomTerms terms_;
  const Sums& sums_;
  const Aliased& aliased_;
  double log_weights_;
  bool restricted_;
  SumsAway sums_away_;
  double count_ = 0;
  ArrowFactor factor_;
  bool solved_ = false;
  Coefficients step_;
  double dispersion_ = 0, squares_ = 0;
  /// Where a difference of squares has lost three digits.
  static constexpr double least_share = 1e-3;
  bool nearby_ = false;
  Sums near_;
  Coefficients near_raw_, near_score_;
};

}  // namespace gamut

#endif  // GAMUT_CRITERION_GAUSSIAN_HPP
