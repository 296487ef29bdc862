// Bias-reduced fits against closed forms and the adjusted score written out.
#include "check.hpp"
#include "engine_cases.hpp"
#include "gamut/rows.hpp"

using namespace gamut;
using engine_cases::Case;

namespace {

PirlsResult reduced(const Layout& layout, int threads = 1, bool estimated = false) {
  PirlsOptions options;
  options.threads = threads;
  options.bias_reduction = true;
  options.dispersion_estimated = estimated;
  return Pirls(layout, options).run();
}

/// Largest entry of X's* in standard errors, all by dense algebra.
double adjusted_score(const Case& data, const Layout& layout, const Matrix& x,
                      const PirlsResult& result, bool estimated) {
  const Vector c = caller_from_free(layout, result.coefficients);
  Matrix eta = x * c;
  Matrix score(eta.rows(), 1), weight(eta.rows(), 1), curvature(eta.rows(), 1);
  double *at = eta.data(), *s = score.data(), *w = weight.data();
  RowDerivatives out;
  out.score = &s;
  out.weight = &w;
  const Family& family = *data.problem.family;
  const ResponseTile tile = data.problem.response_tile(0, eta.rows());
  family.evaluate(tile, &at, Information::expected, out);
  family.curvature(eta.rows(), &at, curvature.data());
  const Matrix inverse = (x.transpose() * weight.col(0).asDiagonal() * x).inverse();
  const double left = static_cast<double>(x.rows() - x.cols());
  const double phi = estimated ? family.pearson(tile, &at) / left : 1;
  for (Index i = 0; i < eta.rows(); ++i) {
    const double h = weight(i, 0) * (x.row(i) * inverse).dot(x.row(i));
    score(i, 0) += 0.5 * phi * h * curvature(i, 0);
  }
  const Vector total = x.transpose() * score.col(0);
  return (total.cwiseProduct(inverse.diagonal().cwiseSqrt())).cwiseAbs().maxCoeff();
}

}  // namespace

TEST(the_curvature_is_that_of_the_inverse_link) {
  for (const char* name : {"logit", "probit", "cloglog", "cauchit", "log"}) {
    const LinkPointer link = make_link(name);
    FamilySpec spec;
    spec.distribution = "binomial";
    spec.links.push_back(link);
    const auto family = make_family(spec);
    double eta = -0.7, value, slope[2];
    const double* at = &eta;
    family->curvature(1, &at, &value);
    for (int side : {0, 1}) {
      const double moved = eta + (side ? 1e-5 : -1e-5);
      LinkOutput out;
      out.d1 = &slope[side];
      link->inverse(1, &moved, out);
    }
    // Central differences of the logarithm of mu' are right to about 1e-10.
    CHECK_NEAR(value, (std::log(slope[1]) - std::log(slope[0])) / 2e-5, 1e-9, name);
  }
}

TEST(families_of_two_parameters_have_no_curvature) {
  FamilySpec spec;
  spec.distribution = "beta";
  spec.links = {make_link("logit"), make_link("log")};
  const auto family = make_family(spec);
  const double eta[2] = {0, 0};
  const double* at[2] = {&eta[0], &eta[1]};
  double out;
  CHECK_THROWS(family->curvature(1, at, &out));
}

TEST(a_saturated_binomial_table_gets_half_an_observation_a_cell) {
  Case data(6, 0, 6, 1);
  const double trials[] = {1, 3, 10, 1, 2, 50}, successes[] = {0, 3, 4, 1, 0, 1};
  for (Index i = 0; i < 6; ++i) {
    data.codes[i] = static_cast<int>(i) + 1;
    data.prior[i] = trials[i];
    data.y(i, 0) = successes[i] / trials[i];
  }
  data.set_family("binomial", "logit");
  data.add_factor(6, engine_cases::one(), true);
  for (bool eliminate : {true, false}) {
    const Layout layout(data.problem, eliminate);
    const PirlsResult result = reduced(layout);
    CHECK(result.end == PirlsEnd::converged);
    const Vector c = caller_from_free(layout, result.coefficients);
    for (Index i = 0; i < 6; ++i) {
      const double odds = (successes[i] + 0.5) / (trials[i] - successes[i] + 0.5);
      // The iterations stop at 1e-9 standard errors; the largest here is about 2.
      CHECK_NEAR(c[i], std::log(odds), 1e-8, "log odds");
    }
  }
}

TEST(the_adjusted_score_vanishes_for_any_family_and_link) {
  struct {
    const char *family, *link;
    bool estimated;
  } cases[] = {{"binomial", "logit", false},   {"binomial", "probit", false},
               {"binomial", "cloglog", false}, {"poisson", "log", false},
               {"poisson", "sqrt", false},     {"Gamma", "log", true},
               {"Gamma", "inverse", true},     {"inverse.gaussian", "log", true},
               {"gaussian", "log", true}};
  for (const auto& one : cases) {
    Case data(120, 2, 5, 77);
    const bool binary = std::string(one.family) == "binomial";
    for (Index i = 0; i < 120; ++i) {
      const double e = std::exp(1 + 0.2 * data.x(i, 0) + 0.3 * data.y(i, 0));
      data.y(i, 0) = binary ? i % 3 == 0 : one.estimated ? e : std::floor(e);
      data.prior[i] = binary ? 1 : data.prior[i];
    }
    data.set_family(one.family, one.link);
    data.add_dense(engine_cases::one());
    data.add_factor(5, engine_cases::one(), false);
    const Layout layout(data.problem);
    const PirlsResult result = reduced(layout, 1, one.estimated);
    CHECK(result.end == PirlsEnd::converged);
    // Iterations stop at 1e-9 standard errors of what is left.
    CHECK(adjusted_score(data, layout, data.design(true, 5, false), result,
                         one.estimated) < 1e-7);
  }
}

TEST(threads_do_not_change_a_bit_of_a_reduced_fit) {
  Case data(150000, 2, 30, 8);
  for (Index i = 0; i < data.y.rows(); ++i) data.y(i, 0) = i % 3 == 0;
  data.set_family("binomial", "probit");
  data.add_dense(engine_cases::one());
  data.add_factor(30, engine_cases::one(), false);
  const Layout layout(data.problem);
  const PirlsResult one = reduced(layout, 1), three = reduced(layout, 3);
  CHECK((one.coefficients.tail - three.coefficients.tail).cwiseAbs().maxCoeff() == 0);
  CHECK((one.coefficients.lead - three.coefficients.lead).cwiseAbs().maxCoeff() == 0);
}

TEST(aliased_columns_take_no_part_in_the_adjustment) {
  Case plain(80, 2, 3, 5), doubled(80, 2, 3, 5);
  doubled.x.conservativeResize(80, 3);
  doubled.x.col(2) = doubled.x.col(0) - 2 * doubled.x.col(1);
  Vector c[2];
  int number = 0;
  for (Case* data : {&plain, &doubled}) {
    for (Index i = 0; i < 80; ++i) data->y(i, 0) = (i * 7) % 3 == 0;
    data->set_family("binomial", "logit");
    data->add_dense(engine_cases::one());
    const Layout layout(data->problem);
    const PirlsResult result = reduced(layout);
    CHECK(result.end == PirlsEnd::converged);
    c[number++] = caller_from_free(layout, result.coefficients);
  }
  // Both stop at 1e-9 standard errors.
  CHECK((c[0] - c[1].head(3)).cwiseAbs().maxCoeff() < 1e-8);
  CHECK(c[1][3] == 0);
}
