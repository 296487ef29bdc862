// cumulative_cells.hpp - the log-probability of an interval of a latent variable.
//
//   p(a, b) = F(b) - F(a),  F = g^{-1} of a link, a < b, either end open (infinite).
// With h_b = f(b)/p, h_a = f(a)/p and g = f'/f the derivatives of log p are
//   first   h_b,  -h_a
//   second  -h_b k_b,  -h_a k_a,  mixed h_a h_b,   k_b = h_b - g(b), k_a = h_a + g(a),
// and all third ones follow from dh_b = h_b (h_a da - k_b db),
// dh_a = h_a (k_a da - h_b db), dk_b = dh_b - g'(b) db, dk_a = dh_a + g'(a) da.
// So a cell is log p, h, k and g' at both ends. F(b) - F(a) and h - g have no digits
// left in the tails; every link has a form in which nothing cancels. With
// w(d) = log(1 - e^-d), w' = 1/(e^d - 1):
//   logit    log p = log F(b) + log(1-F(a)) + w(b-a),  h_b = 1-F(b)+w', k_b = F(b)+w'
//   cloglog  log p = -t_a + w(t_b - t_a),  t = e^eta;  loglog is its mirror image
//   cauchit  p = the angle between (1, a) and (1, b), over pi
//   probit   ratios of Mills' ratio, and a Taylor series for short intervals.
// Any other link: differences of the smaller tail.
// Source: McCullagh (1980) J. R. Stat. Soc. B 42, 109-142; the forms by hand. Mills'
// ratio: Abramowitz & Stegun 26.2.14.
#ifndef GAMUT_FAMILY_CUMULATIVE_CELLS_HPP
#define GAMUT_FAMILY_CUMULATIVE_CELLS_HPP

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <utility>

#include "links.hpp"
#include "special_functions.hpp"
#include "tile_columns.hpp"

namespace gamut {

/// One end of an interval: f/p, the h and k above, and g'.
struct CellEnd {
  double h = 0, k = 0, bend = 0;
};

struct Cell {
  double log_p = 0;
  CellEnd low, high;
};

/// The same interval seen from the other side: F(x) turned into 1 - F(-x).
inline Cell mirrored(const Cell& c) { return {c.log_p, c.high, c.low}; }

/// Cells of a tile's rows; an end that is infinite is open and has h = k = g' = 0.
class CellRule {
 public:
  virtual ~CellRule() = default;
  virtual void cells(Index rows, const double* low, const double* high,
                     Cell* out) const = 0;

 protected:
  static void close_open_ends(double low, double high, Cell& cell) {
    if (std::isinf(low)) cell.low = CellEnd();
    if (std::isinf(high)) cell.high = CellEnd();
  }
};

namespace cells {

/// log(1 - e^-d), d > 0.
inline double log_one_minus_exp(double d) {
  return d > 0.693 ? std::log1p(-std::exp(-d)) : std::log(-std::expm1(-d));
}

struct Logit {
  static Cell cell(double a, double b) {
    const double ea = std::exp(-std::fabs(a)), eb = std::exp(-std::fabs(b));
    const double w = 1 / std::expm1(b - a);
    const double upper_a = (a > 0 ? ea : 1) / (1 + ea);
    const double lower_a = (a > 0 ? 1 : ea) / (1 + ea);
    const double upper_b = (b > 0 ? eb : 1) / (1 + eb);
    const double lower_b = (b > 0 ? 1 : eb) / (1 + eb);
    Cell c;
    c.log_p = std::min(b, 0.0) - std::log1p(eb) - std::max(a, 0.0) - std::log1p(ea) +
              log_one_minus_exp(b - a);
    c.low = {lower_a + w, upper_a + w, -2 * lower_a * upper_a};
    c.high = {upper_b + w, lower_b + w, -2 * lower_b * upper_b};
    return c;
  }
};

struct Cloglog {
  static Cell cell(double a, double b) {
    const double ta = hazard(a), tb = hazard(b);
    const double d = std::isinf(a) ? tb : ta * std::expm1(b - a);
    const double w = 1 / std::expm1(d);
    Cell c;
    c.log_p = log_one_minus_exp(d) - ta;
    c.low = {ta * (1 + w), 1 + ta * w, -ta};
    c.high = {tb * w, excess(d) + ta * (1 + w), -tb};
    return c;
  }

