// test_family.cpp - every family: derivatives against differences, expectations
// against sums and integrals over y, limits, weights, starts.
#include <cmath>
#include <functional>
#include <limits>
#include <string>

#include "check.hpp"
#include "differences.hpp"
#include "family_cases.hpp"

using namespace gamut;
using namespace cases;

TEST(score_is_minus_half_the_slope_of_the_objective) {
  for (const Case& c : all_cases()) {
    const auto family = make_family(c.spec);
    for_each_point(c, [&](double y, const Numbers& eta) {
      const auto f = [&](const Numbers& x) {
        return Numbers{evaluate(*family, one_row(y), x, Information::working).objective};
      };
      const Row row = evaluate(*family, one_row(y), eta, Information::working);
      const double tolerance = 1e-9 * std::fmax(scale({row.objective}), scale(row.score));
      for (std::size_t k = 0; k < eta.size(); ++k) {
        CHECK_NEAR(row.score[k], -0.5 * slope(f, eta, unit(eta.size(), k))[0], tolerance,
                   c.label);
      }
    });
  }
}

TEST(observed_weight_is_minus_the_slope_of_the_score) {
  for (const Case& c : all_cases()) {
    const auto family = make_family(c.spec);
    const int size = family->predictors();
    for_each_point(c, [&](double y, const Numbers& eta) {
      const auto f = [&](const Numbers& x) {
        return evaluate(*family, one_row(y), x, Information::observed).score;
      };
      const Row row = evaluate(*family, one_row(y), eta, Information::observed);
      const double tolerance = 1e-9 * std::fmax(scale(row.score), scale(row.weight));
      for (int l = 0; l < size; ++l) {
        const Numbers d = slope(f, eta, unit(eta.size(), l));
        for (int k = 0; k < size; ++k) {
          const int j = k >= l ? packed_index(k, l, size) : packed_index(l, k, size);
          CHECK_NEAR(row.weight[j], -d[k], tolerance, c.label);
        }
      }
    });
  }
}

TEST(third_is_the_slope_of_the_observed_weight_along_a_direction) {
  for (const Case& c : all_cases()) {
    const auto family = make_family(c.spec);
    const Numbers all_directions = {0.7, -1.3, 0.4};
    for_each_point(c, [&](double y, const Numbers& eta) {
      const Numbers direction(all_directions.begin(),
                              all_directions.begin() + eta.size());
      const auto f = [&](const Numbers& x) {
        return evaluate(*family, one_row(y), x, Information::observed).weight;
      };
      const Numbers expected = slope(f, eta, direction);
      const Numbers seen = third(*family, one_row(y), eta, direction);
      const double tolerance = 1e-9 * std::fmax(scale(f(eta)), scale(expected));
      for (std::size_t j = 0; j < seen.size(); ++j) {
        CHECK_NEAR(seen[j], expected[j], tolerance, c.label);
      }
    });
  }
}

