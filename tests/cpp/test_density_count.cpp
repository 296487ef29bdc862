// test_density_count.cpp - counts: mass, moments, limits, digits; two-column responses.
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "check.hpp"
#include "differences.hpp"
#include "family_cases.hpp"

using namespace gamut;
using namespace cases;

namespace {

const double kInfinity = std::numeric_limits<double>::infinity();

double log_density(const FamilySpec& spec, const Numbers& y, const Numbers& eta) {
  ResponseTile tile = one_row(y[0]);
  tile.columns = static_cast<int>(y.size());
  return -0.5 * evaluate(*make_family(spec), tile, eta, Information::observed).objective;
}

Row observed(const FamilySpec& spec, double y, const Numbers& eta) {
  return evaluate(*make_family(spec), one_row(y), eta, Information::observed);
}

std::vector<Case> only_counts() {
  std::vector<Case> all;
  count_cases(all);
  return all;
}

/// Two columns: successes and failures.
struct TrialsCase {
  std::string label;
  FamilySpec spec;
  std::vector<Numbers> eta;
};

std::vector<TrialsCase> trials_cases() {
  const std::vector<Numbers> two = {{-4, 1}, {-0.7, -2}, {0.2, 3}, {3, 8}};
  std::vector<TrialsCase> all = {
      {"betabinomial", specify("betabinomial", {"logit", "log"}), two},
      {"betabinomial/cloglog",
       specify("betabinomial", {"cloglog", "log"}),
       {{-0.3, 1}, {0.8, 2}}},
      {"zero_inflated_binomial", specify("zero_inflated_binomial", {"logit", "logit"}),
       two},
      {"zero_inflated_betabinomial",
       specify("zero_inflated_betabinomial", {"logit", "log", "logit"}),
       {{-2, 1, -1}, {0.4, 3, 0.5}, {1, -1, -3}}}};
  return all;
}

}  // namespace

TEST(counts_have_mass_one_and_scores_of_mean_zero) {
  for (const Case& c : only_counts()) {
    const auto family = make_family(c.spec);
    for_each_point(c, [&](double y0, const Numbers& eta) {
      if (y0 != c.y[0]) return;
      const bool bounded = c.label.find("from") != std::string::npos;
      const double first = c.label.rfind("truncated", 0) == 0 ? (bounded ? 3 : 1) : 0;
      double mass = 0;
      Numbers score(eta.size(), 0.0);
      // 4000 is beyond 40 standard deviations of the widest case
      for (double y = first; y < (bounded ? 10 : 4000); y += 1) {
        const Row row = evaluate(*family, one_row(y), eta, Information::observed);
        const double p = std::exp(-0.5 * row.objective);
        mass += p;
        for (std::size_t k = 0; k < eta.size(); ++k) score[k] += p * row.score[k];
        if (p < 1e-25 && y > 50) break;
      }
      // rounding of a few hundred terms
      CHECK_NEAR(mass, 1, 1e-12, c.label + " mass");
      for (double s : score) CHECK_NEAR(s, 0, 1e-10, c.label + " mean score");
    });
  }
}

TEST(trials_have_mass_one_and_right_derivatives) {
  for (const TrialsCase& c : trials_cases()) {
    const auto family = make_family(c.spec);
    for (const Numbers& eta : c.eta) {
      for (double n : {1.0, 7.0, 40.0}) {
        double mass = 0;
        for (double s = 0; s <= n; s += 1) {
          const Numbers y = {s, n - s};
          mass += std::exp(log_density(c.spec, y, eta));
          const ResponseTile tile = one_row(y[0]);
          const auto f = [&](const Numbers& x) {
            return Numbers{evaluate(*family, tile, x, Information::observed).objective};
          };
          const auto g = [&](const Numbers& x) {
            return evaluate(*family, tile, x, Information::observed).score;
          };
          const auto h = [&](const Numbers& x) {
            return evaluate(*family, tile, x, Information::observed).weight;
          };
          const Row row = evaluate(*family, tile, eta, Information::observed);
          const int size = family->predictors();
          const double tolerance =
              1e-9 * std::fmax(scale({row.objective}), scale(row.weight));
          for (int k = 0; k < size; ++k) {
            const Numbers e = unit(eta.size(), static_cast<std::size_t>(k));
            CHECK_NEAR(row.score[k], -0.5 * slope(f, eta, e)[0], tolerance, c.label);
            const Numbers d = slope(g, eta, e);
            for (int l = 0; l < size; ++l) {
              const int j = k >= l ? packed_index(k, l, size) : packed_index(l, k, size);
              CHECK_NEAR(row.weight[j], -d[l], tolerance, c.label);
            }
          }
          const Numbers along(eta.size(), 0.6), t = third(*family, tile, eta, along);
          const Numbers expected = slope(h, eta, along);
          for (std::size_t j = 0; j < t.size(); ++j) {
            CHECK_NEAR(t[j], expected[j], 10 * tolerance, c.label);
          }
        }
        CHECK_NEAR(mass, 1, 1e-12, c.label + " mass");
      }
    }
  }
}

