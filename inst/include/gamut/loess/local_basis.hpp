// loess/local_basis.hpp - the polynomial of a local regression, centred at its place.
//
// Columns, in order: 1; x_j - c_j for each predictor; for degree 2, predictor by
// predictor, its square (unless dropped) and its products with those behind it, unless
// both are columns of one block, such as the indicators of a factor.
// So coefficient 0 is the level at the centre and 1, ..., d are the slopes there.
// Source: Cleveland & Grosse (1991), Statistics and Computing 1, 47-62, section 2.
#ifndef GAMUT_LOESS_LOCAL_BASIS_HPP
#define GAMUT_LOESS_LOCAL_BASIS_HPP

#include <utility>

#include "../types.hpp"

namespace gamut {

class LocalBasis {
 public:
  /// One flag a predictor: is its square a column of a quadratic? And its block; 0, or no
  /// blocks at all, where it is alone.
  LocalBasis(int degree, std::vector<char> squares, std::vector<int> blocks = {})
      : degree_(degree), squares_(std::move(squares)), blocks_(std::move(blocks)) {
    const int d = predictors();
    blocks_.resize(d, 0);
    size_ = full_size();
    if (degree_ < 2) return;
    for (int j = 0; j < d; ++j) {
      if (!squares_[j]) --size_;
      for (int l = j + 1; l < d; ++l) {
        if (!has_product(j, l)) --size_;
      }
    }
  }

  int degree() const { return degree_; }
  int predictors() const { return static_cast<int>(squares_.size()); }
  int size() const { return size_; }
  /// Columns if no square were dropped.
  int full_size() const {
    const int d = predictors();
    return degree_ == 0 ? 1 : degree_ == 1 ? d + 1 : (d + 1) * (d + 2) / 2;
  }

  /// The columns at `x`, both of one value a predictor.
  void evaluate(const double* x, const double* centre, double* out) const {
    out[0] = 1;
    if (degree_ == 0) return;
    const int d = predictors();
    double* const linear = out + 1;
    for (int j = 0; j < d; ++j) linear[j] = x[j] - centre[j];
    if (degree_ == 1) return;
    double* next = linear + d;
    for (int j = 0; j < d; ++j) {
      if (squares_[j]) *next++ = linear[j] * linear[j];
      for (int l = j + 1; l < d; ++l) {
        if (has_product(j, l)) *next++ = linear[j] * linear[l];
      }
    }
  }

 private:
  bool has_product(int j, int l) const {
    return blocks_[j] == 0 || blocks_[j] != blocks_[l];
  }

  int degree_;
  std::vector<char> squares_;
  std::vector<int> blocks_;
  int size_;
};

}  // namespace gamut

#endif  // GAMUT_LOESS_LOCAL_BASIS_HPP
