// dirichlet.hpp - compositions: parts y_1 .. y_C in (0, 1) that sum to one.
//
//   l = log G(A) - sum_k log G(alpha_k) + sum_k (alpha_k - 1) log y_k,  A = sum alpha,
// in two parametrisations:
//   Dirichlet      alpha_k = exp(eta_k), C predictors;
//   DirichletMean  alpha_k = mu_k phi with mu the softmax of C - 1 predictors against
//                  a base part, and log phi, the precision, as the last predictor.
// The objective is -2 l. With A in the thousands and more the terms of l are of size A
// and cancel to size one. Stirling's leading terms cancel algebraically, as in beta.hpp:
//   l = -A D + sum_k log(alpha_k / 2 pi) / 2 - log(A / 2 pi) / 2 - sum_k log y_k
//       + s(A) - sum_k s(alpha_k),    D = sum_k mu_k log(mu_k / y_k), mu = alpha / A,
// with s Stirling's correction and e0, e1, e2 what psi, psi', psi'' exceed log, 1/x,
// -1/x^2 by. Dirichlet, with psi' = 1/x + e1:
//   score_k  alpha_k (r_k + e0(A)),  r_k = log(y_k / mu_k) - e0(alpha_k)
//   W_kl     alpha_k alpha_l ([k = l] psi'(alpha_k) - psi'(A)); observed: less
//            [k = l] score_k.
// DirichletMean, with c_k = alpha_k e1(alpha_k), R_k = r_k - sum_j mu_j r_j and a bar
// for the mean over mu:
//   score_k  alpha_k R_k,                   score_phi  phi (e0(phi) + rbar)
//   W_kl     phi ([k = l] mu_k (1 + T_k) - mu_k mu_l (1 + T_k + T_l - cbar))
//   W_kphi   phi mu_k (T_k - cbar),         W_phiphi   phi (cbar - phi e1(phi))
// with T = c - R in the observed weights (and less score_phi in W_phiphi), T = c in the
// expected ones. Third derivatives are these differentiated along the direction.
// Source: Maier (2014) DirichletReg, Research Report 125, WU Vienna; Ferrari &
// Cribari-Neto (2004) for two parts. Derivatives by hand.
#ifndef GAMUT_FAMILY_DIRICHLET_HPP
#define GAMUT_FAMILY_DIRICHLET_HPP

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

#include "family.hpp"
#include "link.hpp"
#include "special_functions.hpp"
#include "tile_columns.hpp"

namespace gamut {

/// What both parametrisations know of one row.
struct DirichletRow {
  std::vector<double> y, mu, alpha, rest;  ///< rest = r_k above
  double total = 0;                        ///< A, or phi

  explicit DirichletRow(int parts)
      : y(static_cast<std::size_t>(parts)), mu(y), alpha(y), rest(y), parts_(parts) {}

  int parts() const { return parts_; }

  void read(const ResponseTile& tile, Index i) {
    for (int k = 0; k < parts_; ++k) at(y, k) = tile.y[k * tile.stride + i];
  }

  /// Once y, mu, alpha and total are there.
  void prepare() {
    for (int k = 0; k < parts_; ++k) {
      at(rest, k) =
          std::log(at(y, k) / at(mu, k)) - special::digamma_excess(at(alpha, k));
    }
  }

  /// 1 - mu_k without cancellation.
  double complement(int k) const {
    if (at(mu, k) <= 0.5) return 1 - at(mu, k);
    double sum = 0;
    for (int j = 0; j < parts_; ++j) sum += j == k ? 0 : at(mu, j);
    return sum;
  }

  /// D. The parts may miss one by their rounding, which A would magnify.
  double divergence() const {
    double sum = 0, excess = -1;
    for (int k = 0; k < parts_; ++k) {
      sum += special::deviance_part(at(mu, k), at(y, k));
      excess += at(y, k);
    }
    return sum - excess;
  }

  /// -2 log f.
  double objective() const {
    double sum = total * divergence() - special::stirling_correction(total) +
                 0.5 * std::log(total) + (parts_ - 1) * special::kHalfLogTwoPi;
    for (int k = 0; k < parts_; ++k) {
      sum += std::log(at(y, k)) - 0.5 * std::log(at(alpha, k)) +
             special::stirling_correction(at(alpha, k));
    }
    return 2 * sum;
  }

  static double at(const std::vector<double>& v, int k) {
    return v[static_cast<std::size_t>(k)];
  }
  static double& at(std::vector<double>& v, int k) {
    return v[static_cast<std::size_t>(k)];
  }

 private:
  int parts_;
};

/// The loops over rows, and what does not depend on the parametrisation.
class DirichletFamily : public Family {
 public:
  explicit DirichletFamily(int parts) : parts_(parts) {
    if (parts < 2) {
      throw Error(Status::invalid_argument, "a Dirichlet family needs two parts or more");
    }
  }

  int predictors() const override { return parts_; }

  double evaluate(const ResponseTile& tile, const double* const* eta,
                  Information information, const RowDerivatives& out) const override {
    check(tile);
    const bool observed = information == Information::observed;
    DirichletRow row(parts_);
    std::vector<double> score(size(parts_)), weight(size(packed_size(parts_)));
    double sum = 0;
    for (Index i = 0; i < tile.rows; ++i) {
      locate(tile, eta, i, row);
      const double d = weighted(tile.prior, i, row.objective());
      if (out.objective) out.objective[i] = d;
      sum += d;
      if (!out.score && !out.weight) continue;
      row_score(row, score.data());
      if (out.score) store(tile, i, score, out.score);
      if (!out.weight) continue;
      row_weight(row, observed, score.data(), weight.data());
      store(tile, i, weight, out.weight);
    }
    return sum;
  }

