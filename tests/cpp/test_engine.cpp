// The engine against brute force: every cross-product, factor and fit of a small
// problem is also computed with the columns written out.
#include "check.hpp"
#include "engine_cases.hpp"
#include "gamut/covariance/penalty_sum.hpp"
#include "gamut/covariance/scaled_identity.hpp"
#include "gamut/covariance/unstructured.hpp"
#include "gamut/rows.hpp"

using namespace gamut;
using engine_cases::Case;

namespace {

PirlsResult fit(const Layout& layout, int threads = 1) {
  PirlsOptions options;
  options.threads = threads;
  return Pirls(layout, options).run();
}

Vector coefficients(const Layout& layout, const PirlsResult& result) {
  return caller_from_free(layout, result.coefficients);
}

double distance(const Vector& a, const Vector& b) {
  return (a - b).cwiseAbs().maxCoeff();
}

/// Weighted least squares by QR of the columns written out.
Vector brute_force(const Case& data, const Matrix& design) {
  const Vector root =
      Eigen::Map<const Vector>(data.prior.data(), design.rows()).cwiseSqrt();
  const Matrix a = root.asDiagonal() * design;
  return a.householderQr().solve(Vector(root.asDiagonal() * data.y.col(0)));
}

}  // namespace

// Well-conditioned problems of order one: both sides are right to some 1e-14.
constexpr double kTight = 1e-11;

TEST(gaussian_fit_equals_least_squares) {
  for (Index rows : {7, 511, 512, 513, 2000}) {
    Case data(rows, 3, 4, 11);
    data.set_family("gaussian", "identity");
    data.add_dense(engine_cases::one());
    const Layout layout(data.problem);
    CHECK(distance(coefficients(layout, fit(layout)),
                   brute_force(data, data.design(true, 0, false))) < kTight);
  }
}

TEST(leading_factor_equals_dummy_columns) {
  Case data(900, 3, 12, 5);
  data.set_family("gaussian", "identity");
  data.add_dense(engine_cases::one());
  data.add_factor(12, engine_cases::one(), false);
  const Layout layout(data.problem), flat(data.problem, false);
  CHECK(layout.has_lead() && !flat.has_lead());
  const Vector expected = brute_force(data, data.design(true, 12, false));
  CHECK(distance(coefficients(layout, fit(layout)), expected) < kTight);
  CHECK(distance(coefficients(flat, fit(flat)), expected) < kTight);
}

TEST(elimination_changes_nothing_for_several_predictors) {
  Case data(1500, 2, 9, 21);
  for (Index i = 0; i < 1500; ++i) {
    data.y(i, 0) = 1 + static_cast<double>((i * 7 + data.codes[i]) % 3);
  }
  data.set_family("categorical", "", 3);
  data.add_dense(Matrix::Identity(2, 2));
  data.add_factor(9, Matrix::Identity(2, 2), false);
  const Layout layout(data.problem), flat(data.problem, false);
  const PirlsResult a = fit(layout), b = fit(flat);
  CHECK(a.end == PirlsEnd::converged && b.end == PirlsEnd::converged);
  CHECK_NEAR(a.objective, b.objective, 1e-10, "objective");
  CHECK(distance(coefficients(layout, a), coefficients(flat, b)) < 1e-9);
  CHECK_NEAR(a.factor.log_determinant(), b.factor.log_determinant(), 1e-9, "log|H|");
}

TEST(threads_do_not_change_a_bit) {
  Case data(150000, 3, 40, 8);
  for (Index i = 0; i < data.y.rows(); ++i) data.y(i, 0) = i % 3 == 0;
  data.set_family("binomial", "logit");
  data.add_dense(engine_cases::one());
  data.add_factor(40, engine_cases::one(), false);
  const Layout layout(data.problem);
  const PirlsResult one = fit(layout, 1), three = fit(layout, 3);
  CHECK(distance(one.coefficients.tail, three.coefficients.tail) == 0);
  CHECK(distance(one.coefficients.lead, three.coefficients.lead) == 0);
  CHECK(one.objective == three.objective);
}

