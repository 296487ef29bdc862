// joint_covariance.hpp - what is known of the coefficients of smooths, and with them of
// the parametric ones, when smoothing parameters are given (dispersion 1).
//
// With C = H^-1 of all free coefficients, random effects among them, D = 1 for those that
// are penalised, else 0, and A the map from free coefficients to the caller's:
//   bayesian     A C A'              the posterior of a flat prior on what has no penalty
//   frequentist  A (C - C D C) A'    the variance of the estimates
//   gram         X'WX over the caller's columns
//   edf, edf1    of each term: tr F and tr(2F - FF), F = I - C D, whose traces over the
//                coefficients of a term do not depend on the basis of the term.
// Smooths that stand apart (term.hpp) have no part in these matrices: of them there are
//   blocks       the b x b blocks of A C A' of each level.
// Source: Wood (2017) Generalized Additive Models, 2nd ed., sections 6.1.2 and 6.10.
#ifndef GAMUT_JOINT_COVARIANCE_HPP
#define GAMUT_JOINT_COVARIANCE_HPP

#include "criterion/random_terms.hpp"
#include "outer_covariance.hpp"
#include "system/arrow_factor.hpp"
#include "system/coefficients.hpp"
#include "system/gram_product.hpp"
#include "system/selected_inverse.hpp"

namespace gamut {

struct JointCovariance {
  bool known = false;    ///< has it been made? It may be of no coefficients at all
  IndexVector position;  ///< of each coefficient in the caller's vector
  Matrix bayesian, frequentist, gram;
  /// Of each smooth, in the order of the terms; edf1 is not known of those apart.
  Vector edf, edf1;
  std::vector<Matrix> blocks;  ///< of those apart b x (b m), else empty
};

class JointAlgebra {
 public:
  JointAlgebra(const Layout& layout, const Sums& sums, const ArrowFactor& factor,
               const Aliased& mask)
      : layout_(layout),
        sums_(sums),
        gram_(layout, sums),
        factor_(factor),
        mask_(mask),
        terms_(layout) {
    for (Index j = 0; j < layout.free_tail(); ++j) {
      if (terms_.in_joint(j)) own_.push_back(j);
    }
  }

  /// `outer`: free coefficients of the tail with a covariance of their own.
  JointCovariance operator()(const IndexVector& outer, const Matrix& covariance) const {
    JointCovariance out;
    out.known = true;
    const IndexVector positions = tail_positions(layout_);
    for (Index j : own_) out.position.push_back(positions[j]);
    const Matrix inverse = columns(), penalised = penalised_rows(inverse);
    const Matrix through = penalised.transpose() * penalised;
    const Matrix own = rows_of(inverse, own_);
    Matrix change = Matrix::Zero(own.rows(), own.cols());
    if (!outer.empty()) change = outer_change(own, places_of(outer, own_), covariance);
    out.bayesian = both_sides(own + change);
    out.frequentist = both_sides(own + change - through);
    out.gram = gram();
    out.blocks = blocks();
    degrees_of_freedom(own, through, out);
    return out;
  }

 private:
  /// Columns of C for the own coefficients; leading coefficients behind the tail.
  Matrix columns() const {
    const Index p = layout_.free_tail(), q = layout_.levels() * layout_.width();
    Matrix out(p + q, static_cast<Index>(own_.size()));
    for (std::size_t k = 0; k < own_.size(); ++k) {
      Coefficients unit = layout_.zero();
      if (!mask_.tail[own_[k]]) unit.tail[own_[k]] = 1;
      const Coefficients solved = factor_.solve(unit);
      out.col(k) << solved.tail, solved.lead;
    }
    return out;
  }

  Matrix penalised_rows(Matrix rows) const {
    for (Index j = 0; j < layout_.free_tail(); ++j) {
      if (!layout_.penalised(j)) rows.row(j).setZero();
    }
    return rows;
  }

