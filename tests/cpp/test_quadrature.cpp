// Adaptive quadrature: its rule, its integrals against fine grids, its gradients.
#include "check.hpp"
#include "mixed_cases.hpp"

using namespace gamut;
using namespace mixed_cases;

namespace {

/// Counts or zeros and ones for groups of a few rows; the outer factor (if any) holds
/// three levels of the inner one.
struct Nested : Case {
  std::vector<int> outer;
  Nested(Index rows, int levels, unsigned long long seed) : Case(rows, 1, levels, seed) {
    for (int code : codes) outer.push_back((code - 1) / 3 + 1);
    prior.assign(prior.size(), 1);
    Random random(seed + 1);
    for (Index i = 0; i < rows; ++i) {
      const double eta = 0.4 * x(i, 0) + 0.7 * std::sin(codes[i]) + 0.3 * outer[i] - 0.5;
      y(i, 0) = random.uniform() < 1 / (1 + std::exp(-eta));
    }
  }

  void add_random(const std::vector<int>& factor, int levels, bool slope,
                  const Matrix& loading) {
    std::vector<Column> columns(1);
    if (slope) {
      columns.emplace_back();
      columns[1].operands.emplace_back();
      columns[1].operands[0].real = x.col(0).data();
    }
    problem.storages.push_back(std::make_shared<IndexStorage>(
        factor.data(), levels, slope ? columns : std::vector<Column>()));
    const Index size = (slope ? 2 : 1) * loading.cols();
    Term term;
    term.storage = static_cast<int>(problem.storages.size()) - 1;
    term.loading = loading;
    term.covariance = make_covariance(spec(size > 1 ? "us" : "identity", size));
    for (Index j = 0; j < size * levels; ++j) {
      term.position.push_back(problem.coefficients++);
    }
    problem.terms.push_back(term);
  }
};

/// E f(T), T standard normal, by a fine grid: errors of the trapezoid rule of a smooth
/// function vanish faster than any power of its step.
template <class F>
double normal_mean(const F& f) {
  double sum = 0;
  for (int j = -800; j <= 800; ++j) {
    const double t = 0.01 * j;
    sum += 0.01 * std::exp(-0.5 * t * t) / std::sqrt(2 * M_PI) * f(t);
  }
  return sum;
}

double row_density(const Nested& data, Index i, double eta) {
  return 1 / (1 + std::exp(data.y(i, 0) > 0 ? -eta : eta));
}

QuadratureCriterion criterion_of(Layout& layout, const Aliased& none, int points) {
  return QuadratureCriterion(layout, PirlsOptions(), none, layout.zero(), points);
}

Vector steps(Index size) {
  Vector x(size);
  for (Index j = 0; j < size; ++j) x[j] = 0.6 - 0.1 * static_cast<double>(j);
  return x;
}

}  // namespace

TEST(hermite_rule_has_the_moments_of_a_normal) {
  for (int points : {1, 2, 5, 12, 25, 100}) {
    const GaussHermite rule(points);
    double moment = 1;
    for (int power = 0; power < 2 * points && power <= 30; power += 2) {
      double sum = 0;
      for (int q = 0; q < points; ++q) {
        sum += std::exp(rule.log_weight[q]) * std::pow(rule.node[q], power);
      }
      CHECK(std::abs(sum - moment) < 1e-12 * moment);
      moment *= power + 1;
    }
    CHECK(rule.node == -rule.node.reverse());
  }
}

TEST(quadrature_of_one_factor_equals_a_fine_grid) {
  Nested data(60, 9, 21);
  data.set_family("binomial", "logit");
  data.add_dense(one());
  data.add_random(data.codes, 9, false, one());
  Layout layout(data.problem);
  const Aliased none(layout);
  Vector x(3);
  x << 0.2, 0.5, 1.3;
  double expected = 0;
  for (int level = 1; level <= 9; ++level) {
    expected -= 2 * std::log(normal_mean([&](double t) {
                  double product = 1;
                  for (Index i = 0; i < 60; ++i) {
                    if (data.codes[i] != level) continue;
                    // The engine's intercept is that at the mean of the column.
                    const double slope = 0.5 * (data.x(i, 0) - data.x.col(0).mean());
                    product *= row_density(data, i, 0.2 + slope + 1.3 * t);
                  }
                  return product;
                }));
  }
  // Ten nodes are off by 1e-7 here, thirty by rounding.
  auto ten = criterion_of(layout, none, 10), thirty = criterion_of(layout, none, 30);
  CHECK(std::abs(ten.evaluate(x).value - expected) < 1e-5);
  CHECK(std::abs(thirty.evaluate(x).value - expected) < 1e-10);
}

