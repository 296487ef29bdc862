// test_density_real.cpp - continuous log-densities: mass one, limits, digits at large
// shapes, censoring far out.
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "check.hpp"
#include "differences.hpp"
#include "family_cases.hpp"
#include "gamut/family/registry_real.hpp"

using namespace gamut;
using namespace cases;

namespace {

const double kInfinity = std::numeric_limits<double>::infinity();

ResponseTile two_columns(const Numbers& y) {
  ResponseTile tile = one_row(y[0]);
  tile.columns = static_cast<int>(y.size());
  return tile;
}

struct CensoredCase {
  std::string label;
  FamilySpec spec;
  std::vector<Numbers> y, eta;
};

std::vector<CensoredCase> censored_cases() {
  const std::vector<Numbers> real = {
      {0.4, 0.4}, {-kInfinity, 0.4}, {-0.8, kInfinity}, {-0.8, 1.3}, {0.3, 0.301}};
  const std::vector<Numbers> positive = {{0.4, 0.4}, {0, 0.4},     {0.8, kInfinity},
                                         {0.3, 1.9}, {0.3, 0.301}, {-1, 2}};
  const std::vector<Numbers> counts = {{2, 2}, {0, 3}, {4, kInfinity}, {1, 6}, {3, 150}};
  const std::vector<Numbers> one = {{-1.2}, {0.3}, {1.9}};
  std::vector<Numbers> two;
  for (double a : {-1.2, 0.3, 1.9}) {
    for (double b : {-0.9, 0.1, 0.8}) two.push_back({a, b});
  }
  return {
      {"normal", specify("censored_normal", {"identity", "log"}), real, two},
      {"lognormal", specify("censored_lognormal", {"identity", "log"}), positive, two},
      {"exponential", specify("censored_exponential", {"log"}), positive, one},
      {"weibull", specify("censored_weibull", {"log", "log"}), positive, two},
      {"gamma_phi", specify("censored_gamma_phi", {"log", "log"}), positive, two},
      {"poisson", specify("censored_poisson", {"log"}), counts, one},
  };
}

}  // namespace

// Differences are good to 1e-9; intervals have one more rounding.
TEST(censored_derivatives_are_those_of_the_objective) {
  for (const CensoredCase& c : censored_cases()) {
    const auto family = make_family(c.spec);
    for (const Numbers& y : c.y) {
      const ResponseTile tile = two_columns(y);
      for (const Numbers& eta : c.eta) {
        const int size = family->predictors();
        const auto at = [&](const Numbers& x) {
          return evaluate(*family, tile, x, Information::observed);
        };
        const Row row = at(eta);
        CHECK_LABEL(std::isfinite(row.objective), c.label);
        const auto objective = [&](const Numbers& x) { return Numbers{at(x).objective}; };
        const auto score = [&](const Numbers& x) { return at(x).score; };
        const auto weight = [&](const Numbers& x) { return at(x).weight; };
        for (int l = 0; l < size; ++l) {
          const Numbers d = slope(score, eta, unit(eta.size(), l));
          CHECK_NEAR(row.score[l], -0.5 * slope(objective, eta, unit(eta.size(), l))[0],
                     1e-8 * scale(row.weight), c.label + " score");
          for (int k = l; k < size; ++k) {
            CHECK_NEAR(row.weight[packed_index(k, l, size)], -d[k],
                       1e-8 * scale(row.weight), c.label + " weight");
          }
        }
        const Numbers direction = size == 1 ? Numbers{0.7} : Numbers{0.7, -1.3};
        const Numbers expected = slope(weight, eta, direction);
        const Numbers seen = third(*family, tile, eta, direction);
        for (std::size_t j = 0; j < seen.size(); ++j) {
          CHECK_NEAR(seen[j], expected[j], 1e-8 * scale(expected), c.label + " third");
        }
      }
    }
  }
}

TEST(left_and_right_and_between_add_up) {
  for (const CensoredCase& c : censored_cases()) {
    const bool counts = c.label == "poisson";
    const auto family = make_family(c.spec);
    for (const Numbers& eta : c.eta) {
      double sum = 0;
      const double a = counts ? 2 : 0.4, b = counts ? 5 : 1.1, next = counts ? 1 : 0;
      const double lowest = c.label == "normal" ? -kInfinity : 0;
      for (const Numbers& y :
           {Numbers{lowest, a}, Numbers{a + next, b}, Numbers{b + next, kInfinity}}) {
        sum += std::exp(
            -0.5 *
            evaluate(*family, two_columns(y), eta, Information::observed).objective);
      }
      CHECK_NEAR(sum, 1, 1e-14, c.label);
    }
  }
}

