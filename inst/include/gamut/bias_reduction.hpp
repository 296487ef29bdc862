// bias_reduction.hpp - the score whose root has no first-order bias.
//
// For an exponential dispersion family with mean mu(eta), weights w (expected) and
// leverages h_i = w_i x_i'(X'WX)^-1 x_i, the score of row i in eta becomes
//   s*_i = s_i + phi/2 h_i mu''_i / mu'_i,
// all in units of dispersion 1; a root of X's* has a bias of order n^-2 instead of n^-1.
// It stays with the one fitting loop: a pass sums Gram matrix and scores, its factor
// gives the leverages, a second pass the adjusted scores, and the same factor the step.
// The weights are the expected ones, so these are Fisher steps, with a linear rate; of a
// row that is a parameter of its own (h = 1) they are twice too long, for ever. Their
// length is that of the secant along the step before (Barzilai & Borwein 1988, IMA J.
// Numer. Anal. 8, 141-148, in the metric of X'WX).
//
// What a step must lower: with a canonical link and phi = 1, X's* is half the gradient of
//   -(D - log|X'WX|),
// the likelihood times Jeffreys' prior. Otherwise no such function exists, and the
// decrement s*'X (X'WX)^-1 X's* itself, which is 0 at the root, takes its place, with
// X'WX held where the step began: it falls at twice its size along the step as far as
// X'WX is the derivative of -X's* (the natural monotonicity test of Deuflhard 2004,
// Newton Methods for Nonlinear Problems, section 3.3). That is no guide from afar: fits
// with an estimated dispersion, and others that fail from the family's starting values,
// start after a few steps of maximum likelihood.
//
// An estimated phi is Pearson's at the present coefficients; where no row is left to
// estimate it, 0, that is no adjustment.
// Source: Firth (1993) Biometrika 80, 27-38; Kosmidis & Firth (2009) Biometrika 96,
// 793-804; Kosmidis, Kenne Pagui & Sartori (2020) Stat. Comput. 30, 43-59.
#ifndef GAMUT_BIAS_REDUCTION_HPP
#define GAMUT_BIAS_REDUCTION_HPP

#include <limits>

#include "rows.hpp"
#include "system/step.hpp"

namespace gamut {

class MeanBiasAdjustment : public ScoreAdjustment {
 public:
  MeanBiasAdjustment(const Layout& layout, const CompactCovariance& covariance,
                     double dispersion)
      : family_(*layout.problem().family),
        variance_(layout, covariance),
        dispersion_(dispersion) {}

  void operator()(Tile& tile) const override {
    Matrix variance(tile.rows(), 1);
    Vector curvature(tile.rows());
    variance_.fill(tile, 0, variance);
    family_.curvature(tile.rows(), tile.eta(), curvature.data());
    double* score = tile.scores()[0];
    for (Index i = 0; i < tile.rows(); ++i) {
      const double leverage = tile.weight(0, 0)[i] * variance(i, 0);
      // A row of no weight may have a curvature that is not finite.
      if (leverage > 0) score[i] += 0.5 * dispersion_ * leverage * curvature[i];
    }
  }

 private:
  const Family& family_;
  PredictorVariance variance_;
  double dispersion_;
};

class BiasReduction {
 public:
  BiasReduction(const Layout& layout, const Pass& pass, bool dispersion_estimated)
      : layout_(layout), pass_(pass), estimated_(dispersion_estimated) {}

  /// Sums with the adjusted scores; leaves the factor of their Gram matrix in `solver`.
  Sums operator()(const Coefficients& c, PassRequest request, StepSolver& solver) {
    merit_ = std::numeric_limits<double>::infinity();
    request.pearson = estimated_;
    Sums sums = pass_(c, request);
    if (!std::isfinite(sums.objective)) return sums;
    if (!solver(sums, c, request).positive) return sums;
    const CompactCovariance covariance = compact_covariance(
        layout_, solver.factor(), solver.aliased().tail, solver.fixed_levels());
    const MeanBiasAdjustment adjustment(layout_, covariance, dispersion(sums, solver));
    request.gram = false;
    request.adjustment = &adjustment;
    Sums scores = pass_(c, request);
    sums.tail_score = std::move(scores.tail_score);
    sums.lead_score = std::move(scores.lead_score);
    step_ = solver.again(sums, c);
    if (has_penalised_likelihood()) {
      merit_ = sums.objective - solver.factor().log_determinant();
    } else {
      merit_ = before_.positive ? step_.score.dot(metric_.solve(step_.score))
                                : step_.decrement;
    }
    factor_ = solver.factor();
    return sums;
  }

  /// The step from c, where the last call was; its decrement is that of length 1.
  Step step(const Coefficients& c) {
    const double length = secant_length(c);
    before_ = step_;
    at_ = c;
    metric_ = factor_;
    if (!has_penalised_likelihood()) merit_ = step_.decrement;
    step_.delta = step_.delta * length;
    return step_;
  }

  /// The next call is the first one of a new search.
  void forget() { before_ = Step(); }

  /// What a step must lower, at the coefficients of the last call; infinite where there
  /// is no positive definite information.
  double merit() const { return merit_; }

  /// Is the root a maximum?
  bool has_penalised_likelihood() const {
    return !estimated_ && layout_.problem().family->information_equal();
  }

 private:
  /// Between a sixteenth and four times the Fisher step.
  double secant_length(const Coefficients& c) const {
    if (!before_.positive || !(before_.decrement > 0)) return 1;
    const double way = (c - at_).dot(before_.score) / before_.decrement;
    const double change = 1 - before_.delta.dot(step_.score) / before_.decrement;
    const double length = way / change;
    return length > 0 ? std::min(std::max(length, 1.0 / 16), 4.0) : 1;
  }

  double dispersion(const Sums& sums, const StepSolver& solver) const {
    if (!estimated_) return 1;
    double rank = 0;
    for (char aliased : solver.aliased().tail) rank += aliased == 0;
    for (char fixed : solver.fixed_levels()) rank += fixed ? 0 : layout_.width();
    const double left = sums.kept_rows - rank;
    return left > 0 ? sums.pearson / left : 0;
  }

  const Layout& layout_;
  const Pass& pass_;
  bool estimated_;
  double merit_ = 0;
  Step step_, before_;  ///< of the last call, and of the step before it, length 1
  Coefficients at_;     ///< where the latter began
  ArrowFactor factor_, metric_;  ///< of either
};

}  // namespace gamut

#endif  // GAMUT_BIAS_REDUCTION_HPP