TEST(shared_coefficients_load_on_several_predictors) {
  // One term in both predictors with loading (1, -2)': eta_2 = -2 eta_1.
  Case data(300, 2, 3, 17);
  for (Index i = 0; i < 300; ++i) data.y(i, 0) = 1 + static_cast<double>(i % 3);
  data.set_family("categorical", "", 3);
  Matrix loading(2, 1);
  loading << 1, -2;
  data.add_dense(loading);
  const Layout layout(data.problem);
  const PirlsResult result = fit(layout);
  CHECK(result.end == PirlsEnd::converged);
  // At the optimum the score along the shared coefficients vanishes.
  PassRequest request;
  const Sums sums = Pass(layout, 1, nullptr)(result.coefficients, request);
  CHECK(sums.tail_score.cwiseAbs().maxCoeff() < 1e-8);
}

TEST(qr_of_tiles_is_the_root_of_the_schur_complement) {
  Case data(1300, 4, 6, 3);
  data.set_family("poisson", "log");
  for (Index i = 0; i < data.y.rows(); ++i) data.y(i, 0) = static_cast<double>(i % 4);
  data.add_dense(engine_cases::one());
  data.add_factor(6, engine_cases::one(), false);
  const Layout layout(data.problem);
  const Coefficients zero = layout.zero();
  const Sums sums = Pass(layout, 1, nullptr)(zero, PassRequest());
  const NormalEquations equations(sums, layout, zero, Aliased(layout));
  const ArrowFactor factor(equations, layout);
  const RowMatrix regression = factor.lead_regression();
  const Vector lead = factor.solve_lead(equations.score.lead);
  const TriangularSystem system =
      TileQr(layout, regression, lead, zero)(zero, Expansion::step, Vector());
  const Matrix inverse = factor.tail_inverse();
  const Matrix product = system.root.transpose() * system.root * inverse;
  CHECK((product - Matrix::Identity(5, 5)).cwiseAbs().maxCoeff() < 1e-10);
  const Vector by_qr = system.root.triangularView<Eigen::Upper>().solve(system.right);
  CHECK(distance(by_qr, factor.solve(equations.score).tail) < 1e-10);
}

TEST(a_penalty_on_every_coefficient_is_a_variance) {
  // c = theta u, u ~ N(0, I), is the penalty c'c / theta^2.
  const double theta = 0.7;
  for (bool eliminate : {true, false}) {
    Case factor(400, 2, 10, 31), penalty(400, 2, 10, 31);
    for (Case* data : {&factor, &penalty}) {
      data->set_family("gaussian", "identity");
      data->add_dense(engine_cases::one());
    }
    factor.add_factor(10, engine_cases::one(), true).covariance =
        std::make_shared<ScaledIdentity>(1, theta);
    auto sum = std::make_shared<PenaltySum>(std::vector<Matrix>{Matrix::Identity(1, 1)});
    sum->set_parameters(&theta);
    penalty.add_factor(10, engine_cases::one(), true).covariance = sum;
    const Layout a(factor.problem, eliminate), b(penalty.problem, eliminate);
    const PirlsResult u = fit(a), c = fit(b);
    CHECK(distance(coefficients(a, u), coefficients(b, c)) < kTight);
    CHECK_NEAR(u.penalty, c.penalty, kTight, "penalty");
    CHECK_NEAR(u.objective, c.objective, kTight, "objective");
    CHECK_NEAR(u.factor.log_determinant(), c.factor.log_determinant(), kTight,
               "log|H| - log|S|");
  }
}

TEST(a_variance_of_zero_removes_the_term) {
  Case with(400, 2, 10, 31), without(400, 2, 10, 31);
  for (Case* data : {&with, &without}) {
    data->set_family("gaussian", "identity");
    data->add_dense(engine_cases::one());
  }
  with.add_factor(10, engine_cases::one(), true).covariance =
      std::make_shared<ScaledIdentity>(1, 0.0);
  const Layout a(with.problem), b(without.problem);
  CHECK(distance(coefficients(a, fit(a)).head(3), coefficients(b, fit(b))) < kTight);
}

