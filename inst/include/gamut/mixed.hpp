// mixed.hpp - a fit with covariance parameters: the outer search.
//
// 1. The coefficients without a penalty alone (fixed effects, and of smooths the
// functions
//    that no penalty acts on), by the fitting loop: which are aliased, and where to
//    begin.
// 2. Standard deviations to begin with, from second moments of the scores; smaller ones
//    where the criterion has no value there.
// 3. The search on the criterion: the profiled deviance of a linear mixed model, whose
//    sums one pass makes once for all, the Laplace approximation, or quadrature.
// 4. Standard deviations next to 0 are put at exactly 0 where the criterion allows it.
#ifndef GAMUT_MIXED_HPP
#define GAMUT_MIXED_HPP

#include "criterion/fellner_schall.hpp"
#include "criterion/gaussian_absolute.hpp"
#include "criterion/quadrature_shift.hpp"
#include "criterion/working.hpp"
#include "mixed_boundary.hpp"
#include "mixed_passes.hpp"
#include "mixed_result.hpp"
#include "mixed_start.hpp"
#include "optimise/difference_hessian.hpp"
#include "optimise/held.hpp"
#include "system/collinear.hpp"
#include "unpenalised_part.hpp"

namespace gamut {

class MixedFit {
 public:
  MixedFit(Problem& problem, const MixedOptions& options, Monitor* monitor = nullptr)
      : problem_(problem), options_(options), monitor_(monitor), layout_(problem) {}

  MixedResult run() {
    fit_fixed();
    if (options_.gaussian) {
      search_gaussian();
    } else {
      search_laplace();
    }
    result_.coefficients = caller_from_free(layout_, result_.free);
    return std::move(result_);
  }

  const Layout& layout() const { return layout_; }

 private:
  /// The problem without what is random.
  void fit_fixed() {
    const UnpenalisedPart fixed(problem_);
    Vector given = Vector::Zero(fixed.problem().coefficients);
    result_.aliased.assign(static_cast<std::size_t>(fixed.problem().coefficients), 0);
    if (!fixed.problem().terms.empty()) {
      const Layout layout(fixed.problem());
      PirlsOptions pirls = options_.pirls;
      // beside smooths the search begins far from these coefficients anyway
      pirls.rough = problem_.has_smooths();
      const PirlsResult fit = Pirls(layout, pirls, monitor_).run();
      given = caller_from_free(layout, fit.coefficients);
      note_aliased(layout, fit);
      result_.collinear = fit.factor.smallest_pivot() < collinear_pivot;
      if (result_.collinear) reduce_columns(problem_, result_.aliased);
    }
    for (Index j = 0; j < options_.fixed.size(); ++j) {
      given[j] = result_.aliased[j] ? 0 : options_.fixed[j];
    }
    settle(fixed, given);
  }

  /// What is aliased stays out, and all else begins as it was fitted.
  void settle(const UnpenalisedPart& fixed, const Vector& given) {
    fixed.to_caller(result_.aliased);
    result_.mask = Aliased(layout_);
    const IndexVector positions = tail_positions(layout_);
    for (std::size_t j = 0; j < positions.size(); ++j) {
      result_.mask.tail[j] = result_.aliased[positions[j]];
    }
    start_ = free_from_caller(layout_, given.head(problem_.coefficients));
    const Vector free = fixed.free_values(given);
    for (Index j = 0; j < layout_.free_tail(); ++j) {
      if (fixed.is_free(positions[j])) start_.tail[j] = free[positions[j]];
    }
  }

  void note_aliased(const Layout& layout, const PirlsResult& fit) {
    const IndexVector tail = tail_positions(layout), lead = lead_positions(layout);
    for (std::size_t j = 0; j < tail.size(); ++j) {
      result_.aliased[tail[j]] = fit.aliased.tail[j];
    }
    for (std::size_t j = 0; j < lead.size(); ++j) {
      if (lead[j] >= 0) {
        result_.aliased[lead[j]] = fit.fixed_levels[j / layout.width()];
      }
    }
  }

  void begin(const RandomTerms& terms, const Sums& sums, double dispersion) {
    unit_ = MixedStart(layout_, sums, dispersion, options_.gaussian)(terms);
    const Index given = options_.start.size(), wanted = terms.parameters();
    if (given >= wanted && given > 0) terms.set(options_.start.head(wanted));
    layout_.update();
  }

