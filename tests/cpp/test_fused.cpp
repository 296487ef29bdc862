// test_fused.cpp - the fused kernels say what the composed families say.
//
// On every instruction set this machine has, for every length of a tile, with and
// without prior weights, for all combinations of wanted parts.
#include <cmath>
#include <random>

#include "check.hpp"
#include "family_cases.hpp"
#include "gamut/family/fused.hpp"

using namespace gamut;
using namespace cases;

namespace {
struct Data {
  Numbers y, eta, prior;
};

double draw(const std::string& kind, double eta, double u, std::mt19937& random) {
  if (kind == "gaussian") return eta + 3 * u - 1.5;
  if (kind == "binary") return u < 1 / (1 + std::exp(-eta));
  if (kind == "proportion") return std::floor(u * 6) / 5;
  if (kind == "poisson") {
    return std::poisson_distribution<int>(std::exp(std::fmin(eta, 12)))(random);
  }
  return -std::log(u) * std::exp(eta);
}

Data simulate(const std::string& kind, Index rows, double spread) {
  std::mt19937 random(static_cast<unsigned>(rows) + 17);
  std::normal_distribution<double> normal;
  std::uniform_real_distribution<double> uniform(1e-6, 1);
  Data data;
  for (Index i = 0; i < rows; ++i) {
    const double eta = spread * normal(random);
    data.eta.push_back(eta);
    data.y.push_back(draw(kind, eta, uniform(random), random));
    data.prior.push_back(i % 7 == 3 ? 0 : 3 * uniform(random));
  }
  return data;
}

struct Output {
  double sum;
  Numbers objective, score, weight;
};

fused::Arguments arguments(const Data& data, bool weighted, bool observed) {
  return {static_cast<Index>(data.y.size()),
          data.y.data(),
          weighted ? data.prior.data() : nullptr,
          data.eta.data(),
          nullptr,
          nullptr,
          nullptr,
          observed};
}

Output run(FusedKernel kernel, const Data& data, bool weighted, bool rows,
           bool observed) {
  const std::size_t n = data.y.size();
  Output out{0, Numbers(n + 1, 7), Numbers(n + 1, 7), Numbers(n + 1, 7)};
  fused::Arguments a = arguments(data, weighted, observed);
  if (rows) a.objective = out.objective.data();
  a.score = out.score.data();
  a.weight = out.weight.data();
  out.sum = kernel(a);
  return out;
}

Output compose(const FamilySpec& spec, const Data& data, bool weighted, bool observed) {
  FamilySpec plain = spec;
  plain.fused = false;
  const std::size_t n = data.y.size();
  Output out{0, Numbers(n), Numbers(n), Numbers(n)};
  ResponseTile tile;
  tile.rows = static_cast<Index>(n);
  tile.y = data.y.data();
  if (weighted) tile.prior = data.prior.data();
  const double* eta = data.eta.data();
  double *score = out.score.data(), *weight = out.weight.data();
  out.sum = make_family(plain)->evaluate(
      tile, &eta, observed ? Information::observed : Information::expected,
      {out.objective.data(), &score, &weight});
  return out;
}

/// 1e-13 relative to the row's largest term: both sides round exp, a quotient and a
/// few products, and the rounding of eta itself is amplified by |eta| <= 30 in exp.
void compare(const Output& seen, const Output& expected, const Data& data, bool rows,
             const std::string& label) {
  for (std::size_t i = 0; i < data.y.size(); ++i) {
    const double size = 1e-13 * std::fmax(1, std::fabs(data.y[i]));
    CHECK_NEAR(seen.score[i], expected.score[i], size, label + " score");
    CHECK_NEAR(seen.weight[i], expected.weight[i], size, label + " weight");
    if (rows) {
      CHECK_NEAR(seen.objective[i], expected.objective[i], size, label + " objective");
    }
  }
  // One product of all 1 + e: an absolute error of 1e-16 a row.
  const double absolute = 4e-16 * static_cast<double>(data.y.size());
  const double difference = std::fabs(seen.sum - expected.sum);
  CHECK_LABEL(difference <= 1e-13 * std::fabs(expected.sum) + absolute, label + " sum");
  CHECK_LABEL(seen.score.back() == 7 && seen.weight.back() == 7, label + " overrun");
}

struct Pair {
  const char *kind, *distribution, *link;
  std::vector<FusedKernel> kernels;
};

double gaussian_2(const fused::Arguments& a) {
  return fused::gaussian_identity_kernel<2>(a);
}
double binomial_2(const fused::Arguments& a) {
  return fused::binomial_logit_kernel<2>(a);
}
double poisson_2(const fused::Arguments& a) { return fused::poisson_log_kernel<2>(a); }
double gamma_2(const fused::Arguments& a) { return fused::gamma_log_kernel<2>(a); }

std::vector<Pair> pairs() {
  std::vector<FusedKernel> binomial = {binomial_2, fused::binomial_logit};
  std::vector<Pair> all = {
      {"gaussian", "gaussian", "identity", {gaussian_2, fused::gaussian_identity}},
      {"binary", "binomial", "logit", binomial},
      {"proportion", "binomial", "logit", binomial},
      {"poisson", "poisson", "log", {poisson_2, fused::poisson_log}},
      {"Gamma", "Gamma", "log", {gamma_2, fused::gamma_log}}};
#if defined(__x86_64__) && defined(__GNUC__)
  if (simd::level() == simd::Level::avx512) {
    all[0].kernels.push_back(fused::gaussian_identity_avx2);
    all[1].kernels.push_back(fused::binomial_logit_avx2);
    all[2].kernels.push_back(fused::binomial_logit_avx2);
    all[3].kernels.push_back(fused::poisson_log_avx2);
    all[4].kernels.push_back(fused::gamma_log_avx2);
  }
#endif
  return all;
}
}  // namespace

