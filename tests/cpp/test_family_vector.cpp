// test_family_vector.cpp - ordered categories and compositions: derivatives against
// differences, expectations, digits in the tails, their simplest cases.
#include <algorithm>
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

/// A family with rows of its response (one or more columns) and predictors to visit.
struct VectorCase {
  std::string label;
  FamilySpec spec;
  std::vector<Numbers> y, eta;
};

FamilySpec spread(const std::string& name, int categories, const Numbers& numbers) {
  FamilySpec spec = specify(name, {}, numbers);
  spec.categories = categories;
  return spec;
}

FamilySpec cumulative(const std::string& link, int categories) {
  FamilySpec spec = specify("cumulative", {link});
  spec.categories = categories;
  return spec;
}

ResponseTile one_row(const Numbers& y, const double* prior = nullptr) {
  ResponseTile tile = cases::one_row(y[0], prior);
  tile.columns = static_cast<int>(y.size());
  return tile;
}

std::vector<VectorCase> ordered_cases() {
  std::vector<VectorCase> all;
  for (const char* link : {"logit", "probit", "cauchit", "cloglog", "loglog"}) {
    all.push_back({std::string("cumulative/") + link,
                   cumulative(link, 4),
                   {{1}, {2}, {3}, {4}, {2, 0, 3, 1}, {0.2, 0.1, 0.4, 0.3}},
                   {{-2.1, -0.4, 1.1}, {-0.3, 0.9, 1.4}, {-0.5, -0.1, 0.4}}});
  }
  // Links without a rule of their own take differences of their tails.
  all.push_back({"cumulative/identity",
                 cumulative("identity", 3),
                 {{1}, {2}, {3}, {2, 0, 3}},
                 {{0.2, 0.5}, {0.55, 0.9}}});
  all.push_back({"cumulative/log",
                 cumulative("log", 3),
                 {{1}, {2}, {3}},
                 {{-1.2, -0.5}, {-0.6, -0.2}}});
  return all;
}

std::vector<VectorCase> composition_cases() {
  const std::vector<Numbers> y = {{0.2, 0.3, 0.5}, {0.05, 0.9, 0.05}};
  const std::vector<Numbers> eta = {{0.4, -0.8, 1.2}, {2.1, 1.4, 0.3}, {-1.5, 0.2, 3.1}};
  std::vector<VectorCase> all = {{"dirichlet", spread("dirichlet", 3, {}), y, eta}};
  for (double base : {0.0, 1.0, 2.0}) {
    all.push_back({"dirichlet_mean/" + std::to_string(int(base)),
                   spread("dirichlet_mean", 3, {base}), y, eta});
  }
  all.push_back({"dirichlet/4",
                 spread("dirichlet", 4, {}),
                 {{0.1, 0.2, 0.3, 0.4}},
                 {{0.5, 1.2, -0.3, 2.0}}});
  all.push_back({"dirichlet_mean/4",
                 spread("dirichlet_mean", 4, {1}),
                 {{0.1, 0.2, 0.3, 0.4}},
                 {{0.5, 1.2, -0.3, 2.0}}});
  return all;
}

std::vector<VectorCase> all_vector_cases() {
  std::vector<VectorCase> all = ordered_cases();
  for (VectorCase& c : composition_cases()) all.push_back(c);
  return all;
}

template <class Visit>
void visit_all(const std::vector<VectorCase>& all, Visit visit) {
  for (const VectorCase& c : all) {
    const auto family = make_family(c.spec);
    for (const Numbers& eta : c.eta) {
      for (const Numbers& y : c.y) visit(c, *family, one_row(y), eta);
    }
  }
}

const Numbers kDirections = {0.7, -1.3, 0.4, 1.1};

}  // namespace

