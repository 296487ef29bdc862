// loess/storages.hpp - the columns of a lo() term, made one tile at a time.
//
// Of L = B F (operator_sums.hpp) B is one storage: the blend of each row from levels and
// slopes at the vertices. The other is Phi = W^-1 F', the influence of each row on these
// without its weight, so that Phi'W v = F v: cross-products with it apply F.
#ifndef GAMUT_LOESS_STORAGES_HPP
#define GAMUT_LOESS_STORAGES_HPP

#include <memory>

#include "../term/storage.hpp"
#include "surface.hpp"

namespace gamut {

/// A tile of zeros, to be filled.
inline Panel empty_panel(Index rows, Index columns, PanelBuffer& buffer,
                         double*& values) {
  Panel panel;
  panel.rows = rows;
  panel.padded = panel.ld = pad_rows(rows);
  panel.columns = columns;
  values = buffer.values.reserve(panel.ld * columns);
  std::fill(values, values + panel.ld * columns, 0.0);
  panel.values = values;
  return panel;
}

class BlendStorage : public Storage {
 public:
  /// x: the rows of the problem, as the tree has them.
  BlendStorage(std::shared_ptr<const KdTree> tree, std::shared_ptr<const PointMatrix> x)
      : tree_(std::move(tree)), x_(std::move(x)) {}

  Index columns() const override { return tree_->vertices() * (tree_->predictors() + 1); }
  bool is_local() const override { return false; }

  Panel pack(Index first, Index rows, PanelBuffer& buffer) const override {
    double* values;
    const Panel panel = empty_panel(rows, columns(), buffer, values);
    Blending<double> blending(*tree_);
    Blending<double>::Row row;
    for (Index i = 0; i < rows; ++i) {
      blending.row(x_->data() + (first + i) * x_->cols(), row);
      for (const auto& entry : row) {
        values[entry.column * panel.ld + i] += entry.coefficient;
      }
    }
    return panel;
  }

 private:
  std::shared_ptr<const KdTree> tree_;
  std::shared_ptr<const PointMatrix> x_;
};

/// The monomials that a smoother reproduces, but for the constant, around `origin` and
/// centred over the data.
struct LoessPolynomial {
  Eigen::MatrixXi powers;  ///< a row each, a column a covariate
  Vector origin, centre;

  void evaluate(const double* x, double* out) const {
    for (Index j = 0; j < powers.rows(); ++j) {
      double product = 1;
      for (Index k = 0; k < powers.cols(); ++k) {
        for (int p = 0; p < powers(j, k); ++p) product *= x[k] - origin[k];
      }
      out[j] = product - centre[j];
    }
  }
};

/// All columns of a fitted lo() term: the polynomial q, and B - (1, q) Gamma, which
/// outside the box of the tree stays as it is at the nearest face.
class SurfaceStorage : public Storage {
 public:
  SurfaceStorage(std::shared_ptr<const KdTree> tree, std::vector<const double*> x,
                 LoessPolynomial polynomial, Matrix gamma)
      : tree_(std::move(tree)),
        x_(std::move(x)),
        polynomial_(std::move(polynomial)),
        gamma_(std::move(gamma)) {}

  Index columns() const override { return polynomial_.powers.rows() + gamma_.cols(); }
  bool is_local() const override { return false; }

  Panel pack(Index first, Index rows, PanelBuffer& buffer) const override {
    double* values;
    const Panel panel = empty_panel(rows, columns(), buffer, values);
    const int d = tree_->predictors();
    const Index q = polynomial_.powers.rows();
    Blending<double> blending(*tree_);
    Blending<double>::Row row;
    Vector x(d), inside(d), own(q + 1), whole(columns());
    own[0] = 1;
    for (Index i = 0; i < rows; ++i) {
      for (int j = 0; j < d; ++j) {
        x[j] = x_[j][first + i];
        inside[j] = std::min(std::max(x[j], tree_->lower(0, j)), tree_->upper(0, j));
      }
      polynomial_.evaluate(x.data(), whole.data());
      polynomial_.evaluate(inside.data(), own.data() + 1);
      whole.tail(gamma_.cols()).noalias() = -gamma_.transpose() * own;
      blending.row(inside.data(), row);
      for (const auto& entry : row) whole[q + entry.column] += entry.coefficient;
      for (Index c = 0; c < columns(); ++c) values[c * panel.ld + i] = whole[c];
    }
    return panel;
  }