TEST(a_narrow_interval_is_density_times_width) {
  for (const CensoredCase& c : censored_cases()) {
    if (c.label == "poisson") continue;
    const auto family = make_family(c.spec);
    for (const Numbers& eta : c.eta) {
      const double y = 0.8, half = 1e-9;
      const Row exact =
          evaluate(*family, two_columns({y, y}), eta, Information::observed);
      const Row wide = evaluate(*family, two_columns({y - half, y + half}), eta,
                                Information::observed);
      // the width itself is known to eps / 1e-9
      CHECK_NEAR(wide.objective, exact.objective - 2 * std::log(2 * half), 1e-6, c.label);
      for (std::size_t k = 0; k < eta.size(); ++k) {
        CHECK_NEAR(wide.score[k], exact.score[k], 1e-8 * scale(exact.weight), c.label);
      }
    }
  }
}

// log Phi(-30) and log Phi(-1000) by mpmath.
TEST(censoring_far_out_is_finite) {
  const auto normal = make_family(specify("censored_normal", {"identity", "log"}));
  const double tail = -0.5 * evaluate(*normal, two_columns({30, kInfinity}), {0, 0},
                                      Information::observed)
                                 .objective;
  CHECK_RELATIVE(tail, -454.32124395634319, 1e-14, "log Phi(-30)");
  const Row far =
      evaluate(*normal, two_columns({-kInfinity, -1000}), {0, 0}, Information::observed);
  CHECK_RELATIVE(-0.5 * far.objective, -500007.82669481218, 1e-14, "log Phi(-1000)");
  for (const CensoredCase& c : censored_cases()) {
    const auto family = make_family(c.spec);
    for (const Numbers& y :
         {Numbers{30, kInfinity}, Numbers{c.label == "normal" ? -kInfinity : 0, 1},
          Numbers{29, 30}, Numbers{29, 29.5}}) {
      for (double at : {-30.0, -5.0, 5.0, 30.0}) {
        Numbers eta(static_cast<std::size_t>(family->predictors()), 0);
        eta[0] = at;
        const bool log = c.label != "normal" && c.label != "lognormal";
        if (log && std::fabs(at) > 5) continue;
        const Row row = evaluate(*family, two_columns(y), eta, Information::observed);
        CHECK_LABEL(std::isfinite(row.objective), c.label);
        for (double s : row.score) CHECK_LABEL(std::isfinite(s), c.label);
        for (double w : row.weight) CHECK_LABEL(std::isfinite(w), c.label);
        for (double w : third(*family, two_columns(y), eta, Numbers(eta.size(), 1.0))) {
          CHECK_LABEL(std::isfinite(w), c.label);
        }
      }
    }
  }
}

namespace {
/// Integral of f y^power over (low, high) of t with y = t or e^t.
double integral(const FamilySpec& spec, const Numbers& eta, bool log, int power) {
  const auto family = make_family(spec);
  const double low = log ? -90 : -60, high = log ? 12 : 60, step = 0.002;
  double sum = 0;
  for (double t = low; t < high; t += step) {
    const double y = log ? std::exp(t) : t;
    const double objective =
        evaluate(*family, one_row(y), eta, Information::observed).objective;
    sum += std::exp(-0.5 * objective) * (log ? y : 1) * step * std::pow(y, power);
  }
  return sum;
}
}  // namespace

// The trapezoidal rule is exact to rounding for these; truncation 1e-12.
TEST(skew_normal_has_the_mean_and_variance_that_it_says) {
  const FamilySpec spec = specify("skewnormal", {"identity", "log", "identity"});
  for (double alpha : {-4.0, 0.0, 0.5, 20.0}) {
    const Numbers eta = {0.7, 0.3, alpha};
    const double sd = std::exp(0.3), mean = integral(spec, eta, false, 1);
    CHECK_NEAR(integral(spec, eta, false, 0), 1, 1e-11, "mass");
    CHECK_NEAR(mean, 0.7, 1e-11, "mean");
    CHECK_NEAR(integral(spec, eta, false, 2) - mean * mean, sd * sd, 1e-10, "variance");
  }
}

// With y = e^t the density of small y falls like e^t at least (p = 1.2: shape 4).
TEST(tweedie_has_mass_mean_and_variance) {
  for (double p : {1.2, 1.5, 1.8}) {
    const double logit = std::log((p - 1) / (2 - p)), mu = std::exp(0.4);
    const Numbers eta = {0.4, 0.2, logit};
    const FamilySpec spec = specify("tweedie", {"log", "log", "logit12"});
    const auto family = make_family(spec);
    const double zero = std::exp(
        -0.5 * evaluate(*family, one_row(0.0), eta, Information::observed).objective);
    const double mean = integral(spec, eta, true, 1);
    CHECK_NEAR(zero + integral(spec, eta, true, 0), 1, 1e-7, "mass");
    CHECK_NEAR(mean, mu, 1e-10, "mean");
    CHECK_NEAR(integral(spec, eta, true, 2) - mean * mean,
               std::exp(0.2) * std::pow(mu, p), 1e-9, "variance");
  }
}

