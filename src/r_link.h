// r_link.h - a link function written in R, as the engine sees one.
//
// It calls back into R, so a family with such a link stays on the main thread.
#ifndef GAMUT_SRC_R_LINK_H
#define GAMUT_SRC_R_LINK_H

#include <Rcpp.h>

#include <algorithm>
#include <string>

#include "gamut/family/link_numerical.hpp"

class RLink : public gamut::NumericalLink {
 public:
  explicit RLink(const Rcpp::List& functions)
      : name_(Rcpp::as<std::string>(functions["name"])),
        link_(functions["linkfun"]),
        inverse_(functions["linkinv"]),
        derivative_(functions["mu.eta"]) {}

  std::string name() const override { return name_; }
  bool thread_safe() const override { return false; }

  void evaluate(gamut::Index n, const double* eta, double* mu,
                double* d1) const override {
    if (mu) call(inverse_, n, eta, mu);
    if (d1) call(derivative_, n, eta, d1);
  }
  void link(gamut::Index n, const double* mu, double* eta) const override {
    call(link_, n, mu, eta);
  }

 private:
  void call(const Rcpp::Function& f, gamut::Index n, const double* in,
            double* out) const {
    const Rcpp::NumericVector result = f(Rcpp::NumericVector(in, in + n));
    if (result.size() != n) {
      Rcpp::stop("the functions of link '%s' must return one value for each value given",
                 name_);
    }
    std::copy(result.begin(), result.end(), out);
  }

  std::string name_;
  Rcpp::Function link_, inverse_, derivative_;
};

#endif  // GAMUT_SRC_R_LINK_H