TEST(fused_equals_composed) {
  for (const Pair& pair : pairs()) {
    const FamilySpec spec = specify(pair.distribution, {pair.link});
    for (Index rows : {1, 2, 5, 8, 13, 31, 512, 1300}) {
      for (double spread : {0.7, 6.0}) {
        const Data data = simulate(pair.kind, rows, spread);
        for (int mode = 0; mode < 8; ++mode) {
          const bool weighted = mode & 1, each = mode & 2, observed = mode & 4;
          const Output expected = compose(spec, data, weighted, observed);
          for (FusedKernel kernel : pair.kernels) {
            compare(run(kernel, data, weighted, each, observed), expected, data, each,
                    pair.kind);
          }
        }
      }
    }
  }
}

TEST(fused_kernels_write_only_what_is_wanted) {
  for (const Pair& pair : pairs()) {
    const Data data = simulate(pair.kind, 21, 1);
    for (FusedKernel kernel : pair.kernels) {
      const double sum = run(kernel, data, false, false, false).sum;
      CHECK_NEAR(kernel(arguments(data, false, false)), sum, 1e-15, pair.kind);
    }
  }
}

TEST(fused_families_are_chosen_by_type) {
  const auto fused = [](const FamilySpec& spec) {
    const auto family = make_family(spec);
    return dynamic_cast<const FusedFamily*>(family.get()) != nullptr;
  };
  FamilySpec spec = specify("binomial", {"logit"});
  CHECK(fused(spec));
  spec.fused = false;
  CHECK(!fused(spec));
  CHECK(fused(specify("exponential", {"log"})));
  CHECK(fused(specify("quasi", {"log"}, {2})));
  CHECK(!fused(specify("quasi", {"log"}, {3})));
  CHECK(!fused(specify("poisson", {"identity"})));
}

namespace {
/// A logit as a user would write it in R, one that must stay on its thread.
class UserLogit : public NumericalLink {
 public:
  std::string name() const override { return "logit"; }
  bool thread_safe() const override { return false; }
  void evaluate(Index n, const double* eta, double* mu, double* d1) const override {
    for (Index i = 0; i < n; ++i) {
      const double e = std::exp(-eta[i]), m = 1 / (1 + e);
      if (mu) mu[i] = m;
      if (d1) d1[i] = e * m * m;
    }
  }
  void link(Index n, const double* mu, double* eta) const override {
    for (Index i = 0; i < n; ++i) eta[i] = std::log(mu[i] / (1 - mu[i]));
  }
};
}  // namespace

// The differences of the user's d mu/d eta are good to 1e-11 and 2e-9 (test_link).
TEST(a_users_link_composes_but_is_not_taken_for_ours) {
  FamilySpec spec = specify("binomial", {});
  spec.links.push_back(std::make_shared<UserLogit>());
  const auto user = make_family(spec), ours = make_family(specify("binomial", {"logit"}));
  CHECK(!dynamic_cast<const FusedFamily*>(user.get()));
  CHECK(!user->thread_safe() && ours->thread_safe());
  CHECK(!user->information_equal() && ours->information_equal());
  for (double eta : {-2.0, 0.3, 1.7}) {
    const double y = 1;
    const Row a = evaluate(*user, one_row(y), {eta}, Information::observed);
    const Row b = evaluate(*ours, one_row(y), {eta}, Information::observed);
    CHECK_NEAR(a.objective, b.objective, 1e-14, "objective");
    CHECK_NEAR(a.score[0], b.score[0], 1e-14, "score");
    CHECK_NEAR(a.weight[0], b.weight[0], 1e-10, "weight");
    CHECK_NEAR(third(*user, one_row(y), {eta}, {1.0})[0],
               third(*ours, one_row(y), {eta}, {1.0})[0], 1e-8, "third");
  }
}
