// family_from_r.cpp - the one file that compiles every family.
#include <RcppEigen.h>

#include <string>

#include "gamut/family/registry.hpp"
#include "problem_from_r.h"
#include "r_family.h"
#include "r_link.h"

namespace {

gamut::LinkPointer link_from_r(SEXP link) {
  if (TYPEOF(link) == STRSXP) return gamut::make_link(Rcpp::as<std::string>(link));
  const Rcpp::List functions(link);
  if (functions.containsElementNamed("power") && !Rf_isNull(functions["power"])) {
    return gamut::make_link("power", Rcpp::as<double>(functions["power"]));
  }
  return std::make_shared<RLink>(functions);
}

}  // namespace

std::shared_ptr<const gamut::Family> family_from_r(const Rcpp::List& description) {
  gamut::FamilySpec spec;
  spec.distribution = Rcpp::as<std::string>(description["distribution"]);
  const Rcpp::List links = description["links"];
  for (SEXP link : links) spec.links.push_back(link_from_r(link));
  spec.numbers = Rcpp::as<std::vector<double>>(description["numbers"]);
  if (description.containsElementNamed("functions") &&
      !Rf_isNull(description["functions"])) {
    const int k = static_cast<int>(spec.links.size());
    return std::make_shared<gamut::NumericalFamily>(
        std::make_shared<RDensity>(description["functions"], k), spec.links,
        spec.numbers);
  }
  spec.categories = Rcpp::as<int>(description["categories"]);
  return gamut::make_family(spec);
}