  static Matrix rows_of(const Matrix& all, const IndexVector& wanted) {
    Matrix out(static_cast<Index>(wanted.size()), all.cols());
    for (std::size_t k = 0; k < wanted.size(); ++k) out.row(k) = all.row(wanted[k]);
    return out;
  }

  /// Rows over free coefficients become those over the caller's.
  Matrix one_side(const Matrix& rows) const {
    Matrix all = Matrix::Zero(layout_.free_tail(), rows.cols());
    for (std::size_t k = 0; k < own_.size(); ++k) all.row(own_[k]) = rows.row(k);
    Matrix term = layout_.tail_root() * all;
    ColumnBasis(layout_).to_caller(term);
    return rows_of(term, own_);
  }
  Matrix both_sides(const Matrix& m) const {
    return one_side(Matrix(one_side(m).transpose()));
  }

  Matrix gram() const {
    const Index size = static_cast<Index>(own_.size());
    Matrix units = Matrix::Zero(layout_.free_tail(), size);
    for (Index k = 0; k < size; ++k) units(own_[k], k) = 1;
    ColumnBasis(layout_).from_caller(units);
    Matrix products(layout_.free_tail(), size);
    for (Index k = 0; k < size; ++k) {
      Coefficients c = layout_.zero();
      c.tail = units.col(k);
      products.col(k) = layout_.term_scores(gram_(layout_.raw_from_term(c))).tail;
    }
    return units.transpose() * products;
  }

  /// Of the smooths, those apart; none where an iterative elimination knows no entry.
  std::vector<Matrix> blocks() const {
    std::vector<Matrix> out;
    std::optional<SelectedInverse> inverse;
    for (const RandomTerm& term : terms_.all()) {
      if (!term.covariance->is_penalty()) continue;
      out.emplace_back();
      if (term.in_joint || layout_.elimination().kind == TailKind::iterative) continue;
      if (!inverse) inverse.emplace(layout_, sums_, factor_, false);
      out.back() = inverse->levels_of(term);
    }
    return out;
  }

  void degrees_of_freedom(const Matrix& own, const Matrix& through,
                          JointCovariance& out) const {
    out.edf = out.edf1 = Vector::Constant(static_cast<Index>(out.blocks.size()), NAN);
    Index s = 0;
    for (const RandomTerm& term : terms_.all()) {
      if (!term.covariance->is_penalty()) continue;
      if (term.in_joint) {
        out.edf[s] = freedom(term, own);
        out.edf1[s] = freedom(term, through);
      } else if (out.blocks[s].size() > 0) {
        out.edf[s] = freedom(term.covariance->matrix(), out.blocks[s]);
      }
      ++s;
    }
  }

  /// Sum of 1 - m_jj over the coefficients of a term, m over the joint ones.
  double freedom(const RandomTerm& term, const Matrix& m) const {
    double sum = 0;
    for (std::size_t k = 0; k < own_.size(); ++k) {
      const Index j = own_[k], i = static_cast<Index>(k);
      if (j < term.first || j >= term.first + term.size * term.levels) continue;
      if (!mask_.tail[j]) sum += 1 - (layout_.penalised(j) ? m(i, i) : 0);
    }
    return sum;
  }

  /// Sum over levels of tr(I - Lambda^+ V Lambda^+'), in the directions that Lambda has.
  static double freedom(const Matrix& lambda, const Matrix& blocks) {
    const Matrix back = lambda.completeOrthogonalDecomposition().pseudoInverse();
    const Matrix precision = back.transpose() * back;
    const Index b = lambda.rows(), levels = blocks.cols() / b;
    double sum = static_cast<double>(levels) * (back * lambda).trace();
    for (Index l = 0; l < levels; ++l) {
      sum -= precision.cwiseProduct(blocks.middleCols(l * b, b)).sum();
    }
    return sum;
  }

  const Layout& layout_;
  const Sums& sums_;
  const GramProduct gram_;
  const ArrowFactor& factor_;
  const Aliased& mask_;
  RandomTerms terms_;
  IndexVector own_;
};

}  // namespace gamut

#endif  // GAMUT_JOINT_COVARIANCE_HPP