namespace {
/// Sum over y of density x f. A substitution y(t) with step h, or the support itself.
struct Integral {
  double mass = 0;
  Numbers score, product, observed;
};

using Density = std::function<double(double y, double mu, double objective)>;
struct Support {
  double low, high, step;
  double (*y)(double t);
  double (*dy)(double t);
};

double same(double t) { return t; }
double one(double) { return 1; }
double exponential(double t) { return std::exp(t); }
double sinh(double t) { return std::sinh(t); }
double cosh(double t) { return std::cosh(t); }
double logistic(double t) { return 1 / (1 + std::exp(-t)); }
double logistic_slope(double t) { return logistic(t) * logistic(-t); }

Integral integrate(const Family& family, const Numbers& eta, const Support& support,
                   const Density& density) {
  const int size = family.predictors();
  Integral sum{0, Numbers(size), Numbers(packed_size(size)), Numbers(packed_size(size))};
  Numbers m(size);
  family.parameters(1, pointers(eta).data(), pointers_to(m).data());
  for (double t = support.low; t < support.high; t += support.step) {
    const double y = support.y(t);
    const Row row = evaluate(family, one_row(y), eta, Information::observed);
    const double p = density(y, m[0], row.objective) * support.dy(t) * support.step;
    if (p == 0) continue;
    sum.mass += p;
    for (int l = 0; l < size; ++l) {
      sum.score[l] += p * row.score[l];
      for (int k = l; k < size; ++k) {
        const int j = packed_index(k, l, size);
        sum.product[j] += p * row.score[k] * row.score[l];
        sum.observed[j] += p * row.weight[j];
      }
    }
  }
  return sum;
}

/// Mass one, E score = 0, E score score' = E observed weight = expected weight.
void check_expectations(const Case& c, const Support& support, const Density& density,
                        double tolerance) {
  const auto family = make_family(c.spec);
  for_each_point(c, [&](double, const Numbers& eta) {
    const Integral sum = integrate(*family, eta, support, density);
    const double y = c.y.back();
    const Row row = evaluate(*family, one_row(y), eta, Information::expected);
    CHECK_NEAR(sum.mass, 1, tolerance, c.label + " mass");
    for (double s : sum.score) CHECK_NEAR(s, 0, tolerance, c.label + " mean score");
    for (std::size_t j = 0; j < row.weight.size(); ++j) {
      CHECK_NEAR(sum.product[j], row.weight[j], tolerance, c.label + " score products");
      CHECK_NEAR(sum.observed[j], row.weight[j], tolerance, c.label + " mean observed");
    }
  });
}

Density density_of(const std::string& name) {
  if (name == "binomial") {
    return [](double y, double mu, double) { return y == 1 ? mu : 1 - mu; };
  }
  if (name == "poisson") {
    return [](double y, double mu, double) {
      return std::exp(y * std::log(mu) - mu - special::log_gamma(y + 1));
    };
  }
  if (name == "gaussian") {
    return [](double, double, double d) {
      return special::kInvSqrtTwoPi * std::exp(-d / 2);
    };
  }
  if (name == "inverse.gaussian") {
    return [](double y, double, double d) {
      return special::kInvSqrtTwoPi * std::pow(y, -1.5) * std::exp(-d / 2);
    };
  }
  if (name == "Gamma" || name == "exponential") {
    return [](double y, double mu, double) { return std::exp(-y / mu) / mu; };
  }
  return [](double, double, double d) { return std::exp(-d / 2); };
}

Support support_of(const Case& c) {
  const std::string& name = c.spec.distribution;
  if (name == "binomial") return {0, 2, 1, same, one};
  if (name == "poisson" || name == "compois") return {0, 120, 1, same, one};
  if (name == "gaussian") return {-30, 30, 0.05, same, one};
  if (name == "categorical") return {1, c.spec.categories + 0.5, 1, same, one};
  // sinh reaches the tails of a t with nu = 0.6, 1e-16 at e^60
  if (name == "normal" || name == "student") return {-60, 60, 0.01, sinh, cosh};
  if (name == "lognormal") return {-60, 60, 0.03, exponential, exponential};
  // y^(1/3), for shapes of 1/3, falls by e^-80 over the first 250 of t
  if (name == "gamma_phi" || name == "weibull") {
    return {-250, 17, 0.03, exponential, exponential};
  }
  // y^(nu/2) at nu = 0.3 falls by e^-37 over the first 250 of t
  if (name == "chisq") return {-250, 12, 0.03, exponential, exponential};
  if (name == "beta") return {-320, 36, 0.05, logistic, logistic_slope};
  return {-60, 12, 0.03, exponential, exponential};
}
}  // namespace

// Finite sums are exact; the trapezoidal rule on an analytic integrand is so to
// rounding, 1e-10 with room for the scores that grow like 1/y.
TEST(expected_weights_are_expectations) {
  for (const Case& c : all_cases()) {
    if (c.spec.distribution == "quasi" || !make_family(c.spec)->has_expected()) continue;
    // exp(-y/mu): beyond y = e^12 nothing is left; mu up to e^2.
    if (c.spec.distribution == "beta") continue;
    // masses beside a density: test_density_unit.cpp
    if (c.spec.distribution.rfind("beta_", 0) == 0) continue;
    check_expectations(c, support_of(c), density_of(c.spec.distribution), 1e-10);
  }
}

