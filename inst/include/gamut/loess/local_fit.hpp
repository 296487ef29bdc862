// loess/local_fit.hpp - one weighted polynomial regression around a place.
//
// With tricube weights W_i = a_i (1 - (|x_i - c| / h)^3)^3 inside the radius h the
// coefficients are (X'WX)^{-1} X'W y, of which the level and the slopes at the centre
// are kept. Columns are scaled to norm one. Where X'WX is well conditioned its Cholesky
// factor serves; else X itself is decomposed (QR, then the SVD of R) and singular values
// up to 100 eps of the largest count as 0, as in Cleveland and Grosse's program.
// The influence of row i on the level and slopes is M x_i W_i with M the first rows of
// (X'WX)^{-1}, so that it need not be stored; after a QR it is.
// Source: Cleveland & Devlin (1988), JASA 83, 596-610, section 2.
#ifndef GAMUT_LOESS_LOCAL_FIT_HPP
#define GAMUT_LOESS_LOCAL_FIT_HPP

#include <limits>

#include "data.hpp"
#include "line_moments.hpp"
#include "local_basis.hpp"

namespace gamut {

/// Why a local regression is not what it should be.
enum class LocalTrouble { none, no_width, no_weight, singular, no_maximum };

struct LocalFit {
  double radius2 = 0;
  Vector value;         // level and slopes at the centre: d + 1, or all coefficients
  Matrix solution;      // M, a row an output; empty where `influence` is filled
  IndexVector members;  // rows with influence, and
  Matrix influence;     // this, outputs x members
  double rcond = 1;
  LocalTrouble trouble = LocalTrouble::none;
};

/// (1 - u^3)^3 for u = distance / radius, both squared.
inline double tricube(double distance2, double radius2) {
  const double u2 = distance2 / radius2;
  const double u = 1 - u2 * std::sqrt(u2);
  return u * u * u;
}

/// out = M (w x): rows of a solution times a row of the basis.
inline void influence_of(const Matrix& solution, const double* x, double w, double* out) {
  const Index rows = solution.rows(), columns = solution.cols();
  const double* m = solution.data();
  for (Index j = 0; j < rows; ++j) out[j] = 0;
  for (Index c = 0; c < columns; ++c, m += rows) {
    const double wx = w * x[c];
    for (Index j = 0; j < rows; ++j) out[j] += m[j] * wx;
  }
}

class LocalRegression {
 public:
  /// `all`: keep all coefficients of a fit, not only the level and slopes.
  LocalRegression(const LoessData& data, const LocalBasis& basis, bool all = false)
      : data_(data), basis_(basis), all_(all) {}

  const LoessData& data() const { return data_; }
  const LocalBasis& basis() const { return basis_; }
  /// Numbers that a fit gives: level and slopes (0 for a local constant), and with
  /// `all` the other coefficients.
  int outputs() const {
    const int level = basis_.predictors() + 1;
    return all_ ? std::max(level, basis_.size()) : level;
  }

  /// `weights` are those of the rows, such as prior weights times robustness weights.
  LocalFit fit(const double* at, double radius2, const Vector& weights,
               const Vector& y) const {
    LocalFit out;
    out.radius2 = radius2;
    if (!(radius2 > 0)) return without_width(out);
    const int k = basis_.size();
    Matrix gram = Matrix::Zero(k, k);
    Vector right = Vector::Zero(k);
    if (data_.predictors() == 1 && data_.near() == 1) {
      add_line(at, radius2, weights, y, gram, right);
    } else {
      add_members(at, radius2, weights, y, gram, right);
    }
    if (!solve_gram(gram, right, out)) decompose(at, weights, y, out);
    return out;
  }

  /// Calls use(row, weight) for the rows of a neighbourhood with a positive weight.
  template <class Use>
  void each_member(const double* at, double radius2, const Vector& weights,
                   const Use& use) const {
    Index first, last;
    data_.range(at, radius2, first, last);
    for (Index i = first; i < last; ++i) {
      const double distance2 = data_.distance2(i, at);
      if (!(distance2 < radius2)) continue;
      const double w = weights[i] * tricube(distance2, radius2);
      if (w > 0) use(i, w);
    }
  }

  /// Calls use(row, influence) with outputs() numbers for each row that a fit depends on.
  template <class Use>
  void each_influence(const LocalFit& fit, const double* at, const Vector& weights,
                      const Use& use) const {
    if (fit.solution.size() == 0) {
      for (std::size_t m = 0; m < fit.members.size(); ++m) {
        use(fit.members[m], fit.influence.col(m));
      }
      return;
    }
    Vector x(basis_.size()), l(outputs());
    each_member(at, fit.radius2, weights, [&](Index i, double w) {
      basis_.evaluate(data_.row(i), at, x.data());
      influence_of(fit.solution, x.data(), w, l.data());
      use(i, l);
    });
  }

  /// Influence on a fit at `at`, by its solution, of a row at x with a weight of its own;
  /// false: it is outside of the neighbourhood. `basis` is scratch.
  bool influence(const LocalFit& fit, const double* at, const double* x, double weight,
                 Vector& basis, double* out) const {
    const double distance2 = data_.distance2(x, at);
    if (!(distance2 < fit.radius2)) return false;
    basis.resize(basis_.size());
    basis_.evaluate(x, at, basis.data());
    influence_of(fit.solution, basis.data(), weight * tricube(distance2, fit.radius2),
                 out);
    return true;
  }

  /// Influence of row i on the fit at its own place.
  bool own_influence(const LocalFit& fit, Index i, double weight, Vector& basis,
                     double* out) const {
    const double* at = data_.row(i);
    if (fit.solution.size() > 0) return influence(fit, at, at, weight, basis, out);
    const auto found = std::lower_bound(fit.members.begin(), fit.members.end(), i);
    if (found == fit.members.end() || *found != i) return false;
    Eigen::Map<Vector>(out, outputs()) = fit.influence.col(found - fit.members.begin());
    return true;
  }

