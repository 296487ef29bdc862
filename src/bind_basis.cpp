// bind_basis.cpp - the bases of smooth terms: numbers in, matrices out (see
// R/smooth-basis.R and its neighbours, which check all arguments).
#include <RcppEigen.h>

#include "gamut/basis/b_spline_penalty.hpp"
#include "gamut/basis/cubic_regression.hpp"

using namespace gamut;

// [[Rcpp::export(rng = false)]]
Eigen::MatrixXd b_spline_matrix_cpp(const Eigen::VectorXd& x,
                                    const Eigen::VectorXd& knots, int degree) {
  return b_spline_matrix(BSplines(knots, degree), x);
}

// [[Rcpp::export(rng = false)]]
Eigen::MatrixXd periodic_matrix_cpp(const Eigen::VectorXd& x,
                                    const Eigen::VectorXd& knots, int degree) {
  return periodic_matrix(knots, degree, x);
}

// [[Rcpp::export(rng = false)]]
Eigen::MatrixXd b_spline_penalty_cpp(const Eigen::VectorXd& knots, int degree,
                                     int order) {
  return b_spline_penalty(BSplines(knots, degree), order);
}

// [[Rcpp::export(rng = false)]]
Eigen::MatrixXd cubic_matrix_cpp(const Eigen::VectorXd& x, const Eigen::VectorXd& knots,
                                 bool cyclic) {
  return cubic_regression_matrix(CubicRegression(knots, cyclic), x);
}

// [[Rcpp::export(rng = false)]]
Eigen::MatrixXd cubic_penalty_cpp(const Eigen::VectorXd& knots, bool cyclic) {
  return CubicRegression(knots, cyclic).penalty();
}

// [[Rcpp::export(rng = false)]]
Eigen::MatrixXd cubic_in_b_splines_cpp(const Eigen::VectorXd& knots, bool cyclic) {
  return CubicRegression(knots, cyclic).in_b_splines();
}