// Near one y = logistic(t) has no digits left for 1 - y (t = 36), so that shapes stay
// above one here: what is cut off there is then below 1e-9.
TEST(beta_density_integrates_to_one_and_its_information_is_an_expectation) {
  for (double mean : {0.25, 0.5, 0.8}) {
    for (double phi : {8.0, 40.0, 300.0}) {
      const Case c = {"beta",
                      specify("beta", {"logit", "log"}),
                      {0.5},
                      {{std::log(mean / (1 - mean))}, {std::log(phi)}}};
      const Support support = {-60, 30, 0.02, logistic, logistic_slope};
      check_expectations(c, support, density_of("beta"), 1e-8);
    }
  }
}

TEST(beta_agrees_with_the_textbook_formulas) {
  const auto family = make_family(specify("beta", {"identity", "identity"}));
  for (double mu : {0.1, 0.6}) {
    for (double phi : {0.7, 5.0, 90.0}) {
      for (double y : {0.03, 0.4, 0.9}) {
        const double a = mu * phi, b = (1 - mu) * phi;
        const double l = special::log_gamma(phi) - special::log_gamma(a) -
                         special::log_gamma(b) + (a - 1) * std::log(y) +
                         (b - 1) * std::log(1 - y);
        const double mean = special::digamma(a) - special::digamma(b);
        const double contrast = std::log(y / (1 - y)) - mean;
        const double pa = special::trigamma(a), pb = special::trigamma(b);
        const Row row = evaluate(*family, one_row(y), {mu, phi}, Information::expected);
        // The plain forms lose about phi / |l| digits.
        CHECK_NEAR(row.objective, -2 * l, 1e-12, "objective");
        CHECK_NEAR(row.score[0], phi * contrast, 1e-12, "score mu");
        CHECK_NEAR(
            row.score[1],
            mu * contrast + std::log(1 - y) - special::digamma(b) + special::digamma(phi),
            1e-12, "score phi");
        CHECK_NEAR(row.weight[0], phi * phi * (pa + pb), 1e-12, "mu mu");
        CHECK_NEAR(row.weight[1], phi * (pa * mu - pb * (1 - mu)), 1e-12, "mu phi");
        CHECK_NEAR(row.weight[2],
                   pa * mu * mu + pb * (1 - mu) * (1 - mu) - special::trigamma(phi),
                   1e-12, "phi phi");
      }
    }
  }
}

// phi = 1e8: the terms of l are 1e9, l is about 10; 30-digit values (mpmath).
TEST(beta_keeps_its_digits_at_large_precision) {
  const auto family = make_family(specify("beta", {"identity", "identity"}));
  const Row row = evaluate(*family, one_row(0.30005), {0.3, 1e8}, Information::expected);
  CHECK_RELATIVE(row.objective, -16.952860359054628, 1e-9, "objective");
  CHECK_RELATIVE(row.score[0], 23809.342570083122, 1e-9, "score mu");
  CHECK_RELATIVE(row.score[1], -9.5200305449938694e-10, 1e-9, "score phi");
  CHECK_RELATIVE(row.weight[0], 476190482.76643999, 1e-9, "weight");
  CHECK_RELATIVE(row.weight[1], 9.5238096749811043e-9, 1e-9, "weight");
  CHECK_RELATIVE(row.weight[2], 5.0000000626984127e-17, 1e-9, "weight");
  const Numbers t = third(*family, one_row(0.30005), {0.3, 1e8}, {0, 1});
  CHECK_RELATIVE(t[2], -1.0000000188095238e-24, 1e-9, "third");
}

TEST(categorical_with_two_classes_is_binomial) {
  const auto binomial = make_family(specify("binomial", {"logit"}));
  for (int reference : {0, 1}) {
    const auto two = make_family(categorical(2, reference));
    const double sign = reference == 0 ? 1 : -1;
    for (double eta : {-40.0, -3.0, 0.0, 0.4, 6.0, 40.0}) {
      for (double y : {0.0, 1.0}) {
        const Row b = evaluate(*binomial, one_row(y), {eta}, Information::observed);
        const Row c = evaluate(*two, one_row(y + 1), {sign * eta}, Information::observed);
        CHECK_NEAR(c.objective, b.objective, 1e-15, "objective");
        CHECK_RELATIVE(c.score[0], sign * b.score[0], 2e-15, "score");
        CHECK_RELATIVE(c.weight[0], b.weight[0], 2e-15, "weight");
        const Numbers t = third(*two, one_row(y + 1), {sign * eta}, {1.0});
        CHECK_NEAR(t[0], sign * third(*binomial, one_row(y), {eta}, {1.0})[0], 1e-15,
                   "third");
      }
    }
  }
}

