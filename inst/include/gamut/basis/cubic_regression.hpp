// basis/cubic_regression.hpp - cubic splines by their values at the knots.
//
// Between the knots k_i and k_{i+1} = k_i + h_i the spline with values g and second
// derivatives s at the knots is, with u = x - k_i and v = h_i - u,
//   f(x) = (v g_i + u g_{i+1}) / h_i
//        + (v^3 / h_i - h_i v) s_i / 6 + (u^3 / h_i - h_i u) s_{i+1} / 6.
// Continuous slopes ask for B s = D g, where at an inner knot the row of B has h_{i-1} /
// 6, (h_{i-1} + h_i) / 3, h_i / 6, and that of D 1 / h_{i-1}, -1 / h_{i-1} - 1 / h_i, 1 /
// h_i.
//   natural: s = 0 at both ends; beyond them f is a straight line. p = number of knots.
//   cyclic:  the last knot is the first again, x comes round. p = one fewer.
// The coefficients are g, and the integral of f''^2 is g' S g with S = D' B^{-1} D.
// in_b_splines() has the same functions in the cubic B-splines of b_splines(), whose
// outer knots are the ends, four times each: f(x) = sum_j B_j(x) (T g)_j between the
// ends. The coefficient of B_j is the blossom at k_{j-2}, k_{j-1}, k_j (the ends beyond
// them) of the cubic on any interval where B_j is not 0: a cubic a0 + a1 u + a2 u^2 + a3
// u^3 has the blossom a0 + a1 (u + v + w) / 3 + a2 (uv + uw + vw) / 3 + a3 uvw. Source:
// Wood (2017) Generalized Additive Models, 2nd ed., sections 5.3.1 and 5.3.2; Ramshaw
// (1989) Comput. Aided Geom. Des. 6, 323-358 for blossoms.
#ifndef GAMUT_BASIS_CUBIC_REGRESSION_HPP
#define GAMUT_BASIS_CUBIC_REGRESSION_HPP

#include <algorithm>
#include <utility>

#include "b_spline.hpp"

namespace gamut {

class CubicRegression {
 public:
  CubicRegression(Vector knots, bool cyclic) : knots_(std::move(knots)), cyclic_(cyclic) {
    bool good = knots_.size() >= (cyclic ? 4 : 3) && knots_.allFinite();
    for (Index i = 1; good && i < knots_.size(); ++i) good = knots_[i] > knots_[i - 1];
    if (!good) {
      throw Error(Status::invalid_argument,
                  "a cubic regression spline needs at least 3 knots, 4 if it is cyclic, "
                  "in strictly increasing order");
    }
    steps_ = knots_.tail(knots_.size() - 1) - knots_.head(knots_.size() - 1);
    solve();
  }

  Index columns() const { return cyclic_ ? steps_.size() : knots_.size(); }
  /// S of the integral of f''^2.
  const Matrix& penalty() const { return penalty_; }

  /// The values at x of the functions with one coefficient of 1.
  Vector row(double x) const {
    const Index last = steps_.size();
    if (cyclic_) x = wrapped(x, knots_[0], knots_[last]);
    if (x < knots_[0]) return row_between(0, 0) + (x - knots_[0]) * slope(0);
    if (x > knots_[last]) {
      return row_between(last - 1, steps_[last - 1]) + (x - knots_[last]) * slope(last);
    }
    const double* first = knots_.data();
    const Index i = std::upper_bound(first + 1, first + last, x) - first - 1;
    return row_between(i, x - knots_[i]);
  }

  BSplines b_splines() const {
    Vector knots(knots_.size() + 6);
    for (Index j = 0; j < knots.size(); ++j) knots[j] = knots_[inside(j - 3)];
    return BSplines(std::move(knots), 3);
  }

  /// T, a row for each of the B-splines.
  Matrix in_b_splines() const {
    Matrix out = Matrix::Zero(knots_.size() + 2, columns());
    for (Index j = 0; j < out.rows(); ++j) {
      const Index i = std::min(std::max<Index>(j - 2, 0), steps_.size() - 1);
      const double h = steps_[i], u = knots_[inside(j - 2)] - knots_[i],
                   v = knots_[inside(j - 1)] - knots_[i],
                   w = knots_[inside(j)] - knots_[i];
      const double one = (u + v + w) / 3, two = (u * v + u * w + v * w) / 3;
      out(j, wheel(i)) += 1 - one / h;
      out(j, wheel(i + 1)) += one / h;
      const double cube = u * v * w / (6 * h);
      out.row(j) += (two / 2 - h * one / 3 - cube) * curvature_.row(i) +
                    (cube - h * one / 6) * curvature_.row(i + 1);
    }
    return out;
  }

 private:
  Index inside(Index j) const { return std::min(std::max<Index>(j, 0), steps_.size()); }
  /// The coefficient that is the value at a knot.
  Index wheel(Index knot) const { return knot % columns(); }

  /// f at u beyond knot i, in the interval that begins there.
  Vector row_between(Index i, double u) const {
    const double h = steps_[i], v = h - u;
    Vector out = (v * v * v / h - h * v) / 6 * curvature_.row(i).transpose() +
                 (u * u * u / h - h * u) / 6 * curvature_.row(i + 1).transpose();
    out[wheel(i)] += v / h;
    out[wheel(i + 1)] += u / h;
    return out;
  }

  /// f' at one of the ends of a natural spline, where s = 0.
  Vector slope(Index end) const {
    const Index i = end ? end - 1 : 0;
    const double h = steps_[i];
    Vector out = (end ? h / 6 * curvature_.row(i) : -h / 6 * curvature_.row(i + 1));
    out[i] -= 1 / h;
    out[i + 1] += 1 / h;
    return out;
  }

  /// B and D, then s = B^{-1} D g at all knots, and S.
  void solve() {
    const Index knots = knots_.size(), first = cyclic_ ? 0 : 1;
    const Index rows = cyclic_ ? columns() : knots - 2;
    Matrix b = Matrix::Zero(rows, rows), d = Matrix::Zero(rows, columns());
    for (Index r = 0; r < rows; ++r) {
      const Index knot = r + first, before = knot ? knot - 1 : steps_.size() - 1;
      const double left = steps_[before], right = steps_[knot];
      b(r, r) += (left + right) / 3;
      d(r, wheel(before)) += 1 / left;
      d(r, wheel(knot)) -= 1 / left + 1 / right;
      d(r, wheel(knot + 1)) += 1 / right;
      if (!cyclic_ && r + 1 == rows) continue;
      const Index next = (r + 1) % rows;
      b(r, next) += right / 6;
      b(next, r) += right / 6;
    }
    const Eigen::LLT<Matrix> factor(b);
    const Matrix root = factor.matrixL().solve(d);
    penalty_ = root.transpose() * root;
    curvature_ = Matrix::Zero(knots, columns());
    curvature_.middleRows(first, rows) = factor.matrixU().solve(root);
    if (cyclic_) curvature_.row(knots - 1) = curvature_.row(0);
  }

  Vector knots_, steps_;
  bool cyclic_;
  Matrix curvature_, penalty_;
};

inline Matrix cubic_regression_matrix(const CubicRegression& basis, const Vector& x) {
  Matrix out(x.size(), basis.columns());
  for (Index n = 0; n < x.size(); ++n) out.row(n) = basis.row(x[n]).transpose();
  return out;
}

}  // namespace gamut

#endif  // GAMUT_BASIS_CUBIC_REGRESSION_HPP
