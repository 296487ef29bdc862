// mixed_start.hpp - where a search begins.
//
// Standard deviations of random effects are from second moments: Var(r_j) = f G_jj +
// G_jj^2 sd^2 for the score r_j of a coefficient with a gram G_jj, if only its own effect
// were random; f is the dispersion without any. sd is such that the squares r_j^2 /
// Var(r_j) have mean 1 over the levels: so a level of many rows, which draws the fixed
// effects to itself, counts for one like the others. Source: Paule & Mandel (1982) J.
// Res. Natl. Bur. Stand. 87, 377-385.
#ifndef GAMUT_MIXED_START_HPP
#define GAMUT_MIXED_START_HPP

#include <cmath>

#include "criterion/laplace.hpp"

namespace gamut {

class MixedStart {
 public:
  /// `sums` of the model without random effects, `relative`: are deviations relative to
  /// the root of the dispersion?
  MixedStart(const Layout& layout, const Sums& sums, double dispersion, bool relative)
      : layout_(layout),
        sums_(sums),
        dispersion_(dispersion),
        scale_(relative ? dispersion : 1) {}

  /// Begins all terms; gives the size of deviation that is usual for each parameter.
  Vector operator()(const RandomTerms& terms) const {
    const Coefficients score = layout_.term_scores({sums_.lead_score, sums_.tail_score});
    const Coefficients gram = diagonal();
    Vector unit(terms.parameters());
    for (const RandomTerm& term : terms.all()) {
      if (term.covariance->is_penalty()) {
        term.covariance->start(term.levels > 1 ? level_uncertainty(term.columns(gram))
                                               : uncertainty(term));
        unit.segment(term.parameter, term.covariance->parameters()) =
            term.covariance->values();
        continue;
      }
      const Vector sd = deviations(term.columns(score), term.columns(gram));
      term.covariance->start(sd);
      for (int j = 0; j < term.covariance->parameters(); ++j) {
        unit[term.parameter + j] = sd[std::min<Index>(j, term.size - 1)];
      }
    }
    return unit;
  }

 private:
  /// What the data alone leave of each coefficient of a smooth.
  Vector uncertainty(const RandomTerm& term) const {
    using Iterator = Eigen::SparseMatrix<double>::InnerIterator;
    const auto& contrasts = layout_.tail_contrasts();
    Vector g = Vector::Zero(term.size);
    for (Index j = 0; j < term.size; ++j) {
      for (Iterator a(contrasts, term.first + j); a; ++a) {
        for (Iterator b(contrasts, term.first + j); b; ++b) {
          const Index row = std::max(a.row(), b.row()), col = std::min(a.row(), b.row());
          g[j] += a.value() * b.value() * sums_.tail(row, col);
        }
      }
    }
    const double least = 1e-8 * std::max(g.maxCoeff(), 1e-300);
    return g.cwiseMax(least).cwiseSqrt().cwiseInverse();
  }

  /// The same over levels that have data, from the grams (b x m) of all.
  static Vector level_uncertainty(const Matrix& g) {
    Vector sd(g.rows());
    const double least = 1e-8 * std::max(g.maxCoeff(), 1e-300);
    for (Index i = 0; i < g.rows(); ++i) {
      double sum = 0, known = 0;
      for (Index l = 0; l < g.cols(); ++l) {
        if (!(g(i, l) > least)) continue;
        sum += 1 / g(i, l);
        ++known;
      }
      sd[i] = std::sqrt(known > 0 ? sum / known : 1 / least);
    }
    return sd;
  }

  /// Of scores and grams, b x m, of the coefficients of one term. A coefficient without
  /// data, as a time that no row has, begins like the others.
  Vector deviations(const Matrix& r, const Matrix& g) const {
    Vector sd = Vector::Zero(r.rows());
    Index known = 0;
    for (Index j = 0; j < sd.size(); ++j) {
      if (!(g.row(j).sum() > 0)) continue;
      ++known;
      const double least = 0.25 / g.row(j).cwiseSqrt().mean();
      sd[j] = std::max(moment_deviation(r.row(j), g.row(j)), least);
    }
    const double mean = known > 0 ? sd.sum() / static_cast<double>(known) : 1;
    return (sd.array() > 0).select(sd, mean);
  }

