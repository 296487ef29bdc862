// criterion/working.hpp - where a search on the Laplace approximation had better begin.
//
// At given coefficients the model is nearly the linear one of its working response z with
// weights W and dispersion 1. Its criterion in theta needs no more than the sums of one
// pass, so that a whole search costs next to nothing; then come other coefficients, and
// the next pass. What this ends at (penalised quasi-likelihood) is not the optimum of the
// criterion, whose weights move with theta, but near it. It may cycle, and is then given
// up: the caller compares criteria.
// Source: Breslow & Clayton (1993) J. Am. Stat. Assoc. 88, 9-25; Wood, Goude & Shaw
// (2015) J. R. Stat. Soc. C 64, 139-155 for its use with large data.
#ifndef GAMUT_CRITERION_WORKING_HPP
#define GAMUT_CRITERION_WORKING_HPP

#include "../optimise/trust_region.hpp"
#include "../pass.hpp"
#include "fellner_schall.hpp"
#include "gaussian.hpp"
#include "laplace.hpp"

namespace gamut {

/// The deviance of a linear mixed model whose dispersion is 1, in theta.
class KnownDispersion : public RememberingObjective {
 public:
  explicit KnownDispersion(GaussianCriterion& criterion) : criterion_(criterion) {}
  Index size() const override { return criterion_.size(); }
  std::vector<char> nonnegative() const override { return criterion_.nonnegative(); }
  Vector least_scales() const override { return criterion_.least_scales(); }

 private:
  Evaluation compute(const Vector& x) override {
    Evaluation at = criterion_.evaluate_at(x, 1);
    if (!at.valid) return at;
    at.gradient.conservativeResize(size());
    at.curvature.conservativeResize(size(), size());
    return at;
  }

  GaussianCriterion& criterion_;
};

class WorkingModel {
 public:
  WorkingModel(Layout& layout, const Aliased& aliased, bool restricted,
               const PirlsOptions& options)
      : layout_(layout), aliased_(aliased), restricted_(restricted), options_(options) {}

  /// From the coefficients `start`, first on a sample of the rows; leaves the criterion
  /// where it was if this is no use.
  void begin(LaplaceCriterion& criterion, const Coefficients& start) {
    const Vector given = criterion.terms().values();
    Coefficients c = start;
    // a sample of rows has next to nothing of each of many levels
    const Index sample =
        layout_.has_lead() ? 1 : sample_step(layout_, options_.sample_rows);
    if (sample > 1) approach(c, sample, most_passes);
    // a sample leaves little to do
    const int passes = sample > 1 ? 2 : layout_.has_lead() ? 3 : most_passes;
    if (!approach(c, 1, passes)) return;
    criterion.set_mode(c);
    if (criterion.evaluate(criterion.parameters()).valid) return;
    criterion.terms().set(given);
    layout_.update();
    criterion.set_mode(start);
  }

 private:
  static constexpr int most_passes = 6;
  /// Further passes would chase what the exact criterion decides anyway.
  static constexpr double settled = 0.02;

  /// Moves theta (in the covariances of the layout) and the coefficients `c`; every
  /// `tile_step`-th tile is used. False: no use, and both are as they were.
  bool approach(Coefficients& c, Index tile_step, int passes) {
    const RandomTerms terms(layout_);
    const Vector theta = terms.values();
    const Coefficients before = c;
    bool moved = false;
    for (int pass = 0; pass < passes; ++pass) {
      const Vector last = terms.values();
      if (!step(terms, c, tile_step)) break;
      moved = true;
      const double change = (terms.values() - last).norm();
      if (change < settled * terms.values().norm()) return true;
    }
    if (moved) return true;
    terms.set(theta);
    layout_.update();
    c = before;
    return false;
  }

  bool step(const RandomTerms& terms, Coefficients& c, Index tile_step) {
    PassRequest request;
    request.expansion = Expansion::from_coefficients;
    request.tile_step = tile_step;
    Sums sums = Pass(layout_, options_.threads, nullptr)(c, request);
    if (!std::isfinite(sums.objective)) return false;
    // any number above what the terms can explain: only differences count
    sums.objective = square_of_working_response(sums, c);
    const Vector before = terms.values();
    GaussianCriterion criterion(layout_, sums, aliased_, 0, restricted_);
    KnownDispersion objective(criterion);
    SearchOptions options;
    options.tolerance = 1e-2;
    // over many levels an evaluation takes as long as a pass, which will move all anyway
    options.max_evaluations = layout_.has_lead() ? 4 : 40;
    const Vector start = FellnerSchall(objective).approach(before);
    const SearchResult found = TrustRegion(objective, options).minimise(start);
    const Vector& theta = found.at.valid ? found.x : before;
    const bool usable = objective.evaluate(theta).valid;
    if (usable) c = criterion.step();
    if (!usable) {
      terms.set(before);
      layout_.update();
    }
    return usable && c.tail.allFinite() && c.lead.allFinite();
  }

  /// At least z'Wz = s'W^-1 s + c'(2 r - G c), r the score of a step from 0; the first
  /// part is about the number of rows.
  double square_of_working_response(const Sums& sums, const Coefficients& c) const {
    const GramProduct gram(layout_, sums);
    const Coefficients raw = layout_.raw_from_free(c);
    const Coefficients score{sums.lead_score, sums.tail_score};
    return raw.dot(score * 2 - gram(raw)) + 10 * (sums.kept_rows + 1);
  }

  Layout& layout_;
  const Aliased& aliased_;
  bool restricted_;
  PirlsOptions options_;
};

}  // namespace gamut

#endif  // GAMUT_CRITERION_WORKING_HPP