TEST(quadrature_of_nested_factors_equals_a_fine_grid) {
  Nested data(40, 6, 23);
  data.set_family("binomial", "logit");
  data.add_dense(one());
  data.add_random(data.codes, 6, false, one());
  data.add_random(data.outer, 2, false, one());
  Layout layout(data.problem);
  const Aliased none(layout);
  Vector x(4);
  x << 0.2, 0.5, 0.8, 1.1;
  double expected = 0;
  for (int group = 1; group <= 2; ++group) {
    expected -= 2 * std::log(normal_mean([&](double t) {
                  double product = 1;
                  for (int level = 3 * group - 2; level <= 3 * group; ++level) {
                    product *= normal_mean([&](double s) {
                      double rows = 1;
                      for (Index i = 0; i < 40; ++i) {
                        if (data.codes[i] != level) continue;
                        const double slope = 0.5 * (data.x(i, 0) - data.x.col(0).mean());
                        rows *= row_density(data, i, 0.2 + slope + 0.8 * s + 1.1 * t);
                      }
                      return rows;
                    });
                  }
                  return product;
                }));
  }
  auto criterion = criterion_of(layout, none, 30);
  CHECK(std::abs(criterion.evaluate(x).value - expected) < 1e-9);
}

TEST(one_node_is_the_laplace_approximation) {
  Nested data(80, 9, 25);
  data.set_family("binomial", "cloglog");
  data.add_dense(one());
  data.add_random(data.codes, 9, true, one());
  data.add_random(data.outer, 3, false, one());
  Layout layout(data.problem);
  const Aliased none(layout);
  LaplaceCriterion laplace(layout, PirlsOptions(), none, layout.zero(), false,
                           Information::observed);
  auto quadrature = criterion_of(layout, none, 1);
  const Vector x = steps(laplace.size());
  const Evaluation a = laplace.evaluate(x), b = quadrature.evaluate(x);
  CHECK(std::abs(a.value - b.value) < 1e-10);
  CHECK((a.gradient - b.gradient).cwiseAbs().maxCoeff() < 1e-8);
}

// Few nodes: the gradient must hold for the rule as it is, not only for the integral.
TEST(quadrature_gradient_equals_differences) {
  for (const char* link : {"logit", "cloglog"}) {
    for (bool nested : {false, true}) {
      Nested data(80, 9, 27);
      data.set_family("binomial", link);
      data.add_dense(one());
      data.add_random(data.codes, 9, true, one());
      if (nested) data.add_random(data.outer, 3, false, one());
      Layout layout(data.problem);
      const Aliased none(layout);
      auto criterion = criterion_of(layout, none, 3);
      CHECK(gradient_error(criterion, steps(criterion.size())) < 1e-6);
    }
  }
}

TEST(quadrature_gradient_equals_differences_across_predictors) {
  Nested data(90, 9, 29);
  for (Index i = 0; i < 90; ++i) data.y(i, 0) = 0.05 + 0.9 * std::abs(std::sin(i + 1.0));
  data.set_family("beta", "logit");
  data.add_dense(Matrix::Identity(2, 1));
  data.add_random(data.codes, 9, false, Matrix::Identity(2, 2));
  data.add_random(data.outer, 3, false, Matrix::Identity(2, 1));
  Layout layout(data.problem);
  const Aliased none(layout);
  auto criterion = criterion_of(layout, none, 3);
  CHECK(gradient_error(criterion, steps(criterion.size())) < 1e-6);
}
