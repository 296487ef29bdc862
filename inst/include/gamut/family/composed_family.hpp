// composed_family.hpp - a family from a distribution and one link per parameter.
//
// With m_k = h_k(eta_k) and derivatives h', h'', h''' the chain rule gives
//   score_k  = l_k h'_k
//   W_kl     = -(l_kl h'_k h'_l + [k = l] l_k h''_k)      observed
//   W_kl     = -E(l_kl) h'_k h'_l                         expected, as E(l_k) = 0
//   dW_kl    = -( h'_k h'_l sum_m l_klm u_m + l_kl (v_k h''_k h'_l + v_l h''_l h'_k)
//                 + [k = l] (h''_k sum_m l_km u_m + l_k v_k h'''_k) ),  u = v h'
// along a direction v, all times the prior weight.
#ifndef GAMUT_FAMILY_COMPOSED_FAMILY_HPP
#define GAMUT_FAMILY_COMPOSED_FAMILY_HPP

#include <memory>
#include <utility>
#include <vector>

#include "link_set.hpp"

namespace gamut {

class ComposedFamily : public Family {
 public:
  ComposedFamily(std::unique_ptr<const Distribution> distribution,
                 std::vector<LinkPointer> links)
      : distribution_(std::move(distribution)),
        links_(std::move(links), distribution_->parameters()) {
    // A user's link may bear any name, so a name alone does not make it canonical.
    canonical_ = links_.size() == 1 &&
                 links_[0].name() == distribution_->canonical_link() &&
                 !dynamic_cast<const NumericalLink*>(&links_[0]);
  }

  int predictors() const override { return links_.size(); }

  double evaluate(const ResponseTile& tile, const double* const* eta,
                  Information information, const RowDerivatives& out) const override {
    // With the canonical link the two are equal, and the expected form does not cancel.
    if (canonical_ || information == Information::working) {
      information = Information::expected;
    }
    const bool observed = information == Information::observed;
    const int order = out.weight && observed ? 2 : (out.weight || out.score ? 1 : 0);
    const LinkedParameters m = linked(tile.rows, eta, order);
    if (order > 0) {
      const int k = predictors();
      const TileColumns first(tile.rows, k), second(tile.rows, packed_size(k));
      distribution_->derivatives(tile, m.tile(), information, first.data(),
                                 out.weight ? second.data() : nullptr);
      if (out.score) score(tile, m, first, out.score);
      if (out.weight) weight(tile, m, first, second, observed, out.weight);
    }
    if (out.objective) return objective(tile, m, out.objective);
    const TileColumns rows(tile.rows, 1);
    return objective(tile, m, rows[0]);
  }

  void third(const ResponseTile& tile, const double* const* eta,
             const double* const* direction, double* const* dweight) const override {
    const int k = predictors();
    const LinkedParameters m = linked(tile.rows, eta, 3);
    const TileColumns first(tile.rows, k), second(tile.rows, packed_size(k)),
        cube(tile.rows, packed3_size(k));
    distribution_->derivatives(tile, m.tile(), Information::observed, first.data(),
                               second.data());
    distribution_->third(tile, m.tile(), cube.data());
    for (int l = 0; l < k; ++l) {
      for (int j = l; j < k; ++j) {
        contract(tile, m, {first, second, cube}, direction, j, l,
                 dweight[packed_index(j, l, k)]);
      }
    }
  }

  void start(const ResponseTile& tile, double* const* eta) const override {
    const TileColumns m(tile.rows, predictors());
    distribution_->start(tile, m.data());
    links_.start(tile.rows, m.data(), eta);
  }

  double pearson(const ResponseTile& tile, const double* const* eta) const override {
    const LinkedParameters m = linked(tile.rows, eta, 0);
    const TileColumns rows(tile.rows, 1);
    distribution_->pearson(tile, m.tile(), rows[0]);
    return add(tile, rows[0]);
  }