// As in test_family.cpp: differences are right to some 1e-11 of their numbers' size.
TEST(vector_families_differentiate_their_objective) {
  visit_all(all_vector_cases(), [](const VectorCase& c, const Family& family,
                                   const ResponseTile& tile, const Numbers& eta) {
    const auto f = [&](const Numbers& x) {
      return Numbers{evaluate(family, tile, x, Information::expected).objective};
    };
    const Row row = evaluate(family, tile, eta, Information::expected);
    const double tolerance = 1e-9 * std::fmax(scale({row.objective}), scale(row.score));
    for (std::size_t k = 0; k < eta.size(); ++k) {
      CHECK_NEAR(row.score[k], -0.5 * slope(f, eta, unit(eta.size(), k))[0], tolerance,
                 c.label);
    }
  });
}

TEST(vector_families_differentiate_their_score) {
  visit_all(all_vector_cases(), [](const VectorCase& c, const Family& family,
                                   const ResponseTile& tile, const Numbers& eta) {
    const int size = family.predictors();
    const auto f = [&](const Numbers& x) {
      return evaluate(family, tile, x, Information::observed).score;
    };
    const Row row = evaluate(family, tile, eta, Information::observed);
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

TEST(vector_families_differentiate_their_weights) {
  visit_all(all_vector_cases(), [](const VectorCase& c, const Family& family,
                                   const ResponseTile& tile, const Numbers& eta) {
    const Numbers direction(kDirections.begin(), kDirections.begin() + eta.size());
    const auto f = [&](const Numbers& x) {
      return evaluate(family, tile, x, Information::observed).weight;
    };
    const Numbers expected = slope(f, eta, direction);
    const Numbers seen = third(family, tile, eta, direction);
    const double tolerance = 1e-9 * std::fmax(scale(f(eta)), scale(expected));
    for (std::size_t j = 0; j < seen.size(); ++j) {
      CHECK_NEAR(seen[j], expected[j], tolerance, c.label);
    }
  });
}

// Finite sums: exact up to the rounding of a few terms of size up to ten.
TEST(cumulative_expectations_are_sums_over_categories) {
  for (const VectorCase& c : ordered_cases()) {
    const auto family = make_family(c.spec);
    for (const Numbers& eta : c.eta) {
      double mass = 0;
      Row mean{0, Numbers(eta.size()), Numbers(packed_size(family->predictors()))};
      for (int j = 1; j <= c.spec.categories; ++j) {
        const Row row =
            evaluate(*family, one_row({double(j)}), eta, Information::observed);
        const double p = std::exp(-row.objective / 2);
        mass += p;
        for (std::size_t k = 0; k < eta.size(); ++k) mean.score[k] += p * row.score[k];
        for (std::size_t k = 0; k < mean.weight.size(); ++k) {
          mean.weight[k] += p * row.weight[k];
        }
      }
      CHECK_NEAR(mass, 1, 1e-14, c.label);
      const Row row = evaluate(*family, one_row({1.0}), eta, Information::expected);
      for (double s : mean.score) CHECK_NEAR(s, 0, 1e-14, c.label + " score");
      for (std::size_t k = 0; k < row.weight.size(); ++k) {
        CHECK_NEAR(mean.weight[k], row.weight[k], 1e-13, c.label + " weight");
      }
    }
  }
}

TEST(cumulative_with_two_categories_is_binomial) {
  for (const char* link : {"logit", "probit", "cauchit", "cloglog", "loglog"}) {
    const auto binomial = make_family(specify("binomial", {link}));
    const auto two = make_family(cumulative(link, 2));
    CHECK(two->information_equal() == (std::string(link) == "logit"));
    for (double eta : {-3.0, -0.6, 0.0, 0.4, 1.5}) {
      for (double y : {0.0, 1.0}) {
        for (Information kind : {Information::expected, Information::observed}) {
          const Row b = evaluate(*binomial, cases::one_row(y), {eta}, kind);
          const Row c = evaluate(*two, one_row({2 - y}), {eta}, kind);
          // The binomial's observed weights cancel: a few units in the last place.
          CHECK_NEAR(c.objective, b.objective, 1e-14, link);
          CHECK_NEAR(c.score[0], b.score[0], 1e-14, link);
          CHECK_NEAR(c.weight[0], b.weight[0], 2e-14, link);
        }
        CHECK_NEAR(third(*two, one_row({2 - y}), {eta}, {1.0})[0],
                   third(*binomial, cases::one_row(y), {eta}, {1.0})[0], 1e-13, link);
      }
    }
  }
}

namespace {
/// Two predictors far out, and for each category the objective, both scores and the
/// observed weights.
struct Tail {
  const char* link;
  double low, high;
  std::vector<Numbers> rows;
};

// 1200 digits (mpmath).
std::vector<Tail> tails() {
  return {
      {"logit",
       -40,
       -39,
       {{80.0, 1.0, 0.0, 4.248354255291589e-18, 0.0, 0.0},
        {78.917350290774164, -0.58197670686932643, 1.5819767068693264,
         0.92067359420779232, -0.92067359420779232, 0.92067359420779233},
        {2.3096448346031572e-17, 0.0, -1.1548224173015786e-17, 0.0, 0.0,
         1.1548224173015786e-17}}},
      {"logit",
       39,
       40,
       {{2.3096448346031572e-17, 1.1548224173015786e-17, 0.0, 1.1548224173015786e-17, 0.0,
         0.0},
        {78.917350290774164, -1.5819767068693264, 0.58197670686932643,
         0.92067359420779233, -0.92067359420779232, 0.92067359420779232},
        {80.0, 0.0, -1.0, 0.0, 0.0, 4.248354255291589e-18}}},
      {"logit",
       -40,
       40,
       {{80.0, 1.0, 0.0, 4.248354255291589e-18, 0.0, 0.0},
        {1.6993417021166356e-17, -4.248354255291589e-18, 4.248354255291589e-18,
         4.248354255291589e-18, -1.8048513878454152e-35, 4.248354255291589e-18},
        {80.0, 0.0, -1.0, 0.0, 0.0, 4.248354255291589e-18}}},
      {"probit",
       -10,
       -9.5,
       {{106.46257030102494, 10.098093233962512, 0.0, 0.99055462217434374, 0.0, 0.0},
        {96.626613165130391, -0.073856448816674454, 9.6732858429221023,
         0.7440192631985546, -0.71443454074683786, 1.6762434911171955},
        {2.0989030150725215e-21, 0.0, -1.007793539430001e-20, 0.0, 0.0,
         9.5740386245850094e-20}}},
      {"probit",
       -30,
       -29.75,
       {{908.64248791268639, 30.033259667433677, 0.0, 0.99889622848810991, 0.0, 0.0},
        {893.68942082323189, -0.017005335663889711, 29.800401852726831,
         0.51044925135773289, -0.5067658364244206, 1.5019954653815297},
        {1.7341387046924788e-194, 0.0, -2.5824392929420988e-193, 0.0, 0.0,
         7.682756896502744e-192}}},
      {"probit",
       9.5,
       10,
       {{2.0989030150725215e-21, 1.007793539430001e-20, 0.0, 9.5740386245850094e-20, 0.0,
         0.0},
        {96.626613165130391, -9.6732858429221023, 0.073856448816674454,
         1.6762434911171955, -0.71443454074683786, 0.7440192631985546},
        {106.46257030102494, 0.0, -10.098093233962512, 0.0, 0.0, 0.99055462217434374}}},
      {"probit",
       29.75,
       30,
       {{1.7341387046924788e-194, 2.5824392929420988e-193, 0.0, 7.682756896502744e-192,
         0.0, 0.0},
        {893.68942082323189, -29.800401852726831, 0.017005335663889711,
         1.5019954653815297, -0.5067658364244206, 0.51044925135773289},
        {908.64248791268639, 0.0, -30.033259667433677, 0.0, 0.0, 0.99889622848810991}}},
      {"probit",
       -10,
       10,
       {{106.46257030102494, 10.098093233962512, 0.0, 0.99055462217434374, 0.0, 0.0},
        {3.0479412096642104e-23, -7.6945986267064193e-23, 7.6945986267064193e-23,
         7.6945986267064193e-22, -5.9206848026112315e-45, 7.6945986267064193e-22},
        {106.46257030102494, 0.0, -10.098093233962512, 0.0, 0.0, 0.99055462217434374}}},
      {"probit",
       -0.03125,
       0.015625,
       {{1.4367860537927231, 0.81788479675674361, 0.0, 0.64337664086717157, 0.0, 0.0},
        {7.9586627785370119, -21.32552207301515, 21.333333142608449, 455.44431425143809,
         -454.94446682368214, 455.44443630386935},
        {1.4113839550426044, 0.0, -0.8078582847570406, 0.0, 0.0, 0.64001222255125894}}},
      {"probit",
       -30,
       -29.998046875,
       {{908.64248791268639, 30.033259667433677, 0.0, 0.99889622848810991, 0.0, 0.0},
        {914.25564776260564, -497.14679670983628, 527.14581061145036, 262069.34138014636,
         -262068.85114449257, 262069.36090852093},
        {1.0406269302589423e-197, 0.0, -1.5625694291225286e-196, 0.0, 0.0,
         4.6874030980259603e-195}}},
      {"cloglog",
       -40,
       -39,
       {{80.0, 1.0, 0.0, 2.1241771276457945e-18, 0.0, 0.0},
        {78.917350290774164, -0.58197670686932643, 1.5819767068693264,
         0.92067359420779232, -0.92067359420779232, 0.92067359420779232},
        {2.3096448346031572e-17, 0.0, -1.1548224173015786e-17, 0.0, 0.0,
         1.1548224173015786e-17}}},
      {"cloglog",
       3,
       3.5,
       {{3.7843573932569255e-9, 3.8005425112356633e-8, 0.0, 7.2535394570773867e-7, 0.0,
         0.0},
        {40.171078233806062, -20.085580985186927, 7.2645955408019551e-5,
         20.086465996041414, -0.0014591362205940549, 0.0023330629683343931},
        {66.230903917384628, 0.0, -33.115451958692314, 0.0, 0.0, 33.115451958692314}}},
      {"cloglog",
       -40,
       3.5,
       {{80.0, 1.0, 0.0, 2.1241771276457945e-18, 0.0, 0.0},
        {8.3102905487286731e-15, -4.2483542552916066e-18, 1.3745882754335525e-13,
         4.2483542552916066e-18, -5.8397379492120838e-31, 4.4145523722668162e-12},
        {66.230903917384628, 0.0, -33.115451958692314, 0.0, 0.0, 33.115451958692314}}},
      {"loglog",
       -3.5,
       -3,
       {{66.230903917384628, 33.115451958692314, 0.0, 33.115451958692314, 0.0, 0.0},
        {40.171078233806062, -7.2645955408019551e-5, 20.085580985186927,
         0.0023330629683343931, -0.0014591362205940549, 20.086465996041414},
        {3.7843573932569255e-9, 0.0, -3.8005425112356633e-8, 0.0, 0.0,
         7.2535394570773867e-7}}},
      {"loglog",
       39,
       40,
       {{2.3096448346031572e-17, 1.1548224173015786e-17, 0.0, 1.1548224173015786e-17, 0.0,
         0.0},
        {78.917350290774164, -1.5819767068693264, 0.58197670686932643,
         0.92067359420779232, -0.92067359420779232, 0.92067359420779232},
        {80.0, 0.0, -1.0, 0.0, 0.0, 2.1241771276457945e-18}}},
      {"cauchit",
       -1000000.0,
       -900000.0,
       {{29.920480887628015, 9.9999999999933333e-7, 0.0, -9.99999999998e-13, 0.0, 0.0},
        {34.314930042302018, -9.000000000001037e-6, 1.1111111111109785e-5,
         9.9000000000002741e-11, -9.9999999999999588e-11, 9.8765432098769395e-11},
        {7.0735542771826538e-7, 0.0, -3.9297530711423512e-13, 0.0, 0.0,
         8.7327861468236971e-19}}},
      {"cauchit",
       900000.0,
       1000000.0,
       {{7.0735542771826538e-7, 3.9297530711423512e-13, 0.0, 8.7327861468236971e-19, 0.0,
         0.0},
        {34.314930042302018, -1.1111111111109785e-5, 9.000000000001037e-6,
         9.8765432098769395e-11, -9.9999999999999588e-11, 9.9000000000002741e-11},
        {29.920480887628015, 0.0, -9.9999999999933333e-7, 0.0, 0.0, -9.99999999998e-13}}},
      {"cauchit",
       -1000000.0,
       1000000.0,
       {{29.920480887628015, 9.9999999999933333e-7, 0.0, -9.99999999998e-13, 0.0, 0.0},
        {1.2732399500196449e-6, -3.1831008882596865e-13, 3.1831008882596865e-13,
         6.3662027897261333e-19, -1.0132131264839605e-25, 6.3662027897261333e-19},
        {29.920480887628015, 0.0, -9.9999999999933333e-7, 0.0, 0.0, -9.99999999998e-13}}},
  };
}
}  // namespace

// Nothing cancels: what is left is the rounding of erfc's and exp's arguments, some
// 1e-16 x^2 for the probit, so 2e-13 at 30 and 1e-14 elsewhere.
TEST(cumulative_keeps_its_digits_in_the_tails) {
  for (const Tail& t : tails()) {
    const auto family = make_family(cumulative(t.link, 3));
    const std::string label = std::string(t.link) + " " + std::to_string(t.low);
    const bool far = std::string(t.link) == "probit" && std::fabs(t.high) > 20;
    const double tolerance = far ? 2e-13 : 2e-14;
    for (std::size_t j = 0; j < 3; ++j) {
      const Row row = evaluate(*family, one_row({double(j + 1)}), {t.low, t.high},
                               Information::observed);
      const Numbers seen = {row.objective, row.score[0],  row.score[1],
                            row.weight[0], row.weight[1], row.weight[2]};
      for (std::size_t k = 0; k < seen.size(); ++k) {
        CHECK_RELATIVE(seen[k], t.rows[j][k], tolerance,
                       label + " category " + std::to_string(j + 1) + " number " +
                           std::to_string(k));
      }
    }
  }
}

TEST(cumulative_refuses_predictors_that_do_not_increase) {
  for (const VectorCase& c : ordered_cases()) {
    if (c.spec.categories != 4) continue;
    const auto family = make_family(c.spec);
    const double nan = std::nan(""), inf = std::numeric_limits<double>::infinity();
    for (const Numbers& eta : std::vector<Numbers>{
             {0.5, 0.1, 1}, {0.5, 0.5, 1}, {0, 1, 0.3}, {nan, 0, 1}, {0, 1, inf}}) {
      for (const Numbers& y : c.y) {
        const Row row = evaluate(*family, one_row(y), eta, Information::expected);
        CHECK_LABEL(!std::isfinite(row.objective), c.label);
        // Without an observation, nothing is asked of the predictors.
        const double none = 0;
        const Row off = evaluate(*family, one_row(y, &none), eta, Information::expected);
        CHECK_LABEL(off.objective == 0, c.label);
        for (double s : off.score) CHECK_LABEL(s == 0, c.label);
        for (double w : off.weight) CHECK_LABEL(w == 0, c.label);
      }
    }
  }
}

TEST(vector_families_ignore_rows_of_weight_zero) {
  const double none = 0, nan = std::nan("");
  visit_all(all_vector_cases(), [&](const VectorCase& c, const Family& family,
                                    const ResponseTile& tile, const Numbers& eta) {
    const Numbers y(static_cast<std::size_t>(tile.columns), nan);
    const Numbers direction(kDirections.begin(), kDirections.begin() + eta.size());
    for (Information kind : {Information::expected, Information::observed}) {
      const Row row = evaluate(family, one_row(y, &none), eta, kind);
      CHECK_LABEL(row.objective == 0, c.label);
      for (double s : row.score) CHECK_LABEL(s == 0, c.label);
      for (double w : row.weight) CHECK_LABEL(w == 0, c.label);
    }
    for (double d : third(family, one_row(y, &none), eta, direction)) {
      CHECK_LABEL(d == 0, c.label);
    }
  });
}

TEST(cumulative_counts_are_sums_of_codes) {
  const auto family = make_family(cumulative("probit", 3));
  const Numbers eta = {-0.4, 0.7}, direction = {0.8, 0.5}, counts = {2, 0, 5};
  const double prior = 1.5;
  for (Information kind : {Information::expected, Information::observed}) {
    const Row matrix = evaluate(*family, one_row(counts, &prior), eta, kind);
    const Numbers bend = third(*family, one_row(counts, &prior), eta, direction);
    Row sum{0, Numbers(2), Numbers(3)};
    Numbers bends(3);
    for (int c = 0; c < 3; ++c) {
      const double times = prior * counts[c];
      const Row row = evaluate(*family, one_row({c + 1.0}), eta, kind);
      const Numbers t = third(*family, one_row({c + 1.0}), eta, direction);
      sum.objective += times * row.objective;
      for (int k = 0; k < 2; ++k) sum.score[k] += times * row.score[k];
      for (int j = 0; j < 3; ++j) sum.weight[j] += times * row.weight[j];
      for (int j = 0; j < 3; ++j) bends[j] += times * t[j];
    }
    CHECK_NEAR(matrix.objective, sum.objective, 1e-14, "objective");
    for (int k = 0; k < 2; ++k) CHECK_NEAR(matrix.score[k], sum.score[k], 1e-14, "score");
    for (int j = 0; j < 3; ++j) {
      CHECK_NEAR(matrix.weight[j], sum.weight[j], 1e-14, "weight");
      CHECK_NEAR(bend[j], bends[j], 1e-14, "third");
    }
  }
}

TEST(vector_families_start_inside) {
  const double heavy = 1e9;
  visit_all(all_vector_cases(), [&](const VectorCase& c, const Family& family,
                                    const ResponseTile& tile, const Numbers& eta) {
    Numbers start(eta.size());
    for (const double* prior : {static_cast<const double*>(nullptr), &heavy}) {
      ResponseTile row = tile;
      row.prior = prior;
      family.start(row, pointers_to(start).data());
      const Row at = evaluate(family, row, start, Information::expected);
      CHECK_LABEL(std::isfinite(at.objective), c.label);
      const int size = family.predictors();
      Matrix w(size, size);
      for (int l = 0; l < size; ++l) {
        for (int k = l; k < size; ++k) w(k, l) = at.weight[packed_index(k, l, size)];
      }
      CHECK_LABEL(Eigen::LLT<Matrix>(w).info() == Eigen::Success, c.label);
    }
  });
}

TEST(vector_families_check_what_they_are_given) {
  CHECK_THROWS(make_family(cumulative("logit", 1)));
  CHECK_THROWS(make_family(spread("cumulative", 3, {})));
  CHECK_THROWS(make_family(spread("dirichlet", 1, {})));
  CHECK_THROWS(make_family(spread("dirichlet_mean", 3, {3})));
  CHECK_THROWS(make_family(spread("dirichlet_mean", 3, {})));
  const auto two = make_family(cumulative("logit", 3));
  CHECK_THROWS(evaluate(*two, one_row({0.0, 1.0}), {0.1, 0.5}, Information::expected));
  const auto parts = make_family(spread("dirichlet", 3, {}));
  CHECK_THROWS(
      evaluate(*parts, one_row({0.5, 0.5}), {0.1, 0.5, 1}, Information::expected));
}

TEST(vector_families_give_their_parameters) {
  Numbers out(2);
  make_family(cumulative("cloglog", 3))
      ->parameters(1, pointers({-1, 0.4}).data(), pointers_to(out).data());
  CHECK_NEAR(out[0], 1 - std::exp(-std::exp(-1.0)), 1e-15, "F(eta_1)");
  CHECK_NEAR(out[1], 1 - std::exp(-std::exp(0.4)), 1e-15, "F(eta_2)");
  Numbers three(3);
  make_family(spread("dirichlet", 3, {}))
      ->parameters(1, pointers({0.5, -1, 2}).data(), pointers_to(three).data());
  CHECK_NEAR(three[2], std::exp(2.0), 1e-15, "alpha");
  make_family(spread("dirichlet_mean", 3, {1}))
      ->parameters(1, pointers({0.5, -1, 2}).data(), pointers_to(three).data());
  CHECK_NEAR(three[1], std::exp(-1.0) / (1 + std::exp(0.5) + std::exp(-1.0)), 1e-15,
             "mu");
  CHECK_NEAR(three[2], std::exp(2.0), 1e-15, "phi");
}

// The same density with the two parts' predictors turned into logit mu and log phi.
TEST(dirichlet_of_two_parts_is_beta) {
  const auto beta = make_family(specify("beta", {"logit", "log"}));
  const auto mean = make_family(spread("dirichlet_mean", 2, {1}));
  const auto common = make_family(spread("dirichlet", 2, {}));
  for (double z : {-2.0, 0.1, 1.4}) {
    for (double zeta : {-1.0, 1.5, 6.0}) {
      for (double y : {0.125, 0.5, 0.9375}) {
        const Numbers parts = {y, 1 - y}, eta = {z, zeta};
        for (Information kind : {Information::expected, Information::observed}) {
          const Row b = evaluate(*beta, cases::one_row(y), eta, kind);
          const Row m = evaluate(*mean, one_row(parts), eta, kind);
          // phi = 400: numbers of size 100, each right to a few units in its last place.
          CHECK_NEAR(m.objective, b.objective, 1e-13, "objective");
          for (int k = 0; k < 2; ++k) CHECK_NEAR(m.score[k], b.score[k], 1e-12, "score");
          for (int j = 0; j < 3; ++j) {
            CHECK_NEAR(m.weight[j], b.weight[j], 1e-12, "weight");
          }
          // alpha = mu phi and (1 - mu) phi.
          const double mu = 1 / (1 + std::exp(-z));
          const Numbers logs = {zeta + std::log(mu), zeta + std::log1p(-mu)};
          const Row c = evaluate(*common, one_row(parts), logs, kind);
          CHECK_NEAR(c.objective, b.objective, 1e-12, "objective");
          CHECK_NEAR((1 - mu) * c.score[0] - mu * c.score[1], b.score[0], 1e-11, "mean");
          CHECK_NEAR(c.score[0] + c.score[1], b.score[1], 1e-11, "precision");
        }
        const Numbers direction = {0.7, -1.3};
        const Numbers tb = third(*beta, cases::one_row(y), eta, direction);
        const Numbers tm = third(*mean, one_row(parts), eta, direction);
        for (int j = 0; j < 3; ++j) CHECK_NEAR(tm[j], tb[j], 1e-11, "third");
      }
    }
  }
}

namespace {
double logistic(double t) { return 1 / (1 + std::exp(-t)); }
}  // namespace

// y = (s, (1-s) u, (1-s)(1-u)) with s, u logistic: dy = (1-s) s(1-s) u(1-u). The
// trapezoidal rule on an analytic integrand; shapes above one, so that what is cut off
// is below 1e-12.
TEST(dirichlet_information_is_an_expectation) {
  for (const VectorCase& c :
       {VectorCase{"dirichlet", spread("dirichlet", 3, {}), {}, {{0.6, 1.2, 1.9}}},
        VectorCase{"mean", spread("dirichlet_mean", 3, {0}), {}, {{0.4, -0.5, 2.4}}}}) {
    const auto family = make_family(c.spec);
    const Numbers& eta = c.eta[0];
    double mass = 0;
    Row mean{0, Numbers(3), Numbers(6)};
    Numbers product(6);
    const double h = 0.2;
    for (double t = -25; t < 25; t += h) {
      for (double r = -25; r < 25; r += h) {
        const double s = logistic(t), rest = logistic(-t), u = logistic(r);
        const Numbers y = {s, rest * u, rest * logistic(-r)};
        const Row row = evaluate(*family, one_row(y), eta, Information::observed);
        const double jacobian = rest * s * rest * u * logistic(-r);
        const double p = std::exp(-row.objective / 2) * jacobian * h * h;
        if (!(p > 0)) continue;
        mass += p;
        for (int l = 0; l < 3; ++l) {
          mean.score[l] += p * row.score[l];
          for (int k = l; k < 3; ++k) {
            product[packed_index(k, l, 3)] += p * row.score[k] * row.score[l];
            mean.weight[packed_index(k, l, 3)] += p * row.weight[packed_index(k, l, 3)];
          }
        }
      }
    }
    const Row row =
        evaluate(*family, one_row({0.2, 0.3, 0.5}), eta, Information::expected);
    CHECK_NEAR(mass, 1, 1e-10, c.label);
    for (int k = 0; k < 3; ++k) CHECK_NEAR(mean.score[k], 0, 1e-9, c.label + " score");
    for (int j = 0; j < 6; ++j) {
      CHECK_NEAR(mean.weight[j], row.weight[j], 1e-9, c.label + " observed");
      CHECK_NEAR(product[j], row.weight[j], 1e-9, c.label + " products");
    }
  }
}

namespace {
void check_large(const FamilySpec& spec, const Numbers& eta, const Row& expected,
                 const Numbers& slopes, double tolerance) {
  const auto family = make_family(spec);
  const Numbers y = {0.3000625, 0.19999, 0.4999475};
  const Row row = evaluate(*family, one_row(y), eta, Information::observed);
  const std::string& label = spec.distribution;
  CHECK_RELATIVE(row.objective, expected.objective, tolerance, label + " objective");
  for (int k = 0; k < 3; ++k) {
    CHECK_RELATIVE(row.score[k], expected.score[k], tolerance, label + " score");
  }
  for (int j = 0; j < 6; ++j) {
    CHECK_RELATIVE(row.weight[j], expected.weight[j], tolerance, label + " weight");
  }
  const Numbers t = third(*family, one_row(y), eta, {0.5, -0.25, 1.0});
  for (int j = 0; j < 6; ++j) {
    CHECK_RELATIVE(t[j], slopes[j], tolerance, label + " third");
  }
}
}  // namespace

// A = 1e8: the terms of l are 1e9, l is 17; 60-digit values (mpmath). A score of 6e3 is
// what is left of alpha log(y / mu), whose rounding is 3e7 x 1e-16: 1e-12 of it; the
// score of log phi, 0.05, is what is left of terms of size one with that error.
TEST(dirichlet_keeps_its_digits_at_large_precision) {
  check_large(spread("dirichlet", 3, {}),
              {17.216707939626428, 16.811242831518264, 17.72753356339242},
              Row{-34.768865853141306,
                  {6249.6990487730269, -999.625000823937, -5250.0256443282946},
                  {20993750.755951205, -6000000.0299999882, -15000000.074999984,
                   16001000.105000816, -10000000.049999996, 25005250.400644311}},
              {8396875.3194755979, 2100000.0284999972, -13500000.022499983,
               -17600250.057250192, -1499999.9774999972, 35005250.275644295},
              1e-11);
  check_large(spread("dirichlet_mean", 3, {1}),
              {0.4054651081081644, 0.9162907318741551, 18.420680743952367},
              Row{-34.768865853158958,
                  {6249.6845276594956, -5250.0498461065101, 0.048403620804052528},
                  {20997500.461188976, -14998450.347690029, -6249.6345276591068,
                   25000000.375000048, 5249.7998461012323, 0.95159639475150303}},
              {32398626.419036159, -20999471.372395643, 14242112.969239331,
               25001443.694957717, -13743975.261498916, -4436.3156289771794},
              1e-11);
}
