// The search: what a step promises, saddle points, arguments that may not be negative.
#include "check.hpp"
#include "gamut/criterion/fellner_schall.hpp"
#include "gamut/optimise/trust_region.hpp"

using namespace gamut;

namespace {

/// s'Hs/2 with s = x - centre, plus quartic * sum x^4, with a model of its curvature.
struct Quadratic : Objective {
  Vector centre;
  Matrix hessian;
  Matrix model;
  double quartic = 0;
  std::vector<char> bounded;

  Quadratic(const Vector& c, const Matrix& h)
      : centre(c), hessian(h), model(h), bounded(static_cast<std::size_t>(c.size()), 0) {}
  Index size() const override { return centre.size(); }
  std::vector<char> nonnegative() const override { return bounded; }
  Evaluation evaluate(const Vector& x) override {
    const Vector s = x - centre;
    Evaluation out;
    out.valid = true;
    out.value = 0.5 * s.dot(hessian * s) + quartic * x.array().pow(4).sum();
    out.gradient = hessian * s + 4 * quartic * x.array().cube().matrix();
    out.curvature = model;
    return out;
  }
};

/// (x - 3)^2 up to 1; beyond it lies another piece, higher and steep.
struct Jump : Objective {
  Index size() const override { return 1; }
  Evaluation evaluate(const Vector& x) override {
    Evaluation out;
    out.valid = true;
    const bool beyond = x[0] >= 1;
    out.value = (x[0] - 3) * (x[0] - 3) + (beyond ? 1e6 : 0);
    out.gradient = Vector::Constant(1, beyond ? 1e12 : 2 * (x[0] - 3));
    out.curvature = Matrix::Constant(1, 1, 2);
    return out;
  }
};

Vector pair(double a, double b) {
  Vector out(2);
  out << a, b;
  return out;
}

}  // namespace

// The smallest eigenvalue is positive, though tiny beside the largest.
TEST(a_step_never_goes_uphill) {
  for (double large : {1.0, 1e6, 1e13, 1e16}) {
    const Matrix b = pair(large, 3).asDiagonal();
    const TrustStep step(b, pair(0, 0.5));
    const Vector s = step(2.0);
    // Newton's step lies within the region: -1/6 along the second axis
    CHECK_NEAR(step.decrease(s), 0.5 * 0.5 / (2 * 3), 1e-9, "decrease");
  }
}

TEST(a_saddle_point_is_left) {
  Matrix h(2, 2);
  h << -1, 0, 0, 1;
  Quadratic f(pair(0, 0), h);
  f.quartic = 0.25;
  const SearchResult out = TrustRegion(f, SearchOptions()).minimise(pair(0, 1));
  CHECK(out.end == SearchEnd::converged);
  // -x^2 / 2 + x^4 / 4 has its minima at 1 and -1; a step there promises below 1e-9
  CHECK_NEAR(std::abs(out.x[0]), 1, 1e-4, "minimum");
}

TEST(an_argument_stays_at_zero_where_its_derivative_is_positive) {
  Matrix h(2, 2);
  h << 2, 0.5, 0.5, 1;
  Quadratic f(pair(-1, 1), h);
  f.bounded[0] = 1;
  const SearchResult out = TrustRegion(f, SearchOptions()).minimise(pair(2, 0));
  CHECK(out.end == SearchEnd::converged);
  CHECK(out.x[0] == 0);
  CHECK(out.at.gradient[0] > 0);
  // on x = 0: 0.5 * 1 + (y - 1) = 0
  CHECK_NEAR(out.x[1], 0.5, 1e-4, "minimum on the boundary");
  CHECK(out.evaluations < 10);
}

TEST(an_argument_leaves_zero_where_its_derivative_is_negative) {
  Quadratic f(pair(3, 1), Matrix::Identity(2, 2));
  f.bounded[0] = 1;
  const SearchResult out = TrustRegion(f, SearchOptions()).minimise(pair(0, 0));
  CHECK(out.end == SearchEnd::converged);
  CHECK_NEAR(out.x[0], 3, 1e-4, "minimum inside");
}

// Steps of a model that knows next to nothing of the curvature are rejected at first; the
// promise within what is left of the region is small, and no reason to end.
TEST(a_shrunken_region_is_no_convergence) {
  Quadratic f(pair(1e-3, 0), 1e8 * Matrix::Identity(2, 2));
  f.model = Matrix::Identity(2, 2);
  SearchOptions options;
  options.radius = 1e-2;
  const SearchResult out = TrustRegion(f, options).minimise(pair(0, 0));
  CHECK(out.end == SearchEnd::converged);
  CHECK(out.at.value < 1e-8);
}

/// 1 - sech(x - 3)^2 / 2 has its minimum at 3 and is flat far out.
struct Well : Objective {
  double least = 0;
  Index size() const override { return 1; }
  Vector least_scales() const override { return Vector::Constant(1, least); }
  Evaluation evaluate(const Vector& x) override {
    const double t = std::tanh(x[0] - 3), s = 1 - t * t;
    Evaluation out;
    out.valid = true;
    out.value = 1 - s / 2;
    out.gradient = Vector::Constant(1, t * s);
    // as average information may be: next to nothing, though the function is curved
    out.curvature = Matrix::Constant(1, 1, 1e-4);
    return out;
  }
};

TEST(a_flat_argument_takes_no_long_step) {
  Well f;
  f.least = 2;
  const SearchResult out =
      TrustRegion(f, SearchOptions()).minimise(Vector::Constant(1, 0));
  CHECK(out.end == SearchEnd::converged);
  CHECK_NEAR(out.x[0], 3, 1e-3, "minimum");
}

// A step over the jump teaches a curvature of 1e12, by which no step promises anything.
TEST(a_wall_that_steps_have_built_is_no_minimum) {
  Jump f;
  const SearchResult out = TrustRegion(f, SearchOptions()).minimise(Vector::Zero(1));
  CHECK(out.end != SearchEnd::converged);
  CHECK(out.x[0] < 1);
}

namespace {

/// The deviance m log(1 + x^2) + m v / (1 + x^2) of m normal numbers with variance 1 +
/// x^2 and mean square v, whose minimum is at x^2 = v - 1. `false_growth` multiplies.
struct OneVariance : Objective {
  double v, false_growth = 1;
  explicit OneVariance(double mean_square) : v(mean_square) {}
  Index size() const override { return 1; }
  Evaluation evaluate(const Vector& x) override {
    const double m = 50, total = 1 + x[0] * x[0], share = x[0] * x[0] / total;
    Evaluation out;
    out.valid = true;
    out.value = m * (std::log(total) + v / total);
    out.gradient = Vector::Constant(1, 2 * m * x[0] * (1 - v / total) / total);
    out.curvature = Matrix::Constant(1, 1, m);
    // e = m share, q = m v share^2 / x^2
    out.growth = Vector::Constant(1, false_growth * std::sqrt(v * share) / x[0]);
    return out;
  }
};

}  // namespace

TEST(fellner_schall_steps_come_near_from_far_and_never_climb) {
  for (double start : {1e-3, 0.1, 30.0, 1e4}) {
    OneVariance problem(10);
    FellnerSchall steps(problem);
    const double x = steps.approach(Vector::Constant(1, start))[0];
    CHECK_LABEL(std::abs(x - 3) < 0.6, std::to_string(start));
    CHECK(steps.evaluations() <= 9);
  }
  OneVariance wrong(10);
  wrong.false_growth = 5;
  FellnerSchall steps(wrong);
  const Vector best = Vector::Constant(1, 3);
  CHECK(steps.approach(best) == best);
}
