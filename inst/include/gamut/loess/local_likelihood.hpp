// loess/local_likelihood.hpp - a local regression for responses of any family with one
// linear predictor.
//
// The coefficients around a place maximise sum_i K_i l(y_i; x_i'b + o_i) with tricube
// weights K_i: Fisher scoring, every step a local regression of the working response on
// x with weights K_i w_i. Steps are halved until the local deviance falls.
// Source: Tibshirani & Hastie (1987), JASA 82, 559-567; Loader (1999), Local Regression
// and Likelihood, chapter 4.
#ifndef GAMUT_LOESS_LOCAL_LIKELIHOOD_HPP
#define GAMUT_LOESS_LOCAL_LIKELIHOOD_HPP

#include "../family/family.hpp"
#include "local_fit.hpp"

namespace gamut {

/// A response in the order of LoessData, for a family with one predictor.
struct LocalResponse {
  const Family& family;
  Matrix y;  // a column or more a row
  Vector prior;
  Vector offset;
};

/// Working responses (less the offset) and weights at a linear predictor.
struct WorkingRows {
  Vector response, weight;
};

class LocalLikelihood {
 public:
  /// `local` must keep all coefficients.
  LocalLikelihood(const LocalRegression& local, const LocalResponse& response)
      : local_(local), response_(response) {}

  LocalFit fit(const double* at, double radius2) const {
    const Members members = gather(at, radius2);
    if (members.rows.empty()) return local_.fit(at, radius2, response_.prior, zero());
    Vector eta = start(members);
    Vector weights = Vector::Zero(local_.data().rows()), z = weights;
    LocalFit best = step(at, radius2, members, eta, weights, z);
    const Vector begun = eta;
    eta = predictor(at, members, best);
    double objective = local_objective(members, eta);
    if (!std::isfinite(objective)) {
      // outside of the family's range: a constant to step back to
      best.value.setZero();
      best.value[0] = kernel_mean(members, begun);
      eta = predictor(at, members, best);
      objective = local_objective(members, eta);
    }
    const double scale = 1e-3 * std::abs(objective);
    for (int iteration = 0; iteration < 50; ++iteration) {
      LocalFit next = step(at, radius2, members, eta, weights, z);
      double value = 0;
      Vector moved;
      for (int halving = 0; halving < 30; ++halving) {
        moved = predictor(at, members, next);
        value = local_objective(members, moved);
        const bool lower = value <= objective + 1e-12 * std::abs(objective);
        if (std::isfinite(value) && (lower || !std::isfinite(objective))) break;
        next.value = (next.value + best.value) / 2;
      }
      const bool done = std::abs(objective - value) <= 1e-11 * (std::abs(value) + scale);
      best = next;
      eta = moved;
      objective = value;
      // coefficients err by the root of what the deviance does: one step more
      if (done) return step(at, radius2, members, eta, weights, z);
    }
    best.trouble = LocalTrouble::no_maximum;
    return best;
  }

  /// Working rows of all data at a linear predictor (without offset).
  WorkingRows working(const Vector& eta) const {
    IndexVector all(local_.data().rows());
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<Index>(i);
    return evaluate(all, eta);
  }

 private:
  struct Members {
    IndexVector rows;
    std::vector<double> kernel;
  };

  Vector zero() const { return Vector::Zero(local_.data().rows()); }

  Members gather(const double* at, double radius2) const {
    Members out;
    if (!(radius2 > 0)) return out;
    const Vector ones = Vector::Ones(local_.data().rows());
    local_.each_member(at, radius2, ones, [&](Index i, double w) {
      if (!(response_.prior[i] > 0)) return;
      out.rows.push_back(i);
      out.kernel.push_back(w);
    });
    return out;
  }

  /// The response of some rows, copied together.
  struct Gathered {
    Matrix y;
    Vector prior, eta;
    ResponseTile tile;
  };

  void gather_rows(const IndexVector& rows, const Vector& eta, Gathered& out) const {
    const Index n = static_cast<Index>(rows.size());
    out.y.resize(n, response_.y.cols());
    out.prior.resize(n);
    out.eta.resize(n);
    for (Index m = 0; m < n; ++m) {
      out.y.row(m) = response_.y.row(rows[m]);
      out.prior[m] = response_.prior[rows[m]];
      out.eta[m] = (eta.size() ? eta[m] : 0) + response_.offset[rows[m]];
    }
    out.tile.rows = n;
    out.tile.y = out.y.data();
    out.tile.stride = n;
    out.tile.columns = static_cast<int>(out.y.cols());
    out.tile.prior = out.prior.data();
  }

  WorkingRows evaluate(const IndexVector& rows, const Vector& eta) const {
    Gathered at;
    gather_rows(rows, eta, at);
    const Index n = at.tile.rows;
    WorkingRows out;
    out.response.resize(n);
    out.weight.resize(n);
    Vector score(n);
    const double* predictors[] = {at.eta.data()};
    double* scores[] = {score.data()};
    double* weights[] = {out.weight.data()};
    RowDerivatives wanted;
    wanted.score = scores;
    wanted.weight = weights;
    const bool expected = response_.family.has_expected();
    response_.family.evaluate(at.tile, predictors,
                              expected ? Information::expected : Information::working,
                              wanted);
    for (Index m = 0; m < n; ++m) {
      const double w = out.weight[m];
      out.response[m] = eta[m] + (w > 0 ? score[m] / w : 0);
    }
    return out;
  }

  Vector start(const Members& members) const {
    Gathered at;
    gather_rows(members.rows, Vector(), at);
    Vector eta(at.tile.rows);
    double* predictors[] = {eta.data()};
    response_.family.start(at.tile, predictors);
    for (Index m = 0; m < eta.size(); ++m) eta[m] -= response_.offset[members.rows[m]];
    return eta;
  }

  static double kernel_mean(const Members& members, const Vector& v) {
    double sum = 0, total = 0;
    for (Index m = 0; m < v.size(); ++m) {
      sum += members.kernel[m] * v[m];
      total += members.kernel[m];
    }
    return sum / total;
  }

  LocalFit step(const double* at, double radius2, const Members& members,
                const Vector& eta, Vector& weights, Vector& z) const {
    const WorkingRows rows = evaluate(members.rows, eta);
    for (std::size_t m = 0; m < members.rows.size(); ++m) {
      weights[members.rows[m]] = rows.weight[static_cast<Index>(m)];
      z[members.rows[m]] = rows.response[static_cast<Index>(m)];
    }
    return local_.fit(at, radius2, weights, z);
  }

  Vector predictor(const double* at, const Members& members, const LocalFit& fit) const {
    const int k = local_.basis().size();
    Vector eta(static_cast<Index>(members.rows.size())), x(k);
    for (Index m = 0; m < eta.size(); ++m) {
      local_.basis().evaluate(local_.data().row(members.rows[m]), at, x.data());
      eta[m] = x.dot(fit.value.head(k));
    }
    return eta;
  }

  double local_objective(const Members& members, const Vector& eta) const {
    Gathered at;
    gather_rows(members.rows, eta, at);
    Vector objective(eta.size());
    const double* predictors[] = {at.eta.data()};
    RowDerivatives wanted;
    wanted.objective = objective.data();
    response_.family.evaluate(at.tile, predictors, Information::working, wanted);
    double sum = 0;
    for (Index m = 0; m < eta.size(); ++m) sum += members.kernel[m] * objective[m];
    return sum;
  }

  const LocalRegression& local_;
  const LocalResponse& response_;
};

}  // namespace gamut

#endif  // GAMUT_LOESS_LOCAL_LIKELIHOOD_HPP
