// Random effects: criteria against dense algebra, gradients against differences, the
// search against known optima.
#include "check.hpp"
#include "mixed_cases.hpp"

using namespace gamut;
using namespace mixed_cases;

// Central differences with h = 1e-4 have errors of h^2 f''' and 1e-12 / h.
TEST(gaussian_gradient_equals_differences) {
  for (int levels : {4, 90}) {
    Crossed data(600, 15, levels, 3);
    data.draw(false, 11);
    data.set_family("gaussian", "identity");
    data.add_dense(one());
    data.add_random(one());
    for (bool restricted : {false, true}) {
      Layout layout(data.problem);
      const Sums sums = sums_at(layout, layout.zero());
      const Aliased none(layout);
      GaussianCriterion criterion(layout, sums, none, 0, restricted);
      Vector theta(4);
      theta << 0.7, -0.3, 0.5, 0.9;
      CHECK(gradient_error(criterion, theta) < 1e-6);
      theta << 0.7, 0.2, 0.0, 0.0;
      CHECK(gradient_error(criterion, theta) < 1e-6);
    }
  }
}

TEST(laplace_gradient_equals_differences) {
  for (int levels : {4, 90}) {
    Crossed data(500, 12, levels, 5);
    data.draw(true, 13);
    data.set_family("poisson", "log");
    data.add_dense(one());
    data.add_random(one());
    for (bool restricted : {false, true}) {
      Layout layout(data.problem);
      const Aliased none(layout);
      LaplaceCriterion criterion(layout, PirlsOptions(), none, layout.zero(), restricted,
                                 Information::observed);
      Vector x = criterion.parameters();
      for (Index j = 0; j < x.size(); ++j) x[j] = 0.3 + 0.1 * static_cast<double>(j);
      CHECK(gradient_error(criterion, x) < 1e-6);
    }
  }
}

/// The deviance of N(X beta, V) at the best beta, from matrices written out.
TEST(gaussian_criterion_equals_dense_algebra) {
  Crossed data(80, 6, 5, 9);
  data.draw(false, 17);
  data.set_family("gaussian", "identity");
  data.add_dense(one());
  data.add_random(one());
  Layout layout(data.problem);
  const Sums sums = sums_at(layout, layout.zero());
  const Aliased none(layout);
  double log_weights = 0;
  for (double w : data.prior) log_weights += std::log(w);
  Vector theta(4);
  theta << 0.7, -0.3, 0.5, 0.9;
  const Index n = 80;
  Matrix z = Matrix::Zero(n, 17), lambda = Matrix::Zero(17, 17), x(n, 3);
  for (Index i = 0; i < n; ++i) {
    z(i, 2 * (data.codes[i] - 1)) = 1;
    z(i, 2 * (data.codes[i] - 1) + 1) = data.x(i, 0);
    z(i, 12 + data.other[i] - 1) = 1;
    x.row(i) << 1, data.x(i, 0), data.x(i, 1);
  }
  for (Index l = 0; l < 6; ++l) lambda.block(2 * l, 2 * l, 2, 2) << 0.7, 0, -0.3, 0.5;
  for (Index l = 12; l < 17; ++l) lambda(l, l) = 0.9;
  const Vector w = Eigen::Map<const Vector>(data.prior.data(), n);
  Matrix v = z * lambda * lambda.transpose() * z.transpose();
  v.diagonal() += w.cwiseInverse();
  const Matrix inverse = v.inverse(), information = x.transpose() * inverse * x;
  const Vector beta = information.ldlt().solve(x.transpose() * inverse * data.y.col(0));
  const Vector rest = data.y.col(0) - x * beta;
  const double squares = rest.dot(inverse * rest);
  const double log_v = std::log(v.determinant());
  const double log_x = std::log(information.determinant());
  for (bool restricted : {false, true}) {
    GaussianCriterion criterion(layout, sums, none, log_weights, restricted);
    const double count = restricted ? n - 3 : n;
    double expected = count * (1 + std::log(2 * M_PI * squares / count)) + log_v;
    if (restricted) expected += log_x;
    // |V| of 80 rows by elimination loses a few of 16 digits
    CHECK(std::abs(criterion.evaluate(theta).value - expected) < 1e-9 * expected);
  }
}