  void search_gaussian() {
    const MixedPasses passes(layout_, options_.pirls, monitor_);
    const Sums sums = passes.whole(start_);
    GaussianCriterion criterion(
        layout_, sums, result_.mask, options_.log_weights, options_.restricted,
        [&](const Coefficients& step) { return passes.without_gram(start_ + step); });
    if (!(sums.objective > 0)) {
      throw Error(Status::not_finite, "the fixed effects fit the response exactly");
    }
    begin(criterion.terms(), sums, sums.objective / sums.kept_rows);
    // Estimated traces are not those of the estimated determinant to the last digit.
    const bool estimated = layout_.elimination().kind == TailKind::iterative;
    if (estimated) options_.search.tolerance = std::max(options_.search.tolerance, 1e-3);
    if (options_.held < 0) {
      result_.theta = search(criterion, criterion.terms(), criterion.terms().values(), 0);
      criterion.evaluate(result_.theta);
    } else {
      GaussianAbsolute absolute(criterion);
      result_.theta = search_held(absolute, options_.start, options_.held);
    }
    result_.criterion_error = criterion.noise();
    result_.dispersion = criterion.dispersion();
    result_.free = start_ + criterion.step();
    result_.penalty = penalty(result_.free);
    result_.objective = criterion.squares() - result_.penalty;
    result_.perfect = criterion.squares() / sums.objective;
    result_.kept_rows = sums.kept_rows;
    keep(criterion.factor(), criterion.factor().log_determinant(true));
    add_joint(sums, criterion.factor());
  }

  void add_joint(const Sums& sums, const ArrowFactor& factor) {
    if (!options_.joint || !factor.positive()) return;
    // by ML smooths are as in mgcv, given smoothing parameters and all else
    const bool outer = options_.restricted && !result_.outer.empty();
    result_.joint = JointAlgebra(layout_, sums, factor, result_.mask)(
        outer ? result_.outer : IndexVector(), result_.outer_covariance);
  }

  void search_laplace() {
    const Sums sums = MixedPasses(layout_, options_.pirls, monitor_).to_begin(start_);
    const std::unique_ptr<LaplaceCriterion> made = make_criterion();
    LaplaceCriterion& criterion = *made;
    begin(criterion.terms(), sums, 1);
    if (has_many_rows(layout_, options_.pirls.sample_rows)) {
      // a promise of 1e-4 is a step of 0.01 standard errors
      options_.search.tolerance = std::max(options_.search.tolerance, 1e-4);
    }
    if (may_approach()) {
      WorkingModel(layout_, result_.mask, options_.restricted, options_.pirls)
          .begin(criterion, start_);
    }
    const Index p = criterion.fixed_count();
    const bool whole = options_.held < 0;
    // of smooths alone the information says it well enough
    const bool joint = whole && (!options_.restricted || options_.has_effects);
    const Vector best =
        whole ? search(criterion, criterion.terms(), start(criterion), p)
              : search_held(criterion, criterion.parameters(), p + options_.held);
    if (joint && p > 0 && result_.end == SearchEnd::converged) {
      hessian(criterion, best);
      note_outer(criterion);
      compare_quadrature(criterion.terms(), best);
    }
    criterion.evaluate(best);
    if (criterion.result().coefficients.tail.size() != layout_.free_tail()) {
      throw Error(Status::not_finite,
                  "the criterion has no value where the search began");
    }
    result_.theta = best.tail(criterion.terms().parameters());
    result_.free = criterion.result().coefficients;
    result_.penalty = criterion.result().penalty;
    result_.objective = criterion.result().objective;
    result_.kept_rows = criterion.result().kept_rows;
    result_.inner_iterations = criterion.inner_iterations();
    keep(criterion.whole_factor(), criterion.log_determinant());
    if (options_.joint) add_laplace_joint(criterion);
  }

  /// From the information asked for.
  void add_laplace_joint(const LaplaceCriterion& criterion) {
    const Family& family = *problem_.family;
    const bool observed = options_.pirls.information == Information::observed;
    if (observed || family.information_equal() || !family.has_expected()) {
      return add_joint(criterion.result().sums, criterion.whole_factor());
    }
    PassRequest request;
    request.information = Information::expected;
    const Sums sums =
        Pass(layout_, options_.pirls.threads, monitor_)(result_.free, request);
    const NormalEquations equations(sums, layout_, result_.free, result_.mask);
    add_joint(sums, ArrowFactor(equations, layout_));
  }

  /// Where to begin: the better of two, where there is a dispersion among the predictors.
  Vector start(LaplaceCriterion& criterion) {
    const Index p = criterion.fixed_count();
    Vector x = criterion.parameters();
    if (p == 0 || problem_.predictors() == 1 || options_.fixed.size() > 0) return x;
    result_.evaluations += find_value(criterion, criterion.terms(), p, x);
    result_.evaluations += 2;
    return JointStart(layout_, options_.pirls, result_.mask).better(criterion, x);
  }

  std::unique_ptr<LaplaceCriterion> make_criterion() {
    if (options_.quadrature_points > 1) {
      return std::make_unique<QuadratureCriterion>(layout_, options_.pirls, result_.mask,
                                                   start_, options_.quadrature_points);
    }
    return std::make_unique<LaplaceCriterion>(layout_, options_.pirls, result_.mask,
                                              start_, options_.restricted,
                                              options_.determinant);
  }