TEST(canonical_links_have_equal_informations) {
  for (const Case& c : all_cases()) {
    const auto family = make_family(c.spec);
    bool equal = true;
    if (!family->has_expected()) continue;
    for_each_point(c, [&](double y, const Numbers& eta) {
      const Row e = evaluate(*family, one_row(y), eta, Information::expected);
      const Row o = evaluate(*family, one_row(y), eta, Information::observed);
      for (std::size_t j = 0; j < e.weight.size(); ++j) {
        equal = equal && check::near(o.weight[j], e.weight[j], 1e-12);
      }
    });
    CHECK_LABEL(family->information_equal() == equal, c.label);
  }
}

TEST(categorical_counts_are_sums_of_codes) {
  const auto family = make_family(categorical(3, 1));
  const Numbers eta = {0.3, -1.2}, direction = {0.8, 0.5};
  const double counts[] = {2, 0, 5}, prior = 1.5;
  ResponseTile tile = one_row(counts[0], &prior);
  tile.columns = 3;
  const Row matrix = evaluate(*family, tile, eta, Information::expected);
  const Numbers slope_of_matrix = third(*family, tile, eta, direction);
  Row sum{0, Numbers(2), Numbers(3)};
  Numbers slope_of_sum(3);
  for (int c = 0; c < 3; ++c) {
    const double code = c + 1;
    const Row row = evaluate(*family, one_row(code), eta, Information::expected);
    const Numbers t = third(*family, one_row(code), eta, direction);
    sum.objective += prior * counts[c] * row.objective;
    for (int k = 0; k < 2; ++k) sum.score[k] += prior * counts[c] * row.score[k];
    for (int j = 0; j < 3; ++j) sum.weight[j] += prior * counts[c] * row.weight[j];
    for (int j = 0; j < 3; ++j) slope_of_sum[j] += prior * counts[c] * t[j];
  }
  CHECK_NEAR(matrix.objective, sum.objective, 1e-14, "objective");
  for (int k = 0; k < 2; ++k) CHECK_NEAR(matrix.score[k], sum.score[k], 1e-14, "score");
  for (int j = 0; j < 3; ++j)
    CHECK_NEAR(matrix.weight[j], sum.weight[j], 1e-14, "weight");
  for (int j = 0; j < 3; ++j)
    CHECK_NEAR(slope_of_matrix[j], slope_of_sum[j], 1e-14, "third");
}

TEST(categorical_refuses_what_it_cannot_be) {
  CHECK_THROWS(make_family(categorical(1, 0)));
  CHECK_THROWS(make_family(categorical(3, 3)));
  const auto family = make_family(categorical(3, 0));
  const double y[] = {1, 2};
  ResponseTile tile = one_row(y[0]);
  tile.columns = 2;
  CHECK_THROWS(evaluate(*family, tile, {0, 0}, Information::expected));
}

TEST(prior_weights_multiply_and_zero_silences) {
  const double infinity = std::numeric_limits<double>::infinity();
  for (const Case& c : all_cases()) {
    const auto family = make_family(c.spec);
    const double a = 2.5, none = 0, y = c.y[1];
    Numbers eta;
    for (const Numbers& values : c.eta) eta.push_back(values[1]);
    const Numbers direction(eta.size(), 0.5);
    const Row plain = evaluate(*family, one_row(y), eta, Information::observed);
    const Row more = evaluate(*family, one_row(y, &a), eta, Information::observed);
    CHECK_RELATIVE(more.objective, a * plain.objective, 1e-15, c.label);
    for (std::size_t k = 0; k < eta.size(); ++k) {
      CHECK_RELATIVE(more.score[k], a * plain.score[k], 1e-14, c.label);
    }
    const Numbers t = third(*family, one_row(y), eta, direction);
    const Numbers u = third(*family, one_row(y, &a), eta, direction);
    for (std::size_t j = 0; j < plain.weight.size(); ++j) {
      CHECK_RELATIVE(more.weight[j], a * plain.weight[j], 1e-14, c.label);
      CHECK_RELATIVE(u[j], a * t[j], 1e-14, c.label);
    }
    for (double bad : {infinity, -infinity, std::nan("")}) {
      const Numbers far(eta.size(), bad);
      const Row row = evaluate(*family, one_row(y, &none), far, Information::observed);
      bool zero = row.objective == 0;
      for (double s : row.score) zero = zero && s == 0;
      for (double w : row.weight) zero = zero && w == 0;
      for (double w : third(*family, one_row(y, &none), far, direction)) {
        zero = zero && w == 0;
      }
      const auto pointers_far = pointers(far);
      zero = zero && family->pearson(one_row(y, &none), pointers_far.data()) == 0;
      CHECK_LABEL(zero, c.label);
      CHECK_LABEL(!std::isfinite(
                      evaluate(*family, one_row(y), far, Information::working).objective),
                  c.label);
    }
  }
}

