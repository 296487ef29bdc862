// basis/b_spline.hpp - B-splines of any degree on any knots, one x at a time.
//
// Knots t_0 <= ... <= t_{p+d} carry p splines of degree d, by the recursion
//   B_{j,0}(x) = 1 for t_j <= x < t_{j+1},
//   B_{j,q}(x) = (x - t_j) / (t_{j+q} - t_j) B_{j,q-1}(x)
//              + (t_{j+q+1} - x) / (t_{j+q+1} - t_{j+1}) B_{j+1,q-1}(x),
// which sum to 1 between lower() = t_d and upper() = t_p. At any x no more than d + 1 of
// them differ from 0: B_{i-d}, ..., B_i for x in the interval i, t_i <= x < t_{i+1}.
// Nothing here allocates but the constructor, so that rows can be streamed: interval(),
// then values() or derivatives(); row() does both, and goes on in a straight line beyond
// lower() and upper().
// Source: de Boor (1978) A Practical Guide to Splines, ch. X.
#ifndef GAMUT_BASIS_B_SPLINE_HPP
#define GAMUT_BASIS_B_SPLINE_HPP

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "../types.hpp"

namespace gamut {

class BSplines {
 public:
  static constexpr int kMaxDegree = 15;
  /// Room for the values of one row, whatever the degree.
  using Row = std::array<double, kMaxDegree + 1>;

  BSplines(Vector knots, int degree) : knots_(std::move(knots)), degree_(degree) {
    bool good = degree >= 0 && degree <= kMaxDegree && knots_.allFinite() &&
                knots_.size() >= 2 * degree + 2 &&
                std::is_sorted(knots_.data(), knots_.data() + knots_.size());
    good = good && knots_[degree] < knots_[knots_.size() - degree - 1];
    if (good) return;
    throw Error(Status::invalid_argument,
                "B-splines need at least 2 (degree + 1) sorted knots that are not all "
                "the same, and a degree of 0 to 15");
  }

  int degree() const { return degree_; }
  const Vector& knots() const { return knots_; }
  Index columns() const { return knots_.size() - degree_ - 1; }
  double lower() const { return knots_[degree_]; }
  double upper() const { return knots_[columns()]; }

  /// i with t_i <= x < t_{i+1}; beyond lower() and upper() the interval next to them,
  /// to which upper() itself belongs. Never one without length.
  Index interval(double x) const {
    const double* first = knots_.data() + degree_;
    const double* last = knots_.data() + columns();
    if (x >= *last) return std::lower_bound(first, last, *last) - knots_.data() - 1;
    return std::upper_bound(first, last, std::max(x, *first)) - knots_.data() - 1;
  }

  /// The degree + 1 splines of interval i at x; outside of it their polynomials.
  void values(double x, Index i, double* out) const { values_of(x, i, degree_, out); }

  /// Their derivatives of an order.
  void derivatives(double x, Index i, int order, double* out) const {
    if (order > degree_) {
      std::fill(out, out + degree_ + 1, 0.0);
      return;
    }
    values_of(x, i, degree_ - order, out);
    for (int q = degree_ - order + 1; q <= degree_; ++q) raise(i, q, out);
  }

  /// The row of a model matrix: returns the first of degree + 1 columns.
  Index row(double x, double* out) const {
    const Index i = interval(x);
    const double inside = std::min(std::max(x, lower()), upper());
    values(inside, i, out);
    if (x != inside && degree_ > 0) {
      Row slope;
      derivatives(inside, i, 1, slope.data());
      for (int j = 0; j <= degree_; ++j) out[j] += (x - inside) * slope[j];
    }
    return i - degree_;
  }

 private:
  /// The recursion from degree 0, column after column of its triangle.
  void values_of(double x, Index i, int degree, double* out) const {
    out[0] = 1;
    for (int q = 1; q <= degree; ++q) {
      double carried = 0;
      for (int r = 0; r < q; ++r) {
        const double right = knots_[i + r + 1] - x, left = x - knots_[i + r + 1 - q];
        const double part = out[r] / (right + left);
        out[r] = carried + right * part;
        carried = left * part;
      }
      out[q] = carried;
    }
  }

  /// In place, from sum_j c_j B_{j,q-1} to its counterpart one degree and one
  /// derivative up: B'_{j,q} = q (B_{j,q-1} / (t_{j+q} - t_j) - the same of j + 1).
  void raise(Index i, int q, double* out) const {
    double before = 0;
    for (int r = 0; r <= q; ++r) {
      double after = 0;
      if (r < q) after = q * out[r] / (knots_[i + r + 1] - knots_[i + r + 1 - q]);
      out[r] = before - after;
      before = after;
    }
  }

  Vector knots_;
  int degree_;
};

/// The splines at x, a row each.
inline Matrix b_spline_matrix(const BSplines& basis, const Vector& x) {
  Matrix out = Matrix::Zero(x.size(), basis.columns());
  BSplines::Row row;
  for (Index n = 0; n < x.size(); ++n) {
    const Index first = basis.row(x[n], row.data());
    for (int j = 0; j <= basis.degree(); ++j) out(n, first + j) = row[j];
  }
  return out;
}

/// x a whole number of periods away, between first and last.
inline double wrapped(double x, double first, double last) {
  if (x >= first && x <= last) return x;
  const double period = last - first;
  return first + (x - first) - period * std::floor((x - first) / period);
}

/// Knots of periodic splines: those from one end of the period to the other, and as many
/// more on either side as the degree asks for, a whole period on.
inline Vector periodic_knots(const Vector& period, int degree) {
  const Index last = period.size() - 1;
  if (last < degree || last < 1) {
    throw Error(Status::invalid_argument, "more knots than the degree in a period");
  }
  const double length = period[last] - period[0];
  Vector out(period.size() + 2 * degree);
  out.segment(degree, period.size()) = period;
  for (int j = 1; j <= degree; ++j) {
    out[degree - j] = period[last - j] - length;
    out[degree + last + j] = period[j] + length;
  }
  return out;
}

/// Splines on these knots as functions that come round: those at one end of the period
/// and at the other are the same.
inline Matrix periodic_matrix(const Vector& period, int degree, const Vector& x) {
  const BSplines basis(periodic_knots(period, degree), degree);
  const Index columns = period.size() - 1;
  Matrix out = Matrix::Zero(x.size(), columns);
  BSplines::Row row;
  for (Index n = 0; n < x.size(); ++n) {
    const double inside = wrapped(x[n], period[0], period[columns]);
    const Index first = basis.row(inside, row.data());
    for (int j = 0; j <= degree; ++j) out(n, (first + j) % columns) += row[j];
  }
  return out;
}

}  // namespace gamut

#endif  // GAMUT_BASIS_B_SPLINE_HPP
