// optimise/trust_region.hpp - Newton's method within a region of trust.
//
// The step minimises g's + s'Bs/2 over |D s| <= radius, exactly, from the eigenvalues of
// D^-1 B D^-1; so negative curvature is followed and saddle points are left. B is the
// objective's own model of its curvature plus a correction of rank one a step (SR1), by
// which B learns what the model does not say. D are the roots of the model's diagonal,
// and not below what the objective says: else one step along a flat argument could leave
// for where the objective is flat for good. Where steps are rejected time and again, what
// B has learnt is forgotten once. Arguments that may not be negative stay where they are
// at 0 while their derivative is positive, and a step that would take one of them below 0
// ends there. Done when the step promises a decrease below `tolerance`, in units of the
// objective: within the first radius, whatever rejected steps have made of it since.
// Where the objective jumps, what B learns is a wall that is none; so the objective's own
// model is asked, too, and where it promises much B is forgotten before the end is
// believed. Source: Nocedal & Wright (2006) Numerical Optimization, sections 4.3 and 6.2;
// More & Sorensen (1983) SIAM J. Sci. Stat. Comput. 4, 553-572.
#ifndef GAMUT_OPTIMISE_TRUST_REGION_HPP
#define GAMUT_OPTIMISE_TRUST_REGION_HPP

#include <cmath>

#include "../monitor.hpp"
#include "objective.hpp"

namespace gamut {

struct SearchOptions {
  double tolerance = 1e-9;  ///< promised decrease at which the search ends
  double radius = 2;        ///< of the first step, in units of D
  int max_evaluations = 500;
};

enum class SearchEnd { converged, evaluation_limit, stalled };

struct SearchResult {
  Vector x;
  Evaluation at;
  Matrix curvature;  ///< the model with its corrections
  int evaluations = 0;
  double promised = 0;  ///< decrease that a step of the first radius would promise
  SearchEnd end = SearchEnd::evaluation_limit;
};

/// The minimiser of g's + s'Bs/2 in a ball.
class TrustStep {
 public:
  TrustStep(const Matrix& b, const Vector& g) : eigen_(b) {
    values_ = eigen_.eigenvalues();
    along_ = eigen_.eigenvectors().transpose() * g;
  }

  Vector operator()(double radius) const {
    const double least = values_.minCoeff(), size = values_.cwiseAbs().maxCoeff();
    if (least > 0) {
      const Vector newton = step(0);
      return from_along(newton.norm() <= radius ? newton : step(shift_for(radius, 0)));
    }
    const double low = -least + 1e-12 * std::max(size, 1e-300);
    Vector s = step(low);
    if (s.norm() < radius) return from_along(hard_case(s, radius));
    return from_along(step(shift_for(radius, low)));
  }

  double decrease(const Vector& s) const {
    const Vector t = eigen_.eigenvectors().transpose() * s;
    return -(along_.dot(t) + 0.5 * t.cwiseAbs2().dot(values_));
  }

 private:
  Vector step(double shift) const {
    return -(along_.array() / (values_.array() + shift)).matrix();
  }
  Vector from_along(const Vector& t) const { return eigen_.eigenvectors() * t; }

  /// Too short at the smallest shift: go on along the direction of least curvature.
  Vector hard_case(Vector s, double radius) const {
    Index at = 0;
    values_.minCoeff(&at);
    const double rest = radius * radius - s.squaredNorm() + s[at] * s[at];
    s[at] = (along_[at] > 0 ? -1 : 1) * std::sqrt(std::max(rest, 0.0));
    return s;
  }

  /// |step(shift)| = radius by bisection; the length falls with the shift.
  double shift_for(double radius, double low) const {
    double high = std::max(1.0, 2 * low);
    while (step(high).norm() > radius) high *= 4;
    for (int i = 0; i < 100 && high - low > 1e-14 * high; ++i) {
      const double middle = 0.5 * (low + high);
      (step(middle).norm() > radius ? low : high) = middle;
    }
    return high;
  }

  Eigen::SelfAdjointEigenSolver<Matrix> eigen_;
  Vector values_, along_;
};

class TrustRegion {
 public:
  TrustRegion(Objective& objective, const SearchOptions& options,
              Monitor* monitor = nullptr)
      : objective_(objective), options_(options), monitor_(monitor) {}

  SearchResult minimise(const Vector& start) {
    SearchResult out = begin(start);
    if (!out.at.valid || start.size() == 0) {
      out.end = out.at.valid ? SearchEnd::converged : SearchEnd::stalled;
      out.curvature = out.at.curvature;
      return out;
    }
    int rejected = 0;
    bool forgotten = false;
    while (out.evaluations < options_.max_evaluations) {
      const Vector step = next_step(out);
      // below its own rounding a value cannot tell a better point
      if (out.promised <= std::max(options_.tolerance, 1e-13 * std::abs(out.at.value))) {
        if (settled(out)) break;
        continue;
      }
      const bool moved = try_step(out, step);
      rejected = moved ? 0 : rejected + 1;
      forgotten = forgotten && !moved;
      doubted_ = doubted_ && !moved;
      if (monitor_) monitor_->iteration(out.evaluations, out.at.value);
      if (rejected == 12 && !forgotten) {
        correction_.setZero();
        radius_ = options_.radius;
        forgotten = true;
      }
      if (rejected > 30) {
        out.end = SearchEnd::stalled;
        break;
      }
    }
    out.curvature = out.at.curvature + correction_;
    return out;
  }

