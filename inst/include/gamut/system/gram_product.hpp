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
      : layout_(layout),
        sums_(sums),
        cross_(cross_rows(layout, sums.lead_cross, sums.lead_sparse)) {}

  Coefficients operator()(const Coefficients& c) const {
    Coefficients out{Vector::Zero(c.lead.size()), sums_.tail.times(c.tail)};
    if (!layout_.has_lead()) return out;
    const Index b = layout_.width();
    out.tail += cross_.transpose_times(c.lead);
    out.lead = cross_.times(c.tail);
    for (Index l = 0; l < layout_.levels(); ++l) {
      out.lead.segment(l * b, b) +=
          lead_block(l).selfadjointView<Eigen::Lower>() * c.lead.segment(l * b, b);
    }
    return out;
  }

  /// Raw b x b block of a level; its lower triangle.
  Eigen::Map<const Matrix> lead_block(Index level) const {
    const Index b = layout_.width();
    return {sums_.lead.data() + level * b * b, b, b};
  }
  const CrossRows& cross() const { return cross_; }

 private:
  const Layout& layout_;
  const Sums& sums_;
  CrossRows cross_;
};

}  // namespace gamut

#endif  // GAMUT_SYSTEM_GRAM_PRODUCT_HPP
