// loess/fit.hpp - local regression from data to surface, traces and robust passes.
//
// y = f(x) + e with var e_i = sigma^2 / a_i; f by local polynomials of degree 0, 1 or 2
// over the nearest n span points with tricube weights. A symmetric family repeats the fit
// with robustness weights; traces are those of the first, linear pass. With a response
// family of one predictor the polynomials are fitted by local likelihood, and traces are
// those of the operator that smooths the working response with the weights of the fit.
// Errors: invalid_argument when a neighbourhood has less than one point.
// Sources: Cleveland & Devlin (1988), JASA 83, 596-610; Cleveland & Grosse (1991),
// Statistics and Computing 1, 47-62.
#ifndef GAMUT_LOESS_FIT_HPP
#define GAMUT_LOESS_FIT_HPP

#include <memory>

#include "direct_sums.hpp"
#include "local_likelihood.hpp"
#include "robustness.hpp"
#include "specification.hpp"

namespace gamut {

class Loess {
 public:
  /// Whether to prepare a surface, or only fits at places.
  enum class Surface { prepared, none };

  Loess(const LoessSpec& spec, const LoessResponse& response,
        Surface surface = Surface::prepared)
      : spec_(spec),
        basis_(spec.degree, spec.squares, spec.blocks),
        data_(spec.x, response.prior, spec.near, spec.span),
        local_(data_, basis_),
        fits_(local_, spec.threads) {
    if (data_.neighbours() < 1) {
      throw Error(Status::invalid_argument,
                  "no point in a neighbourhood: span too small");
    }
    if (surface == Surface::prepared && !spec.direct) {
      TreeBuilder builder(data_, spec.cell);
      tree_ = std::make_unique<KdTree>(builder.build());
      limited_ = builder.limited();
    }
    set_response(response);
    if (surface == Surface::none) return;
    if (!spec.direct && spec.tolerance > 0) refine();
    radii_ = radii(0, spec.direct ? data_.rows() : tree_->vertices());
  }

  const KdTree& tree() const { return *tree_; }
  const LoessData& data() const { return data_; }
  const LocalBasis& basis() const { return basis_; }

  LoessResult fit() {
    LoessResult out;
    out.limited = limited_;
    Vector fitted = pass(data_.weights(), out);
    collect_troubles(out);
    if (likelihood_) {
      const Vector weights = make_linear(fitted);
      statistics(weights, out);
      out.weights = data_.unsorted(weights);
    } else {
      statistics(data_.weights(), out);
    }
    Vector robust;
    for (int number = 1; number < spec_.iterations; ++number) {
      robust = robustness_weights(y_ - fitted);
      fitted = pass(data_.weights().cwiseProduct(robust), out);
    }
    if (spec_.iterations > 1) {
      out.troubles.clear();
      collect_troubles(out);
      add_pseudo_residuals(fitted, robust, out);
    }
    out.fitted = data_.unsorted(fitted);
    if (robust.size() > 0) out.robust = data_.unsorted(robust);
    return out;
  }

  /// Local fits at other places, with weights in the order of data(); `local` says which
  /// coefficients to keep.
  template <class At>
  std::vector<LocalFit> at_places(Index count, const At& at, const Vector& weights,
                                  const LocalRegression& local) const {
    return fits_at(fits_.radii(count, at), at, weights, local);
  }

  /// The same places by the linear operator with these weights, for its influence.
  template <class At>
  std::vector<LocalFit> linear_at(const std::vector<LocalFit>& fits, const At& at,
                                  const Vector& weights,
                                  const LocalRegression& local) const {
    std::vector<double> radii;
    for (const LocalFit& fit : fits) radii.push_back(fit.radius2);
    return fits_.each(radii, [&](Index i) {
      return local.fit(at(i), radii[i], weights, Vector::Zero(data_.rows()));
    });
  }

  /// Precisions of the rows over which the operator's variance is taken: of a gaussian
  /// response the prior weights, else working weights.
  const Vector& precision(const Vector& weights) const {
    return likelihood_ ? weights : data_.weights();
  }