  /// Where the mean square is 1, by bisection of the logarithm below the mean of r^2 /
  /// g^2, in the units of which all is done; 0 where it is less without any effects.
  /// Columns that are next to nothing beside others, as of a known matrix without full
  /// rank, have squares that no deviation explains.
  double moment_deviation(const Eigen::RowVectorXd& r,
                          const Eigen::RowVectorXd& g) const {
    const double least = 1e-10 * g.maxCoeff();
    const auto excess = [&](double variance) {
      double sum = 0;
      for (Index l = 0; l < g.size(); ++l) {
        if (!(g[l] > least)) continue;
        sum += r[l] * r[l] / (g[l] * (dispersion_ + g[l] * variance)) - 1;
      }
      return sum;
    };
    if (!(excess(0) > 0)) return 0;
    double most = 0, known = 0, share = 1e-4;
    for (Index l = 0; l < g.size(); ++l) {
      if (!(g[l] > least)) continue;
      most += r[l] * r[l] / (g[l] * g[l]);
      ++known;
    }
    most /= known;
    for (double factor = 100; factor > 1 + 1e-9; factor = std::sqrt(factor)) {
      if (excess(share * factor * most) > 0) share *= factor;
    }
    return std::sqrt(share * most / scale_);
  }

  /// Of term coefficients; levels, of which a contrast may combine several, share no
  /// rows.
  Coefficients diagonal() const {
    const Eigen::SparseMatrix<double>& contrasts = layout_.tail_contrasts();
    Coefficients out{
        Vector::Zero(layout_.levels() * layout_.width()),
        contrasts.cwiseProduct(contrasts).transpose() * sums_.tail.diagonal()};
    const Index b = layout_.width();
    for (Index j = 0; j < out.lead.size(); ++j) {
      out.lead[j] = sums_.lead[j / b * b * b + j % b * (b + 1)];
    }
    return out;
  }

  const Layout& layout_;
  const Sums& sums_;
  double dispersion_, scale_;
};

/// Where the criterion has no value to begin with, it may have one with less variance.
/// Gives the number of evaluations without a value; theta stands behind `before` others.
inline int find_value(Objective& objective, const RandomTerms& terms, Index before,
                      Vector& x) {
  const Vector given = x;
  int failures = 0;
  for (double scale : {1.0, 0.3, 0.1, 0.01}) {
    for (int j = 0; j < terms.parameters(); ++j) {
      if (terms.is_scale(j)) x[before + j] = scale * given[before + j];
    }
    if (objective.evaluate(x).valid) return failures;
    ++failures;
  }
  x = given;
  return failures;
}

/// Coefficients to begin with. Fixed effects fitted alone take what differs between
/// levels for dispersion: a hundred times too much, say, and then the criterion knows
/// little of where its minimum is. All coefficients fitted at once, the random ones with
/// the covariance that the search begins with, take too little by a degree of freedom a
/// level; where all rows can be fitted exactly, they run off. So the criterion decides.
class JointStart {
 public:
  JointStart(const Layout& layout, const PirlsOptions& options, const Aliased& aliased)
      : layout_(layout), options_(options), aliased_(aliased) {
    options_.max_iterations = most_iterations;
    options_.dispersion_estimated = false;
  }

  /// x, or the parameters at the coefficients of all fitted at once: two evaluations.
  Vector better(LaplaceCriterion& criterion, const Vector& x) const {
    const Evaluation alone = criterion.evaluate(x);
    const Coefficients mode = criterion.mode();
    try {
      Pirls pirls(layout_, options_);
      criterion.set_mode(pirls.run(&mode, &aliased_).coefficients);
    } catch (const Error& error) {
      if (error.status() == Status::interrupted) throw;
      return x;
    }
    const Vector joint = criterion.parameters();
    const Evaluation together = criterion.evaluate(joint);
    if (together.valid && !(alone.valid && alone.value <= together.value)) return joint;
    criterion.set_mode(mode);
    return x;
  }

 private:
  /// A dispersion falls to a third of what it was, or further, in each.
  static constexpr int most_iterations = 30;

  const Layout& layout_;
  PirlsOptions options_;
  const Aliased& aliased_;
};

}  // namespace gamut

#endif  // GAMUT_MIXED_START_HPP
