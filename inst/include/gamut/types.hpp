// types.hpp - the few names that every header of the engine shares.
//
// Index is 64 bits wide, so that n * p never overflows. Errors leave the engine
// as one exception type with a code; the caller (R, or any C++ program) turns the
// code into its own kind of message.
#ifndef GAMUT_TYPES_HPP
#define GAMUT_TYPES_HPP

#include <Eigen/Dense>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <vector>

namespace gamut {

using Index = std::ptrdiff_t;
using Vector = Eigen::VectorXd;
using Matrix = Eigen::MatrixXd;
using IndexVector = std::vector<Index>;

/// Which second derivatives of the log-density serve as weights: their
/// expectation over y (Fisher), the values at the data (Newton), or `working`: positive
/// ones for steps, the expectation where the family has it, else the observed ones of
/// each row made positive.
enum class Information { expected, observed, working };

/// Error codes that a caller may want to tell apart.
enum class Status { invalid_argument, not_finite, not_positive_definite, interrupted };

class Error : public std::runtime_error {
 public:
  Error(Status status, const std::string& message)
      : std::runtime_error(message), status_(status) {}
  Status status() const { return status_; }

 private:
  Status status_;
};

/// Number of entries of the packed lower triangle of a k x k matrix.
inline constexpr int packed_size(int k) { return k * (k + 1) / 2; }

/// Position of (row, column), row >= column, in the lower triangle packed by
/// columns: (0,0), (1,0), ..., (k-1,0), (1,1), ...
inline constexpr int packed_index(int row, int column, int k) {
  return column * k - column * (column - 1) / 2 + row - column;
}

}  // namespace gamut

#endif  // GAMUT_TYPES_HPP