 private:
  void set_response(const LoessResponse& response) {
    if (!response.family) {
      y_ = data_.sorted(response.y.col(0));
      return;
    }
    Matrix y(response.y.rows(), response.y.cols());
    for (Index c = 0; c < y.cols(); ++c) y.col(c) = data_.sorted(response.y.col(c));
    response_ = std::make_unique<LocalResponse>(LocalResponse{
        *response.family, y, data_.weights(), data_.sorted(response.offset)});
    every_ = std::make_unique<LocalRegression>(data_, basis_, true);
    likelihood_ = std::make_unique<LocalLikelihood>(*every_, *response_);
  }

  const double* place(Index i) const {
    return spec_.direct ? data_.row(i) : tree_->place(i);
  }

  /// Of the places from `first` on.
  std::vector<double> radii(Index first, Index last) const {
    return fits_.radii(last - first, [&](Index i) { return place(first + i); });
  }

  template <class At>
  std::vector<LocalFit> fits_at(const std::vector<double>& radii, const At& at,
                                const Vector& weights,
                                const LocalRegression& local) const {
    return fits_.each(
        radii,
        [&](Index i) {
          if (likelihood_) return likelihood_->fit(at(i), radii[i]);
          return local.fit(at(i), radii[i], weights, y_);
        },
        !likelihood_ || response_->family.thread_safe());
  }

  Vector pass(const Vector& weights, LoessResult& out) {
    last_ = fits_at(
        radii_, [this](Index i) { return place(i); }, weights, local_);
    return surface(out.values);
  }

  /// Fitted values of the rows from the last fits.
  Vector surface(Vector& values) const {
    if (spec_.direct) {
      Vector fitted(data_.rows());
      for (Index i = 0; i < fitted.size(); ++i) fitted[i] = last_[i].value[0];
      return fitted;
    }
    values = vertex_values(last_, local_.outputs());
    return blended_surface(
        *tree_, values, data_.rows(), [this](Index i) { return data_.row(i); },
        spec_.threads);
  }

  /// The last fits made those of the working response; their weights.
  Vector make_linear(const Vector& eta) {
    const WorkingRows rows = likelihood_->working(eta);
    last_ = fits_.each(radii_, [&](Index i) {
      return local_.fit(place(i), radii_[i], rows.weight, rows.response);
    });
    return rows.weight;
  }

  void statistics(const Vector& weights, LoessResult& out) const {
    if (spec_.statistics == LoessStatistics::none) return;
    const bool exact = spec_.statistics == LoessStatistics::exact;
    if (spec_.direct) {
      const DirectSums sums(local_, last_, weights, spec_.threads);
      if (spec_.statistics != LoessStatistics::rough) {
        out.leverage = data_.unsorted(sums.diagonal());
      }
      if (exact) out.deltas = sums.deltas();
    } else {
      OperatorSums sums =
          operator_sums(local_, *tree_, last_, weights, exact, spec_.threads);
      out.leverage = data_.unsorted(sums.diagonal);
      if (exact) out.deltas = sums.deltas(static_cast<double>(data_.rows()));
      out.covariance = std::move(sums.covariance);
    }
    out.trace = out.leverage.sum();
    if (!exact) approximate(out);
  }

  void approximate(LoessResult& out) const {
    const int d = data_.predictors();
    // a local constant counts as a plane here, as in the authors' program
    const int columns = spec_.degree == 0 ? d + 1 : basis_.size();
    if (spec_.statistics == LoessStatistics::rough) {
      out.trace = approximate_trace(d, columns, spec_.span);
    }
    out.deltas =
        approximate_deltas(out.trace, static_cast<double>(data_.rows()), d, columns);
  }

  /// A robust fit takes its scale from a linear smooth of its pseudovalues.
  void add_pseudo_residuals(const Vector& fitted, const Vector& robust,
                            LoessResult& out) {
    const Vector pseudo = pseudovalues(y_, fitted, data_.weights(), robust);
    const Vector own = y_;
    y_ = pseudo;
    LoessResult again;
    out.pseudo_residuals = data_.unsorted(pseudo - pass(data_.weights(), again));
    y_ = own;
  }

  void collect_troubles(LoessResult& out) const {
    for (std::size_t i = 0; i < last_.size(); ++i) {
      const LocalFit& fit = last_[i];
      if (fit.trouble == LocalTrouble::none) continue;
      LoessTrouble trouble;
      trouble.at =
          Eigen::Map<const Vector>(place(static_cast<Index>(i)), data_.predictors());
      trouble.radius = std::sqrt(fit.radius2);
      trouble.rcond = fit.rcond;
      trouble.kind = fit.trouble;
      out.troubles.push_back(trouble);
    }
  }

