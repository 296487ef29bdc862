// system/step.hpp - the Newton or Fisher step at given coefficients.
//
// The fast road solves the normal equations. When a scaled pivot falls below
// safe_pivot, or the matrix is not positive definite, the tail is decomposed by QR,
// aliased columns are found by R's rule and fixed at zero, and if what remains is
// still ill-conditioned the step comes from the QR decomposition itself.
#ifndef GAMUT_SYSTEM_STEP_HPP
#define GAMUT_SYSTEM_STEP_HPP

#include "../pass.hpp"
#include "aliasing.hpp"
#include "tile_qr.hpp"

namespace gamut {

struct Step {
  bool positive = false;  ///< false: the weights gave no positive definite matrix
  Coefficients delta, score;
  double decrement = 0;  ///< delta'g, twice the decrease that the step promises
};

class StepSolver {
 public:
  explicit StepSolver(const Layout& layout) : layout_(&layout), aliased_(layout) {}
  /// With the columns that stay known beforehand, and any usable pivot good enough.
  StepSolver(const Layout& layout, const Aliased& aliased)
      : layout_(&layout), aliased_(aliased), settled_(true), known_(true) {}

  const Aliased& aliased() const { return aliased_; }
  const ArrowFactor& factor() const { return factor_; }
  const Mask& fixed_levels() const { return fixed_levels_; }
  /// From now on nothing more is called aliased. What is, shows at the first weights;
  /// later ones may vanish where a fit diverges, and must not hide it.
  void settle_aliasing() { settled_ = true; }
  /// Diagonal of the last matrix: how much each coefficient weighs in the predictors.
  const Coefficients& diagonal() const { return diagonal_; }
  /// True once steps have had to come from QR (which uses expected weights).
  bool uses_qr() const { return uses_qr_; }

  /// The sums of `request` at c. Of observed weights an indefinite or singular matrix
  /// is handed back (positive = false) instead of being taken to QR. One that is only
  /// ill-conditioned will do: the error of a step is mended by the next.
  Step operator()(const Sums& sums, const Coefficients& c, const PassRequest& request) {
    const bool observed = request.information == Information::observed;
    // A penalty pulls from where the solution starts.
    const Coefficients from = request.expansion == Expansion::step ? c : layout_->zero();
    NormalEquations equations(sums, *layout_, from, aliased_);
    factor_ = ArrowFactor(equations, *layout_);
    fixed_levels_ = equations.lead_fixed;
    diagonal_ = equations.diagonal();
    const double least = observed || known_ ? usable_pivot : safe_pivot;
    if (factor_.positive() && factor_.smallest_pivot() >= least) {
      return finish(equations, factor_.solve(equations.score));
    }
    if (observed || known_ || !factor_.lead_positive()) return Step();
    return by_qr(sums, c, from, request, equations);
  }

  /// The step of other scores, at the same c, from the factor that is there.
  Step again(const Sums& sums, const Coefficients& c) const {
    const NormalEquations equations(sums, *layout_, c, aliased_);
    return finish(equations, factor_.solve(equations.score));
  }

 private:
  /// Pivot at which a Newton step still has some correct digits.
  static constexpr double usable_pivot = 1e-11;

  bool well_conditioned() const {
    return factor_.positive() && factor_.smallest_pivot() >= safe_pivot;
  }

  static Step finish(const NormalEquations& equations, Coefficients delta) {
    Step step;
    step.positive = true;
    step.delta = std::move(delta);
    step.score = equations.score;
    step.decrement = step.delta.dot(step.score);
    return step;
  }

  Step by_qr(const Sums& sums, const Coefficients& c, const Coefficients& from,
             const PassRequest& request, NormalEquations& equations) {
    TriangularSystem system = decompose(c, from, request, equations);
    const Mask levels_before = aliased_.lead;
    if (!settled_) {
      aliased_ = Aliasing(*layout_, system.root, equations, factor_.lead_regression())
                     .find(aliased_);
    }
    equations = NormalEquations(sums, *layout_, from, aliased_);
    factor_ = ArrowFactor(equations, *layout_);
    fixed_levels_ = equations.lead_fixed;
    if (well_conditioned()) return finish(equations, factor_.solve(equations.score));
    uses_qr_ = true;
    // Levels found aliased just now must no longer be projected out.
    if (aliased_.lead != levels_before) system = decompose(c, from, request, equations);
    const Vector tail = solve_kept(system);
    return finish(equations, factor_.finish(equations.score, tail));
  }

  TriangularSystem decompose(const Coefficients& c, const Coefficients& from,
                             const PassRequest& request,
                             const NormalEquations& equations) const {
    const RowMatrix regression = factor_.lead_regression();
    const Vector lead_step = factor_.solve_lead(equations.score.lead);
    TileQr qr(*layout_, regression, lead_step, from);
    return qr(c, request.expansion, request.constants);
  }

  /// Least squares over the columns that are not aliased; replaces the factor's root.
  Vector solve_kept(const TriangularSystem& system) {
    IndexVector kept;
    for (std::size_t j = 0; j < aliased_.tail.size(); ++j) {
      if (!aliased_.tail[j]) kept.push_back(static_cast<Index>(j));
    }
    const Index p = system.root.rows(), m = static_cast<Index>(kept.size());
    Matrix columns(p, m + 1);
    for (Index j = 0; j < m; ++j) columns.col(j) = system.root.col(kept[j]);
    columns.col(m) = system.right;
    const Matrix triangle = Eigen::HouseholderQR<Matrix>(columns)
                                .matrixQR()
                                .topRows(m)
                                .triangularView<Eigen::Upper>();
    const Vector solved = triangle.leftCols(m).triangularView<Eigen::Upper>().solve(
        Vector(triangle.col(m)));
    Matrix root = Matrix::Identity(p, p);
    Vector tail = Vector::Zero(p);
    for (Index j = 0; j < m; ++j) {
      tail[kept[j]] = solved[j];
      for (Index i = 0; i <= j; ++i) root(kept[i], kept[j]) = triangle(i, j);
    }
    factor_.replace_root(root);
    return tail;
  }

  const Layout* layout_;
  Aliased aliased_;
  ArrowFactor factor_;
  Mask fixed_levels_;
  Coefficients diagonal_;
  bool uses_qr_ = false, settled_ = false;
  bool known_ = false;
};

}  // namespace gamut

#endif  // GAMUT_SYSTEM_STEP_HPP