TEST(tweedie_with_a_known_power_is_the_tweedie) {
  const double p = 1.37, logit = std::log((p - 1) / (2 - p));
  const auto free = make_family(specify("tweedie", {"log", "log", "logit12"}));
  const auto fixed = make_family(specify("tweedie_power", {"log", "log"}, {p}));
  for (double y : {0.0, 0.03, 2.0, 70.0}) {
    for (double phi : {-18.0, -4.0, 0.0, 3.0}) {
      const Row a = evaluate(*free, one_row(y), {0.6, phi, logit}, Information::observed);
      const Row b = evaluate(*fixed, one_row(y), {0.6, phi}, Information::observed);
      CHECK_NEAR(a.objective, b.objective, 1e-12, "objective");
      CHECK_NEAR(a.score[0], b.score[0], 1e-12, "mu");
      CHECK_NEAR(a.score[1], b.score[1], 1e-10, "phi");
      CHECK_NEAR(a.weight[1], b.weight[1], 1e-10, "mu phi");
      CHECK_NEAR(a.weight[3], b.weight[2], 1e-9, "phi phi");
    }
  }
}

// All terms of the sum, and every h-th, on both sides of the border.
TEST(tweedie_series_is_smooth_where_it_gets_thin) {
  for (double a : {0.2, 1.0, 4.0}) {
    for (double u : {3.0, 5.0, 6.0, 6.5, 7.0, 9.0, 12.0}) {
      const TweedieSeries s(std::exp(u), a, 3, true);
      const auto f = [&](const Numbers& x) {
        const TweedieSeries at(std::exp(x[0]), x[1], 2, true);
        return Numbers{at[0], at[1], at[2], at[3], at[4], at[5]};
      };
      const Numbers du = slope(f, {u, a}, {1, 0}), da = slope(f, {u, a}, {0, 1});
      // differences of sums of size lambda
      const double tolerance = 1e-9 * (1 + std::exp(u));
      CHECK_NEAR(s[1], du[0], tolerance, "u");
      CHECK_NEAR(s[2], da[0], tolerance, "a");
      CHECK_NEAR(s[3], du[1], tolerance, "uu");
      CHECK_NEAR(s[4], da[1], tolerance, "ua");
      CHECK_NEAR(s[5], da[2], tolerance, "aa");
      CHECK_NEAR(s[6], du[3], tolerance, "uuu");
      CHECK_NEAR(s[7], da[3], tolerance, "uua");
      CHECK_NEAR(s[8], da[4], tolerance, "uaa");
      CHECK_NEAR(s[9], da[5], tolerance, "aaa");
    }
  }
}

// The sum itself, term by term, from where it is all terms to where it is every h-th.
TEST(tweedie_series_is_its_sum) {
  for (double a : {0.01, 0.2, 1.0, 4.0}) {
    for (double lambda : {50.0, 390.0, 2000.0, 2e4}) {
      const double top = -special::stirling_correction(lambda);
      double sum = 0;
      for (double j = 1; j < 2 * lambda + 200; ++j) {
        sum += std::exp(-(1 + a) * special::deviance_part(j, lambda) -
                        special::stirling_correction(j) -
                        special::stirling_correction(a * j) - top);
      }
      // a sum of up to 4e4 terms
      CHECK_NEAR(TweedieSeries(lambda, a, 0, false)[0], std::log(sum) + top, 1e-11,
                 "a = " + std::to_string(a));
    }
  }
}

namespace {
Numbers packed(const Row& row) {
  Numbers all = {-0.5 * row.objective};
  for (double s : row.score) all.push_back(s);
  for (double w : row.weight) all.push_back(w);
  return all;
}
}  // namespace

// 60-digit values (mpmath); the terms of l are 1e9 here, those of the weights cancel to
// 1e-8 and 1e-16 of their size.
TEST(student_keeps_its_digits_at_many_degrees_of_freedom) {
  const std::string link = "identity";
  const auto family = make_family(specify("student", {link, link, link}));
  const Numbers at = {0.2, 1.3, 1e8};
  const Row observed = evaluate(*family, one_row(0.7), at, Information::observed);
  const Row expected = evaluate(*family, one_row(0.7), at, Information::expected);
  CHECK_RELATIVE(-0.5 * observed.objective, -1.2552672978985214, 1e-14, "l");
  CHECK_RELATIVE(observed.score[0], 0.29585799068660060, 1e-14, "mu");
  CHECK_RELATIVE(observed.score[1], -0.65543923435130746, 1e-14, "sigma");
  CHECK_RELATIVE(observed.score[2], 3.1849375012020535e-17, 1e-10, "nu");
  CHECK_RELATIVE(observed.weight[5], 6.3698750014178617e-25, 1e-10, "nu nu");
  CHECK_RELATIVE(observed.weight[4], 9.6958466476586212e-18, 1e-8, "sigma nu");
  CHECK_RELATIVE(expected.weight[5], 3.49999987000000395e-32, 1e-14, "information");
}

