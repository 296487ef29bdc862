// test_engine_vector.cpp - fits whose loadings are not unit vectors: ordered categories
// with thresholds in every predictor and slopes shared, or not, by all of them.
#include "check.hpp"
#include "engine_cases.hpp"

using namespace gamut;
using engine_cases::Case;

namespace {

/// Pneumoconiosis in coal miners, by years of exposure: none, mild, severe.
/// McCullagh & Nelder (1989), table 5.1.
struct Miners : Case {
  Miners() : Case(8, 1, 2, 1) {
    const double years[] = {5.8, 15, 21.5, 27.5, 33.5, 39.5, 46, 51.5};
    y.resize(8, 3);
    y << 98, 0, 0, 51, 2, 1, 34, 6, 3, 35, 5, 8, 32, 10, 9, 23, 7, 8, 12, 6, 10, 4, 2, 5;
    for (Index i = 0; i < 8; ++i) x(i, 0) = std::log(years[i]);
    prior.assign(8, 1.0);
    set_family("cumulative", "logit", 3);
  }

  /// The constant alone.
  void add_constant(const Matrix& loading) {
    const Matrix slopes = x;
    x.resize(8, 0);
    add_dense(loading, true);
    x = slopes;
  }

  /// -2 log-likelihood of the observed proportions.
  double saturated() const {
    double sum = 0;
    for (Index i = 0; i < 8; ++i) {
      for (Index j = 0; j < 3; ++j) {
        if (y(i, j) > 0) sum -= 2 * y(i, j) * std::log(y(i, j) / y.row(i).sum());
      }
    }
    return sum;
  }
};

PirlsResult fit(const Layout& layout) { return Pirls(layout, PirlsOptions()).run(); }

Vector coefficients(const Layout& layout, const PirlsResult& result) {
  return caller_from_free(layout, result.coefficients);
}

Matrix minus_ones(Index size) { return -Matrix::Ones(size, 1); }

/// The longest component of the score in raw coefficients.
double remaining_score(const Layout& layout, const PirlsResult& result) {
  const Sums sums = Pass(layout, 1, nullptr)(result.coefficients, PassRequest());
  return sums.tail_score.cwiseAbs().maxCoeff();
}

}  // namespace

// 30-digit maximum (mpmath). The last step of a converged fit is below 1e-8 standard
// errors, and what it leaves is its square; the objective is right to rounding. VGAM
// publishes -9.6760928, -10.5817253, 2.5968065 (the sign of P(Y > k)), 5.0268264, whose
// last digits are its stopping rule's.
TEST(proportional_odds_reproduce_mccullagh) {
  Miners data;
  data.add_constant(Matrix::Identity(2, 2));
  data.add_dense(minus_ones(2), false);
  const Layout layout(data.problem);
  const PirlsResult result = fit(layout);
  CHECK(result.end == PirlsEnd::converged);
  const Vector c = coefficients(layout, result);
  CHECK_NEAR(c[0], 9.6760926294181612, 1e-11, "first threshold");
  CHECK_NEAR(c[1], 10.581725144421093, 1e-11, "second threshold");
  CHECK_NEAR(c[2], 2.5968064708623183, 1e-11, "slope");
  CHECK_NEAR(result.objective - data.saturated(), 5.0268264169780587, 1e-12, "deviance");
  CHECK(remaining_score(layout, result) < 1e-8);
}