 private:
  std::shared_ptr<const KdTree> tree_;
  std::vector<const double*> x_;
  LoessPolynomial polynomial_;
  Matrix gamma_;
};

/// A matrix with a row for each of the problem's.
class MatrixStorage : public Storage {
 public:
  explicit MatrixStorage(Matrix columns) : columns_(std::move(columns)) {}

  Index columns() const override { return columns_.cols(); }
  bool is_local() const override { return false; }

  Panel pack(Index first, Index rows, PanelBuffer& buffer) const override {
    double* values;
    const Panel panel = empty_panel(rows, columns(), buffer, values);
    for (Index j = 0; j < columns(); ++j) {
      Eigen::Map<Vector>(values + j * panel.ld, rows) =
          columns_.col(j).segment(first, rows);
    }
    return panel;
  }

 private:
  Matrix columns_;
};

/// Local regressions at the vertices of a tree, with weights of the rows.
class VertexFits {
 public:
  VertexFits(const LoessData& data, const LocalBasis& basis, const KdTree& tree,
             const Vector& weights, int threads)
      : data_(data), local_(data, basis), tree_(tree), weights_(weights) {
    const LocalFits fits(local_, threads);
    const auto at = [&](Index v) { return tree.place(v); };
    const std::vector<double> radii = fits.radii(tree.vertices(), at);
    const Vector sorted = data.sorted(weights), zero = Vector::Zero(data.rows());
    fits_ = fits.each(radii,
                      [&](Index v) { return local_.fit(at(v), radii[v], sorted, zero); });
    for (std::size_t v = 0; v < fits_.size(); ++v) {
      if (fits_[v].trouble == LocalTrouble::no_width) {
        throw Error(Status::invalid_argument,
                    "a neighbourhood of a lo() term has no width: more values are tied "
                    "than its span takes in");
      }
      if (fits_[v].solution.size() == 0) expand(static_cast<Index>(v));
    }
  }

  const std::vector<LocalFit>& fits() const { return fits_; }
  int outputs() const { return local_.outputs(); }

  /// Influence of a row at x, without its weight, on a vertex; false: none.
  bool influence(Index row, const double* x, Index v, Vector& basis, double* out) const {
    const LocalFit& fit = fits_[v];
    if (!(weights_[row] > 0)) return false;
    if (fit.solution.size() == 0) {
      const Matrix& own = explicit_.at(v);
      Eigen::Map<Vector>(out, outputs()) = own.col(row);
      return true;
    }
    return local_.influence(fit, tree_.place(v), x, 1, basis, out);
  }

 private:
  /// Influence that a QR gave, by the caller's rows.
  void expand(Index v) {
    const LocalFit& fit = fits_[v];
    Matrix& own = explicit_[v];
    own = Matrix::Zero(outputs(), data_.rows());
    for (std::size_t m = 0; m < fit.members.size(); ++m) {
      const Index row = data_.order()[fit.members[m]];
      own.col(row) = fit.influence.col(m) / weights_[row];
    }
  }

  const LoessData& data_;
  LocalRegression local_;
  const KdTree& tree_;
  const Vector& weights_;
  std::vector<LocalFit> fits_;
  std::unordered_map<Index, Matrix> explicit_;
};

class InfluenceStorage : public Storage {
 public:
  InfluenceStorage(std::shared_ptr<const VertexFits> fits,
                   std::shared_ptr<const PointMatrix> x)
      : fits_(std::move(fits)), x_(std::move(x)) {}

  Index columns() const override {
    return static_cast<Index>(fits_->fits().size()) * fits_->outputs();
  }
  bool is_local() const override { return false; }

  Panel pack(Index first, Index rows, PanelBuffer& buffer) const override {
    double* values;
    const Panel panel = empty_panel(rows, columns(), buffer, values);
    const int b = fits_->outputs();
    Vector basis, out(b);
    const Index vertices = static_cast<Index>(fits_->fits().size());
    for (Index i = 0; i < rows; ++i) {
      const double* x = x_->data() + (first + i) * x_->cols();
      for (Index v = 0; v < vertices; ++v) {
        if (!fits_->influence(first + i, x, v, basis, out.data())) continue;
        for (int c = 0; c < b; ++c) values[(v * b + c) * panel.ld + i] = out[c];
      }
    }
    return panel;
  }

 private:
  std::shared_ptr<const VertexFits> fits_;
  std::shared_ptr<const PointMatrix> x_;
};

}  // namespace gamut

#endif  // GAMUT_LOESS_STORAGES_HPP