TEST(student_information_is_one_function_on_both_sides_of_its_series) {
  // the closed form loses nu^2/7 eps
  CHECK_RELATIVE(Student::freedom_information(40 - 1e-9),
                 Student::freedom_information(40), 1e-10, "nu");
}

TEST(student_runs_into_the_normal) {
  const auto t = make_family(specify("student", {"identity", "log", "log"}));
  const auto normal = make_family(specify("normal", {"identity", "log"}));
  for (double y : {-3.0, 0.1, 2.0}) {
    const Row a = evaluate(*t, one_row(y), {0.3, 0.2, 60}, Information::observed);
    const Row b = evaluate(*normal, one_row(y), {0.3, 0.2}, Information::observed);
    CHECK_RELATIVE(a.objective, b.objective, 1e-15, "objective");
    CHECK_RELATIVE(a.score[0], b.score[0], 1e-15, "mu");
    CHECK_NEAR(a.score[1], b.score[1], 1e-15, "sigma");
    CHECK_NEAR(a.score[2], 0, 1e-15, "nu");
  }
}

TEST(gamma_keeps_its_digits_at_large_shapes) {
  const auto family = make_family(specify("gamma_phi", {"identity", "identity"}));
  const Numbers at = {0.3, 1e-8};
  const Row observed = evaluate(*family, one_row(0.30005), at, Information::observed);
  const Row expected = evaluate(*family, one_row(0.30005), at, Information::expected);
  // y - mu = 5e-5 itself is known to 1e-12
  CHECK_RELATIVE(-0.5 * observed.objective, 8.1064734022960055, 1e-11, "l");
  CHECK_RELATIVE(observed.score[0], 55555.555555555556, 1e-11, "mu");
  CHECK_RELATIVE(observed.score[1], 88873458.635545303, 1e-10, "phi");
  CHECK_RELATIVE(observed.weight[2], 22774691743775727.3, 1e-10, "phi phi");
  CHECK_RELATIVE(observed.weight[1], 5555555555555.5556, 1e-11, "mu phi");
  CHECK_RELATIVE(expected.weight[2], 5000000016666666.67, 1e-13, "information");
}

TEST(incomplete_gamma_functions_agree_with_30_digits) {
  const auto lower = [](double a, double x) {
    return fn::log_incomplete_gamma(a, x, true);
  };
  const auto upper = [](double a, double x) {
    return fn::log_incomplete_gamma(a, x, false);
  };
  CHECK_RELATIVE(lower(2.5, 60), -3.1385797727552960e-24, 1e-13, "P");
  CHECK_RELATIVE(upper(2.5, 60), -54.118271835926477, 1e-14, "Q");
  CHECK_RELATIVE(lower(300, 150), -61.028631887063434, 1e-14, "P");
  CHECK_RELATIVE(upper(300, 150), -3.1304151256965149e-27, 1e-12, "Q");
  CHECK_RELATIVE(lower(0.3, 1e-5), -3.3457051376716567, 1e-14, "P");
  CHECK_RELATIVE(upper(0.3, 1e-5), -0.035871104401809787, 1e-13, "Q");
  CHECK_RELATIVE(lower(1e4, 1e4 + 300), -0.0014715771350869330, 1e-12, "P");
  CHECK_RELATIVE(upper(1e4, 1e4 + 300), -6.5221562706422239, 1e-13, "Q");
}

TEST(censored_families_without_censoring_are_the_base) {
  const char* const names[] = {"normal", "lognormal", "weibull", "gamma_phi"};
  for (const char* name : names) {
    const std::vector<std::string> links = {
        std::string(name) == "normal" || std::string(name) == "lognormal" ? "identity"
                                                                          : "log",
        "log"};
    const auto base = make_family(specify(name, links));
    const auto censored = make_family(specify(std::string("censored_") + name, links));
    const Row a = evaluate(*base, one_row(0.8), {0.1, -0.3}, Information::observed);
    const Row b =
        evaluate(*censored, two_columns({0.8, 0.8}), {0.1, -0.3}, Information::observed);
    const Numbers x = packed(a), y = packed(b);
    for (std::size_t j = 0; j < x.size(); ++j) CHECK_RELATIVE(y[j], x[j], 1e-15, name);
  }
}