// Slopes of their own as two loadings of one column, as a shared slope and one more in
// the second predictor, and beside the constant (centred): one model.
TEST(slopes_of_their_own_do_not_depend_on_how_they_are_loaded) {
  Miners apart, nested, whole;
  apart.add_constant(Matrix::Identity(2, 2));
  apart.add_dense(-Matrix::Identity(2, 2), false);
  nested.add_constant(Matrix::Identity(2, 2));
  nested.add_dense(minus_ones(2), false);
  Matrix second(2, 1);
  second << 0, -1;
  nested.add_dense(second, false);
  whole.add_dense(Matrix::Identity(2, 2));
  const Layout a(apart.problem), b(nested.problem), c(whole.problem);
  const PirlsResult fa = fit(a), fb = fit(b), fc = fit(c);
  for (const PirlsResult* f : {&fa, &fb, &fc}) CHECK(f->end == PirlsEnd::converged);
  const Vector ca = coefficients(a, fa), cb = coefficients(b, fb),
               cc = coefficients(c, fc);
  // Coefficients of size ten, from equations with a condition number of some 1e4.
  CHECK_NEAR(ca[2], cb[2], 1e-8, "first slope");
  CHECK_NEAR(ca[3], cb[2] + cb[3], 1e-8, "second slope");
  CHECK_NEAR(ca[0], cc[0], 1e-8, "threshold");
  CHECK_NEAR(ca[2], -cc[1], 1e-8, "slope beside the constant");
  CHECK_NEAR(fa.objective, fb.objective, 1e-11, "objective");
  CHECK_NEAR(fa.objective, fc.objective, 1e-11, "objective");
  // 30-digit maximum (mpmath).
  CHECK_NEAR(ca[0], 9.5933043307626777, 1e-11, "first threshold");
  CHECK_NEAR(ca[1], 11.104814895835288, 1e-11, "second threshold");
  CHECK_NEAR(ca[2], 2.5712985031195341, 1e-11, "first slope");
  CHECK_NEAR(ca[3], 2.7435564562082871, 1e-11, "second slope");
  CHECK_NEAR(fa.objective - apart.saturated(), 4.8844042897372416, 1e-12, "deviance");
  CHECK(remaining_score(a, fa) < 1e-8);
  CHECK(remaining_score(c, fc) < 1e-8);
}

// A factor with loading (-1, -1)' leads its own block-diagonal part, or does not.
TEST(a_leading_factor_may_be_shared_by_all_thresholds) {
  for (const char* link : {"logit", "probit", "cloglog"}) {
    Case data(1200, 2, 9, 31);
    engine_cases::Random random(4);
    for (Index i = 0; i < 1200; ++i) {
      const double latent = 0.5 * data.x(i, 0) + 0.1 * data.codes[i] + random.normal();
      data.y(i, 0) = 1 + (latent > 0) + (latent > 0.8) + (latent > 1.6);
    }
    data.set_family("cumulative", link, 4);
    const Matrix slopes = data.x;
    data.x.resize(1200, 0);
    data.add_dense(Matrix::Identity(3, 3), true);
    data.x = slopes;
    data.add_dense(minus_ones(3), false);
    data.add_factor(9, minus_ones(3), false);
    const Layout lead(data.problem), flat(data.problem, false);
    CHECK(lead.has_lead() && !flat.has_lead());
    const PirlsResult a = fit(lead), b = fit(flat);
    CHECK(a.end == PirlsEnd::converged && b.end == PirlsEnd::converged);
    CHECK_NEAR(a.objective, b.objective, 1e-11, link);
    CHECK((coefficients(lead, a) - coefficients(flat, b)).cwiseAbs().maxCoeff() < 1e-9);
    CHECK_NEAR(a.factor.log_determinant(), b.factor.log_determinant(), 1e-9, link);
  }
}

// A mean and a precision, regressed on compositions drawn here: a new base part changes
// nothing but the coefficients.
TEST(a_dirichlet_fit_does_not_depend_on_its_base) {
  double objective[3];
  for (int base = 0; base < 3; ++base) {
    Case data(400, 1, 2, 3);
    engine_cases::Random random(9);
    data.y.resize(400, 3);
    for (Index i = 0; i < 400; ++i) {
      for (int k = 0; k < 3; ++k) {
        data.y(i, k) = std::exp(0.3 * random.normal() + 0.4 * k * data.x(i, 0));
      }
      data.y.row(i) /= data.y.row(i).sum();
    }
    gamut::FamilySpec spec;
    spec.distribution = "dirichlet_mean";
    spec.categories = 3;
    spec.numbers = {double(base)};
    data.set_family("dirichlet", "", 3);
    data.problem.family = make_family(spec);
    Matrix mean(3, 2), precision(3, 1);
    mean << 1, 0, 0, 1, 0, 0;
    precision << 0, 0, 1;
    data.add_dense(mean);
    data.add_dense(precision);
    const Layout layout(data.problem);
    const PirlsResult result = fit(layout);
    CHECK(result.end == PirlsEnd::converged);
    CHECK(remaining_score(layout, result) < 1e-7);
    objective[base] = result.objective;
  }
  CHECK_NEAR(objective[1], objective[0], 1e-11, "objective");
  CHECK_NEAR(objective[2], objective[0], 1e-11, "objective");
}