TEST(negative_binomials_run_into_the_poisson) {
  const auto poisson = specify("truncated_poisson", {"log"}, {-1, kInfinity});
  const auto nb2 = specify("negbinomial", {"log", "log"});
  const auto nb1 = specify("negbinomial1", {"log", "log"});
  for (double mu : {0.01, 3.0, 400.0}) {
    for (double y : {0.0, 1.0, 4.0, 30.0, 500.0}) {
      const Row p = observed(poisson, y, {std::log(mu)});
      for (const Row& r : {observed(nb2, y, {std::log(mu), std::log(1e10)}),
                           observed(nb1, y, {std::log(mu), std::log(1e-12)})}) {
        // the limit is off by (y - mu)^2 / theta and alike
        const double off = 1e-9 * std::fmax(1, (y - mu) * (y - mu) / 10);
        CHECK_NEAR(r.objective, p.objective, off, "objective");
        CHECK_NEAR(r.score[0], p.score[0], off, "score");
        CHECK_NEAR(r.weight[0], p.weight[0], off, "weight");
      }
    }
  }
}

// d l / d log theta at theta = 1e8 is (y - (y - mu)^2) / (2 theta) but for a part in
// theta / y; what is left of digits is what the forms without cancellation keep.
TEST(negative_binomial_keeps_its_digits_at_large_size) {
  const auto nb = specify("negbinomial", {"log", "log"});
  for (double y : {0.0, 1.0, 5.0, 40.0}) {
    const double mu = 3, theta = 1e8;
    const Row row = observed(nb, y, {std::log(mu), std::log(theta)});
    const double lead = (y - (y - mu) * (y - mu)) / (2 * theta);
    CHECK_NEAR(row.score[1] * theta, lead * theta, 1e-4, "score theta");
  }
}

TEST(beta_binomial_runs_into_the_binomial) {
  const auto bb = specify("betabinomial", {"logit", "log"});
  for (double eta : {-3.0, 0.0, 1.2}) {
    const double p = 1 / (1 + std::exp(-eta));
    for (double n : {1.0, 12.0, 300.0}) {
      for (double s : {0.0, 1.0, n}) {
        const double l = std::lgamma(n + 1) - std::lgamma(s + 1) -
                         std::lgamma(n - s + 1) + s * std::log(p) +
                         (n - s) * std::log1p(-p);
        // off by (s - n p)^2 / phi / (p q), and by rounding of lgamma
        CHECK_NEAR(log_density(bb, {s, n - s}, {eta, std::log(1e10)}), l, 2e-4,
                   "binomial");
        CHECK_NEAR(log_density(bb, {s, n - s}, {eta, std::log(1e14)}), l, 1e-7,
                   "binomial");
      }
    }
  }
  const Numbers none = {0, 0};
  CHECK_NEAR(log_density(bb, none, {0.3, 1.0}), 0, 1e-15, "no trials");
}

TEST(compois_with_nu_one_is_poisson) {
  const auto poisson = specify("truncated_poisson", {"log"}, {-1, kInfinity});
  const auto com = specify("compois", {"log", "log"});
  for (double mu : {1e-6, 0.3, 8.0, 60.0, 300.0, 999.0, 1001.0, 1e5}) {
    for (double y : {0.0, 1.0, std::floor(mu), std::floor(1.2 * mu) + 3}) {
      const Row p = observed(poisson, y, {std::log(mu)});
      const Row c = observed(com, y, {std::log(mu), 0});
      // y theta of size mu log mu cancels
      const double tolerance = 1e-15 * std::fmax(1e3, mu * std::log(mu + 2));
      CHECK_NEAR(c.objective, p.objective, tolerance, "objective");
      CHECK_NEAR(c.score[0], p.score[0], 10 * tolerance, "score");
      CHECK_NEAR(c.weight[0], p.weight[0], 10 * tolerance, "weight");
    }
  }
}

