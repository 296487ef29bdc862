// pirls.hpp - penalised iteratively re-weighted least squares: the one fitting loop.
//
// Minimises half of  sum_i objective_i(eta) + c'Pc  over all coefficients at once,
// with the covariance parameters of the terms held fixed. Each iteration is one pass
// over the rows, one factor, and an increment (never the coefficients anew, so that
// the last iterations refine the first one's rounding away). Steps use the expected
// information first and the observed one as soon as it is positive definite; a step
// that brings less than a tenth of what it promised is halved. Many rows: the start
// comes from a sample of the tiles.
// Source: Green (1984) J. R. Stat. Soc. B 46, 149-192; Marschner (2011) R Journal 3/2
// (step halving). When to stop: convergence.hpp; where to start: starting.hpp.
#ifndef GAMUT_PIRLS_HPP
#define GAMUT_PIRLS_HPP

#include <limits>

#include "bias_reduction.hpp"
#include "pirls_result.hpp"
#include "starting.hpp"
#include "system/gram_product.hpp"

namespace gamut {

class Pirls {
 public:
  Pirls(const Layout& layout, const PirlsOptions& options, Monitor* monitor = nullptr)
      : layout_(layout),
        options_(options),
        monitor_(monitor),
        pass_(layout, options.threads, monitor),
        solver_(layout),
        bias_(layout, pass_, options.dispersion_estimated),
        merit_{options.dispersion_estimated},
        adjusts_(options.bias_reduction) {}

  /// `start`: coefficients to begin with; null: from the data. `aliased`: those known
  /// to be, when the columns have been looked at before, and all that are not to move.
  PirlsResult run(const Coefficients* start = nullptr, const Aliased* aliased = nullptr) {
    if (aliased) solver_ = StepSolver(layout_, *aliased);
    if (start) {
      iterate(*start, 1, options_.max_iterations);
    } else {
      const bool sampled = sample_step(layout_, options_.sample_rows) > 1;
      const bool rough = adjusts_ && options_.dispersion_estimated;
      iterate(starting_coefficients(sampled || rough), 1, options_.max_iterations);
      // From some starts the merit has no way down; a sample may lead to one, too.
      if (adjusts_ && result_.end != PirlsEnd::converged && !rough) begin_again(true);
      if (sampled && result_.end == PirlsEnd::stalled) begin_again(false);
    }
    const bool converged = result_.end == PirlsEnd::converged;
    finish(converged && !adjusts_ && same_information(last_information_));
    return std::move(result_);
  }

 private:
  /// Enough to come near; more would chase what only a sample separates.
  static constexpr int sample_iterations = 4;

  /// From the family, or some steps of maximum likelihood further.
  Coefficients starting_coefficients(bool rough) {
    if (!rough) return starting_values(1).from_family();
    const Index step = sample_step(layout_, options_.sample_rows);
    adjusts_ = false;
    try {
      iterate(starting_values(step).from_family(), step, sample_iterations);
    } catch (const Error& error) {
      if (error.status() == Status::interrupted) throw;
      result_.coefficients = Coefficients();
    }
    adjusts_ = options_.bias_reduction;
    Coefficients sample = std::move(result_.coefficients);
    forget();
    const bool usable = sample.tail.size() + sample.lead.size() > 0;
    return usable ? sample : starting_values(1).from_family();
  }

  /// What is aliased in a sample, and how its steps went, need not be so in the whole.
  void forget() {
    solver_ = StepSolver(layout_);
    result_ = PirlsResult();
    progress_ = Convergence();
    bias_.forget();
  }

  void begin_again(bool rough) {
    forget();
    iterate(starting_coefficients(rough), 1, options_.max_iterations);
  }

  StartingValues starting_values(Index tile_step) {
    return StartingValues(layout_, pass_, solver_, tile_step);
  }

  // --- the loop ------------------------------------------------------------------

