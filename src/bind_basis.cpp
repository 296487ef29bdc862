// bind_basis.cpp - the bases of smooth terms: numbers in, matrices out (see
// R/smooth-basis.R and its neighbours, which check all arguments).
#include <RcppEigen.h>

#include "gamut/basis/b_spline_penalty.hpp"
#include "gamut/basis/cubic_regression.hpp"
#include "gamut/basis/kriging.hpp"
#include "gamut/basis/sorted_unique.hpp"
#include "gamut/basis/thin_plate.hpp"
#include "gamut/term/cross.hpp"
#include "gamut/term/spline.hpp"

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

// [[Rcpp::export(rng = false)]]
Rcpp::List thin_plate_space_cpp(const Eigen::MatrixXd& knots, int order, int size) {
  const ThinPlate kind(static_cast<int>(knots.cols()), order);
  const ThinPlateSpace space = thin_plate_space(kind, knots, size);
  return Rcpp::List::create(Rcpp::_["coefficients"] = space.coefficients,
                            Rcpp::_["penalty"] = space.penalty);
}

// [[Rcpp::export(rng = false)]]
Eigen::MatrixXd thin_plate_matrix_cpp(const Eigen::MatrixXd& places,
                                      const Eigen::MatrixXd& knots, int order,
                                      const Eigen::MatrixXd& coefficients) {
  const ThinPlate kind(static_cast<int>(knots.cols()), order);
  const Matrix polynomials = kind.polynomials(places);
  Matrix out(places.rows(), coefficients.cols() + polynomials.cols());
  out << radial_product(places, knots, kind.radial(), coefficients), polynomials;
  return out;
}

// [[Rcpp::export(rng = false)]]
Eigen::MatrixXd kriging_correlations_cpp(const Eigen::MatrixXd& knots, int kind,
                                         double range, double power) {
  return radial_matrix(knots, knots, kriging_radial(kind, range, power));
}

// [[Rcpp::export(rng = false)]]
Eigen::MatrixXd kriging_matrix_cpp(const Eigen::MatrixXd& places,
                                   const Eigen::MatrixXd& knots, int kind, double range,
                                   double power, const Eigen::MatrixXd& coefficients) {
  return radial_product(places, knots, kriging_radial(kind, range, power), coefficients);
}

// [[Rcpp::export(rng = false)]]
Rcpp::List extreme_eigen_cpp(const Eigen::MatrixXd& matrix, int count) {
  const Eigenpairs pairs = extreme_eigen(matrix, count);
  return Rcpp::List::create(Rcpp::_["values"] = pairs.values,
                            Rcpp::_["vectors"] = pairs.vectors);
}

/// Means of the B-splines over x, all of it within the knots; the degree is 5 at most.
// [[Rcpp::export(rng = false)]]
Eigen::VectorXd b_spline_means_cpp(const Rcpp::NumericVector& x,
                                   const Eigen::VectorXd& knots, int degree) {
  const SplineStorage rows(x.begin(), BSplines(knots, degree), {}, {});
  const Index count = x.size();
  Vector mean = Vector::Zero(rows.columns());
  const Vector ones = Vector::Ones(tile_rows);
  PanelBuffer buffer;
  for (Index first = 0; first < count; first += tile_rows) {
    Vector sum = Vector::Zero(mean.size());
    add_score(rows.pack(first, std::min(tile_rows, count - first), buffer), ones.data(),
              sum.data());
    mean += sum / static_cast<double>(count);
  }
  return mean;
}

/// B(x) T, x within the knots.
// [[Rcpp::export(rng = false)]]
Eigen::MatrixXd b_spline_product_cpp(const Rcpp::NumericVector& x,
                                     const Eigen::VectorXd& knots, int degree,
                                     const Eigen::MatrixXd& map) {
  const SplineStorage storage(x.begin(), BSplines(knots, degree), {}, map);
  const Index count = x.size();
  Matrix out(count, map.cols());
  PanelBuffer buffer;
  for (Index first = 0; first < count; first += tile_rows) {
    const Index rows = std::min(tile_rows, count - first);
    const Panel panel = storage.pack(first, rows, buffer);
    for (Index j = 0; j < panel.columns; ++j) {
      std::copy_n(panel.values + j * panel.ld, rows, out.col(j).data() + first);
    }
  }
  return out;
}

/// The different values of x, which are finite, in order.
// [[Rcpp::export(rng = false)]]
std::vector<double> sorted_unique_cpp(const Rcpp::NumericVector& x) {
  return RadixSort().unique(x.begin(), x.size());
}
