// numerical_family.hpp - a family from a log-density that only gives values.
//
// Score and weights are differences in the predictors, whose unit u_k the caller gives
// (a step over which l keeps its shape), with h = u_k 2^-9, a power of two so that
// eta + h has no rounding error of its own:
//   l'   = [8 (l_1 - l_-1) - (l_2 - l_-2)] / 12 h
//   l''  = [16 (l_1 + l_-1) - (l_2 + l_-2) - 30 l_0] / 12 h^2
//   l''' of pairs of predictors alike: (4 C(h) - C(2h)) / 3 with
//   C(h) = (l_11 - l_1-1 - l_-11 + l_-1-1) / 4 h_k h_l.
// Truncation errors are of size h^4: 1e-12 in the score, 1e-12 in the weights, where
// l has derivatives of size one; rounding adds 2e-13 |l| and 3e-10 |l|. Where h and 2h
// do not agree, or step out of the parameter space, the row is done again with h / 16.
// With a score given it is the score that is differenced. Third derivatives along a
// direction are differences of weights, good to 1e-7 or so. All points of all rows of a
// tile go into one call of the density.
// Source: Fornberg (1988) Math. Comp. 51, 699-706; Nocedal & Wright (2006) section 8.1.
#ifndef GAMUT_FAMILY_NUMERICAL_FAMILY_HPP
#define GAMUT_FAMILY_NUMERICAL_FAMILY_HPP

#include <limits>
#include <memory>
#include <utility>
#include <vector>

#include "link_set.hpp"
#include "positive_weights.hpp"

namespace gamut {

/// Values of a log-density for n rows, in its parameters m[k][row].
class RowDensity {
 public:
  virtual ~RowDensity() = default;
  virtual void log_density(Index n, const double* y, const double* const* m,
                           double* out) const = 0;
  /// dl/dm_k to out[k][row], where there is such a function.
  virtual bool has_score() const { return false; }
  virtual void score(Index, const double*, const double* const*, double* const*) const {}
  /// Parameters to start from.
  virtual void start(Index n, const double* y, double* const* m) const = 0;
};

class NumericalFamily : public Family {
 public:
  /// `units`: one for each predictor; missing ones are 1.
  NumericalFamily(std::shared_ptr<const RowDensity> density,
                  std::vector<LinkPointer> links, std::vector<double> units)
      : density_(std::move(density)),
        k_(static_cast<int>(links.size())),
        links_(std::move(links), k_),
        units_(std::move(units)) {
    units_.resize(static_cast<std::size_t>(k_), 1.0);
    make_stencil();
  }

  int predictors() const override { return k_; }
  bool has_expected() const override { return false; }
  bool thread_safe() const override { return false; }

  double evaluate(const ResponseTile& tile, const double* const* eta,
                  Information information, const RowDerivatives& out) const override {
    if (out.weight && information == Information::expected) {
      throw Error(Status::invalid_argument,
                  "the expected information of this family has no closed form");
    }
    const Rows rows(tile.rows, tile.y, eta, k_);
    Differences d(tile.rows, k_);
    if (out.score || out.weight) {
      differentiate(rows, tile.prior, d);
    } else {
      const std::vector<double> l = values(rows);
      std::copy(l.begin(), l.end(), d.value());
    }
    double sum = 0;
    for (Index i = 0; i < tile.rows; ++i) {
      const double objective = weighted(tile.prior, i, -2 * d.value()[i]);
      if (out.objective) out.objective[i] = objective;
      sum += objective;
      for (int k = 0; out.score && k < k_; ++k) {
        out.score[k][i] = weighted(tile.prior, i, d.first(k)[i]);
      }
      for (int j = 0; out.weight && j < packed_size(k_); ++j) {
        out.weight[j][i] = weighted(tile.prior, i, -d.second(j)[i]);
      }
    }
    if (out.weight && information == Information::working) {
      make_positive(tile.rows, k_, out.weight);
    }
    return sum;
  }

  void third(const ResponseTile& tile, const double* const* eta, const double* const* v,
             double* const* dweight) const override {
    std::vector<double> step(static_cast<std::size_t>(tile.rows));
    for (Index i = 0; i < tile.rows; ++i) {
      double longest = 0;
      for (int k = 0; k < k_; ++k)
        longest = std::fmax(longest, std::fabs(v[k][i]) / unit(k));
      step[i] = longest > 0 ? 0.0078125 / longest : 0;
    }
    for (int j = 0; j < packed_size(k_); ++j) {
      std::fill(dweight[j], dweight[j] + tile.rows, 0.0);
    }
    for (const int shift : {1, -1, 2, -2}) {
      Rows moved(tile.rows, tile.y, eta, k_);
      for (int k = 0; k < k_; ++k) {
        for (Index i = 0; i < tile.rows; ++i)
          moved.eta[k][i] += shift * step[i] * v[k][i];
      }
      Differences d(tile.rows, k_);
      differentiate(moved, tile.prior, d);
      const double factor = (shift > 0 ? -1 : 1) * (std::abs(shift) == 1 ? 8 : -1) / 12.0;
      for (int j = 0; j < packed_size(k_); ++j) {
        for (Index i = 0; i < tile.rows; ++i) {
          if (step[i] == 0) continue;
          dweight[j][i] += weighted(tile.prior, i, factor * d.second(j)[i] / step[i]);
        }
      }
    }
  }

