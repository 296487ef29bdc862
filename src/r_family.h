// r_family.h - a log-density written in R, as the engine sees one.
//
// The functions come from R/family-custom.R, which has wrapped the user's: each takes
// the response and a list of parameters and checks what comes back. It calls back into
// R, so the family stays on the main thread.
#ifndef GAMUT_SRC_R_FAMILY_H
#define GAMUT_SRC_R_FAMILY_H

#include <Rcpp.h>

#include <algorithm>

#include "gamut/family/numerical_family.hpp"

class RDensity : public gamut::RowDensity {
 public:
  /// `functions`: `density`, `score` (or NULL) and `start`.
  RDensity(const Rcpp::List& functions, int parameters)
      : k_(parameters),
        density_(functions["density"]),
        score_(functions["score"]),
        start_(functions["start"]) {}

  void log_density(gamut::Index n, const double* y, const double* const* m,
                   double* out) const override {
    const Rcpp::Function density(density_);
    const Rcpp::NumericVector l = density(Rcpp::NumericVector(y, y + n), list(n, m));
    std::copy(l.begin(), l.end(), out);
  }

  bool has_score() const override { return !Rf_isNull(score_); }

  void score(gamut::Index n, const double* y, const double* const* m,
             double* const* out) const override {
    const Rcpp::Function score(score_);
    copy(score(Rcpp::NumericVector(y, y + n), list(n, m)), n, out);
  }

  void start(gamut::Index n, const double* y, double* const* m) const override {
    const Rcpp::Function start(start_);
    copy(start(Rcpp::NumericVector(y, y + n)), n, m);
  }

 private:
  Rcpp::List list(gamut::Index n, const double* const* m) const {
    Rcpp::List out(k_);
    for (int k = 0; k < k_; ++k) out[k] = Rcpp::NumericVector(m[k], m[k] + n);
    return out;
  }

  /// A list with a vector of n numbers for each parameter.
  void copy(const Rcpp::List& columns, gamut::Index n, double* const* out) const {
    for (int k = 0; k < k_; ++k) {
      const Rcpp::NumericVector column(columns[k]);
      if (column.size() != n) Rcpp::stop("a column of a family has the wrong length");
      std::copy(column.begin(), column.end(), out[k]);
    }
  }

  int k_;
  Rcpp::RObject density_, score_, start_;
};

#endif  // GAMUT_SRC_R_FAMILY_H