 private:
  /// e^x, kept in a range whose products stay finite.
  static double hazard(double x) { return std::exp(x > 300 ? 300 : x); }

  /// d / (1 - e^-d) - 1: the generating function of the Bernoulli numbers.
  static double excess(double d) {
    static constexpr double c[] = {1.0 / 12,       -1.0 / 720,
                                   1.0 / 30240,    -1.0 / 1209600,
                                   1.0 / 47900160, -691.0 / 1307674368000.0};
    if (d < 0.5) return 0.5 * d + d * d * special::polynomial(c, d * d);
    return d / -std::expm1(-d) - 1;
  }
};

struct Loglog {
  static Cell cell(double a, double b) { return mirrored(Cloglog::cell(-b, -a)); }
};

struct Cauchit {
  static Cell cell(double a, double b) {
    const double p = angle(a, b) / special::kPi;
    const double rest = (std::atan2(1.0, -a) + std::atan2(1.0, b)) / special::kPi;
    Cell c;
    c.log_p = p < 0.5 ? std::log(p) : std::log1p(-rest);
    c.low = end(a, p, 1);
    c.high = end(b, p, -1);
    return c;
  }

 private:
  static double angle(double a, double b) {
    if (std::isinf(a)) return std::atan2(1.0, -b);
    if (std::isinf(b)) return std::atan2(1.0, a);
    return std::atan2(b - a, 1 + a * b);
  }
  static CellEnd end(double x, double p, double sign) {
    const double q = 1 / (1 + x * x), h = q / (special::kPi * p);
    return {h, h - sign * 2 * x * q, (2 * x * x * q - 2 * q) * q};
  }
};

struct Probit {
  static Cell cell(double a, double b) {
    return a + b > 0 ? mirrored(lower(-b, -a)) : lower(a, b);
  }

 private:
  static constexpr double kBend = -1;

  /// a + b <= 0: the left end is the farther one.
  static Cell lower(double a, double b) {
    const double middle = 0.5 * (a + b);
    if ((b - a) * std::fmax(1, -middle) < 0.1) return near_by(a, b, middle);
    return b > 0 ? around_zero(a, b) : tail(a, b);
  }

  static Cell around_zero(double a, double b) {
    const double rest = special::normal_cdf(-b) + special::normal_cdf(a), p = 1 - rest;
    return from_densities(std::log1p(-rest), a, special::normal_density(a) / p, b,
                          special::normal_density(b) / p);
  }

  static Cell tail(double a, double b) {
    const double x = -b, beyond = mills_inverse_excess(x);
    const double shrink = std::exp(0.5 * (b - a) * (b + a));  // f(a) / f(b)
    const double far = std::isinf(a) ? 0 : 1 / (mills_inverse_excess(-a) - a);
    const double ratio = far * shrink * (x + beyond);  // F(a) / F(b)
    Cell c;
    c.high.h = (x + beyond) / (1 - ratio);
    c.high.k = (beyond + x * ratio) / (1 - ratio);
    c.low.h = shrink * c.high.h;
    c.low.k = c.low.h - a;
    c.low.bend = c.high.bend = kBend;
    c.log_p =
        -0.5 * x * x - special::kHalfLogTwoPi - std::log(x + beyond) + std::log1p(-ratio);
    return c;
  }

  /// p = f(m) h (1 + h^2 He_2(m) / 24 + ...), h the length of the interval.
  static Cell near_by(double a, double b, double m) {
    const double h = b - a, z = h * h, s = m * m;
    const double he2 = s - 1, he4 = s * (s - 6) + 3;
    const double he6 = s * (s * (s - 15) + 45) - 15;
    const double series = z * (he2 / 24 + z * (he4 / 1920 + z * he6 / 322560));
    const double size = h * (1 + series);
    return from_densities(
        -0.5 * s - special::kHalfLogTwoPi + std::log(h) + std::log1p(series), a,
        std::exp(0.5 * h * (m - 0.25 * h)) / size, b,
        std::exp(-0.5 * h * (m + 0.25 * h)) / size);
  }

