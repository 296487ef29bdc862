// loess/line_moments.hpp - the sums of a local polynomial of one predictor.
//
// With t_i = x_i - c and tricube weights w_i inside the radius h
//   s_m = sum_i w_i t_i^m (m <= 2k - 2),  r_m = sum_i w_i t_i^m y_i (m < k)
// are all that X'WX (s_{j+l}) and X'Wy need. Rows are worked off in runs, each of whose
// steps is one over contiguous numbers.
#ifndef GAMUT_LOESS_LINE_MOMENTS_HPP
#define GAMUT_LOESS_LINE_MOMENTS_HPP

#include <algorithm>
#include <cmath>

#include "../types.hpp"

namespace gamut {

class LineMoments {
 public:
  /// k columns: 1, t, ..., t^(k-1), k <= 3. All arrays have a number a row.
  LineMoments(int k, const double* x, const double* weights, const double* y)
      : k_(k), x_(x), weights_(weights), y_(y) {}

  /// Adds up rows [first, last) into X'WX and X'Wy.
  void add(double centre, double radius2, Index first, Index last, Matrix& gram,
           Vector& right) {
    const double scale = 1 / (radius2 * std::sqrt(radius2));
    Vector s = Vector::Zero(2 * k_ - 1);
    for (Index from = first; from < last; from += run) {
      const Index count = std::min(run, last - from);
      const auto t = t_.head(count);
      auto w = w_.head(count);
      t_.head(count) = values(x_, from, count) - centre;
      // 1 - u^3 can be rounded to less than 0 at the edge
      w = (t.square() < radius2)
              .select((1 - t.square() * t.abs() * scale).cwiseMax(0.0).cube() *
                          values(weights_, from, count),
                      0.0);
      for (int m = 0; m < s.size(); ++m) {
        s[m] += w.sum();
        if (m < k_) right[m] += (w * values(y_, from, count)).sum();
        w *= t;
      }
    }
    for (int j = 0; j < k_; ++j) {
      for (int l = j; l < k_; ++l) gram(l, j) += s[j + l];
    }
  }

 private:
  static constexpr Index run = 128;
  using Run = Eigen::Array<double, run, 1>;

  static Eigen::Map<const Eigen::ArrayXd> values(const double* all, Index from,
                                                 Index count) {
    return {all + from, count};
  }

  int k_;
  const double *x_, *weights_, *y_;
  Run t_, w_;
};

}  // namespace gamut

#endif  // GAMUT_LOESS_LINE_MOMENTS_HPP
