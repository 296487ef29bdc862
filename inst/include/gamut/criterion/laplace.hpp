// criterion/laplace.hpp - minus twice the Laplace approximation of a log-likelihood.
//
// At the mode u of the penalised objective J(u) = D(y, eta) + u'u, eta = X beta + Z
// Lambda u,
//   dev = J(u) + log|H|,   H = Lambda'Z'WZ Lambda + I  (W observed, or expected on
//   request).
// ML: the parameters are beta and theta, and u is the mode at both. REML: beta, too, is
// at its mode and in H, and the parameters are theta; dev gains -p log 2 pi. Coefficients
// that the problem has outside of the integral (those of dispersions and shapes) are
// parameters then, too. The gradient is exact. With s the scores, h_i = (x' H^-1 x) of
// row i, K x K,
//   v_ik = sum_lm h_i,lm dW_i,lm / d eta_k,   a = H_o^-1 A'v  (H_o with observed W),
//   adj = v - W_o A a,
//   d/d beta   = X'(adj - 2 s),
//   d/d Lambda = 2 G Lambda + sum_l (Z'adj)_l u_l' + (Z's)_l a_l',
// with G as in variance_derivatives.hpp. So all parameters together cost one selected
// inverse, one more pass over the rows and one more solve.
// Source: Kristensen et al. (2016) J. Stat. Softw. 70(5), section 2; Skaug & Fournier
// (2006) Comput. Stat. Data Anal. 51, 699-709.
#ifndef GAMUT_CRITERION_LAPLACE_HPP
#define GAMUT_CRITERION_LAPLACE_HPP

#include "../optimise/objective.hpp"
#include "../pirls.hpp"
#include "laplace_adjustment.hpp"
#include "variance_derivatives.hpp"

namespace gamut {

/// Are there so many rows that errors of 1e-9 a row in the criterion are no matter?
inline bool has_many_rows(const Layout& layout, Index sample_rows) {
  const Problem& problem = layout.problem();
  return sample_step(layout, sample_rows) > 1 ||
         (problem.has_smooths() && problem.rows > 20000);
}

class LaplaceCriterion : public RememberingObjective {
 public:
  LaplaceCriterion(Layout& layout, const PirlsOptions& options, const Aliased& aliased,
                   Coefficients start, bool restricted, Information determinant)
      : layout_(layout),
        terms_(layout),
        options_(options),
        mode_(std::move(start)),
        aliased_(aliased),
        held_(aliased),
        restricted_(restricted),
        determinant_(determinant) {
    options_.information = Information::observed;
    options_.keep_sums = true;
    options_.tolerance = 1e-10;
    if (has_many_rows(layout, options.sample_rows)) {
      // errors of the mode are below those that the search allows
      const double count = static_cast<double>(layout.free_tail() + layout.levels());
      options_.tolerance = 1;
      options_.most_decrement = 1e-5 * std::max(1.0, 1e-3 * count);
    }
    options_.dispersion_estimated = false;
    const std::vector<char>& outside = layout.problem().outside;
    const IndexVector positions = tail_positions(layout);
    for (Index j = 0; j < layout.free_tail(); ++j) {
      if (layout.penalised(j) || aliased.tail[j]) continue;
      const bool searched = !restricted || (!outside.empty() && outside[positions[j]]);
      if (searched) free_.push_back(j);
      if (!searched) ++integrated_;
      held_.tail[j] = searched;
    }
  }

  /// beta (with REML only what is outside of the integral) and theta.
  Index size() const override { return fixed_count() + terms_.parameters(); }
  Index fixed_count() const { return static_cast<Index>(free_.size()); }
  /// Which free coefficients of the tail are arguments.
  const IndexVector& fixed_places() const { return free_; }
  std::vector<char> nonnegative() const override {
    return terms_.nonnegative(fixed_count());
  }
  Vector least_scales() const override { return terms_.least_scales(fixed_count()); }
  const RandomTerms& terms() const { return terms_; }

  Vector parameters() const {
    Vector out(size());
    for (Index j = 0; j < fixed_count(); ++j) out[j] = mode_.tail[free_[j]];
    out.tail(terms_.parameters()) = terms_.values();
    return out;
  }