  void parameters(Index rows, const double* const* eta,
                  double* const* param) const override {
    links_.inverse(rows, eta, param);
  }

  void curvature(Index rows, const double* const* eta, double* out) const override {
    if (!distribution_->has_mean_only()) return Family::curvature(rows, eta, out);
    const LinkedParameters m = linked(rows, eta, 2);
    for (Index i = 0; i < rows; ++i) out[i] = m.d(2, 0)[i] / m.d(1, 0)[i];
  }

  bool information_equal() const override { return canonical_; }

  bool thread_safe() const override { return links_.thread_safe(); }

 private:
  LinkedParameters linked(Index rows, const double* const* eta, int order) const {
    return LinkedParameters(links_, rows, eta, order,
                            [this](int k) { return distribution_->uses_complement(k); });
  }

  struct Derivatives {
    const TileColumns &first, &second, &third;
  };

  static double add(const ResponseTile& tile, double* values) {
    double sum = 0;
    for (Index i = 0; i < tile.rows; ++i) {
      values[i] = weighted(tile.prior, i, values[i]);
      sum += values[i];
    }
    return sum;
  }

  double objective(const ResponseTile& tile, const LinkedParameters& m,
                   double* rows) const {
    distribution_->objective(tile, m.tile(), rows);
    return add(tile, rows);
  }

  void score(const ResponseTile& tile, const LinkedParameters& m,
             const TileColumns& first, double* const* out) const {
    for (int k = 0; k < predictors(); ++k) {
      const double *l = first[k], *d1 = m.d(1, k);
      for (Index i = 0; i < tile.rows; ++i) {
        out[k][i] = weighted(tile.prior, i, l[i] * d1[i]);
      }
    }
  }

  void weight(const ResponseTile& tile, const LinkedParameters& m,
              const TileColumns& first, const TileColumns& second, bool observed,
              double* const* out) const {
    const int size = predictors();
    for (int l = 0; l < size; ++l) {
      for (int k = l; k < size; ++k) {
        const int j = packed_index(k, l, size);
        const double *dk = m.d(1, k), *dl = m.d(1, l);
        for (Index i = 0; i < tile.rows; ++i) {
          double w = -second[j][i] * dk[i] * dl[i];
          if (observed && k == l) w -= first[k][i] * m.d(2, k)[i];
          out[j][i] = weighted(tile.prior, i, w);
        }
      }
    }
  }

  /// One entry (k, l) of dW.
  void contract(const ResponseTile& tile, const LinkedParameters& m, const Derivatives& l,
                const double* const* v, int row, int column, double* out) const {
    const int size = predictors();
    const double *dk = m.d(1, row), *dl = m.d(1, column);
    const double *ddk = m.d(2, row), *ddl = m.d(2, column), *dddk = m.d(3, row);
    const double* lkl = l.second[packed_index(row, column, size)];
    for (Index i = 0; i < tile.rows; ++i) {
      double along = 0, beside = 0;
      for (int j = 0; j < size; ++j) {
        const double u = v[j][i] * m.d(1, j)[i];
        along += l.third[packed3_index(row, column, j, size)][i] * u;
        if (row != column) continue;
        const int pair =
            row > j ? packed_index(row, j, size) : packed_index(j, row, size);
        beside += l.second[pair][i] * u;
      }
      double sum = dk[i] * dl[i] * along +
                   lkl[i] * (v[row][i] * ddk[i] * dl[i] + v[column][i] * ddl[i] * dk[i]);
      if (row == column) sum += ddk[i] * beside + l.first[row][i] * v[row][i] * dddk[i];
      out[i] = weighted(tile.prior, i, -sum);
    }
  }

  std::unique_ptr<const Distribution> distribution_;
  LinkSet links_;
  bool canonical_ = false;
};

}  // namespace gamut

#endif  // GAMUT_FAMILY_COMPOSED_FAMILY_HPP
