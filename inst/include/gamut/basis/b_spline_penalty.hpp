// basis/b_spline_penalty.hpp - the integral of a squared derivative of a B-spline sum.
//
// For f = sum_j c_j B_j of degree d,  c'S c = integral of f^(r)(x)^2 from t_d to t_p.
// f^(r) is a sum of B-splines of degree d - r on the knots but the r outer ones of each
// side, with coefficients Delta c, where one derivative of splines of degree q makes
//   c_j  into  q (c_j - c_{j-1}) / (t_{j+q} - t_j).
// So S = Delta' G Delta, with G the products of splines of degree d - r, integrated
// exactly by Gauss and Legendre's rule with d - r + 1 nodes in each interval.
// Source: de Boor (1978) A Practical Guide to Splines, ch. X; Wood (2017) Stat. Comput.
// 27, 985-989 for the penalty.
#ifndef GAMUT_BASIS_B_SPLINE_PENALTY_HPP
#define GAMUT_BASIS_B_SPLINE_PENALTY_HPP

#include <cmath>

#include "b_spline.hpp"

namespace gamut {

struct Nodes {
  Vector places, weights;
};

/// The rule of Gauss and Legendre on (-1, 1), by Newton's method from Tricomi's start.
inline Nodes gauss_legendre(int count) {
  const double pi = std::acos(-1.0);
  Nodes out{Vector(count), Vector(count)};
  for (int k = 0; k < count; ++k) {
    double x = std::cos(pi * (k + 0.75) / (count + 0.5)), slope = 1;
    for (int step = 0; step < 20; ++step) {
      double before = 1, value = x;
      for (int j = 2; j <= count; ++j) {
        const double next = ((2 * j - 1) * x * value - (j - 1) * before) / j;
        before = value;
        value = next;
      }
      slope = count * (x * value - before) / (x * x - 1);
      x -= value / slope;
    }
    out.places[k] = x;
    out.weights[k] = 2 / ((1 - x * x) * slope * slope);
  }
  return out;
}

/// Integrals of B_j B_l between lower() and upper().
inline Matrix b_spline_products(const BSplines& basis) {
  const int size = basis.degree() + 1;
  const Nodes rule = gauss_legendre(size);
  Matrix out = Matrix::Zero(basis.columns(), basis.columns());
  BSplines::Row row;
  for (Index i = basis.degree(); i < basis.columns(); ++i) {
    const double half = (basis.knots()[i + 1] - basis.knots()[i]) / 2;
    if (!(half > 0)) continue;
    for (int k = 0; k < size; ++k) {
      basis.values(basis.knots()[i] + half * (1 + rule.places[k]), i, row.data());
      const Eigen::Map<const Vector> values(row.data(), size);
      out.block(i - basis.degree(), i - basis.degree(), size, size).noalias() +=
          (half * rule.weights[k] * values) * values.transpose();
    }
  }
  return out;
}

/// Delta of the first derivative. Splines without support have no coefficient.
inline Matrix b_spline_difference(const BSplines& basis) {
  const int q = basis.degree();
  Matrix out = Matrix::Zero(basis.columns() - 1, basis.columns());
  for (Index j = 1; j < basis.columns(); ++j) {
    const double width = basis.knots()[j + q] - basis.knots()[j];
    if (!(width > 0)) continue;
    out(j - 1, j) = q / width;
    out(j - 1, j - 1) = -q / width;
  }
  return out;
}

/// S of the derivative of an order, from 0 to the degree.
inline Matrix b_spline_penalty(BSplines basis, int order) {
  if (order < 0 || order > basis.degree()) {
    throw Error(Status::invalid_argument,
                "a B-spline has derivatives up to its degree, and no others");
  }
  Matrix delta = Matrix::Identity(basis.columns(), basis.columns());
  for (int r = 0; r < order; ++r) {
    delta = b_spline_difference(basis) * delta;
    const Vector inner = basis.knots().segment(1, basis.knots().size() - 2);
    basis = BSplines(inner, basis.degree() - 1);
  }
  const Matrix out = delta.transpose() * b_spline_products(basis) * delta;
  return (out + out.transpose()) / 2;
}

}  // namespace gamut

#endif  // GAMUT_BASIS_B_SPLINE_PENALTY_HPP