  /// Where the search for the next mode begins, and with it parameters().
  const Coefficients& mode() const { return mode_; }
  void set_mode(const Coefficients& mode) {
    mode_ = mode;
    known_ = false;
  }

  /// Of the last evaluation.
  const PirlsResult& result() const { return result_; }
  int inner_iterations() const { return inner_; }
  /// Of all coefficients at the last mode; need not be positive definite.
  ArrowFactor whole_factor() const {
    return ArrowFactor(NormalEquations(result_.sums, layout_, mode_, aliased_), layout_);
  }
  /// log|H| of the penalised coefficients.
  double log_determinant() const { return log_determinant_; }

 protected:
  Evaluation compute(const Vector& x) override {
    Evaluation out;
    if (!x.allFinite()) return out;
    terms_.set(x.tail(terms_.parameters()));
    layout_.update();
    Coefficients start = mode_;
    for (Index j = 0; j < fixed_count(); ++j) start.tail[free_[j]] = x[j];
    if (known_) predict(start);
    if (find_mode(start)) integrate(out);
    return out;
  }

  /// `start` to the mode of the quadratic approximation at the last mode, unless that is
  /// further away from it than about a standard error a coefficient.
  void predict(Coefficients& start) {
    move_sums(layout_, layout_.raw_from_free(start) - raw_mode_, result_.sums);
    NormalEquations equations(result_.sums, layout_, start, held_);
    const Coefficients score = equations.score;
    const ArrowFactor factor(std::move(equations), layout_);
    if (!factor.positive()) return;
    const Coefficients there = start + factor.solve(score);
    const Coefficients way = layout_.raw_from_free(there) - raw_mode_;
    const double count = static_cast<double>(way.tail.size() + way.lead.size());
    const double length = way.dot(GramProduct(layout_, result_.sums)(way));
    if (length <= count) start = there;
  }

  /// Value, gradient and curvature, at the mode.
  virtual void integrate(Evaluation& out) {
    const bool same = same_weights();
    if (!same && !refactor(determinant_, other_sums_, other_)) return;
    const ArrowFactor& factor = same ? result_.factor : other_;
    out.valid = true;
    log_determinant_ = factor.log_determinant(true);
    out.value =
        result_.objective + result_.penalty + factor.log_determinant(!restricted_);
    if (restricted_) out.value -= std::log(2 * M_PI) * static_cast<double>(integrated_);
    differentiate(same ? result_.sums : other_sums_, factor, out);
  }

  bool find_mode(const Coefficients& start) {
    try {
      Pirls pirls(layout_, options_);
      result_ = pirls.run(&start, &held_);
    } catch (const Error& error) {
      if (error.status() == Status::interrupted) throw;
      return false;
    }
    inner_ += static_cast<int>(result_.trace.size());
    const bool found = result_.end == PirlsEnd::converged &&
                       result_.information == Information::observed &&
                       std::isfinite(result_.objective);
    known_ = found;
    if (found) {
      mode_ = result_.coefficients;
      raw_mode_ = layout_.raw_from_free(mode_);
    }
    return found;
  }

  bool same_weights() const {
    return determinant_ == Information::observed ||
           layout_.problem().family->information_equal();
  }

  bool refactor(Information information, Sums& sums, ArrowFactor& factor) const {
    PassRequest request;
    request.information = information;
    sums = Pass(layout_, options_.threads, nullptr)(mode_, request);
    const NormalEquations equations(sums, layout_, mode_, held_);
    factor = ArrowFactor(equations, layout_);
    return factor.positive();
  }

  void differentiate(const Sums& sums, const ArrowFactor& factor, Evaluation& out) const {
    const SelectedInverse inverse(layout_, sums, factor, !restricted_);
    const Coefficients score = mode_scores();
    const VarianceDerivatives derivatives(layout_, terms_, sums, factor,
                                          projections(terms_, inverse), mode_, score, 1);
    const Coefficients v =
        adjusted_scores(SelectedVariance(layout_, inverse),
                        same_weights() ? Information::observed : determinant_);
    if (result_.moved && same_weights()) {
      // H is that before the last step of the mode
      out.value += v.dot(layout_.raw_from_free(result_.last_step));
    }
    const Coefficients a = result_.factor.solve(layout_.free_scores(v), !restricted_);
    const GramProduct gram(layout_, result_.sums);
    const Coefficients adjoint = v - gram(layout_.raw_from_free(a));
    set_gradient(layout_.free_scores(adjoint - score * 2),
                 derivatives.gradient(moved(adjoint, score, a)), out);
    model(derivatives, factor, out);
    add_at_limits(adjoint, score, out);
  }