  /// Newton's step from here on the criterion of a few more points.
  void compare_quadrature(const RandomTerms& terms, const Vector& best) {
    if (options_.quadrature_points > 1 || options_.restricted || inner_.empty()) return;
    // Enough to tell whether the Laplace approximation is far off.
    const int points = terms.all().size() == 1 && terms.all()[0].size == 1 ? 5 : 3;
    try {
      QuadratureCriterion other(layout_, options_.pirls, result_.mask, start_, points);
      result_.laplace_shift = quadrature_shift(other, best, inner_, result_.hessian);
    } catch (const Error& error) {
      if (error.status() != Status::invalid_argument) throw;
    }
  }

  /// Variances at 0 have no part in it: on the boundary the likelihood is not quadratic
  /// in them.
  void hessian(Objective& objective, const Vector& best) {
    inner_.clear();
    for (Index j = 0; j < best.size(); ++j) {
      if (best[j] != 0 && result_.curvature(j, j) > 0) inner_.push_back(j);
    }
    result_.hessian =
        difference_hessian(objective, best, inner_, result_.curvature.diagonal());
    result_.evaluations += 2 * static_cast<int>(inner_.size());
  }

  void note_outer(const LaplaceCriterion& criterion) {
    const Index count = criterion.fixed_count(), rows = result_.hessian.rows();
    const Eigen::LLT<Matrix> hessian(result_.hessian);
    bool all = rows >= count && hessian.info() == Eigen::Success;
    for (Index j = 0; j < count; ++j) all = all && inner_[j] == j;
    if (!all) return;
    result_.outer = criterion.fixed_places();
    result_.outer_covariance =
        2 * hessian.solve(Matrix::Identity(rows, rows)).topLeftCorner(count, count);
  }

  double penalty(const Coefficients& c) const {
    return c.dot(penalised_part(layout_, c));
  }

  void keep(const ArrowFactor& factor, double log_determinant) {
    result_.factor = factor;
    result_.log_determinant = log_determinant;
  }

  /// The search, then standard deviations of next to nothing tried at 0, and on from
  /// there.
  Vector search(Objective& objective, const RandomTerms& terms, Vector x, Index before) {
    result_.evaluations += find_value(objective, terms, before, x);
    if (may_approach()) approach(objective, x);
    const Vector begun = x;
    for (int round = 0; round < 3; ++round) {
      SearchResult found = TrustRegion(objective, options_.search, monitor_).minimise(x);
      x = found.x;
      record(found);
      if (!found.at.valid) break;
      BoundaryMoves moves(objective, terms, before, unit_);
      const bool moved = moves.put_at_zero(found, x) || moves.come_back(begun, found, x);
      result_.evaluations += moves.evaluations();
      if (!moved) break;
    }
    turn_signs(terms, before, x);
    return x;
  }

  /// Is what the search begins with of no worth in itself, as starts of smooths are?
  bool may_approach() const {
    const bool rough = options_.start.size() == 0 || options_.rough_start;
    return problem_.has_smooths() && options_.held < 0 && rough;
  }

  /// The starts of smooths may be far off.
  void approach(Objective& objective, Vector& x) {
    FellnerSchall steps(objective);
    x = steps.approach(x);
    unit_ = unit_.cwiseMax(x.tail(unit_.size()));
    result_.evaluations += steps.evaluations();
  }

  /// Of the many theta of one covariance, that without negative standard deviations.
  void turn_signs(const RandomTerms& terms, Index before, Vector& x) {
    terms.set(x.tail(terms.parameters()));
    Vector signs = Vector::Ones(x.size());
    signs.segment(before, terms.parameters()) = terms.signs();
    x = x.cwiseProduct(signs);
    if (result_.gradient.size() != x.size()) return;
    result_.gradient = result_.gradient.cwiseProduct(signs);
    result_.curvature = signs.asDiagonal() * result_.curvature * signs.asDiagonal();
  }

  /// Over all but one of the arguments; the gradient is that in all.
  Vector search_held(Objective& objective, const Vector& x, Index at) {
    Held held(objective, at, x[at]);
    const SearchResult found =
        TrustRegion(held, options_.search, monitor_).minimise(held.without(x));
    record(found);
    const Vector best = held.with(found.x);
    if (!found.at.valid) {
      throw Error(Status::not_finite, "the criterion has no value where it is held");
    }
    result_.gradient = objective.evaluate(best).gradient;
    return best;
  }

  void record(const SearchResult& found) {
    result_.evaluations += found.evaluations;
    result_.criterion = found.at.value;
    result_.gradient = found.at.gradient;
    result_.curvature = found.curvature;
    result_.promised = found.promised;
    result_.end = found.end;
  }

  Problem& problem_;
  MixedOptions options_;
  Monitor* monitor_;
  Layout layout_;
  Coefficients start_;
  Vector unit_;
  IndexVector inner_;  ///< parameters of the Hessian: all but variances at 0
  MixedResult result_;
};

}  // namespace gamut

#endif  // GAMUT_MIXED_HPP