// All of objective, score, weight and third stay finite as far as links are defined.
TEST(extreme_predictors_give_finite_numbers) {
  for (const Case& c : all_cases()) {
    bool bounded = c.spec.distribution != "categorical";
    for (const LinkPointer& link : c.spec.links) {
      const std::string name = link->name();
      bounded = bounded && name != "identity" && name != "inverse" && name != "sqrt" &&
                name != "1/mu^2";
    }
    if (!bounded || c.spec.distribution == "gaussian") continue;
    const auto family = make_family(c.spec);
    for (double y : c.y) {
      for (double at : {-700.0, -200.0, -50.0, 50.0, 200.0, 700.0}) {
        const bool log = c.label == "binomial/log" || c.label.rfind("beta/log/", 0) == 0;
        if (log && at > 0) continue;  // mu above one
        Numbers eta(static_cast<std::size_t>(family->predictors()), 2.0);
        eta[0] = at;
        const Row row = evaluate(*family, one_row(y), eta, Information::observed);
        const std::string label = c.label + " at " + std::to_string(at);
        CHECK_LABEL(std::isfinite(row.objective), label);
        for (double s : row.score) CHECK_LABEL(std::isfinite(s), label);
        for (double w : row.weight) CHECK_LABEL(std::isfinite(w), label);
        for (double w : third(*family, one_row(y), eta, Numbers(eta.size(), 1.0))) {
          CHECK_LABEL(std::isfinite(w), label);
        }
      }
    }
  }
}

TEST(categorical_is_finite_far_out) {
  const auto family = make_family(categorical(3, 0));
  for (double at : {-700.0, 700.0}) {
    const Numbers eta = {at, -at};
    const double y = 2;
    const Row row = evaluate(*family, one_row(y), eta, Information::observed);
    CHECK_NEAR(row.objective, at > 0 ? 0 : 2800, 1e-15, "objective");
    for (double w : row.weight) CHECK(std::isfinite(w));
  }
}

TEST(parameters_outside_their_space_are_not_finite) {
  const auto bad = [](const FamilySpec& spec, double y, const Numbers& eta) {
    const auto family = make_family(spec);
    return !std::isfinite(
        evaluate(*family, one_row(y), eta, Information::working).objective);
  };
  CHECK(bad(specify("poisson", {"identity"}), 0, {-1}));
  CHECK(bad(specify("poisson", {"sqrt"}), 0, {-1}));
  CHECK(bad(specify("binomial", {"log"}), 1, {0.1}));
  CHECK(bad(specify("binomial", {"identity"}), 0, {1.5}));
  CHECK(bad(specify("Gamma", {"inverse"}), 1, {-2}));
  CHECK(bad(specify("Gamma", {"inverse"}), 1, {0}));
  CHECK(bad(specify("inverse.gaussian", {"1/mu^2"}), 1, {-2}));
  CHECK(bad(specify("beta", {"identity", "identity"}), 0.5, {1.2, 3}));
  CHECK(bad(specify("beta", {"identity", "identity"}), 0.5, {0.5, -3}));
}