 private:
  /// X'WX (its lower half) and X'Wy of a neighbourhood.
  void add_members(const double* at, double radius2, const Vector& weights,
                   const Vector& y, Matrix& gram, Vector& right) const {
    const int k = basis_.size();
    Vector row(k);
    double *const g = gram.data(), *const r = right.data(), *const x = row.data();
    each_member(at, radius2, weights, [&](Index i, double w) {
      basis_.evaluate(data_.row(i), at, x);
      const double wy = w * y[i];
      for (int j = 0; j < k; ++j) {
        const double wx = w * x[j];
        for (int l = j; l < k; ++l) g[j * k + l] += wx * x[l];
        r[j] += wy * x[j];
      }
    });
  }

  void add_line(const double* at, double radius2, const Vector& weights, const Vector& y,
                Matrix& gram, Vector& right) const {
    Index first, last;
    data_.range(at, radius2, first, last);
    LineMoments(basis_.size(), data_.row(0), weights.data(), y.data())
        .add(at[0], radius2, first, last, gram, right);
  }

  LocalFit without_width(LocalFit out) const {
    out.trouble = LocalTrouble::no_width;
    out.value = Vector::Constant(outputs(), std::numeric_limits<double>::quiet_NaN());
    out.influence = Matrix(outputs(), 0);
    return out;
  }

  /// Cholesky's factor of the scaled Gram matrix; its squared pivots are what a column
  /// has left beside those before it. False where digits are lost.
  bool solve_gram(Matrix& gram, const Vector& right, LocalFit& out) const {
    const int k = basis_.size(), kept = std::min(k, outputs());
    Vector scale = gram.diagonal().cwiseSqrt();
    if (!(scale.minCoeff() > 0)) return false;
    scale = scale.cwiseInverse();
    gram = (scale.asDiagonal() * gram * scale.asDiagonal()).eval();
    const Eigen::LLT<Matrix> factor(gram);
    if (factor.info() != Eigen::Success) return false;
    // condition below 1e5 or so: the solution has eleven digits
    const double least = factor.matrixLLT().diagonal().minCoeff();
    if (!(least * least > 1e-4)) return false;
    const Matrix columns = factor.solve(Matrix::Identity(k, kept));
    out.solution = Matrix::Zero(outputs(), k);
    out.solution.topRows(kept) =
        scale.head(kept).asDiagonal() * columns.transpose() * scale.asDiagonal();
    out.value = out.solution * right;
    return true;
  }

  void decompose(const double* at, const Vector& weights, const Vector& y,
                 LocalFit& out) const {
    const int k = basis_.size();
    std::vector<double> root;
    each_member(at, out.radius2, weights, [&](Index i, double w) {
      out.members.push_back(i);
      root.push_back(std::sqrt(w));
    });
    const Index members = static_cast<Index>(root.size());
    // fewer rows than columns: rows of zeros change nothing
    Matrix x = Matrix::Zero(std::max<Index>(members, k), k);
    Vector row(k);
    for (Index m = 0; m < members; ++m) {
      basis_.evaluate(data_.row(out.members[m]), at, row.data());
      x.row(m) = root[m] * row.transpose();
    }
    if (members == 0) out.trouble = LocalTrouble::no_weight;
    invert(x, members, root, out);
    out.value = Vector::Zero(outputs());
    for (Index m = 0; m < members; ++m) {
      out.value += y[out.members[m]] * out.influence.col(m);
    }
  }

  /// The influence: rows of V S^+ U'Q' sqrt(W), with columns of X scaled and back.
  void invert(Matrix& x, Index members, const std::vector<double>& root,
              LocalFit& out) const {
    const int k = basis_.size(), kept = std::min(k, outputs());
    Vector norm = x.colwise().norm();
    for (int j = 0; j < k; ++j) {
      if (!(norm[j] > 0)) norm[j] = 1;
      x.col(j) /= norm[j];
    }
    const Eigen::HouseholderQR<Matrix> qr(x);
    const Matrix r = qr.matrixQR().topRows(k).triangularView<Eigen::Upper>();
    const Eigen::JacobiSVD<Matrix> svd(r, Eigen::ComputeFullU | Eigen::ComputeFullV);
    const Vector s = svd.singularValues();
    const double tolerance = s[0] * 100 * std::numeric_limits<double>::epsilon();
    out.rcond = s[0] > 0 ? s[k - 1] / s[0] : 0;
    if (!(s[k - 1] > tolerance) && out.trouble == LocalTrouble::none) {
      out.trouble = LocalTrouble::singular;
    }
    Vector inverse = Vector::Zero(k);
    for (int j = 0; j < k; ++j) {
      if (s[j] > tolerance) inverse[j] = 1 / s[j];
    }
    Matrix first = Matrix::Zero(x.rows(), k);
    first.topRows(k).setIdentity();
    const Matrix q = qr.householderQ() * first;
    const Matrix pseudo =
        svd.matrixV() * inverse.asDiagonal() * svd.matrixU().transpose();
    out.influence = Matrix::Zero(outputs(), members);
    const Matrix rows =
        norm.head(kept).cwiseInverse().asDiagonal() * pseudo.topRows(kept);
    for (Index m = 0; m < members; ++m) {
      out.influence.col(m).head(kept) = root[m] * (rows * q.row(m).transpose());
    }
  }

  const LoessData& data_;
  const LocalBasis& basis_;
  bool all_;
};

}  // namespace gamut

#endif  // GAMUT_LOESS_LOCAL_FIT_HPP
