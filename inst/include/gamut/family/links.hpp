// links.hpp - all links, and the factory that finds one by its name.
#ifndef GAMUT_FAMILY_LINKS_HPP
#define GAMUT_FAMILY_LINKS_HPP

#include <memory>
#include <string>

#include "link.hpp"
#include "link_numerical.hpp"
#include "link_power.hpp"
#include "link_probability.hpp"

namespace gamut {

using LinkPointer = std::shared_ptr<const Link>;

/// mu^lambda, where 0 stands for log and 1 for identity.
inline LinkPointer make_power_link(double lambda) {
  if (lambda == 0) return std::make_shared<LogLink>();
  if (lambda == 1) return std::make_shared<IdentityLink>();
  if (!std::isfinite(lambda)) {
    throw Error(Status::invalid_argument, "the exponent of a power link must be finite");
  }
  return std::make_shared<PowerLink>(lambda);
}

/// A link by name; `parameter` is the exponent of "power".
inline LinkPointer make_link(const std::string& name, double parameter = 1) {
  if (name == "identity") return std::make_shared<IdentityLink>();
  if (name == "log") return std::make_shared<LogLink>();
  if (name == "logit") return std::make_shared<LogitLink>();
  if (name == "logit12") return std::make_shared<Logit12Link>();
  if (name == "probit") return std::make_shared<ProbitLink>();
  if (name == "cauchit") return std::make_shared<CauchitLink>();
  if (name == "cloglog") return std::make_shared<CloglogLink>();
  if (name == "loglog") return std::make_shared<LoglogLink>();
  if (name == "inverse") return std::make_shared<InverseLink>();
  if (name == "sqrt") return std::make_shared<SqrtLink>(false);
  if (name == "whole sqrt") return std::make_shared<SqrtLink>(true);
  if (name == "1/mu^2") return std::make_shared<InverseSquareLink>();
  if (name == "power") return make_power_link(parameter);
  throw Error(Status::invalid_argument, "unknown link '" + name + "'");
}

}  // namespace gamut

#endif  // GAMUT_FAMILY_LINKS_HPP
