// loess/local_basis.hpp - the polynomial of a local regression, centred at its place.
//
// Columns, in order: 1; x_j - c_j for each predictor; for degree 2, predictor by
// predictor, its square (unless dropped) and its products with those behind it.
// So coefficient 0 is the level at the centre and 1, ..., d are the slopes there.
// Source: Cleveland & Grosse (1991), Statistics and Computing 1, 47-62, section 2.
#ifndef GAMUT_LOESS_LOCAL_BASIS_HPP
#define GAMUT_LOESS_LOCAL_BASIS_HPP

#include <utility>

#include "../types.hpp"

namespace gamut {

class LocalBasis {
 public:
  /// One flag a predictor: is its square a column of a quadratic?
  LocalBasis(int degree, std::vector<char> squares)
      : degree_(degree), squares_(std::move(squares)) {
    const int d = predictors();
    size_ = degree_ == 0 ? 1 : degree_ == 1 ? d + 1 : full_size();
    if (degree_ < 2) return;
    for (char kept : squares_) size_ -= kept ? 0 : 1;
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
      for (int l = j + 1; l < d; ++l) *next++ = linear[j] * linear[l];
    }
  }

 private:
  int degree_;
  std::vector<char> squares_;
  int size_;
};

}  // namespace gamut

#endif  // GAMUT_LOESS_LOCAL_BASIS_HPP
