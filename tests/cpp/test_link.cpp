// test_link.cpp - every link: inverse of itself, derivatives, complement, far tails.
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "check.hpp"
#include "gamut/family/links.hpp"

using namespace gamut;

namespace {
struct Point {
  double mu, complement, d1, d2, d3;
};

Point at(const Link& link, double eta) {
  Point p;
  link.inverse(1, &eta, {&p.mu, &p.complement, &p.d1, &p.d2, &p.d3});
  return p;
}

struct Case {
  LinkPointer link;
  double low, high;
};

std::vector<Case> cases() {
  return {{make_link("identity"), -3, 3},  {make_link("log"), -6, 6},
          {make_link("logit"), -12, 12},   {make_link("probit"), -6, 6},
          {make_link("cauchit"), -20, 20}, {make_link("cloglog"), -8, 2},
          {make_link("loglog"), -2, 8},    {make_link("inverse"), 0.2, 6},
          {make_link("sqrt"), 0.2, 6},     {make_link("1/mu^2"), 0.2, 6},
          {make_link("power", 3), 0.3, 6}, {make_link("power", -0.5), 0.3, 6},
          {make_link("power", 0), -6, 6},  {make_link("power", 1), -3, 3}};
}

/// The logit again, but as a user would give it: mu and d mu/d eta only.
class UserLogit : public NumericalLink {
 public:
  std::string name() const override { return "user"; }
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

/// Richardson's extrapolation of central differences: error O(h^4), about 1e-11.
template <class Function>
double slope(Function f, double x) {
  const double h = 1e-3;
  const double near = (f(x + h) - f(x - h)) / (2 * h);
  const double wide = (f(x + 2 * h) - f(x - 2 * h)) / (4 * h);
  return (4 * near - wide) / 3;
}
}  // namespace

TEST(links_are_inverses) {
  for (const Case& c : cases()) {
    for (double t = 0.02; t < 1; t += 0.07) {
      const double eta = c.low + t * (c.high - c.low);
      const Point p = at(*c.link, eta);
      double back;
      c.link->link(1, &p.mu, &back);
      // mu near 1 carries 1 - mu to eps / (1 - mu) only.
      const double tolerance = 1e-13 + 1e-15 / std::fabs(p.d1);
      CHECK_NEAR(back, eta, tolerance, c.link->name());
    }
  }
}

TEST(link_derivatives_match_differences) {
  for (const Case& c : cases()) {
    const Link& link = *c.link;
    for (double t = 0.02; t < 1; t += 0.07) {
      const double eta = c.low + t * (c.high - c.low);
      const Point p = at(link, eta);
      // h^4 f5 / 30 with h = 1e-3: f5 reaches 1e6 where eta is near 0.2 in 1/mu^2.
      const double tolerance = 1e-9 * (1 + std::pow(c.low > 0 ? 1 / eta : 1, 7));
      CHECK_NEAR(p.d1, slope([&](double x) { return at(link, x).mu; }, eta), tolerance,
                 link.name() + " d1");
      CHECK_NEAR(p.d2, slope([&](double x) { return at(link, x).d1; }, eta), tolerance,
                 link.name() + " d2");
      CHECK_NEAR(p.d3, slope([&](double x) { return at(link, x).d2; }, eta), tolerance,
                 link.name() + " d3");
      CHECK_NEAR(p.complement, 1 - p.mu, 1e-15, link.name() + " complement");
    }
  }
}

// exp(-30), Phi(-10) and so on from the closed forms, on the side where 1 - mu is
// small: 1e-13, since erfc and exp amplify the rounding of their argument.
TEST(complements_keep_their_digits_in_the_tail) {
  CHECK_RELATIVE(at(*make_link("logit"), 30).complement, 9.3576229688393e-14, 1e-13,
                 "logit");
  CHECK_RELATIVE(at(*make_link("probit"), 10).complement, 7.6198530241604696e-24, 1e-13,
                 "probit");
  CHECK_RELATIVE(at(*make_link("cauchit"), 1e10).complement, 3.1830988618379067e-11,
                 1e-13, "cauchit");
  CHECK_RELATIVE(at(*make_link("cloglog"), 4).complement, std::exp(-std::exp(4.0)), 1e-13,
                 "cloglog");
  CHECK_RELATIVE(at(*make_link("loglog"), 40).complement, std::exp(-40.0), 1e-13,
                 "loglog");
}

TEST(probability_links_stay_inside_far_out) {
  for (const char* name : {"logit", "probit", "cauchit", "cloglog", "loglog"}) {
    const LinkPointer link = make_link(name);
    for (double eta : {-700.0, -100.0, -40.0, 40.0, 100.0, 700.0}) {
      const Point p = at(*link, eta);
      CHECK_LABEL(p.mu > 0 && p.mu <= 1 && p.complement > 0 && p.complement <= 1, name);
      CHECK_LABEL(p.mu >= 0.99 * kTailFloor && p.complement >= 0.99 * kTailFloor, name);
      CHECK_LABEL(p.d1 > 0 && std::isfinite(p.d2) && std::isfinite(p.d3), name);
    }
  }
}

TEST(impossible_eta_gives_nan) {
  const double infinity = std::numeric_limits<double>::infinity();
  for (const Case& c : cases()) {
    CHECK_LABEL(std::isnan(at(*c.link, std::nan("")).mu), c.link->name());
    const double mu = at(*c.link, infinity).mu;
    const bool exact = c.link->name() == "identity" || c.low > 0;
    CHECK_LABEL(exact || std::isnan(mu), c.link->name());
  }
  for (const char* name : {"sqrt", "1/mu^2"}) {
    CHECK_LABEL(std::isnan(at(*make_link(name), -1).mu), name);
    CHECK_LABEL(std::isnan(at(*make_link(name), 0).mu), name);
  }
}

TEST(the_whole_root_has_a_mirror_image) {
  const LinkPointer half = make_link("sqrt"), whole = make_link("whole sqrt");
  for (double eta : {1e-3, 0.5, 4.0}) {
    const Point p = at(*half, eta), q = at(*whole, eta), mirror = at(*whole, -eta);
    CHECK(q.mu == p.mu && q.d1 == p.d1 && q.d2 == p.d2 && q.d3 == p.d3);
    CHECK(mirror.mu == p.mu && mirror.d1 == -p.d1 && mirror.d2 == p.d2);
  }
  CHECK(at(*whole, 0).mu > 0);
  CHECK(std::isnan(at(*whole, -std::numeric_limits<double>::infinity()).mu));
}

TEST(every_output_may_be_absent) {
  std::vector<double> eta = {0.3, 0.5, 0.9}, value(3);
  for (const Case& c : cases()) {
    c.link->inverse(3, eta.data(), {});
    LinkOutput only;
    only.d2 = value.data();
    c.link->inverse(3, eta.data(), only);
    for (int i = 0; i < 3; ++i) {
      CHECK_NEAR(value[i], at(*c.link, eta[i]).d2, 1e-15, c.link->name());
    }
  }
}

TEST(numerical_link_differentiates_what_it_is_given) {
  const UserLogit user;
  const LinkPointer exact = make_link("logit");
  for (double eta : {-6.0, -1.0, -0.01, 0.0, 0.2, 3.0, 9.0}) {
    const Point p = at(user, eta), q = at(*exact, eta);
    CHECK_NEAR(p.mu, q.mu, 1e-15, "mu");
    CHECK_NEAR(p.complement, q.complement, 1e-15, "complement");
    CHECK_NEAR(p.d1, q.d1, 1e-15, "d1");
    // Rounding: eps/h = 1e-12 and eps/h^2 = 2e-10 at the smallest h, 2^-12.
    CHECK_NEAR(p.d2, q.d2, 1e-11, "d2");
    CHECK_NEAR(p.d3, q.d3, 2e-9, "d3");
  }
  double d3 = 0, eta = 1;
  LinkOutput only;
  only.d3 = &d3;
  user.inverse(1, &eta, only);
  CHECK_NEAR(d3, at(*exact, 1).d3, 1e-10, "d3 alone");
  CHECK(user.neutral() == 0);
}

TEST(unknown_links_are_refused) {
  CHECK_THROWS(make_link("logot"));
  CHECK_THROWS(make_link("power", std::nan("")));
}