  void start(const ResponseTile& tile, double* const* eta) const override {
    const TileColumns m(tile.rows, k_);
    density_->start(tile.rows, tile.y, m.data());
    links_.start(tile.rows, m.data(), eta);
  }

  double pearson(const ResponseTile&, const double* const*) const override { return 0; }

  void parameters(Index rows, const double* const* eta,
                  double* const* param) const override {
    links_.inverse(rows, eta, param);
  }

 private:
  using Numbers = std::vector<double>;

  /// Responses and predictors, a copy.
  struct Rows {
    Numbers y;
    std::vector<Numbers> eta;

    Rows() = default;
    Rows(Index n, const double* y_, const double* const* eta_, int k) : y(y_, y_ + n) {
      for (int j = 0; j < k; ++j) eta.emplace_back(eta_[j], eta_[j] + n);
    }
    Index size() const { return static_cast<Index>(y.size()); }
    Rows some(const std::vector<Index>& which) const {
      Rows out;
      for (Index i : which) out.y.push_back(y[i]);
      for (const Numbers& all : eta) {
        out.eta.emplace_back();
        for (Index i : which) out.eta.back().push_back(all[i]);
      }
      return out;
    }
  };

  /// l, its first derivatives and its packed second ones.
  class Differences {
   public:
    Differences(Index rows, int k) : k_(k), columns_(rows, 1 + k + packed_size(k)) {}
    double* value() const { return columns_[0]; }
    double* first(int k) const { return columns_[1 + k]; }
    double* second(int j) const { return columns_[1 + k_ + j]; }

   private:
    int k_;
    TileColumns columns_;
  };

  double unit(int k) const { return units_[static_cast<std::size_t>(k)]; }

  /// The origin, then 1, -1, 2, -2 steps along each predictor, then for each pair
  /// (+ +), (+ -), (- +), (- -) of one step and of two.
  void make_stencil() {
    const auto point = [this](int k, int a, int l, int b) {
      std::vector<int> shift(static_cast<std::size_t>(k_), 0);
      shift[k] += a;
      shift[l] += b;
      stencil_.push_back(shift);
    };
    point(0, 0, 0, 0);
    for (int k = 0; k < k_; ++k) {
      for (const int a : {1, -1, 2, -2}) point(k, a, k, 0);
    }
    if (density_->has_score()) return;
    for (int l = 0; l < k_; ++l) {
      for (int k = l + 1; k < k_; ++k) {
        for (const int a : {1, 2}) {
          point(k, a, l, a), point(k, a, l, -a), point(k, -a, l, a), point(k, -a, l, -a);
        }
      }
    }
  }

  /// The rows once for each point of the stencil, one after another.
  Rows spread(const Rows& rows, double scale) const {
    Rows out;
    for (std::size_t p = 0; p < stencil_.size(); ++p) {
      out.y.insert(out.y.end(), rows.y.begin(), rows.y.end());
    }
    for (int k = 0; k < k_; ++k) {
      out.eta.emplace_back();
      for (const auto& shift : stencil_) {
        const double move = shift[k] * step(k, scale);
        for (double eta : rows.eta[k]) out.eta.back().push_back(eta + move);
      }
    }
    return out;
  }

  double step(int k, double scale) const { return unit(k) * scale * 0.001953125; }

  Numbers values(const Rows& rows) const {
    const TileColumns m(rows.size(), k_);
    links_.inverse(rows.size(), pointers(rows).data(), m.data());
    Numbers out(rows.y.size());
    density_->log_density(rows.size(), rows.y.data(), m.data(), out.data());
    return out;
  }

  /// dl/deta_k, one predictor after another.
  Numbers scores(const Rows& rows) const {
    const Index n = rows.size();
    const LinkedParameters m(links_, n, pointers(rows).data(), 1,
                             [](int) { return false; });
    std::vector<const double*> value;
    std::vector<double*> place;
    Numbers out(static_cast<std::size_t>(n * k_));
    for (int k = 0; k < k_; ++k) {
      value.push_back(m.value(k));
      place.push_back(out.data() + k * n);
    }
    density_->score(n, rows.y.data(), value.data(), place.data());
    for (int k = 0; k < k_; ++k) {
      for (Index i = 0; i < n; ++i) place[k][i] *= m.d(1, k)[i];
    }
    return out;
  }

