// family_cases.hpp - the families, links, responses and predictors that tests run over.
#ifndef GAMUT_TESTS_FAMILY_CASES_HPP
#define GAMUT_TESTS_FAMILY_CASES_HPP

#include "density_cases_count.hpp"
#include "density_cases_real.hpp"
#include "density_cases_unit.hpp"

namespace cases {

/// Predictors that keep mu inside the parameter space, by link.
inline Numbers eta_of(const std::string& link, bool probability) {
  if (link == "logit") return {-4, -0.7, 0.2, 3};
  if (link == "probit" || link == "cauchit") return {-2.5, -0.4, 0.3, 2.1};
  if (link == "cloglog") return {-3, -0.5, 0.4, 1.1};
  if (link == "loglog") return {-1.1, -0.4, 0.5, 3};
  if (link == "log") return probability ? Numbers{-3, -1, -0.2} : Numbers{-1.2, 0.3, 2};
  if (link == "identity" && probability) return {0.15, 0.5, 0.8};
  if (link == "1/mu^2") return {0.3, 1.1, 4};
  return {0.4, 1.3, 2.6};
}

inline void add_one(std::vector<Case>& all, const std::string& name,
                    const std::vector<std::string>& links, const Numbers& y,
                    const Numbers& parameters = {}) {
  const bool probability = name == "binomial" || (name == "quasi" && parameters[0] == 1);
  for (const std::string& link : links) {
    const std::string code = parameters.empty() ? "" : std::to_string(int(parameters[0]));
    all.push_back({name + code + "/" + link,
                   specify(name, {link}, parameters),
                   y,
                   {eta_of(link, probability)}});
  }
}

inline bool fused_pair(const std::string& label) {
  return label == "gaussian/identity" || label == "binomial/logit" ||
         label == "poisson/log" || label == "Gamma/log";
}

inline std::vector<Case> dispersion_cases() {
  const Numbers positive = {0.2, 1, 3.7};
  std::vector<Case> all;
  add_one(all, "gaussian", {"identity", "log", "inverse", "sqrt"}, {-1.3, 0.2, 2.5});
  add_one(all, "binomial",
          {"logit", "probit", "cauchit", "cloglog", "loglog", "log", "identity"},
          {0, 0.3, 1});
  add_one(all, "poisson", {"log", "sqrt", "identity"}, {0, 1, 6});
  add_one(all, "Gamma", {"inverse", "log", "identity"}, positive);
  add_one(all, "exponential", {"log", "inverse"}, positive);
  add_one(all, "inverse.gaussian", {"1/mu^2", "inverse", "log", "identity"}, positive);
  add_one(all, "quasi", {"identity", "log"}, {-1, 0.5, 2}, {0});
  add_one(all, "quasi", {"logit", "cloglog"}, {0, 0.4, 1}, {1});
  add_one(all, "quasi", {"log", "sqrt"}, {0, 2.5}, {2});
  add_one(all, "quasi", {"log", "inverse"}, {0, 2.5}, {3});
  add_one(all, "quasi", {"log", "1/mu^2"}, positive, {4});
  const std::size_t size = all.size();
  for (std::size_t j = 0; j < size; ++j) {
    Case composed = all[j];
    composed.spec.fused = false;
    composed.label += " composed";
    if (fused_pair(all[j].label)) all.push_back(composed);
  }
  return all;
}

/// Distributions that are written as a log-density.
inline void density_cases(std::vector<Case>& all) {
  const Numbers counts = {0, 1, 7}, positive = {0.2, 1, 3.7};
  const Numbers low = {-1.2, 0.3, 2};
  all.push_back({"chisq", specify("chisq", {"log"}), positive, {low}});
  all.push_back({"negbinomial",
                 specify("negbinomial", {"log", "log"}),
                 counts,
                 {low, {-1, 0.5, 9}}});
  all.push_back({"negbinomial1",
                 specify("negbinomial1", {"log", "log"}),
                 counts,
                 {low, {-6, 0.5, 2}}});
  count_cases(all);
  for (const Case& c : real_cases()) all.push_back(c);
  unit_cases(all);
}

inline std::vector<Case> vector_cases() {
  std::vector<Case> all;
  for (const char* mean : {"logit", "probit", "cauchit", "cloglog", "loglog", "log"}) {
    for (const char* precision : {"log", "sqrt", "identity"}) {
      all.push_back({std::string("beta/") + mean + "/" + precision,
                     specify("beta", {mean, precision}),
                     {0.04, 0.5, 0.93},
                     {eta_of(mean, true), {0.6, 2.2, 4.1}}});
    }
  }
  density_cases(all);
  const Numbers points = {-2, 0.1, 1.4};
  all.push_back({"categorical/2", categorical(2, 0), {1, 2}, {points}});
  all.push_back({"categorical/3", categorical(3, 1), {1, 2, 3}, {points, points}});
  all.push_back(
      {"categorical/4", categorical(4, 3), {1, 2, 4}, {points, points, {0.5, -0.3}}});
  return all;
}

inline std::vector<Case> all_cases() {
  std::vector<Case> all = dispersion_cases();
  for (Case& c : vector_cases()) all.push_back(c);
  return all;
}

/// Everything a family says about one row.
struct Row {
  double objective;
  Numbers score, weight;
};

inline std::vector<double*> pointers(std::vector<Numbers>& columns) {
  std::vector<double*> all;
  for (Numbers& c : columns) all.push_back(c.data());
  return all;
}

inline std::vector<const double*> pointers(const Numbers& row) {
  std::vector<const double*> all;
  for (const double& value : row) all.push_back(&value);
  return all;
}

inline std::vector<double*> pointers_to(Numbers& row) {
  std::vector<double*> all;
  for (double& value : row) all.push_back(&value);
  return all;
}

inline ResponseTile one_row(const double& y, const double* prior = nullptr) {
  ResponseTile tile;
  tile.rows = 1;
  tile.y = &y;
  tile.stride = 1;
  tile.prior = prior;
  return tile;
}

inline Row evaluate(const Family& family, const ResponseTile& tile, const Numbers& eta,
                    Information information) {
  const int k = family.predictors();
  Row row{0, Numbers(k), Numbers(packed_size(k))};
  const auto score = pointers_to(row.score), weight = pointers_to(row.weight);
  const double sum = family.evaluate(tile, pointers(eta).data(), information,
                                     {&row.objective, score.data(), weight.data()});
  if (row.objective != sum && !(std::isnan(sum) && std::isnan(row.objective))) {
    row.objective = std::nan("");
  }
  return row;
}

inline Numbers third(const Family& family, const ResponseTile& tile, const Numbers& eta,
                     const Numbers& direction) {
  Numbers out(packed_size(family.predictors()));
  family.third(tile, pointers(eta).data(), pointers(direction).data(),
               pointers_to(out).data());
  return out;
}

/// Calls visit(y, eta) for each combination of a case.
template <class Visit>
void for_each_point(const Case& c, Visit visit) {
  Numbers eta(c.eta.size());
  std::vector<std::size_t> at(c.eta.size(), 0);
  for (;;) {
    for (std::size_t k = 0; k < at.size(); ++k) eta[k] = c.eta[k][at[k]];
    for (double y : c.y) visit(y, eta);
    std::size_t k = 0;
    while (k < at.size() && ++at[k] == c.eta[k].size()) at[k++] = 0;
    if (k == at.size()) return;
  }
}

}  // namespace cases

#endif  // GAMUT_TESTS_FAMILY_CASES_HPP