TEST(ridge_penalty_equals_its_closed_form) {
  Case data(200, 4, 3, 13);
  data.set_family("gaussian", "identity");
  Matrix s = Matrix::Identity(4, 4);
  s(0, 1) = s(1, 0) = 0.5;
  const double theta = 1 / std::sqrt(3.0);
  auto sum = std::make_shared<PenaltySum>(std::vector<Matrix>{s});
  sum->set_parameters(&theta);
  data.add_dense(engine_cases::one(), false).covariance = sum;
  const Layout layout(data.problem);
  const Vector w = Eigen::Map<const Vector>(data.prior.data(), 200);
  const Matrix h = data.x.transpose() * w.asDiagonal() * data.x + 3 * s;
  const Vector expected = h.ldlt().solve(data.x.transpose() * w.asDiagonal() * data.y);
  CHECK(distance(coefficients(layout, fit(layout)), expected) < kTight);
}

TEST(qr_of_tiles_knows_penalties) {
  // The step away from coefficients that are not zero, with a penalised leading factor
  // and a penalised tail, equals that of the normal equations.
  for (double theta : {0.1, 1.0, 1e3}) {
    Case data(700, 3, 9, 41);
    data.set_family("poisson", "log");
    for (Index i = 0; i < 700; ++i) data.y(i, 0) = static_cast<double>(i % 5);
    data.add_dense(engine_cases::one(), false).covariance =
        std::make_shared<ScaledIdentity>(3, 0.4);
    data.add_factor(9, engine_cases::one(), true).covariance =
        std::make_shared<ScaledIdentity>(1, theta);
    const Layout layout(data.problem);
    Coefficients c = layout.zero();
    c.tail.setConstant(0.2);
    c.lead.setLinSpaced(-0.3 / theta, 0.5 / theta);
    const Sums sums = Pass(layout, 1, nullptr)(c, PassRequest());
    const NormalEquations equations(sums, layout, c, Aliased(layout));
    const ArrowFactor factor(equations, layout);
    const RowMatrix regression = factor.lead_regression();
    const Vector lead = factor.solve_lead(equations.score.lead);
    const TriangularSystem system =
        TileQr(layout, regression, lead, c)(c, Expansion::step, Vector());
    const Vector tail = system.root.triangularView<Eigen::Upper>().solve(system.right);
    CHECK(distance(tail, factor.solve(equations.score).tail) < 1e-10);
  }
}

TEST(a_penalty_of_any_size_keeps_its_null_space) {
  // Second differences over 6 dummies of a factor: lambda -> infinity is a line in the
  // level, lambda -> 0 the free factor.
  Case data(300, 1, 6, 19);
  data.set_family("gaussian", "identity");
  Matrix d = Matrix::Zero(4, 6);
  for (Index i = 0; i < 4; ++i) {
    d(i, i) = d(i, i + 2) = 1;
    d(i, i + 1) = -2;
  }
  std::vector<Column> columns(6);
  for (int l = 0; l < 6; ++l) {
    columns[l].operands.emplace_back();
    columns[l].operands[0].integer = data.codes.data();
    columns[l].operands[0].table.assign(6, 0.0);
    columns[l].operands[0].table[l] = 1;
  }
  data.problem.storages.push_back(std::make_shared<DenseStorage>(columns, false));
  Term term;
  term.loading = engine_cases::one();
  auto sum = std::make_shared<PenaltySum>(std::vector<Matrix>{d.transpose() * d});
  term.covariance = sum;
  for (Index j = 0; j < 6; ++j) term.position.push_back(j);
  data.problem.terms.push_back(term);
  data.problem.coefficients = 6;
  Matrix line(300, 2);
  for (Index i = 0; i < 300; ++i) line.row(i) << 1, data.codes[i];
  const Vector ends = brute_force(data, line);
  for (double theta : {1e6, 1.0, 1e-4, 1e-13, 1e-65, 0.0}) {
    sum->set_parameters(&theta);
    const Layout layout(data.problem);
    const PirlsResult result = fit(layout);
    CHECK(result.end == PirlsEnd::converged);
    const Vector c = coefficients(layout, result);
    CHECK(result.penalty >= 0);
    if (theta > 1e-12) continue;
    for (int l = 0; l < 6; ++l) {
      CHECK_NEAR(c[l], ends[0] + ends[1] * (l + 1), 1e-9, "line");
    }
  }
}