  void iterate(Coefficients c, Index tile_step, int most) {
    Information information = Information::working;
    Coefficients accepted = layout_.zero();
    double& lowest = lowest_ = std::numeric_limits<double>::infinity();
    double promised = 0;
    bool has_accepted = false;
    for (int it = 0; it < most; ++it) {
      const std::size_t aliased_before = solver_.aliased().count();
      last_ = newton_pass(c, information, tile_step);
      double objective = total(last_, c);
      const bool rounding =
          progress_.negligible_step() && merit_.rounded(objective, lowest);
      if (!merit_.acceptable(objective, lowest, promised) && !rounding) {
        if (!backtrack(accepted, has_accepted, lowest, promised, tile_step, c)) {
          return stop(PirlsEnd::stalled, has_accepted ? accepted : c);
        }
        last_ = newton_pass(c, information, tile_step);
        objective = total(last_, c);
      }
      const Step step = newton_step(c, information, tile_step);
      if (!step.positive || !std::isfinite(step.decrement)) {
        return stop(PirlsEnd::not_positive_definite, c);
      }
      if (solver_.aliased().count() > aliased_before) {
        c = without_aliased(c, tile_step);
        lowest = std::numeric_limits<double>::infinity();
        promised = 0;
        has_accepted = false;
        continue;
      }
      solver_.settle_aliasing();
      accepted = previous_ = c;
      has_accepted = true;
      lowest = total(last_, c);
      promised = std::max(step.decrement, 0.0);
      record(it, objective, step, c);
      if (progress_.diverging(scale())) return stop(PirlsEnd::diverging, c);
      c = c + step.delta;
      if (progress_.converged(scale())) return stop(PirlsEnd::converged, c);
      if (is_start(step, tile_step)) return stop(PirlsEnd::iteration_limit, c);
      information = next_information();
    }
    stop(PirlsEnd::iteration_limit, c);
  }

  /// The step of the sums in last_, with working weights where the observed ones will
  /// not do.
  Step newton_step(const Coefficients& c, Information information, Index tile_step) {
    if (adjusts_ && std::isfinite(bias_.merit())) return bias_.step(c);
    PassRequest request = newton_request(information, tile_step);
    const Step step = solver_(last_, c, request);
    if (step.positive || information == Information::working) return step;
    last_ = newton_pass(c, Information::working, tile_step);
    request.information = Information::working;
    return solver_(last_, c, request);
  }

  /// Observed weights from the second step on; QR has only working ones.
  Information next_information() const {
    if (adjusts_) return Information::expected;
    const bool same = layout_.problem().family->information_equal();
    return same && solver_.uses_qr() ? Information::working : Information::observed;
  }

  /// The same predictors, as nearly as the columns that are left allow, and one step.
  Coefficients without_aliased(const Coefficients& c, Index tile_step) {
    PassRequest request = newton_request(Information::working, tile_step);
    request.expansion = Expansion::from_coefficients;
    const Step step = solver_(pass_(c, request), c, request);
    return step.positive ? step.delta : c;
  }

  bool is_start(const Step& step, Index tile_step) const {
    return options_.rough && tile_step == 1 &&
           step.decrement <= 1e-3 * scale().dispersion * last_.kept_rows;
  }

  void stop(PirlsEnd end, const Coefficients& c) {
    result_.end = end;
    result_.coefficients = c;
  }

  void record(int iteration, double objective, const Step& step, const Coefficients& c) {
    if (progress_.trace().empty()) scales_ = solver_.diagonal();
    const double length = longest(step.delta), whole = longest(c);
    progress_.add({objective, std::abs(step.decrement), length,
                   length / std::max(whole, std::numeric_limits<double>::min())});
    result_.last_step = step.delta;
    if (monitor_) monitor_->iteration(iteration, objective);
  }

  /// The longest of the coefficients, each in the predictors' units: times the root of
  /// its weight in the first matrix, since weights vanish where a fit diverges.
  double longest(const Coefficients& v) const {
    const auto part = [](const Vector& value, const Vector& scale) {
      if (value.size() == 0) return 0.0;
      return value.cwiseAbs2().cwiseProduct(scale).maxCoeff();
    };
    return std::sqrt(std::max(part(v.lead, scales_.lead), part(v.tail, scales_.tail)));
  }

  Sums newton_pass(const Coefficients& c, Information information, Index tile_step) {
    last_information_ = information;
    const PassRequest ask = newton_request(information, tile_step);
    return adjusts_ ? bias_(c, ask, solver_) : pass_(c, ask);
  }

  static PassRequest newton_request(Information information, Index tile_step) {
    PassRequest request;
    request.information = information;
    request.tile_step = tile_step;
    return request;
  }

  double objective_at(const Coefficients& c, Index tile_step) {
    PassRequest request = newton_request(Information::expected, tile_step);
    if (adjusts_) return bias_(c, request, solver_), bias_.merit();
    request.gram = request.score = false;
    return total(pass_(c, request), c);
  }

  /// What the steps must lower.
  double total(const Sums& sums, const Coefficients& c) const {
    if (adjusts_) return bias_.merit();
    return sums.objective + c.dot(penalised_part(layout_, c));
  }

