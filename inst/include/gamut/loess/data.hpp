// loess/data.hpp - the data of a local regression in an order that keeps neighbours
// together, and how near the q-th nearest neighbour of a place is.
//
// Distances are Euclidean over the first `near` predictors (the others are conditionally
// parametric). With one such predictor rows are sorted by it and a neighbourhood is an
// interval, found by bisection; else all distances are formed and the q-th is selected.
// A span above 1 stretches the largest squared distance by itself, for any number of
// predictors, as the program of Cleveland and Grosse does.
#ifndef GAMUT_LOESS_DATA_HPP
#define GAMUT_LOESS_DATA_HPP

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "../types.hpp"

namespace gamut {

using PointMatrix =
    Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

class LoessData {
 public:
  /// x: n x d, scaled; the first `near` columns make distances. weights: n, >= 0.
  LoessData(const Matrix& x, const Vector& weights, int near, double span)
      : near_(near), span_(span), order_(x.rows()) {
    std::iota(order_.begin(), order_.end(), Index{0});
    if (near_ == 1) sort_rows(x);
    gather(x, weights);
    const double share = std::floor(static_cast<double>(rows()) * span_ + 1e-5);
    neighbours_ = std::min(rows(), static_cast<Index>(share));
  }

  Index rows() const { return static_cast<Index>(order_.size()); }
  int predictors() const { return static_cast<int>(x_.cols()); }
  int near() const { return near_; }
  double span() const { return span_; }
  /// Number q of points in a neighbourhood.
  Index neighbours() const { return neighbours_; }
  const IndexVector& order() const { return order_; }
  const double* row(Index i) const { return x_.data() + i * x_.cols(); }
  const Vector& weights() const { return weights_; }

  /// Put rows into another order: that of `by`, positions in the present one.
  void reorder(const IndexVector& by) {
    IndexVector order(by.size());
    PointMatrix x(x_.rows(), x_.cols());
    Vector weights(weights_.size());
    for (std::size_t i = 0; i < by.size(); ++i) {
      order[i] = order_[by[i]];
      x.row(i) = x_.row(by[i]);
      weights[i] = weights_[by[i]];
    }
    order_.swap(order);
    x_.swap(x);
    weights_.swap(weights);
  }

  /// Values of the caller's rows, in this order; and back.
  Vector sorted(const Vector& v) const {
    Vector out(v.size());
    for (Index i = 0; i < rows(); ++i) out[i] = v[order_[i]];
    return out;
  }
  Vector unsorted(const Vector& v) const {
    Vector out(v.size());
    for (Index i = 0; i < rows(); ++i) out[order_[i]] = v[i];
    return out;
  }

  double distance2(Index i, const double* at) const { return distance2(row(i), at); }
  double distance2(const double* x, const double* at) const {
    double sum = 0;
    for (int j = 0; j < near_; ++j) sum += (x[j] - at[j]) * (x[j] - at[j]);
    return sum;
  }

  /// Squared radius of the neighbourhood of a place: points nearer have positive weight.
  double radius2(const double* at, std::vector<double>& scratch) const {
    const double farthest =
        near_ == 1 ? interval_radius2(at[0]) : selected_radius2(at, scratch);
    return farthest * std::max(1.0, span_);
  }

  /// Rows that can lie within a radius: [first, last).
  void range(const double* at, double radius2, Index& first, Index& last) const {
    first = 0;
    last = rows();
    if (near_ != 1) return;
    // one step more than the root, whose rounding must not lose a row
    const double reach = std::sqrt(radius2) * (1 + 1e-12);
    first = first_not_below(at[0] - reach);
    last = first_not_below(std::nextafter(at[0] + reach, 1e308));
  }

 private:
  /// By the first predictor, rows of one value in their order.
  void sort_rows(const Matrix& x) {
    std::vector<std::pair<double, Index>> keys(order_.size());
    for (Index i = 0; i < rows(); ++i) keys[i] = {x(i, 0), i};
    std::sort(keys.begin(), keys.end());
    for (Index i = 0; i < rows(); ++i) order_[i] = keys[i].second;
  }

  void gather(const Matrix& x, const Vector& weights) {
    x_.resize(x.rows(), x.cols());
    weights_.resize(x.rows());
    for (Index i = 0; i < rows(); ++i) {
      x_.row(i) = x.row(order_[i]);
      weights_[i] = weights[order_[i]];
    }
  }

  double first_column(Index i) const { return x_(i, 0); }

  Index first_not_below(double value) const {
    Index low = 0, high = rows();
    while (low < high) {
      const Index middle = (low + high) / 2;
      if (first_column(middle) < value)
        low = middle + 1;
      else
        high = middle;
    }
    return low;
  }

  /// The q sorted points nearest to `at` are neighbours in the order.
  double interval_radius2(double at) const {
    const Index q = neighbours_;
    Index low = 0, high = rows() - q;
    while (low < high) {
      const Index middle = (low + high) / 2;
      if (at - first_column(middle) > first_column(middle + q) - at)
        low = middle + 1;
      else
        high = middle;
    }
    const double left = first_column(low) - at, right = first_column(low + q - 1) - at;
    return std::max(left * left, right * right);
  }

  double selected_radius2(const double* at, std::vector<double>& scratch) const {
    scratch.resize(rows());
    for (Index i = 0; i < rows(); ++i) scratch[i] = distance2(i, at);
    const auto nth = scratch.begin() + (neighbours_ - 1);
    std::nth_element(scratch.begin(), nth, scratch.end());
    return *nth;
  }

  int near_;
  double span_;
  IndexVector order_;
  PointMatrix x_;
  Vector weights_;
  Index neighbours_ = 0;
};

}  // namespace gamut

#endif  // GAMUT_LOESS_DATA_HPP