  static Cell from_densities(double log_p, double a, double ha, double b, double hb) {
    return {log_p, {ha, ha - a, kBend}, {hb, hb + b, kBend}};
  }

  /// f(x) / (1 - F(x)) - x for x >= 0, by a continued fraction where it would cancel.
  static double mills_inverse_excess(double x) {
    if (x < 4) return special::normal_density(x) / special::normal_cdf(-x) - x;
    double sum = x;
    for (int k = 45; k >= 2; --k) sum = x + k / sum;
    return 1 / sum;
  }
};

}  // namespace cells

template <class Link>
class ElementCellRule : public CellRule {
 public:
  void cells(Index rows, const double* low, const double* high,
             Cell* out) const override {
    for (Index i = 0; i < rows; ++i) {
      out[i] = Link::cell(low[i], high[i]);
      close_open_ends(low[i], high[i], out[i]);
    }
  }
};

/// Any link, from its two tails.
class LinkCellRule : public CellRule {
 public:
  explicit LinkCellRule(LinkPointer link) : link_(std::move(link)) {}

  void cells(Index rows, const double* low, const double* high,
             Cell* out) const override {
    const TileColumns a(rows, 5), b(rows, 5);
    evaluate(rows, low, a);
    evaluate(rows, high, b);
    for (Index i = 0; i < rows; ++i) {
      const bool first = std::isinf(low[i]), last = std::isinf(high[i]);
      const double below = first ? 0 : a[0][i], not_below = first ? 1 : a[1][i];
      const double above = last ? 0 : b[1][i], not_above = last ? 1 : b[0][i];
      const double rest = below + above;
      const double p =
          rest < 0.5 ? 1 - rest
                     : (not_above < not_below ? not_above - below : not_below - above);
      out[i].log_p = rest < 0.5 ? std::log1p(-rest) : std::log(p);
      out[i].low = end(a, i, p, 1);
      out[i].high = end(b, i, p, -1);
      close_open_ends(low[i], high[i], out[i]);
    }
  }

 private:
  void evaluate(Index rows, const double* eta, const TileColumns& out) const {
    LinkOutput to;
    to.mu = out[0];
    to.complement = out[1];
    to.d1 = out[2];
    to.d2 = out[3];
    to.d3 = out[4];
    link_->inverse(rows, eta, to);
  }

  static CellEnd end(const TileColumns& at, Index i, double p, double sign) {
    const double f = at[2][i], h = f / p;
    if (f == 0) return CellEnd();
    const double g = at[3][i] / f;
    return {h, h + sign * g, at[4][i] / f - g * g};
  }

  LinkPointer link_;
};

/// By type, since a user's link may bear any name.
inline std::unique_ptr<const CellRule> make_cell_rule(const LinkPointer& link) {
  const Link* l = link.get();
  if (dynamic_cast<const LogitLink*>(l)) {
    return std::make_unique<ElementCellRule<cells::Logit>>();
  }
  if (dynamic_cast<const ProbitLink*>(l)) {
    return std::make_unique<ElementCellRule<cells::Probit>>();
  }
  if (dynamic_cast<const CauchitLink*>(l)) {
    return std::make_unique<ElementCellRule<cells::Cauchit>>();
  }
  if (dynamic_cast<const CloglogLink*>(l)) {
    return std::make_unique<ElementCellRule<cells::Cloglog>>();
  }
  if (dynamic_cast<const LoglogLink*>(l)) {
    return std::make_unique<ElementCellRule<cells::Loglog>>();
  }
  return std::make_unique<LinkCellRule>(link);
}

}  // namespace gamut

#endif  // GAMUT_FAMILY_CUMULATIVE_CELLS_HPP