TEST(a_covariance_spans_the_loadings_of_a_level) {
  // Two predictors share a factor whose pair of coefficients has a 2 x 2 root; leading
  // or not, the fit is the same.
  const auto pair = std::make_shared<Unstructured>(2);
  const double root[] = {0.8, -0.5, 0.3};
  pair->set_parameters(root);
  Case data(900, 1, 7, 23);
  for (Index i = 0; i < 900; ++i) {
    data.y(i, 0) = 1 + static_cast<double>((i * 5 + data.codes[i]) % 3);
  }
  data.set_family("categorical", "", 3);
  data.add_dense(Matrix::Identity(2, 2));
  data.add_factor(7, Matrix::Identity(2, 2), true).covariance = pair;
  const Layout lead(data.problem), flat(data.problem, false);
  const PirlsResult a = fit(lead), b = fit(flat);
  CHECK(distance(coefficients(lead, a), coefficients(flat, b)) < 1e-9);
  CHECK_NEAR(a.penalty, b.penalty, 1e-9, "penalty");
  CHECK_NEAR(a.factor.log_determinant(), b.factor.log_determinant(), 1e-9, "log|H|");
  // A prediction from the caller's coefficients needs no root.
  const Vector c = coefficients(lead, a);
  const Matrix eta = linear_predictor(lead, c, 1), same = linear_predictor(flat, c, 1);
  CHECK((eta - same).cwiseAbs().maxCoeff() < 1e-12);
}

TEST(a_covariance_of_the_wrong_size_is_an_error) {
  Case data(60, 1, 5, 2);
  data.set_family("gaussian", "identity");
  data.add_factor(5, engine_cases::one(), true).covariance =
      std::make_shared<ScaledIdentity>(2);
  CHECK_THROWS(Layout(data.problem));
}

TEST(aliased_columns_follow_the_order) {
  Matrix a(4, 5);
  a << 1, 2, 0, 1, 1, 1, 2, 1, 2, 0, 1, 2, 2, 3, 5, 1, 2, 3, 4, 2;
  // Column 1 = 2 * column 0, column 3 = column 0 + column 2.
  const Vector length = a.colwise().norm();
  const std::vector<char> seen = aliased_columns(a, alias_tolerance * length);
  const std::vector<char> expected{0, 1, 0, 1, 0};
  CHECK(seen == expected);
  Matrix null(5, 2);
  null << 2, 1, -1, 0, 0, 1, 0, -1, 0, 0;
  CHECK(aliased_by_null_space(null, length) == expected);
  // Any other basis of the same null space tells the same.
  Matrix mixed(5, 2);
  mixed.col(0) = null.col(0) + 3 * null.col(1);
  mixed.col(1) = null.col(0) - null.col(1);
  CHECK(aliased_by_null_space(mixed, length) == expected);
}

TEST(a_monitor_hears_of_rows_and_can_stop) {
  struct Stop : Monitor {
    Index calls = 0;
    void rows(Index, Index) override {
      if (++calls == 2) throw Error(Status::interrupted, "stop");
    }
  };
  Case data(100, 2, 3, 1);
  data.set_family("gaussian", "identity");
  data.add_dense(engine_cases::one());
  const Layout layout(data.problem);
  Stop stop;
  CHECK_THROWS(Pirls(layout, PirlsOptions(), &stop).run());
}