 private:
  /// Decrease that the objective's own model may promise where a search has converged.
  static constexpr double doubtful_promise = 1e-2;

  SearchResult begin(const Vector& start) {
    SearchResult out;
    out.x = start;
    bounded_ = objective_.nonnegative();
    least_ = objective_.least_scales();
    for (Index j = 0; j < start.size(); ++j) {
      if (bounded_[j]) out.x[j] = std::abs(start[j]);
    }
    out.at = objective_.evaluate(out.x);
    out.evaluations = 1;
    correction_ = Matrix::Zero(start.size(), start.size());
    radius_ = options_.radius;
    return out;
  }

  /// Is this the end, whether good or bad? If not, B has lost what it had learnt.
  bool settled(SearchResult& out) {
    if (own_promise(out) <= doubtful_promise) {
      out.end = SearchEnd::converged;
      return true;
    }
    if (doubted_) {
      out.end = SearchEnd::stalled;
      return true;
    }
    doubted_ = true;
    correction_.setZero();
    radius_ = options_.radius;
    return false;
  }

  /// Of a step by the diagonal of the objective's own model, taken as positive.
  double own_promise(const SearchResult& out) const {
    Vector g = scale_.cwiseInverse().cwiseProduct(out.at.gradient);
    for (Index j = 0; j < g.size(); ++j) {
      if (bounded_[j] && !(out.x[j] > 0) && g[j] > 0) g[j] = 0;
    }
    return 0.5 * g.squaredNorm();
  }

  Vector next_step(SearchResult& out) {
    scale_ = out.at.curvature.diagonal().cwiseAbs().cwiseSqrt();
    const double least = 1e-8 * std::max(scale_.maxCoeff(), 1e-300);
    scale_ = scale_.cwiseMax(least).cwiseMax(least_);
    const Vector inverse = scale_.cwiseInverse();
    Matrix b =
        inverse.asDiagonal() * (out.at.curvature + correction_) * inverse.asDiagonal();
    Vector g = inverse.cwiseProduct(out.at.gradient);
    for (Index j = 0; j < g.size(); ++j) {
      if (!bounded_[j] || out.x[j] > 0 || g[j] < 0) continue;
      g[j] = 0;
      b.row(j).setZero();
      b.col(j).setZero();
      b(j, j) = 1;
    }
    const TrustStep step(b, g);
    const Vector whole = step(radius_), s = inside(out.x, inverse, step, whole);
    within_ = step.decrease(s);
    const bool shrunk = radius_ < options_.radius;
    out.promised = step.decrease(shrunk ? step(options_.radius) : whole);
    length_ = s.norm();
    return inverse.cwiseProduct(s);
  }

  /// The step cut off at 0, argument by argument; or as a whole, where that promises
  /// more.
  Vector inside(const Vector& x, const Vector& inverse, const TrustStep& step,
                const Vector& whole) const {
    Vector each = whole;
    double share = 1;
    for (Index j = 0; j < x.size(); ++j) {
      const double room = -x[j] / inverse[j];
      if (!bounded_[j] || whole[j] >= room) continue;
      each[j] = room;
      share = std::min(share, room / whole[j]);
    }
    const Vector all = share * whole;
    return step.decrease(each) >= step.decrease(all) ? each : all;
  }

  bool try_step(SearchResult& out, const Vector& step) {
    Vector x = out.x + step;
    for (Index j = 0; j < x.size(); ++j) {
      if (bounded_[j] && x[j] < 1e-12 * out.x[j]) x[j] = 0;
    }
    const Evaluation next = objective_.evaluate(x);
    ++out.evaluations;
    if (!next.valid || !std::isfinite(next.value)) {
      radius_ = 0.25 * length_;
      return false;
    }
    const double brought = out.at.value - next.value;
    // Differences of values have lost their digits where steps promise next to nothing.
    const double noise = 1e-13 * std::abs(out.at.value) + objective_.noise();
    const double ratio = (brought + noise) / (within_ + noise);
    learn(next, out.at, step);
    if (ratio < 0.25) {
      radius_ = 0.25 * length_;
    } else if (ratio > 0.75 && length_ > 0.8 * radius_) {
      radius_ *= 2.5;
    }
    if (ratio < 1e-3) return false;
    out.x = x;
    out.at = next;
    return true;
  }

  /// SR1: the correction that makes B s the change of the gradient.
  void learn(const Evaluation& next, const Evaluation& before, const Vector& step) {
    const Vector change = next.gradient - before.gradient;
    const Vector rest = change - (next.curvature + correction_) * step;
    const double inner = rest.dot(step);
    if (std::abs(inner) <= 1e-8 * rest.norm() * step.norm()) return;
    correction_ += rest * rest.transpose() / inner;
  }

  Objective& objective_;
  SearchOptions options_;
  Monitor* monitor_;
  Matrix correction_;
  std::vector<char> bounded_;
  Vector scale_, least_;
  double radius_ = 1, length_ = 0;
  bool doubted_ = false;  ///< has B been forgotten at this place for its promise?
  double within_ = 0;     ///< decrease promised by the step within the radius
};

}  // namespace gamut

#endif  // GAMUT_OPTIMISE_TRUST_REGION_HPP
