// dirichlet_mean.hpp - the Dirichlet by its mean and its precision.
//
//   alpha_k = mu_k phi,  mu = softmax of C - 1 predictors, 0 for the base part,
//   the last predictor is log phi.
// Predictors follow the parts in order, the base left out. The formulas, and the
// source, are in dirichlet.hpp.
#ifndef GAMUT_FAMILY_DIRICHLET_MEAN_HPP
#define GAMUT_FAMILY_DIRICHLET_MEAN_HPP

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

#include "dirichlet.hpp"

namespace gamut {

class DirichletMean : public DirichletFamily {
 public:
  /// `base` counts from 0.
  DirichletMean(int parts, int base) : DirichletFamily(parts), base_(base) {
    if (base < 0 || base >= parts) {
      throw Error(Status::invalid_argument,
                  "the base of a Dirichlet family is one of its parts");
    }
  }

  /// The means of the parts that have a predictor, and the precision.
  void parameters(Index rows, const double* const* eta,
                  double* const* param) const override {
    DirichletRow row(predictors());
    for (Index i = 0; i < rows; ++i) {
      alphas(eta, i, row);
      for (int j = 0; j < last(); ++j) param[j][i] = row.at(row.mu, part(j));
      param[last()][i] = row.total;
    }
  }

 protected:
  void alphas(const double* const* eta, Index i, DirichletRow& row) const override {
    double top = 0, sum = 0;
    for (int j = 0; j < last(); ++j) top = std::max(top, eta[j][i]);
    for (int k = 0; k < row.parts(); ++k) {
      const double z = k == base_ ? 0 : eta[predictor(k)][i];
      row.at(row.mu, k) = std::exp(clamp_eta(z - top, -kTailExponent, 0));
      sum += row.at(row.mu, k);
    }
    row.total = std::exp(clamp_eta(eta[last()][i], -kTailExponent, kTailExponent));
    for (int k = 0; k < row.parts(); ++k) {
      double& mu = row.at(row.mu, k);
      mu /= sum;
      row.at(row.alpha, k) = shape(mu * row.total);
    }
  }

  void row_score(const DirichletRow& row, double* score) const override {
    const double mean = mean_rest(row);
    for (int j = 0; j < last(); ++j) {
      const int k = part(j);
      score[j] = row.at(row.alpha, k) * (row.at(row.rest, k) - mean);
    }
    score[last()] = row.total * (special::digamma_excess(row.total) + mean);
  }

  void row_weight(const DirichletRow& row, bool observed, const double* score,
                  double* weight) const override {
    const int size = row.parts();
    const double phi = row.total, mean = mean_rest(row);
    Curvature c(row);
    if (observed) c.subtract(row, mean);
    for (int j = 0; j < last(); ++j) {
      const int l = part(j);
      const double mu = row.at(row.mu, l);
      weight[packed_index(j, j, size)] =
          phi * (expected_diagonal(row, l) -
                 (observed ? mu * (1 - 2 * mu) * (row.at(row.rest, l) - mean) : 0));
      for (int i = j + 1; i < last(); ++i) {
        const int k = part(i);
        weight[packed_index(i, j, size)] =
            -phi * row.at(row.mu, k) * mu * (1 + c.t(k) + c.t(l) - c.mean);
      }
      weight[packed_index(last(), j, size)] = phi * mu * (c.t(l) - c.mean);
    }
    weight[packed_index(last(), last(), size)] =
        phi * (c.mean - phi * special::trigamma_excess(phi)) -
        (observed ? score[last()] : 0);
  }

  void row_third(const DirichletRow& row, const double* v, double* slope) const override {
    const int size = row.parts();
    const double phi = row.total, mean = mean_rest(row), u = v[last()];
    Curvature c(row);
    const Along d(*this, row, c, v, mean);
    c.subtract(row, mean);
    for (int j = 0; j < last(); ++j) {
      const int l = part(j);
      const double mu = row.at(row.mu, l), w = d.turn(l);
      for (int i = j; i < last(); ++i) {
        const int k = part(i);
        const double both = 1 + c.t(k) + c.t(l) - c.mean;
        slope[packed_index(i, j, size)] =
            -phi * row.at(row.mu, k) * mu *
            ((u + d.turn(k) + w) * both + d.t(k) + d.t(l) - d.mean);
      }
      slope[packed_index(j, j, size)] += phi * mu * ((u + w) * (1 + c.t(l)) + d.t(l));
      slope[packed_index(last(), j, size)] =
          phi * mu * ((u + w) * (c.t(l) - c.mean) + d.t(l) - d.mean);
    }
    const double e0 = special::digamma_excess(phi), e1 = special::trigamma_excess(phi);
    const double e2 = special::tetragamma_excess(phi);
    slope[packed_index(last(), last(), size)] =
        phi * (u * (c.mean - e0 - mean - phi * (3 * e1 + phi * e2)) + d.mean - d.rest);
  }

