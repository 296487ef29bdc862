// Densities of proportions: probabilities sum to one, derivatives of the incomplete beta
// function against 60-digit numbers, and what the families become at their limits.
#include "check.hpp"
#include "differences.hpp"
#include "family_cases.hpp"
#include "gamut/family/jet_incomplete.hpp"
#include "gamut/family/numerical_family.hpp"
#include "gamut/family/registry_count.hpp"
#include "gamut/family/registry_unit.hpp"

using namespace cases;

namespace {

struct Moments {
  double mass = 0;
  Numbers score, product, observed;
};

void add(const Family& family, double y, double step, const Numbers& eta, Moments& sum) {
  const Row row = evaluate(family, one_row(y), eta, Information::observed);
  const double p = std::exp(-row.objective / 2) * step;
  if (!(p > 0)) return;
  const int size = family.predictors();
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

/// Both masses, and the trapezoidal rule in logit y.
Moments moments(const Family& family, const Numbers& eta) {
  const int size = family.predictors();
  Moments sum{0, Numbers(size), Numbers(packed_size(size)), Numbers(packed_size(size))};
  add(family, 0, 1, eta, sum);
  add(family, 1, 1, eta, sum);
  for (double t = -200; t < 36; t += 0.05) {
    const double y = 1 / (1 + std::exp(-t));
    add(family, y, 0.05 * y / (1 + std::exp(t)), eta, sum);
  }
  return sum;
}

/// log I_x(mu phi, (1 - mu) phi) with variables x, mu, phi.
struct Reference {
  double at[3];
  double value[15];
};

// mpmath, 60 digits
const Reference kReferences[] = {
    {{0.1, 0.3, 5.0},
     {-1.91471252043837, 13.43524060104412, -9.426883757169697, -0.2229705966470075,
      -150.6495997834018, 50.70586367935371, 2.4372028333766, -18.78214656393461,
      -1.452485915450962, 0.01131166922265152, 3000.021528643718, 10.21900035107941,
      6.028748337594544, -4.095940650842781, -0.0039271703722125}},
    {{0.3, 0.3, 5.0},
     {-0.5925412543130923, 3.309277732715536, -3.875920589136103, -0.009726650658451589,
      -17.25470526980028, 16.45625922876686, 0.4031473868120325, -14.42020426990003,
      -0.3523468178176762, 0.002793420036606495, 111.7983827859098, 3.08280216745894,
      -14.53022783903668, -2.787489546762829, -0.001314718133755322}},
    {{0.05, 0.9, 50.0},
     {-122.7447874540801, 895.8860305111159, -262.8650679313804, -2.385844613207175,
      -18004.2245225973, 1051.314169883515, 17.89526842493864, -608.111083300099,
      -5.138467560281757, 0.0001856436305828857, 719991.3382198753, 21.05135291468561,
      -6038.809784640914, -11.04568543577439, -7.14404863825951e-6}},
    {{0.45, 0.05, 40.0},
     {-2.462979381322446e-9, 1.649985887922387e-7, -3.013996637386266e-7,
      1.034476334306593e-9, -1.073324156078026e-5, 1.980587314029193e-5,
      -6.53121190878809e-8, -3.424890040379606e-5, 1.198722744780057e-7,
      -4.350428710144125e-10, 0.000677206334482597, -7.390337064045921e-6,
      -0.003610097919345403, 1.279052819730644e-5, 1.832092784399625e-10}},
    {{0.3, 0.3, 4000.0},
     {-0.6894831421779545, 109.7071924816578, -109.7289623726312, -4.572019714232555e-7,
      -12244.63416312496, 12142.56016704585, 0.01376570692563448, -12040.4244443885,
      -0.01376299542144028, 1.712549068345866e-10, 621754.0385550031, 3.033503940711915,
      -552081.6132426269, -3.020400998008101, -1.069382189927143e-13}},
    {{0.45, 0.5, 0.01},
     {-0.6941441241294007, 0.02008229647718425, -2.002075167970768, -0.09905913785766787,
      -0.008476787518584729, 0.04016596780879188, 1.99636145718785, -4.000325128318016,
      -0.2142788506281869, 0.1259003806820979, 0.1684800999985256, 3.993132870316208,
      -16.00000004563879, -0.06464428394403097, -0.3397915496917989}}};

Row row_at(const char* name, const std::vector<std::string>& links, double y,
           const Numbers& eta) {
  return evaluate(*make_family(specify(name, links)), one_row(y), eta,
                  Information::observed);
}

/// A density of the library, as the caller's function of values.
template <class Density>
class Values : public RowDensity {
 public:
  explicit Values(bool) : density_({}) {}
  void log_density(Index n, const double* y, const double* const* m,
                   double* out) const override {
    constexpr int k = Density::kParameters;
    ++calls;
    for (Index i = 0; i < n; ++i) {
      double own[k], complement[k];
      bool inside = true;
      for (int j = 0; j < k; ++j) {
        own[j] = m[j][i];
        complement[j] = 1 - own[j];
        inside = inside && own[j] > 0;
      }
      out[i] = inside ? density_.template log_density<double>(y + i, own, complement)
                      : std::nan("");
    }
  }
  void start(Index n, const double*, double* const* m) const override {
    for (int k = 0; k < Density::kParameters; ++k) std::fill(m[k], m[k] + n, 0.5);
  }
  mutable int calls = 0;

 private:
  Density density_;
};

/// The same with the score of a Poisson mean.
class ScoredPoisson : public Values<PoissonDensity> {
 public:
  ScoredPoisson() : Values(true) {}
  bool has_score() const override { return true; }
  void score(Index n, const double* y, const double* const* m,
             double* const* out) const override {
    for (Index i = 0; i < n; ++i) out[0][i] = y[i] / m[0][i] - 1;
  }
};

/// Scores, weights and third derivatives of both families at one row.
void check_numerical(const Family& numerical, const Family& exact, double y,
                     const Numbers& eta, const std::string& label) {
  const Row seen = evaluate(numerical, one_row(y), eta, Information::observed);
  const Row row = evaluate(exact, one_row(y), eta, Information::observed);
  CHECK_NEAR(seen.objective, row.objective, 1e-12, label);
  for (std::size_t k = 0; k < eta.size(); ++k) {
    CHECK_NEAR(seen.score[k], row.score[k], 1e-9 * scale(row.score), label + " score");
  }
  for (std::size_t j = 0; j < row.weight.size(); ++j) {
    CHECK_NEAR(seen.weight[j], row.weight[j], 1e-6 * scale(row.weight),
               label + " weight");
  }
  const Numbers v(eta.size(), 0.7);
  const Numbers cube = third(exact, one_row(y), eta, v);
  const Numbers cubed = third(numerical, one_row(y), eta, v);
  for (std::size_t j = 0; j < cube.size(); ++j) {
    CHECK_NEAR(cubed[j], cube[j], 1e-5 * std::fmax(scale(cube), scale(row.weight)),
               label + " third");
  }
}

template <class Density>
void check_numerical_case(const Case& c) {
  const NumericalFamily numerical(std::make_shared<Values<Density>>(true), c.spec.links,
                                  {});
  const auto exact = make_density<Density>(c.spec);
  for_each_point(c, [&](double y, const Numbers& eta) {
    check_numerical(numerical, *exact, y, eta, "numerical " + c.label);
  });
}

}  // namespace

// Tails of e^-36 are cut off at one end: 1e-9 for shapes down to 1/2 with scores.
TEST(masses_and_densities_of_proportions_add_up) {
  std::vector<Case> all;
  unit_cases(all);
  for (Case& c : all) {
    const auto family = make_family(c.spec);
    c.y = {0.5};
    c.eta[0] = {-0.7, 0.4};
    c.eta[1] = {1.6, 3.1};
    for_each_point(c, [&](double y, const Numbers& eta) {
      const Moments sum = moments(*family, eta);
      CHECK_NEAR(sum.mass, 1, 1e-9, c.label + " mass");
      for (double s : sum.score) CHECK_NEAR(s, 0, 1e-7, c.label + " mean score");
      Row row{0, {}, sum.product};
      if (family->has_expected()) {
        row = evaluate(*family, one_row(y), eta, Information::expected);
      }
      for (std::size_t j = 0; j < row.weight.size(); ++j) {
        CHECK_NEAR(sum.product[j], row.weight[j], 1e-7, c.label + " score products");
        CHECK_NEAR(sum.observed[j], row.weight[j], 1e-7, c.label + " mean observed");
      }
    });
  }
}

TEST(incomplete_beta_function_has_its_derivatives) {
  using J = Jet<3, 3>;
  const auto index = [](int a, int b, int c) {
    return static_cast<std::size_t>(packed3_index(a, b, c, 3));
  };
  for (const Reference& r : kReferences) {
    const J x = J::variable(r.at[0], 0), mu = J::variable(r.at[1], 1);
    const J seen =
        fn::log_incomplete_beta<J>(x, 1.0 - x, mu, 1.0 - mu, J::variable(r.at[2], 2));
    const double found[] = {seen.value,
                            seen.first[0],
                            seen.first[1],
                            seen.first[2],
                            seen.second[0],
                            seen.second[1],
                            seen.second[2],
                            seen.second[3],
                            seen.second[4],
                            seen.second[5],
                            seen.third[index(0, 0, 0)],
                            seen.third[index(2, 1, 0)],
                            seen.third[index(1, 1, 1)],
                            seen.third[index(2, 1, 1)],
                            seen.third[index(2, 2, 2)]};
    // relative to powers of 1/mu, phi or 1/x, whose terms cancel in derivatives in phi
    for (int j = 0; j < 15; ++j) {
      const double size = j < 1 ? 1e-9 : j < 4 ? 1e-3 : j < 10 ? 0.01 : 0.1;
      const double tolerance = 1e-8 * std::fmax(std::fabs(r.value[j]), 1e-5 * size);
      CHECK_NEAR(found[j], r.value[j], tolerance, "incomplete " + std::to_string(j));
    }
    const double value = fn::log_incomplete_beta<double>(r.at[0], 1 - r.at[0], r.at[1],
                                                         1 - r.at[1], r.at[2]);
    CHECK_NEAR(value, r.value[0], 1e-13 * std::fabs(r.value[0]), "value alone");
  }
}

TEST(quadrature_of_laguerre_integrates_polynomials) {
  const GaussLaguerre rule(20);
  double factorial = 1;
  for (int power = 0; power < 12; ++power) {
    if (power > 0) factorial *= power;
    double sum = 0;
    for (std::size_t j = 0; j < rule.size(); ++j) {
      sum += std::exp(rule.log_weight(j)) * std::pow(rule.node(j), power);
    }
    // exact in exact arithmetic; weights have lost two digits to the recurrence
    CHECK_NEAR(sum / factorial, 1, 1e-12, "moment");
  }
}

TEST(extended_beta_is_beta_without_an_excess) {
  const Numbers plain = {0.4, 1.7};
  const Row beta = row_at("beta", {"logit", "log"}, 0.37, plain);
  for (const char* name : {"beta_extended", "beta_extended_mixture"}) {
    const Row row = row_at(name, {"logit", "log", "log"}, 0.37, {0.4, 1.7, -40});
    // the excess is e^-40, and the weights of the rule add up to one but for 3e-14
    CHECK_NEAR(row.objective, beta.objective, 1e-12, "objective");
    CHECK_NEAR(row.score[0], beta.score[0], 1e-12, "score");
    CHECK_NEAR(row.weight[0], beta.weight[0], 1e-12, "weight");
    CHECK_NEAR(row.score[2], 0, 1e-12, "no information on the excess");
  }
}

TEST(one_sided_inflation_excludes_the_other_end) {
  const std::vector<std::string> links = {"logit", "log", "logit"};
  CHECK(!std::isfinite(row_at("beta_zero_inflated", links, 1, {0, 1, 0}).objective));
  CHECK(!std::isfinite(row_at("beta_one_inflated", links, 0, {0, 1, 0}).objective));
}

// Promised are 1e-9 for scores and 1e-6 for weights, relative to the largest of a row.
TEST(numerical_derivatives_keep_their_promise) {
  check_numerical_case<PoissonDensity>(
      {"poisson", specify("poisson", {"log"}), {0, 1, 50}, {{-3, 0.2, 5}}});
  check_numerical_case<NegativeBinomial>({"negbinomial",
                                          specify("negbinomial", {"log", "log"}),
                                          {0, 2, 40},
                                          {{-1, 0.5, 3}, {-0.7, 2}}});
  check_numerical_case<BetaExtended<false>>(
      {"beta_extended",
       specify("beta_extended", {"logit", "log", "log"}),
       {0, 0.3, 1},
       {{-1, 0.4}, {1.2, 3}, {-2, 0}}});
}

TEST(numerical_derivatives_find_their_steps) {
  // a mean just above zero, and one with a large unit
  const FamilySpec spec = specify("poisson", {"identity"});
  const auto exact = make_density<PoissonDensity>(spec);
  const NumericalFamily numerical(std::make_shared<Values<PoissonDensity>>(true),
                                  spec.links, {});
  for (double mean : {1e-4, 0.02, 3.0}) {
    const double y = 2;
    const Row seen = evaluate(numerical, one_row(y), {mean}, Information::observed);
    const Row row = evaluate(*exact, one_row(y), {mean}, Information::observed);
    CHECK_NEAR(seen.score[0], row.score[0], 1e-7 * std::fabs(row.score[0]),
               "steps of a score");
    CHECK_NEAR(seen.weight[0], row.weight[0], 1e-5 * row.weight[0], "steps of a weight");
  }
  const NumericalFamily coarse(std::make_shared<Values<PoissonDensity>>(true), spec.links,
                               {1024});
  check_numerical(coarse, *exact, 1e6, {1.001e6}, "large unit");
}

TEST(numerical_derivatives_start_from_a_score) {
  const FamilySpec spec = specify("poisson", {"log"});
  const auto density = std::make_shared<ScoredPoisson>();
  const NumericalFamily numerical(density, spec.links, {1});
  const auto exact = make_density<PoissonDensity>(spec);
  for (double y : {0.0, 3.0}) {
    check_numerical(numerical, *exact, y, {1.2}, "scored");
    const Row seen = evaluate(numerical, one_row(y), {1.2}, Information::observed);
    const Row row = evaluate(*exact, one_row(y), {1.2}, Information::observed);
    // differences of scores, which are exact, are good to 1e-12
    CHECK_NEAR(seen.weight[0], row.weight[0], 1e-11, "weight from scores");
  }
}

TEST(numerical_derivatives_take_one_call_a_tile) {
  const auto density = std::make_shared<Values<PoissonDensity>>(true);
  const NumericalFamily family(density, specify("poisson", {"log"}).links, {1});
  evaluate(family, one_row(3), {1.0}, Information::observed);
  CHECK(density->calls == 1);
  CHECK(!family.has_expected());
  CHECK(!family.thread_safe());
  const double nothing = 0, y = 3;
  const Row row = evaluate(family, one_row(y, &nothing), {1.0}, Information::working);
  CHECK(row.objective == 0);
  CHECK(row.score[0] == 0);
}
