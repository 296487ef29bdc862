// storage_from_r.h - the storages of a problem from R's lists: columns and their
// products, factors, splines. Vectors are read where R keeps them.
#ifndef GAMUT_SRC_STORAGE_FROM_R_H
#define GAMUT_SRC_STORAGE_FROM_R_H

#include <RcppEigen.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gamut/loess/storages.hpp"
#include "gamut/term/dense.hpp"
#include "gamut/term/index.hpp"
#include "gamut/term/spline.hpp"
#include "loess_from_r.h"

/// A numeric vector, an integer vector, or a table on integer codes.
inline gamut::Operand operand_from_r(SEXP variable, SEXP table) {
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

inline gamut::Column column_from_r(const Rcpp::List& column,
                                   const Rcpp::List& variables) {
  const Rcpp::IntegerVector ids = column["vars"];
  const Rcpp::List tables = column["tables"];
  gamut::Column out;
  for (R_xlen_t j = 0; j < ids.size(); ++j) {
    out.operands.push_back(operand_from_r(variables[ids[j] - 1], tables[j]));
  }
  return out;
}

inline std::shared_ptr<gamut::Storage> dense_from_r(const Rcpp::List& storage,
                                                    const Rcpp::List& variables,
                                                    gamut::Index rows) {
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

inline std::shared_ptr<gamut::Storage> index_from_r(const Rcpp::List& storage,
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

inline std::shared_ptr<gamut::Storage> spline_from_r(const Rcpp::List& storage,
                                                     const Rcpp::List& variables) {
  SEXP x = variables[Rcpp::as<int>(storage["x"]) - 1], map = storage["map_within"];
  return std::make_shared<gamut::SplineStorage>(
      REAL(x),
      gamut::BSplines(Rcpp::as<gamut::Vector>(storage["knots"]),
                      Rcpp::as<int>(storage["degree"])),
      column_from_r(Rcpp::List(storage["by"]), variables),
      Rf_isNull(map) ? gamut::Matrix() : Rcpp::as<gamut::Matrix>(map));
}

inline std::shared_ptr<gamut::Storage> surface_from_r(const Rcpp::List& storage,
                                                      const Rcpp::List& variables) {
  std::vector<const double*> x;
  for (int id : Rcpp::IntegerVector(storage["x"])) x.push_back(REAL(variables[id - 1]));
  gamut::LoessPolynomial polynomial;
  polynomial.powers = Rcpp::as<Eigen::MatrixXi>(storage["powers"]);
  polynomial.origin = Rcpp::as<gamut::Vector>(storage["origin"]);
  polynomial.centre = Rcpp::as<gamut::Vector>(storage["centre"]);
  return std::make_shared<gamut::SurfaceStorage>(
      std::make_shared<gamut::KdTree>(tree_from_r(storage["surface"])), std::move(x),
      std::move(polynomial), Rcpp::as<gamut::Matrix>(storage["gamma"]));
}

inline std::shared_ptr<gamut::Storage> storage_from_r(const Rcpp::List& storage,
                                                      const Rcpp::List& variables,
                                                      gamut::Index rows) {
  const std::string kind = Rcpp::as<std::string>(storage["kind"]);
  if (kind == "dense") return dense_from_r(storage, variables, rows);
  if (kind == "index") return index_from_r(storage, variables);
  if (kind == "spline") return spline_from_r(storage, variables);
  if (kind == "surface") return surface_from_r(storage, variables);
  Rcpp::stop("a storage of the problem has the unknown kind '%s'", kind);
}

#endif  // GAMUT_SRC_STORAGE_FROM_R_H