  /// What the moves of weights add to the curvature where theta_j is 0: there u and a are
  /// linear in it, u_l = theta_j dLambda_j'(Z's)_l and a_l the same of Z'adj. It tells
  /// whether the criterion falls away from a variance of 0.
  void add_at_limits(const Coefficients& adjoint, const Coefficients& score,
                     Evaluation& out) const {
    const Coefficients left = layout_.term_scores(adjoint);
    const Coefficients right = layout_.term_scores(score);
    for (const RandomTerm& term : terms_.all()) {
      const Vector theta = term.covariance->values();
      for (int j = 0; j < theta.size(); ++j) {
        if (theta[j] != 0 || !term.covariance->is_scale(j)) continue;
        const Matrix change = term.covariance->derivative(j).transpose();
        const Matrix a = change * term.columns(left), u = change * term.columns(right);
        const Index at = fixed_count() + term.parameter + j;
        out.curvature(at, at) += 2 * a.cwiseProduct(u).sum();
      }
    }
  }

  /// Raw scores at the mode.
  Coefficients mode_scores() const {
    return {result_.sums.lead_score, result_.sums.tail_score};
  }

  void set_gradient(const Coefficients& beta, const Vector& theta,
                    Evaluation& out) const {
    out.gradient.resize(size());
    for (Index j = 0; j < fixed_count(); ++j) out.gradient[j] = beta.tail[free_[j]];
    out.gradient.tail(theta.size()) = theta;
  }

  /// sum_l (Z'adj)_l u_l' + (Z's)_l a_l', term by term.
  std::vector<Matrix> moved(const Coefficients& adjoint, const Coefficients& score,
                            const Coefficients& a) const {
    const Coefficients left = layout_.term_scores(adjoint);
    const Coefficients right = layout_.term_scores(score);
    std::vector<Matrix> out;
    for (const RandomTerm& term : terms_.all()) {
      out.push_back(term.columns(left) * term.columns(mode_).transpose() +
                    term.columns(right) * term.columns(a).transpose());
    }
    return out;
  }

  /// A'v over raw coefficients.
  Coefficients adjusted_scores(const RowVariance& variance,
                               Information information) const {
    const LaplaceAdjustment adjustment(layout_, variance, information);
    PassRequest request;
    request.information = Information::observed;
    request.gram = false;
    request.adjustment = &adjustment;
    const Sums sums = Pass(layout_, options_.threads, nullptr)(mode_, request);
    return {sums.lead_score, sums.tail_score};
  }

  /// Blocks for beta and for theta; the search learns what is between them.
  void model(const VarianceDerivatives& derivatives, const ArrowFactor& factor,
             Evaluation& out) const {
    const Index p = fixed_count(), q = terms_.parameters();
    out.curvature = Matrix::Zero(p + q, p + q);
    out.curvature.bottomRightCorner(q, q) = derivatives.curvature(!restricted_);
    if (p == 0) return;
    out.curvature.topLeftCorner(p, p) = 2 * factor.free_schur(free_);
  }

  Layout& layout_;
  RandomTerms terms_;
  PirlsOptions options_;
  Coefficients mode_, raw_mode_;
  bool known_ = false;  ///< are the sums of the last result those at raw_mode_?
  PirlsResult result_;
  double log_determinant_ = 0;

 private:
  const Aliased& aliased_;
  /// What stays where it is while the mode is looked for: with ML, beta. Its part of H is
  /// none of the criterion's, and need not be positive definite.
  Aliased held_;
  IndexVector free_;      ///< beta
  Index integrated_ = 0;  ///< number of unpenalised coefficients that are in the integral
  bool restricted_;
  Information determinant_;
  Sums other_sums_;
  ArrowFactor other_;
  int inner_ = 0;
};

}  // namespace gamut

#endif  // GAMUT_CRITERION_LAPLACE_HPP