/// Dyestuff (Davies & Goldsmith 1972): the published optimum of lme4 and MixedModels.jl.
TEST(dyestuff_has_its_published_optimum) {
  const double yield[] = {1545, 1440, 1440, 1520, 1580, 1540, 1555, 1490, 1560, 1495,
                          1595, 1550, 1605, 1510, 1560, 1445, 1440, 1595, 1465, 1545,
                          1595, 1630, 1515, 1635, 1625, 1520, 1455, 1450, 1480, 1445};
  Case data(30, 0, 6, 1);
  for (int i = 0; i < 30; ++i) {
    data.codes[i] = i / 5 + 1;
    data.y(i, 0) = yield[i];
    data.prior[i] = 1;
  }
  data.set_family("gaussian", "identity");
  data.add_dense(one());
  data.add_factor(6, one(), true).covariance = make_covariance(spec("identity", 1));
  MixedOptions options;
  options.gaussian = true;
  options.pirls.dispersion_estimated = true;
  MixedResult fit = MixedFit(data.problem, options).run();
  CHECK(fit.end == SearchEnd::converged);
  CHECK(std::abs(fit.criterion - 327.32705988112673) < 1e-8);
  CHECK(std::abs(std::abs(fit.theta[0]) - 0.7525806540) < 1e-6);
  CHECK(std::abs(std::sqrt(fit.dispersion) - 49.5101) < 1e-4);
  options.restricted = true;
  fit = MixedFit(data.problem, options).run();
  CHECK(std::abs(fit.criterion - 319.6542768422576) < 1e-8);
}

/// Profiles hold absolute parameters: s among them, and any correlation.
TEST(absolute_gaussian_gradient_equals_differences) {
  Crossed data(600, 15, 4, 3);
  data.draw(false, 11);
  data.set_family("gaussian", "identity");
  data.add_dense(one());
  data.add_random(one());
  CovarianceSpec law = spec("spherical", 2);
  law.numbers = {1, 0};
  data.problem.terms[1].covariance = make_covariance(law);
  Layout layout(data.problem);
  const Sums sums = sums_at(layout, layout.zero());
  const Aliased none(layout);
  GaussianCriterion relative(layout, sums, none, 0, false);
  GaussianAbsolute absolute(relative);
  Vector x(5);
  x << 0.7, 0.4, 1.2, 0.9, 0.1;
  CHECK(gradient_error(absolute, x) < 1e-6);
  // The profiled criterion is the lowest over log s.
  const double s = std::sqrt(relative.squares() / sums.kept_rows);
  Vector theta(4);
  theta << 0.7 / std::exp(0.1), 0.4 / std::exp(0.1), 1.2, 0.9 / std::exp(0.1);
  const double lowest = relative.evaluate(theta).value;
  x << theta[0] * s, theta[1] * s, 1.2, theta[3] * s, std::log(s);
  CHECK(std::abs(absolute.evaluate(x).value - lowest) < 1e-9 * std::abs(lowest));
}

TEST(a_held_fit_is_the_whole_one_at_its_optimum) {
  for (bool counts : {false, true}) {
    Crossed data(400, 15, 4, 3);
    data.draw(counts, 11);
    data.set_family(counts ? "poisson" : "gaussian", counts ? "log" : "identity");
    data.add_dense(one());
    data.add_random(one());
    CovarianceSpec law = spec("spherical", 2);
    law.numbers = {0, 1};
    data.problem.terms[1].covariance = make_covariance(law);
    MixedOptions options;
    options.gaussian = options.pirls.dispersion_estimated = !counts;
    const MixedResult whole = MixedFit(data.problem, options).run();
    CHECK(whole.end == SearchEnd::converged);
    Vector start = whole.theta;
    if (!counts) {
      const double s = std::sqrt(whole.dispersion);
      start.conservativeResize(5);
      for (int j : {0, 1, 3}) start[j] *= s;
      start[4] = std::log(s);
    }
    options.start = start;
    for (int held = 0; held < start.size(); ++held) {
      options.held = held;
      const MixedResult part = MixedFit(data.problem, options).run();
      CHECK(part.end == SearchEnd::converged);
      CHECK(std::abs(part.criterion - whole.criterion) < 1e-7);
      options.start[held] = start[held] * 1.1 + 0.05;
      const MixedResult away = MixedFit(data.problem, options).run();
      CHECK(away.criterion > whole.criterion);
      CHECK(std::abs(away.theta[held] - options.start[held]) == 0);
      if (held != 2 && held < 4) {
        options.start[held] = 0;  // a standard deviation
        const MixedResult none = MixedFit(data.problem, options).run();
        CHECK(none.end == SearchEnd::converged);
        CHECK(none.criterion > away.criterion);
      }
      options.start = start;
    }
  }
}
