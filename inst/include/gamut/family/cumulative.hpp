// cumulative.hpp - ordered categories 1 .. C: K = C - 1 cumulative probabilities.
//
//   P(Y <= k) = F(eta_k),  F the inverse of a link,  eta_k = theta_k - x'beta,
//   p_j = F(eta_j) - F(eta_{j-1}),  eta_0 = -infinity, eta_C = infinity,
//   objective  -2 a sum_j y_j log p_j.
// The loadings of the terms make eta_k from thresholds and slopes, shared by all
// predictors or not. Category j touches eta_{j-1} and eta_j alone, so the weights are
// tridiagonal. In the terms of cumulative_cells.hpp, j's share is
//   score     y h_b at eta_j,  -y h_a at eta_{j-1}
//   observed  y h_b k_b,  y h_a k_a,  -y h_a h_b between them
//   expected  n p h_b^2,  n p h_a^2,  -n p h_a h_b,   n = sum_j y_j.
// Predictors that do not increase have no probabilities: the objective of such a row
// is infinite, whichever category was observed, so that a fit never ends there.
// The response is as in category_counts.hpp.
// Source: McCullagh (1980) J. R. Stat. Soc. B 42, 109-142; Peterson & Harrell (1990)
// Appl. Stat. 39, 205-217 (slopes of their own).
#ifndef GAMUT_FAMILY_CUMULATIVE_HPP
#define GAMUT_FAMILY_CUMULATIVE_HPP

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <utility>
#include <vector>

#include "category_counts.hpp"
#include "cumulative_cells.hpp"
#include "tile_columns.hpp"

namespace gamut {

class Cumulative : public Family {
 public:
  Cumulative(int categories, LinkPointer link)
      : counts_(categories), categories_(categories), link_(std::move(link)) {
    if (categories < 2 || !link_) {
      throw Error(Status::invalid_argument,
                  "a cumulative family needs a link and two categories or more");
    }
    rule_ = make_cell_rule(link_);
    logistic_ = dynamic_cast<const LogitLink*>(link_.get()) != nullptr;
  }

  int predictors() const override { return categories_ - 1; }
  bool information_equal() const override { return categories_ == 2 && logistic_; }
  bool thread_safe() const override { return link_->thread_safe(); }

  double evaluate(const ResponseTile& tile, const double* const* eta,
                  Information information, const RowDerivatives& out) const override {
    counts_.check(tile);
    const bool expected = out.weight && information != Information::observed;
    const TileColumns objective(tile.rows, 1);
    clear(tile.rows, objective.data(), 1);
    if (out.score) clear(tile.rows, out.score, predictors());
    if (out.weight) clear(tile.rows, out.weight, packed_size(predictors()));
    for_each_cell(tile, eta, expected, [&](Index i, int j, double y, const Cell& cell) {
      if (y != 0) objective[0][i] -= 2 * y * cell.log_p;
      if (out.score && y != 0) add_score(i, j, y, cell, out.score);
      if (!out.weight) return;
      if (expected) {
        add_expected(i, j, counts_.total(tile, i) * std::exp(cell.log_p), cell,
                     out.weight);
      } else if (y != 0) {
        add_observed(i, j, y, cell, out.weight);
      }
    });
    if (out.score) weigh(tile, out.score, predictors());
    if (out.weight) weigh(tile, out.weight, packed_size(predictors()));
    return finish(tile, eta, objective[0], out.objective);
  }

  void third(const ResponseTile& tile, const double* const* eta, const double* const* v,
             double* const* dweight) const override {
    counts_.check(tile);
    const int last = predictors(), size = packed_size(last);
    clear(tile.rows, dweight, size);
    for_each_cell(tile, eta, false, [&](Index i, int j, double y, const Cell& c) {
      if (y == 0) return;
      const double va = j > 0 ? v[j - 1][i] : 0, vb = j < last ? v[j][i] : 0;
      const double dhb = c.high.h * (c.low.h * va - c.high.k * vb);
      const double dha = c.low.h * (c.low.k * va - c.high.h * vb);
      const double dkb = dhb - c.high.bend * vb, dka = dha + c.low.bend * va;
      add(i, j, dweight, y * (c.low.k * dha + c.low.h * dka),
          y * (c.high.k * dhb + c.high.h * dkb), -y * (c.high.h * dha + c.low.h * dhb));
    });
    weigh(tile, dweight, size);
  }

  /// Cumulative counts, with one observation more spread over the categories.
  void start(const ResponseTile& tile, double* const* eta) const override {
    counts_.check(tile);
    const TileColumns below(tile.rows, predictors());
    for (Index i = 0; i < tile.rows; ++i) {
      const double a = tile.prior ? tile.prior[i] : 1, n = counts_.total(tile, i);
      // A hundred observations say where to start; many more would leave no room
      // between the predictors of categories without any.
      const double scale = n > 0 ? std::min(a, kMostObservations / n) : 0;
      double sum = 0;
      for (int k = 0; k < predictors(); ++k) {
        sum += scale * counts_.count(tile, k, i) + 1.0 / categories_;
        below[k][i] = sum / (scale * n + 1);
      }
    }
    for (int k = 0; k < predictors(); ++k) link_->link(tile.rows, below[k], eta[k]);
  }