  void row_start(const double* log_mean, double log_precision, Index i,
                 double* const* eta) const override {
    for (int j = 0; j < last(); ++j) eta[j][i] = log_mean[part(j)] - log_mean[base_];
    eta[last()][i] = log_precision;
  }

 private:
  /// T_k (c_k until subtract()) and cbar.
  struct Curvature {
    std::vector<double> values;
    double mean = 0;

    explicit Curvature(const DirichletRow& row) : values(row.alpha) {
      for (int k = 0; k < row.parts(); ++k) {
        double& c = DirichletRow::at(values, k);
        c *= special::trigamma_excess(c);
        mean += row.at(row.mu, k) * c;
      }
    }
    void subtract(const DirichletRow& row, double mean_rest) {
      for (int k = 0; k < row.parts(); ++k) {
        DirichletRow::at(values, k) -= row.at(row.rest, k) - mean_rest;
      }
    }
    double t(int k) const { return DirichletRow::at(values, k); }
  };

  /// Derivatives along v: of log mu_k (turn), T_k (t), cbar (mean) and rbar (rest).
  struct Along {
    std::vector<double> turns, values;
    double mean = 0, rest = 0;

    /// `c` as it is before subtract().
    Along(const DirichletMean& family, const DirichletRow& row, const Curvature& c,
          const double* v, double mean_rest)
        : turns(row.mu), values(row.mu) {
      const double u = v[family.last()];
      double centre = 0;
      for (int k = 0; k < row.parts(); ++k) {
        at(turns, k) = k == family.base_ ? 0 : v[family.predictor(k)];
        centre += row.at(row.mu, k) * at(turns, k);
      }
      for (int k = 0; k < row.parts(); ++k) {
        const double a = row.at(row.alpha, k), mu = row.at(row.mu, k);
        const double w = at(turns, k) -= centre;
        const double dc = (c.t(k) + a * a * special::tetragamma_excess(a)) * (w + u);
        const double dr = -w - c.t(k) * (w + u);
        mean += mu * (w * c.t(k) + dc);
        rest += mu * (w * (row.at(row.rest, k) - mean_rest) + dr);
        at(values, k) = dc - dr;
      }
      for (double& t : values) t += rest;
    }
    double turn(int k) const { return DirichletRow::at(turns, k); }
    double t(int k) const { return DirichletRow::at(values, k); }

   private:
    static double& at(std::vector<double>& x, int k) { return DirichletRow::at(x, k); }
  };

  int last() const { return predictors() - 1; }
  int part(int predictor) const { return predictor < base_ ? predictor : predictor + 1; }
  int predictor(int part) const { return part < base_ ? part : part - 1; }

  /// A shape out of the parameter space stays so, and gives NaN.
  static double shape(double x) {
    return x >= 0 && x < kSmallestShape ? kSmallestShape : x;
  }

  /// rbar = -D - sum_k mu_k e0(alpha_k).
  static double mean_rest(const DirichletRow& row) {
    double sum = -row.divergence();
    for (int k = 0; k < row.parts(); ++k) {
      sum -= row.at(row.mu, k) * special::digamma_excess(row.at(row.alpha, k));
    }
    return sum;
  }

  /// E W_ll / phi = mu_l (1 - mu_l)^2 (1 + c_l) + mu_l^2 sum of mu_k (1 + c_k), k != l:
  /// a sum of positive terms.
  static double expected_diagonal(const DirichletRow& row, int l) {
    const double mu = row.at(row.mu, l), rest = row.complement(l);
    double others = 0;
    for (int k = 0; k < row.parts(); ++k) {
      const double a = row.at(row.alpha, k);
      if (k != l) others += row.at(row.mu, k) * a * special::trigamma(a);
    }
    const double a = row.at(row.alpha, l);
    return mu * (rest * rest * a * special::trigamma(a) + mu * others);
  }

  int base_;
};

}  // namespace gamut

#endif  // GAMUT_FAMILY_DIRICHLET_MEAN_HPP