TEST(starts_are_inside_and_moderate) {
  const double weights[] = {1, 0.01, 1000};
  for (const Case& c : all_cases()) {
    const auto family = make_family(c.spec);
    for (double y : c.y) {
      for (double a : weights) {
        Numbers eta(static_cast<std::size_t>(family->predictors()));
        family->start(one_row(y, &a), pointers_to(eta).data());
        const Row row = evaluate(*family, one_row(y), eta, Information::working);
        CHECK_LABEL(std::isfinite(row.objective), c.label);
        for (double e : eta) CHECK_LABEL(std::fabs(e) < 1000, c.label);
        for (double w : row.weight) CHECK_LABEL(std::isfinite(w), c.label);
      }
    }
  }
}

TEST(binomial_and_categorical_start_alike) {
  const double a = 7, y = 0.3, counts[] = {0.7, 0.3};
  double eta, two;
  double *eta_pointer = &eta, *two_pointer = &two;
  make_family(specify("binomial", {"logit"}))->start(one_row(y, &a), &eta_pointer);
  ResponseTile tile = one_row(counts[0], &a);
  tile.columns = 2;
  make_family(categorical(2, 0))->start(tile, &two_pointer);
  CHECK_NEAR(two, eta, 1e-15, "start");
}

TEST(pearson_is_the_scaled_square) {
  const double a = 2, eta[] = {0.5};
  const double* at = eta;
  const double mu = std::exp(0.5);
  const auto pearson = [&](const FamilySpec& spec, double y) {
    return make_family(spec)->pearson(one_row(y, &a), &at);
  };
  CHECK_RELATIVE(pearson(specify("poisson", {"log"}), 3), a * (3 - mu) * (3 - mu) / mu,
                 1e-15, "poisson");
  CHECK_RELATIVE(pearson(specify("Gamma", {"log"}), 3), a * std::pow(3 / mu - 1, 2),
                 1e-15, "Gamma");
  const double* two[] = {eta, eta};
  CHECK(make_family(specify("beta", {"logit", "log"}))
            ->pearson(one_row(0.5 + 0 * a), two) == 0);
}

TEST(a_tile_is_its_rows_and_parts_may_be_absent) {
  for (const Case& c : all_cases()) {
    const auto family = make_family(c.spec);
    const std::size_t size = c.eta.size();
    Numbers y;
    std::vector<Numbers> eta(size);
    for_each_point(c, [&](double value, const Numbers& point) {
      y.push_back(value);
      for (std::size_t k = 0; k < size; ++k) eta[k].push_back(point[k]);
    });
    ResponseTile tile = one_row(y[0]);
    tile.rows = tile.stride = static_cast<Index>(y.size());
    std::vector<Numbers> weight(packed_size(int(size)), Numbers(y.size()));
    const auto columns = pointers(eta), weights = pointers(weight);
    const double sum = family->evaluate(tile, columns.data(), Information::observed, {});
    RowDerivatives only;
    only.weight = weights.data();
    family->evaluate(tile, columns.data(), Information::observed, only);
    double total = 0;
    std::size_t i = 0;
    for_each_point(c, [&](double value, const Numbers& point) {
      const Row row = evaluate(*family, one_row(value), point, Information::observed);
      total += row.objective;
      for (std::size_t j = 0; j < row.weight.size(); ++j) {
        CHECK_NEAR(weight[j][i], row.weight[j], 1e-14, c.label);
      }
      ++i;
    });
    CHECK_NEAR(sum, total, 1e-13, c.label);
  }
}

TEST(the_registry_refuses_what_it_does_not_know) {
  CHECK_THROWS(make_family(specify("cauchy", {"log"})));
  CHECK_THROWS(make_family(specify("poisson", {})));
  CHECK_THROWS(make_family(specify("beta", {"logit"})));
  CHECK_THROWS(make_family(specify("quasi", {"log"})));
  CHECK_THROWS(make_family(specify("quasi", {"log"}, {5})));
}

TEST(packed_third_index_counts_all_triples_once) {
  for (int k : {1, 2, 3, 5}) {
    int next = 0;
    for (int c = 0; c < k; ++c) {
      for (int b = c; b < k; ++b) {
        for (int a = b; a < k; ++a) {
          CHECK(packed3_index(a, b, c, k) == next);
          CHECK(packed3_index(c, a, b, k) == next);
          CHECK(packed3_index(b, c, a, k) == next);
          ++next;
        }
      }
    }
    CHECK(next == packed3_size(k));
  }
}