// Sums and Laplace's expansion meet at mu nu = 1000.
TEST(compois_has_its_mean_in_both_ways_of_computing) {
  const auto com = specify("compois", {"log", "log"});
  for (double nu : {0.05, 0.4, 1.0, 3.0, 10.0}) {
    for (double mu : {0.02, 1.3, 20.0, 149.0 / nu, 151.0 / nu, 999.0 / nu, 1001.0 / nu}) {
      double mass = 0, mean = 0;
      const double top = mu + 30 * std::sqrt(mu / nu) + 60 / nu + 40;
      for (double y = 0; y < top; y += 1) {
        const double p = std::exp(log_density(com, {y}, {std::log(mu), std::log(nu)}));
        mass += p;
        mean += p * y;
      }
      CHECK_NEAR(mass, 1, 2e-12, "mass");
      CHECK_RELATIVE(mean, mu, 2e-12, "mean");
    }
  }
}

TEST(no_additional_zeros_is_the_base_family) {
  for (const char* base : {"negbinomial", "negbinomial1", "compois"}) {
    const auto plain = specify(base, {"log", "log"});
    const auto inflated =
        specify(std::string("zero_inflated_") + base, {"log", "log", "logit"});
    for (double y : {0.0, 1.0, 9.0}) {
      // zi = e^-40 is below rounding
      CHECK_NEAR(observed(inflated, y, {1.1, 0.3, -40}).objective,
                 observed(plain, y, {1.1, 0.3}).objective, 1e-14, base);
    }
  }
}

TEST(a_hurdle_is_zero_or_not_and_a_truncated_count) {
  for (const char* base : {"negbinomial", "negbinomial1", "compois"}) {
    const auto hurdle = specify(std::string("hurdle_") + base, {"log", "log", "logit"});
    const auto positive = specify(std::string("truncated_") + base, {"log", "log"});
    const auto zero = specify("binomial", {"logit"});
    for (double y : {0.0, 1.0, 9.0}) {
      const Row h = observed(hurdle, y, {1.1, 0.3, -0.6});
      const Row z = observed(zero, y == 0, {-0.6});
      CHECK_NEAR(h.score[2], z.score[0], 1e-14, base);
      CHECK_NEAR(h.weight[5], z.weight[0], 1e-14, base);
      CHECK_NEAR(h.weight[2], 0, 1e-15, base);
      CHECK_NEAR(h.weight[4], 0, 1e-15, base);
      const double rest = y > 0 ? observed(positive, y, {1.1, 0.3}).objective : 0;
      CHECK_NEAR(h.objective, z.objective + rest, 1e-13, base);
    }
  }
}

// Nearly all mass below the bounds: log P(2 < Y <= 5) at mu = 1e-6 is
// log(mu^3 / 6) - mu + log(1 + mu / 4).
TEST(truncation_keeps_its_digits_where_little_is_left) {
  const auto spec = specify("truncated_poisson", {"log"}, {2, 5});
  const double mu = 1e-6;
  CHECK_NEAR(log_density(spec, {4}, {std::log(mu)}),
             std::log(mu / 4) - std::log1p(mu / 4), 1e-13, "four");
  const auto open = specify("truncated_poisson", {"log"}, {2, kInfinity});
  CHECK_NEAR(log_density(open, {3}, {std::log(mu)}), -mu / 4, 1e-13, "three");
  // and nearly none
  const auto most = specify("truncated_poisson", {"log"}, {2, kInfinity});
  const double l = log_density(most, {20}, {std::log(20.0)});
  const double below = std::exp(-20.0) * (1 + 20 + 200);
  CHECK_NEAR(l, -20 + 20 * std::log(20.0) - special::log_gamma(21) - std::log1p(-below),
             1e-13, "twenty");
}