  static std::vector<const double*> pointers(const Rows& rows) {
    std::vector<const double*> out;
    for (const Numbers& eta : rows.eta) out.push_back(eta.data());
    return out;
  }

  void differentiate(const Rows& rows, const double* prior, Differences& out) const {
    std::vector<Index> which(rows.y.size());
    for (std::size_t i = 0; i < which.size(); ++i) which[i] = static_cast<Index>(i);
    double scale = 1;
    for (int round = 0; round < 4 && !which.empty(); ++round, scale /= 16) {
      const Rows part = round == 0 ? rows : rows.some(which);
      const Rows points = spread(part, scale);
      const bool scored = density_->has_score();
      const Numbers l = values(scored ? part : points);
      const Numbers u = scored ? scores(points) : Numbers();
      std::vector<Index> again;
      for (Index i = 0; i < part.size(); ++i) {
        const Index at = which[static_cast<std::size_t>(i)];
        out.value()[at] = l[i];
        const bool good = scored ? from_scores(u, i, part.size(), scale, at, out)
                                 : from_values(l, i, part.size(), scale, at, out);
        if (!good && std::isfinite(l[i]) && !(prior && prior[at] == 0))
          again.push_back(at);
      }
      which.swap(again);
    }
  }

  /// Do differences over h and 2h agree as they do where derivatives are of size one in
  /// the unit? `noise` is what rounding may have done to them.
  static bool alike(double near, double wide, double size, double noise) {
    return std::fabs(wide - near) <= 1e-3 * std::fmax(std::fabs(near), size) + noise;
  }

  bool from_values(const Numbers& l, Index i, Index n, double scale, Index at,
                   Differences& out) const {
    constexpr double eps = std::numeric_limits<double>::epsilon();
    const auto f = [&](int point) { return l[static_cast<std::size_t>(point * n + i)]; };
    bool good = true;
    for (int k = 0, p = 1; k < k_; ++k, p += 4) {
      const double h = step(k, scale), u = unit(k);
      const double near = (f(p) + f(p + 1) - 2 * f(0)) / (h * h);
      const double wide = (f(p + 2) + f(p + 3) - 2 * f(0)) / (4 * h * h);
      out.first(k)[at] = (8 * (f(p) - f(p + 1)) - (f(p + 2) - f(p + 3))) / (12 * h);
      out.second(packed_index(k, k, k_))[at] = (4 * near - wide) / 3;
      good = good && alike(near, wide, 1 / (u * u), 64 * eps * std::fabs(f(0)) / (h * h));
    }
    for (int j = 0, p = 1 + 4 * k_; j < k_; ++j) {
      for (int k = j + 1; k < k_; ++k, p += 8) {
        const double area = 4 * step(k, scale) * step(j, scale);
        const double near = (f(p) - f(p + 1) - f(p + 2) + f(p + 3)) / area;
        const double wide = (f(p + 4) - f(p + 5) - f(p + 6) + f(p + 7)) / (4 * area);
        out.second(packed_index(k, j, k_))[at] = (4 * near - wide) / 3;
        good = good && std::isfinite(near + wide);
      }
    }
    return good;
  }

  bool from_scores(const Numbers& u, Index i, Index n, double scale, Index at,
                   Differences& out) const {
    constexpr double eps = std::numeric_limits<double>::epsilon();
    const Index points = static_cast<Index>(stencil_.size());
    const auto f = [&](int k, int point) {
      return u[static_cast<std::size_t>((k * points + point) * n + i)];
    };
    bool good = true;
    for (int j = 0; j < packed_size(k_); ++j) out.second(j)[at] = 0;
    for (int l = 0, p = 1; l < k_; ++l, p += 4) {
      const double h = step(l, scale);
      for (int k = 0; k < k_; ++k) {
        const double near = (f(k, p) - f(k, p + 1)) / (2 * h);
        const double wide = (f(k, p + 2) - f(k, p + 3)) / (4 * h);
        const int j = k > l ? packed_index(k, l, k_) : packed_index(l, k, k_);
        out.second(j)[at] += (4 * near - wide) / 3 * (k == l ? 1 : 0.5);
        good = good && alike(near, wide, 1 / (unit(l) * unit(k)),
                             64 * eps * std::fabs(f(k, 0)) / h);
      }
    }
    for (int k = 0; k < k_; ++k) out.first(k)[at] = f(k, 0);
    return good;
  }

  std::shared_ptr<const RowDensity> density_;
  int k_;
  LinkSet links_;
  Numbers units_;
  std::vector<std::vector<int>> stencil_;
};

}  // namespace gamut

#endif  // GAMUT_FAMILY_NUMERICAL_FAMILY_HPP
