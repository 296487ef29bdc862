// basis/thin_plate.hpp - thin plate regression splines of d covariates.
//
// Of all functions f with given values at the knots k_1, ..., k_K the one with the least
// integral of all squared derivatives of order m, 2m > d, is
//   f(x) = sum_j delta_j eta(|x - k_j|) + sum_l alpha_l phi_l(x),   T'delta = 0,
//   eta(r) = (-1)^(m+1+d/2) / (2^(2m-1) pi^(d/2) (m-1)! (m-d/2)!) r^(2m-d) log r, d even,
//            Gamma(d/2 - m) / (2^(2m) pi^(d/2) (m-1)!) r^(2m-d),                  d odd,
// with phi the M polynomials of degree below m and T_jl = phi_l(k_j). The integral is
// delta'E delta, E_ij = eta(|k_i - k_j|). The regression spline of size p has
// delta = U Z c: U the p eigenvectors of E of the largest eigenvalues by size, D, and Z
// (p x (p - M)) an orthonormal basis of what T'U Z = 0 leaves. So
//   f(x) = eta(x)'U Z c + phi(x)'alpha,   penalty c'Z'D Z c.
// Z is that of a factorisation T'U Q = (0, L), L triangular from the lower left to the
// upper right, by reflections: the shrinkage of bs = "ts" depends on this choice.
// Source: Wood (2003) J. R. Statist. Soc. B 65, 95-114; Duchon (1977), Wahba (1990)
// Spline Models for Observational Data, section 2.4, for eta.
#ifndef GAMUT_BASIS_THIN_PLATE_HPP
#define GAMUT_BASIS_THIN_PLATE_HPP

#include <cmath>

#include "extreme_eigen.hpp"
#include "radial.hpp"

namespace gamut {

class ThinPlate {
 public:
  ThinPlate(int dimensions, int order) : dimensions_(dimensions), order_(order) {
    if (dimensions < 1 || order < 1 || 2 * order <= dimensions) {
      throw Error(Status::invalid_argument,
                  "derivatives of an order above half the number of covariates");
    }
  }

  Radial radial() const {
    const double scale = constant();
    const int power = 2 * order_ - dimensions_, half = power / 2;
    if (power % 2 == 0) {
      return [scale, half](Eigen::Ref<Vector> squares) {
        for (Index i = 0; i < squares.size(); ++i) {
          double value = squares[i] > 0 ? 0.5 * scale * std::log(squares[i]) : 0;
          for (int j = 0; j < half; ++j) value *= squares[i];
          squares[i] = value;
        }
      };
    }
    return [scale, half](Eigen::Ref<Vector> squares) {
      for (Index i = 0; i < squares.size(); ++i) {
        double value = scale * std::sqrt(squares[i]);
        for (int j = 0; j < half; ++j) value *= squares[i];
        squares[i] = value;
      }
    };
  }

  /// phi at places: the products of powers with a sum below m, those of the first
  /// covariate fastest.
  Matrix polynomials(const Matrix& places) const {
    std::vector<Vector> columns;
    std::vector<int> powers(static_cast<std::size_t>(dimensions_), 0);
    do {
      Vector column = Vector::Ones(places.rows());
      for (int d = 0; d < dimensions_; ++d) {
        const int power = powers[static_cast<std::size_t>(d)];
        for (int j = 0; j < power; ++j) column.array() *= places.col(d).array();
      }
      columns.push_back(column);
    } while (next(powers));
    Matrix out(places.rows(), static_cast<Index>(columns.size()));
    for (Index j = 0; j < out.cols(); ++j) out.col(j) = columns[j];
    return out;
  }

 private:
  /// eta(1), or in front of the logarithm.
  double constant() const {
    const double m = order_, d = dimensions_, pi = std::acos(-1.0);
    const double shared = std::pow(pi, d / 2) * std::tgamma(m);
    if (dimensions_ % 2) return std::tgamma(d / 2 - m) / (std::pow(4, m) * shared);
    const double sign = (order_ + 1 + dimensions_ / 2) % 2 ? -1 : 1;
    return sign / (std::pow(2, 2 * m - 1) * shared * std::tgamma(m - d / 2 + 1));
  }

  /// Counts on as an odometer does; false behind the last.
  bool next(std::vector<int>& powers) const {
    int sum = 0;
    for (int power : powers) sum += power;
    for (int& power : powers) {
      if (sum + 1 < order_) {
        ++power;
        return true;
      }
      sum -= power;
      power = 0;
    }
    return false;
  }

  int dimensions_, order_;
};

/// Q of T'U Q = (0, L), but its last columns: reflections of the rows one after another,
/// each with one column fewer, into their last entry.
inline Matrix null_basis(Matrix rows) {
  const Index size = rows.cols();
  Matrix q = Matrix::Identity(size, size);
  for (Index i = 0; i < rows.rows(); ++i) {
    const Index length = size - i;
    Vector mirror = rows.row(i).head(length);
    mirror[length - 1] += std::copysign(mirror.norm(), mirror[length - 1]);
    const double square = mirror.squaredNorm();
    if (!(square > 0)) continue;
    const Vector turned = rows.leftCols(length) * mirror * (2 / square);
    rows.leftCols(length) -= turned * mirror.transpose();
    const Vector moved = q.leftCols(length) * mirror * (2 / square);
    q.leftCols(length) -= moved * mirror.transpose();
  }
  return q.leftCols(size - rows.rows());
}

/// Coefficients U Z of the radial functions, and the penalty of what they multiply.
struct ThinPlateSpace {
  Matrix coefficients, penalty;
};

inline ThinPlateSpace thin_plate_space(const ThinPlate& kind, const Matrix& knots,
                                       Index size) {
  Matrix polynomials = kind.polynomials(knots);
  if (size <= polynomials.cols() || size > knots.rows()) {
    throw Error(Status::invalid_argument,
                "a thin plate spline is larger than its null space, and no larger than "
                "the number of its knots");
  }
  polynomials.colwise().normalize();
  const Eigenpairs top = extreme_eigen(radial_matrix(knots, knots, kind.radial()), size);
  const Matrix z = null_basis(polynomials.transpose() * top.vectors);
  const Matrix penalty = z.transpose() * top.values.asDiagonal() * z;
  return {top.vectors * z, (penalty + penalty.transpose()) / 2};
}

}  // namespace gamut

#endif  // GAMUT_BASIS_THIN_PLATE_HPP