  /// Halve the way from the last accepted point to c until the objective is lower.
  bool backtrack(const Coefficients& accepted, bool has_accepted, double lowest,
                 double promised, Index tile_step, Coefficients& c) {
    Coefficients base = accepted;
    if (!has_accepted) base = starting_values(tile_step).constant();
    Coefficients way = c - base;
    for (int halving = 0; halving < 60; ++halving) {
      way = way * 0.5;
      promised *= 0.5;
      c = base + way;
      if (merit_.acceptable(objective_at(c, tile_step), lowest, promised)) return true;
    }
    return false;
  }

  ConvergenceScale scale() const {
    const Index size = layout_.free_tail() + layout_.levels() * layout_.width();
    const double n = std::max(last_.kept_rows, 1.0), p = static_cast<double>(size);
    const bool estimated = options_.dispersion_estimated;
    const double dispersion = estimated ? last_.objective / std::max(n - p, 1.0) : 1.0;
    return {options_.tolerance, options_.most_decrement, n, p, dispersion, estimated,
            quadratic()};
  }

  /// Was the last step a Newton step?
  bool quadratic() const {
    if (adjusts_) return false;
    return last_information_ == Information::observed ||
           layout_.problem().family->information_equal();
  }

  // --- the end -------------------------------------------------------------------

  /// Objective, Pearson statistic and the factor of the information asked for, all at
  /// the solution. The last step was too short to matter to the factor, so a pass is
  /// only needed for what the last one did not have.
  void finish(bool reusable) {
    if (options_.rough) return keep_factor();
    Coefficients& c = result_.coefficients;
    PassRequest request;
    request.information = options_.information;
    request.pearson = true;
    request.gram = request.score = !reusable;
    const bool restricted = !layout_.problem().family->information_equal();
    const bool moved = options_.keep_sums && reusable && negligible_last_step();
    if (moved) move_sums(layout_, layout_.raw_from_free(result_.last_step), last_);
    result_.moved = moved;
    if (options_.keep_sums && !moved) {
      reusable = false;
      request.gram = request.score = true;
    }
    if (!moved && (!reusable || restricted || options_.dispersion_estimated)) {
      last_ = pass_(c, request);
      const bool known = previous_.tail.size() + previous_.lead.size() > 0;
      if (known && !merit_.rounded(last_.objective, lowest_)) {
        // The last step, which nothing has checked, left the family's range or valley.
        c = previous_;
        last_ = pass_(c, request);
      }
    }
    result_.information = options_.information;
    if (!reusable) refactor(c);
    result_.objective = last_.objective;
    result_.trace = progress_.trace();
    if (!std::isfinite(last_.objective)) result_.end = PirlsEnd::stalled;
    result_.penalty = c.dot(penalised_part(layout_, c));
    result_.pearson = last_.pearson;
    result_.kept_rows = last_.kept_rows;
    keep_factor();
    if (options_.keep_sums) result_.sums = std::move(last_);
  }

  void keep_factor() {
    result_.factor = solver_.factor();
    result_.aliased = solver_.aliased();
    result_.fixed_levels = solver_.fixed_levels();
  }

  bool negligible_last_step() const {
    return !options_.dispersion_estimated && quadratic() &&
           progress_.trace().back().decrement <= options_.most_decrement;
  }

  void refactor(const Coefficients& c) {
    Step step = solver_(last_, c, newton_request(options_.information, 1));
    const bool other = layout_.problem().family->has_expected();
    if (!step.positive && options_.information == Information::observed && other) {
      result_.information = Information::expected;
      const Sums sums = pass_(c, newton_request(Information::expected, 1));
      step = solver_(sums, c, newton_request(Information::expected, 1));
    }
    if (!step.positive) result_.end = PirlsEnd::not_positive_definite;
  }

  bool same_information(Information used) const {
    const Family& family = *layout_.problem().family;
    if (used == Information::working && family.has_expected()) {
      used = Information::expected;
    }
    return used == options_.information || family.information_equal();
  }

  const Layout& layout_;
  PirlsOptions options_;
  Monitor* monitor_;
  Pass pass_;
  StepSolver solver_;
  BiasReduction bias_;
  Merit merit_;
  bool adjusts_;  ///< are the scores of this iteration to be adjusted?
  PirlsResult result_;
  Convergence progress_;
  Coefficients scales_;    ///< weights of the coefficients at the first iteration
  Sums last_;              ///< of the last pass of the iterations
  Coefficients previous_;  ///< the last ones whose objective is known
  double lowest_ = std::numeric_limits<double>::infinity();  ///< their objective
  Information last_information_ = Information::working;
};

}  // namespace gamut

#endif  // GAMUT_PIRLS_HPP