  /// Cut boxes in which the blend differs from local regressions by more than the
  /// tolerance: at the middle, and halfway from there to the faces.
  void refine() {
    last_.clear();
    IndexVector open(tree_->size());
    std::iota(open.begin(), open.end(), Index{0});
    while (!open.empty()) {
      open.erase(std::remove_if(open.begin(), open.end(),
                                [this](Index c) { return !tree_->cell(c).is_leaf(); }),
                 open.end());
      add_vertex_fits();
      open = cut_all(open);
    }
  }

  void add_vertex_fits() {
    const Index first = static_cast<Index>(last_.size());
    const auto at = [&](Index i) { return tree_->place(first + i); };
    auto more = fits_at(radii(first, tree_->vertices()), at, data_.weights(), local_);
    last_.insert(last_.end(), more.begin(), more.end());
  }

  /// The parts of those leaves that were cut.
  IndexVector cut_all(const IndexVector& leaves) {
    const int d = data_.predictors();
    const Index checks = 1 + 2 * data_.near();
    PointMatrix at(static_cast<Index>(leaves.size()) * checks, d);
    for (std::size_t l = 0; l < leaves.size(); ++l) {
      for (Index c = 0; c < checks; ++c) {
        for (int j = 0; j < d; ++j) {
          const double share = c == 2 * j + 1 ? 0.25 : c == 2 * j + 2 ? 0.75 : 0.5;
          const double low = tree_->lower(leaves[l], j),
                       high = tree_->upper(leaves[l], j);
          at(static_cast<Index>(l) * checks + c, j) = low + share * (high - low);
        }
      }
    }
    const Vector error = interpolation_error(at);
    IndexVector out;
    for (std::size_t l = 0; l < leaves.size(); ++l) {
      const double worst =
          error.segment(static_cast<Index>(l) * checks, checks).maxCoeff();
      if (worst > spec_.tolerance) cut_leaf(leaves[l], out);
    }
    return out;
  }

  Vector interpolation_error(const PointMatrix& at) const {
    const auto place = [&](Index i) { return at.data() + i * at.cols(); };
    const Vector values = vertex_values(last_, local_.outputs());
    const Vector blend = blended_surface(*tree_, values, at.rows(), place, spec_.threads);
    const auto fits = at_places(at.rows(), place, data_.weights(), local_);
    Vector out(at.rows());
    for (Index i = 0; i < at.rows(); ++i) out[i] = std::abs(fits[i].value[0] - blend[i]);
    return out;
  }

  /// Halve a leaf across its longest side in those coordinates that make distances.
  void cut_leaf(Index leaf, IndexVector& out) {
    int axis = 0;
    double longest = 0;
    for (int j = 0; j < data_.near(); ++j) {
      const double side = tree_->upper(leaf, j) - tree_->lower(leaf, j);
      if (side > longest) {
        longest = side;
        axis = j;
      }
    }
    const double low = tree_->lower(leaf, axis), middle = low + longest / 2;
    if (tree_->vertices() + tree_->corners() / 2 > most_vertices()) {
      limited_ = true;
      return;
    }
    if (!(middle > low && middle < tree_->upper(leaf, axis))) return;
    tree_->cut(leaf, axis, middle);
    out.push_back(tree_->cell(leaf).low);
    out.push_back(tree_->cell(leaf).high);
  }

  Index most_vertices() const {
    return std::min<Index>(5000, std::max<Index>(data_.rows(), 200));
  }

  const LoessSpec& spec_;
  LocalBasis basis_;
  LoessData data_;
  LocalRegression local_;
  LocalFits fits_;
  Vector y_;
  std::unique_ptr<LocalResponse> response_;
  std::unique_ptr<LocalRegression> every_;
  std::unique_ptr<LocalLikelihood> likelihood_;
  std::unique_ptr<KdTree> tree_;
  bool limited_ = false;
  std::vector<double> radii_;
  std::vector<LocalFit> last_;
};

}  // namespace gamut

#endif  // GAMUT_LOESS_FIT_HPP