  double pearson(const ResponseTile&, const double* const*) const override { return 0; }

  /// Cumulative probabilities F(eta_k).
  void parameters(Index rows, const double* const* eta,
                  double* const* param) const override {
    for (int k = 0; k < predictors(); ++k) {
      LinkOutput out;
      out.mu = param[k];
      link_->inverse(rows, eta[k], out);
    }
  }

 private:
  static constexpr double kMostObservations = 100;

  /// visit(row, category, count, cell). All categories of every row, or (codes, unless
  /// `all` is asked for) the observed one alone.
  template <class Visit>
  void for_each_cell(const ResponseTile& tile, const double* const* eta, bool all,
                     const Visit& visit) const {
    const bool own = tile.columns == 1 && !all;
    constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
    const TileColumns ends(tile.rows, 2);
    std::vector<Cell> cells(static_cast<std::size_t>(tile.rows));
    for (int c = 0; c < (own ? 1 : categories_); ++c) {
      const auto category = [&](Index i) {
        return !own ? c : is_code(tile.y[i]) ? static_cast<int>(tile.y[i]) - 1 : 0;
      };
      for (Index i = 0; i < tile.rows; ++i) {
        ends[0][i] = end(eta, category(i) - 1, i);
        ends[1][i] = end(eta, category(i), i);
      }
      rule_->cells(tile.rows, ends[0], ends[1], cells.data());
      for (Index i = 0; i < tile.rows; ++i) {
        const int j = category(i);
        const double y = !own                 ? counts_.count(tile, j, i)
                         : is_code(tile.y[i]) ? 1
                                              : kNone;
        visit(i, j, y, cells[static_cast<std::size_t>(i)]);
      }
    }
  }

  bool is_code(double y) const { return y >= 1 && y <= categories_; }

  /// eta_k, and the infinite ends.
  double end(const double* const* eta, int k, Index i) const {
    if (k < 0) return -std::numeric_limits<double>::infinity();
    return k < predictors() ? eta[k][i] : std::numeric_limits<double>::infinity();
  }

  /// Add to the diagonal at both ends of cell j, and between them.
  void add(Index i, int j, double* const* w, double low, double high,
           double between) const {
    const int size = predictors();
    if (j > 0) w[packed_index(j - 1, j - 1, size)][i] += low;
    if (j < size) w[packed_index(j, j, size)][i] += high;
    if (j > 0 && j < size) w[packed_index(j, j - 1, size)][i] += between;
  }

  void add_score(Index i, int j, double y, const Cell& c, double* const* score) const {
    if (j > 0) score[j - 1][i] -= y * c.low.h;
    if (j < predictors()) score[j][i] += y * c.high.h;
  }

  void add_observed(Index i, int j, double y, const Cell& c, double* const* w) const {
    add(i, j, w, y * c.low.h * c.low.k, y * c.high.h * c.high.k, -y * c.low.h * c.high.h);
  }

  void add_expected(Index i, int j, double m, const Cell& c, double* const* w) const {
    if (m == 0) return;
    add(i, j, w, m * c.low.h * c.low.h, m * c.high.h * c.high.h, -m * c.low.h * c.high.h);
  }

  static void clear(Index rows, double* const* columns, int count) {
    for (int j = 0; j < count; ++j) std::fill(columns[j], columns[j] + rows, 0.0);
  }

  static void weigh(const ResponseTile& tile, double* const* columns, int count) {
    if (!tile.prior) return;
    for (int j = 0; j < count; ++j) {
      for (Index i = 0; i < tile.rows; ++i) {
        columns[j][i] = weighted(tile.prior, i, columns[j][i]);
      }
    }
  }

  /// Rows without an observation ask nothing of their predictors.
  double finish(const ResponseTile& tile, const double* const* eta, double* rows,
                double* out) const {
    double sum = 0;
    for (Index i = 0; i < tile.rows; ++i) {
      if (!increasing(eta, i) && counts_.total(tile, i) > 0) {
        rows[i] = std::numeric_limits<double>::infinity();
      }
      const double d = weighted(tile.prior, i, rows[i]);
      if (out) out[i] = d;
      sum += d;
    }
    return sum;
  }

  bool increasing(const double* const* eta, Index i) const {
    for (int k = 0; k < predictors(); ++k) {
      if (!std::isfinite(eta[k][i])) return false;
      if (k > 0 && !(eta[k - 1][i] < eta[k][i])) return false;
    }
    return true;
  }

  CategoryCounts counts_;
  int categories_;
  LinkPointer link_;
  std::unique_ptr<const CellRule> rule_;
  bool logistic_ = false;
};

/// `links`: the one link of all cumulative probabilities.
inline std::unique_ptr<Family> make_cumulative(int categories,
                                               const std::vector<LinkPointer>& links) {
  if (links.size() != 1) {
    throw Error(Status::invalid_argument, "a cumulative family has one link");
  }
  return std::make_unique<Cumulative>(categories, links[0]);
}

}  // namespace gamut

#endif  // GAMUT_FAMILY_CUMULATIVE_HPP