  void third(const ResponseTile& tile, const double* const* eta, const double* const* v,
             double* const* dweight) const override {
    check(tile);
    DirichletRow row(parts_);
    std::vector<double> direction(size(parts_)), slope(size(packed_size(parts_)));
    for (Index i = 0; i < tile.rows; ++i) {
      locate(tile, eta, i, row);
      for (int k = 0; k < parts_; ++k) direction[size(k)] = v[k][i];
      row_third(row, direction.data(), slope.data());
      store(tile, i, slope, dweight);
    }
  }

  /// The parts shrunken towards the uniform; a middling precision, the same for all.
  void start(const ResponseTile& tile, double* const* eta) const override {
    check(tile);
    std::vector<double> log_mean(size(parts_));
    for (Index i = 0; i < tile.rows; ++i) {
      for (int k = 0; k < parts_; ++k) {
        const double y = tile.y[k * tile.stride + i];
        log_mean[size(k)] = std::log((y + 0.05) / (1 + 0.05 * parts_));
      }
      row_start(log_mean.data(), std::log(4.0 * parts_), i, eta);
    }
  }

  double pearson(const ResponseTile&, const double* const*) const override { return 0; }

 protected:
  /// Shapes below this are far outside any use; their psi'' would overflow.
  static constexpr double kSmallestShape = 1e-100;

  virtual void alphas(const double* const* eta, Index i, DirichletRow& row) const = 0;
  virtual void row_score(const DirichletRow& row, double* score) const = 0;
  virtual void row_weight(const DirichletRow& row, bool observed, const double* score,
                          double* weight) const = 0;
  virtual void row_third(const DirichletRow& row, const double* v,
                         double* slope) const = 0;
  virtual void row_start(const double* log_mean, double log_precision, Index i,
                         double* const* eta) const = 0;

 private:
  static std::size_t size(int count) { return static_cast<std::size_t>(count); }

  void check(const ResponseTile& tile) const {
    if (tile.columns != parts_) {
      throw Error(Status::invalid_argument,
                  "a Dirichlet response has one column for each part");
    }
  }

  void locate(const ResponseTile& tile, const double* const* eta, Index i,
              DirichletRow& row) const {
    row.read(tile, i);
    alphas(eta, i, row);
    row.prepare();
  }

  static void store(const ResponseTile& tile, Index i, const std::vector<double>& from,
                    double* const* to) {
    for (std::size_t j = 0; j < from.size(); ++j) {
      to[j][i] = weighted(tile.prior, i, from[j]);
    }
  }

  int parts_;
};

class Dirichlet : public DirichletFamily {
 public:
  using DirichletFamily::DirichletFamily;

  /// The shapes alpha.
  void parameters(Index rows, const double* const* eta,
                  double* const* param) const override {
    for (int k = 0; k < predictors(); ++k) {
      for (Index i = 0; i < rows; ++i) param[k][i] = shape(eta[k][i]);
    }
  }

 protected:
  void alphas(const double* const* eta, Index i, DirichletRow& row) const override {
    row.total = 0;
    for (int k = 0; k < row.parts(); ++k) {
      row.at(row.alpha, k) = shape(eta[k][i]);
      row.total += row.at(row.alpha, k);
    }
    for (int k = 0; k < row.parts(); ++k) {
      row.at(row.mu, k) = row.at(row.alpha, k) / row.total;
    }
  }

  void row_score(const DirichletRow& row, double* score) const override {
    const double whole = special::digamma_excess(row.total);
    for (int k = 0; k < row.parts(); ++k) {
      score[k] = row.at(row.alpha, k) * (row.at(row.rest, k) + whole);
    }
  }

  void row_weight(const DirichletRow& row, bool observed, const double* score,
                  double* weight) const override {
    const int size = row.parts();
    const double whole = special::trigamma_excess(row.total);
    for (int l = 0; l < size; ++l) {
      const double al = row.at(row.alpha, l);
      const double excess = special::trigamma_excess(al) - whole;
      weight[packed_index(l, l, size)] =
          al * (row.complement(l) + al * excess) - (observed ? score[l] : 0);
      for (int k = l + 1; k < size; ++k) {
        weight[packed_index(k, l, size)] =
            -row.at(row.alpha, k) * (row.at(row.mu, l) + al * whole);
      }
    }
  }

  void row_third(const DirichletRow& row, const double* v, double* slope) const override {
    const int size = row.parts();
    const double psi1 = special::trigamma(row.total);
    const double psi0 = special::digamma_excess(row.total);
    double along = 0;
    for (int k = 0; k < size; ++k) along += row.at(row.alpha, k) * v[k];
    const double turn = special::tetragamma(row.total) * along;
    for (int l = 0; l < size; ++l) {
      const double al = row.at(row.alpha, l);
      for (int k = l; k < size; ++k) {
        const double ak = row.at(row.alpha, k);
        slope[packed_index(k, l, size)] = -ak * al * ((v[k] + v[l]) * psi1 + turn);
      }
      const double score = al * (row.at(row.rest, l) + psi0);
      const double own =
          al * al * (3 * special::trigamma(al) + al * special::tetragamma(al));
      slope[packed_index(l, l, size)] += v[l] * (own - score) - al * psi1 * along;
    }
  }

  void row_start(const double* log_mean, double log_precision, Index i,
                 double* const* eta) const override {
    for (int k = 0; k < predictors(); ++k) eta[k][i] = log_mean[k] + log_precision;
  }

 private:
  static double shape(double eta) {
    return std::exp(clamp_eta(eta, -kTailExponent, kTailExponent));
  }
};

}  // namespace gamut

#endif  // GAMUT_FAMILY_DIRICHLET_HPP
