#include "problem_from_r.h"

#include <RcppEigen.h>

#include <string>

#include "gamut/covariance/registry.hpp"
#include "gamut/term/dense.hpp"
#include "gamut/term/index.hpp"

using gamut::Index;

gamut::TailKind tail_kind_from_r(SEXP name) {
  const std::string kind = Rcpp::as<std::string>(name);
  if (kind == "dense") return gamut::TailKind::dense;
  if (kind == "sparse") return gamut::TailKind::sparse;
  if (kind == "iterative") return gamut::TailKind::iterative;
  return gamut::TailKind::automatic;
}

namespace {

/// A numeric vector, an integer vector, or a table on integer codes.
gamut::Operand operand_from_r(SEXP variable, SEXP table) {
  gamut::Operand operand;
  if (!Rf_isNull(table)) operand.table = Rcpp::as<std::vector<double>>(table);
  if (TYPEOF(variable) == REALSXP) {
    operand.real = REAL(variable);
  } else if (TYPEOF(variable) == INTSXP || TYPEOF(variable) == LGLSXP) {
    operand.integer = INTEGER(variable);
  } else {
    Rcpp::stop("a column of the problem is neither numeric nor a factor");
  }
  return operand;
}

gamut::Column column_from_r(const Rcpp::List& column, const Rcpp::List& variables) {
  const Rcpp::IntegerVector ids = column["vars"];
  const Rcpp::List tables = column["tables"];
  gamut::Column out;
  for (R_xlen_t j = 0; j < ids.size(); ++j) {
    out.operands.push_back(operand_from_r(variables[ids[j] - 1], tables[j]));
  }
  return out;
}

std::shared_ptr<gamut::Storage> dense_from_r(const Rcpp::List& storage,
                                             const Rcpp::List& variables, Index rows) {
  const Rcpp::List programs = storage["columns"];
  std::vector<gamut::Column> columns;
  for (const auto& program : programs) {
    columns.push_back(column_from_r(Rcpp::List(program), variables));
  }
  auto dense = std::make_shared<gamut::DenseStorage>(
      std::move(columns), Rcpp::as<bool>(storage["intercept"]));
  dense->centre(rows);
  dense->keep(rows);
  return dense;
}

std::shared_ptr<gamut::Storage> index_from_r(const Rcpp::List& storage,
                                             const Rcpp::List& variables) {
  std::vector<gamut::Column> z;
  if (!Rf_isNull(storage["z"])) {
    for (SEXP program : Rcpp::List(storage["z"])) {
      z.push_back(column_from_r(Rcpp::List(program), variables));
    }
  }
  SEXP codes = variables[Rcpp::as<int>(storage["codes"]) - 1];
  return std::make_shared<gamut::IndexStorage>(
      INTEGER(codes), Rcpp::as<int>(storage["levels"]), std::move(z));
}

std::shared_ptr<gamut::Storage> storage_from_r(const Rcpp::List& storage,
                                               const Rcpp::List& variables, Index rows) {
  const std::string kind = Rcpp::as<std::string>(storage["kind"]);
  if (kind == "dense") return dense_from_r(storage, variables, rows);
  if (kind == "index") return index_from_r(storage, variables);
  Rcpp::stop("a storage of the problem has the unknown kind '%s'", kind);
}

gamut::CoefficientMap map_from_r(const Rcpp::List& storage) {
  gamut::CoefficientMap map;
  if (storage.containsElementNamed("map") && !Rf_isNull(storage["map"])) {
    for (int target : Rcpp::IntegerVector(storage["map"])) {
      map.selection.push_back(target - 1);
    }
  } else if (storage.containsElementNamed("contrast") &&
             !Rf_isNull(storage["contrast"])) {
    map.matrix = Rcpp::as<gamut::Matrix>(storage["contrast"]);
  }
  return map;
}

gamut::Term term_from_r(const Rcpp::List& term, const Rcpp::List& storages) {
  gamut::Term out;
  out.storage = Rcpp::as<int>(term["storage"]) - 1;
  out.loading = Rcpp::as<gamut::Matrix>(term["loading"]);
  for (int place : Rcpp::IntegerVector(term["position"])) {
    out.position.push_back(place - 1);
  }
  out.map = map_from_r(Rcpp::List(storages[out.storage]));
  if (term.containsElementNamed("covariance")) {
    out.covariance =
        gamut::make_covariance(covariance_from_r(Rcpp::List(term["covariance"])));
  }
  return out;
}

const double* optional_real(SEXP vector) {
  return Rf_isNull(vector) ? nullptr : REAL(vector);
}

}  // namespace

gamut::Problem problem_from_r(const Rcpp::List& problem) {
  gamut::Problem out;
  out.rows = static_cast<Index>(Rcpp::as<double>(problem["rows"]));
  out.family = family_from_r(Rcpp::List(problem["family"]));
  SEXP response = problem["response"];
  if (!Rf_isNull(response)) {
    out.response = REAL(response);
    out.response_columns = Rf_isMatrix(response) ? Rf_ncols(response) : 1;
  }
  out.prior = optional_real(problem["weights"]);
  const Rcpp::List offsets = problem["offsets"], variables = problem["columns"];
  for (SEXP offset : offsets) out.offsets.push_back(optional_real(offset));
  const Rcpp::List storages = problem["storages"], terms = problem["terms"];
  for (SEXP storage : storages) {
    const Rcpp::List one(storage);
    out.storages.push_back(storage_from_r(one, variables, out.rows));
  }
  for (SEXP term : terms) out.terms.push_back(term_from_r(Rcpp::List(term), storages));
  out.coefficients = Rcpp::as<int>(problem["coefficients"]);
  if (problem.containsElementNamed("outside")) {
    const Rcpp::LogicalVector outside = problem["outside"];
    out.outside.assign(outside.begin(), outside.end());
  }
  out.check();
  return out;
}
