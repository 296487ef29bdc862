// system/gram_product.hpp - G c with the Gram matrix G = A'WA of a pass.
//
// Over raw coefficients, from the blocks of the Sums; no row is touched.
#ifndef GAMUT_SYSTEM_GRAM_PRODUCT_HPP
#define GAMUT_SYSTEM_GRAM_PRODUCT_HPP

#include "cross_rows.hpp"
#include "sums.hpp"

namespace gamut {

class GramProduct {
 public:
  GramProduct(const Layout& layout, const Sums& sums)
      : layout_(layout), sums_(sums), cross_(sums.cross) {}

  Coefficients operator()(const Coefficients& c) const {
    Coefficients out{Vector::Zero(c.lead.size()), sums_.tail.times(c.tail)};
    if (!layout_.has_lead()) return out;
    const Index b = layout_.width();
    out.tail += cross_.transpose_times(c.lead);
    out.lead = cross_.times(c.tail);
    if (b == 1) out.lead += sums_.lead.cwiseProduct(c.lead);
    for (Index l = 0; b > 1 && l < layout_.levels(); ++l) {
      out.lead.segment(l * b, b) +=
          lead_block(l).selfadjointView<Eigen::Lower>() * c.lead.segment(l * b, b);
    }
    return out;
  }

  /// Of several c together.
  std::vector<Coefficients> each(const std::vector<Coefficients>& c) const {
    const Index count = static_cast<Index>(c.size());
    if (count == 0) return {};
    RowMatrix tails(c[0].tail.size(), count), leads(c[0].lead.size(), count);
    for (Index k = 0; k < count; ++k) {
      tails.col(k) = c[k].tail;
      leads.col(k) = c[k].lead;
    }
    RowMatrix tail = sums_.tail.times(tails), lead;
    if (layout_.has_lead()) {
      tail += cross_.transpose_times(leads);
      lead = cross_.times(tails);
      add_blocks(leads, lead);
    }
    std::vector<Coefficients> out;
    for (Index k = 0; k < count; ++k) {
      out.push_back({layout_.has_lead() ? Vector(lead.col(k)) : Vector(), tail.col(k)});
    }
    return out;
  }

  /// Raw b x b block of a level; its lower triangle.
  Eigen::Map<const Matrix> lead_block(Index level) const {
    const Index b = layout_.width();
    return {sums_.lead.data() + level * b * b, b, b};
  }
  /// Where a level has one coefficient.
  auto lead_segment(Index first, Index count) const {
    return sums_.lead.segment(first, count);
  }
  const CrossRows& cross() const { return cross_; }

 private:
  void add_blocks(const RowMatrix& from, RowMatrix& to) const {
    const Index b = layout_.width();
    for (Index l = 0; l < layout_.levels(); ++l) {
      if (b == 1) {
        to.row(l) += sums_.lead[l] * from.row(l);
        continue;
      }
      to.middleRows(l * b, b) +=
          lead_block(l).selfadjointView<Eigen::Lower>() * from.middleRows(l * b, b);
    }
  }

  const Layout& layout_;
  const Sums& sums_;
  const CrossRows& cross_;
};

/// Objective and scores a step away in raw coefficients, by the Gram matrix.
inline void move_sums(const Layout& layout, const Coefficients& way, Sums& sums) {
  const Coefficients change = GramProduct(layout, sums)(way);
  const Coefficients score{sums.lead_score, sums.tail_score};
  sums.objective -= way.dot(score * 2 - change);
  sums.tail_score -= change.tail;
  sums.lead_score -= change.lead;
}

}  // namespace gamut

#endif  // GAMUT_SYSTEM_GRAM_PRODUCT_HPP
