# The Dirichlet family: compositions, with a predictor for each part.

#' The Dirichlet family
#'
#' Regression for compositions: rows of positive parts that sum to one, such as shares of
#' sand, silt and clay in a soil.
#'
#' @param parametrization `"common"`: each part has a predictor of its concentration.
#'   `"mean"`: the means have predictors against a base part, and the precision has one.
#' @param base The base part of `"mean"`: its name, or its number. The first by default.
#' @param zeros What to do with parts that are exactly 0, which have no density. `"error"`
#'   names their rows; `"shrink"` moves all parts to \eqn{\{y(n-1) + 1/C\}/n}{(y (n - 1) +
#'   1/C) / n}, with \eqn{n} rows and \eqn{C} parts (Smithson and Verkuilen 2006).
#'
#' @details
#' Density of a row \eqn{y} with concentrations \eqn{\alpha_k > 0} and \eqn{A = \sum_k
#' \alpha_k}{A = sum_k alpha_k}:
#' \deqn{f(y) = \frac{\Gamma(A)}{\prod_k \Gamma(\alpha_k)} \prod_k y_k^{\alpha_k - 1}}{
#'   f(y) = Gamma(A) / prod_k Gamma(alpha_k) prod_k y_k^(alpha_k - 1)}
#' The mean of part \eqn{k} is \eqn{\mu_k = \alpha_k/A}{mu_k = alpha_k / A}, its variance
#' \eqn{\mu_k(1-\mu_k)/(A+1)}{mu_k (1 - mu_k) / (A + 1)}.
#'
#' * **Parameters** of `"common"`: `alpha`, spread over the parts, \eqn{\log\alpha_k =
#'   x'\beta_k}{log(alpha_k) = x'b_k}. Of `"mean"`: `mu`, spread over the parts other than
#'   the base, \eqn{\log(\mu_k/\mu_{base}) = x'\beta_k}{log(mu_k / mu_base) = x'b_k}, and
#'   `phi`, the precision \eqn{A}, with a log link and an intercept unless it has a
#'   formula. Coefficients are named by part, `sand:x`; those of the precision `phi:x`.
#'   A part may have a formula of its own: `list(Y ~ x, silt ~ poly(x, 2))`.
#' * **Response**: a matrix with a named column for each part. Rows that do not sum to
#'   one within 1e-8 are divided by their sums, with a warning.
#' * **Weights** are factors of the log-likelihood.
#' * **Dispersion** is fixed at 1.
#' * **Standard errors** come from observed information.
#' * **Deviance** residuals compare with the mean of highest density at the same
#'   precision.
#' * **Starting values**: means near the parts of the row.
#'
#' With two parts this is [Beta()]. For [family_density()] `par` is a matrix of
#' concentrations with a column per part (or a vector: one row). A composition has no
#' order, so that there are no distribution function, quantiles and quantile residuals.
#'
#' @return A family object of class `c("gamut_family", "family")`.
#' @references Maier, M. J. (2014) DirichletReg: Dirichlet regression for compositional
#'   data in R. Research Report 125, WU Vienna.
#'
#' Smithson, M. and Verkuilen, J. (2006) A better lemon squeezer? Maximum-likelihood
#' regression with beta-distributed dependent variables. *Psychological Methods* 11,
#' 54-71. \doi{10.1037/1082-989X.11.1.54}
#' @examples
#' set.seed(1)
#' d <- data.frame(depth = seq(1, 10, length.out = 40))
#' d$soil <- family_random(dirichlet(), 40, cbind(sand = 20 / d$depth, silt = 4,
#'                                                clay = d$depth))
#' fit <- gamut(soil ~ depth, family = dirichlet(), data = d)
#' fit
#' predict(fit, data.frame(depth = c(2, 8)), type = "response")
#' gamut(soil ~ depth, family = dirichlet("mean", base = "silt"), data = d)
#' @family families
#' @export
dirichlet <- function(parametrization = c("common", "mean"), base = NULL,
                      zeros = c("error", "shrink")) {
  parametrization <- check_choice(parametrization, "parametrization",
                                  c("common", "mean"))
  zeros <- check_choice(zeros, "zeros", c("error", "shrink"))
  check_reference(base, sys.call(), "base")
  common <- parametrization == "common"
  if (common && !is.null(base)) {
    abort_gamut("`base` is of dirichlet(\"mean\"): in the common parametrization every ",
                "part has a predictor.", class = "family", call = sys.call())
  }
  log <- resolve_link("log")
  reader <- function(y, weights, at) read_composition(y, weights, at, zeros)
  new_gamut_family(
    dirichlet_base(log, common), if (common) "dirichlet" else "dirichlet_mean",
    distribution = c(no_order(), list(
      density = dirichlet_density, random = dirichlet_random, mean = dirichlet_mean,
      var = dirichlet_variance, loglik = likelihood_weighted(dirichlet_density),
      unit_deviance = dirichlet_deviance
    )),
    response = reader,
    links = if (common) list(alpha = log)
            else list(mu = resolve_link("logit"), phi = log),
    domain = list(alpha = c(0, Inf)), has_deviance = FALSE, has_cdf = FALSE,
    extra = c(list(outcome = "composition", mean_range = c(0, 1),
                   parametrization = parametrization),
              if (common) common_fields() else mean_fields(base))
  )
}

#' @noRd
dirichlet_base <- function(link, common) {
  if (!common) link <- resolve_link("logit")
  plain_family("dirichlet", link,
    variance = function(mu) mu * (1 - mu),
    validmu = function(mu) all(is.finite(mu)) && all(mu > 0)
  )
}

#' @noRd
common_fields <- function() {
  list(
    etas = function(family, levels) {
      list(label = levels, parameter = rep("alpha", length(levels)))
    },
    inverse = function(eta, family) {
      alpha <- matrix(exp(eta), nrow(eta), dimnames = list(NULL, family$levels))
      list(alpha = alpha)
    }
  )
}

#' @noRd
mean_fields <- function(base) {
  list(
    reference = base, against = reference_level, link_text = log_ratio_text,
    etas = function(family, levels) {
      parts <- etas_but_reference(family, levels)
      list(label = c(parts$label, "phi"), parameter = c(parts$parameter, "phi"))
    },
    inverse = function(eta, family) {
      last <- ncol(eta)
      mean <- softmax(eta[, -last, drop = FALSE], family$levels,
                      reference_code(family, family$levels))
      list(alpha = mean * exp(eta[, last]))
    },
    numbers = function(family, y) reference_code(family, family$levels) - 1
  )
}

#' The levels are known of a fit only
#' @noRd
log_ratio_text <- function(family) {
  part <- if (is.null(family$levels)) {
    if (is.numeric(family$reference)) paste("part", family$reference)
    else family$reference %||% "the first part"
  } else {
    family$against(family)
  }
  paste0("mu: log ratio to ", part, ", phi: ", family$links$phi$name)
}

#' @noRd
no_order <- function() {
  refuse <- function(...) {
    abort_gamut("A composition has no order, so that there are no probabilities below ",
                "it and no quantiles.", class = "density")
  }
  list(cdf = refuse, quantile = refuse)
}

#' @noRd
concentrations <- function(par, n) {
  recycle_rows(as_probabilities(par), n)
}

#' @noRd
dirichlet_density <- function(y, par, weights = NULL, dispersion = 1, log = TRUE) {
  if (!is.matrix(y)) y <- matrix(y, 1L)
  alpha <- concentrations(par, nrow(y))
  value <- lgamma(rowSums(alpha)) + rowSums((alpha - 1) * log(y) - lgamma(alpha))
  outside <- rowSums(y <= 0) > 0 | abs(rowSums(y) - 1) > 1e-8
  value[which(outside)] <- -Inf
  if (log) value else exp(value)
}

#' Gamma variables over their sum
#' @noRd
dirichlet_random <- function(n, par, weights = NULL, dispersion = 1) {
  alpha <- concentrations(par, n)
  drawn <- matrix(stats::rgamma(length(alpha), alpha), nrow(alpha),
                  dimnames = list(NULL, colnames(alpha)))
  drawn / rowSums(drawn)
}

#' @noRd
dirichlet_mean <- function(par) {
  alpha <- as_probabilities(par)
  alpha / rowSums(alpha)
}

#' @noRd
dirichlet_variance <- function(par, weights = NULL, dispersion = 1) {
  mean <- dirichlet_mean(par)
  mean * (1 - mean) / (1 + rowSums(as_probabilities(par)))
}

#' Twice the log-likelihood lost against the best mean, the precision A as it is
#'
#' The best concentrations solve digamma(alpha_k) = log(y_k) + c with c such that they
#' sum to A.
#' @noRd
dirichlet_deviance <- function(y, par, weights = NULL) {
  alpha <- concentrations(par, nrow(y))
  best <- saturated_concentrations(y, rowSums(alpha))
  lost <- dirichlet_density(y, list(best)) - dirichlet_density(y, list(alpha))
  2 * pmax(lost, 0) * if (is.null(weights)) 1 else weights
}

#' Newton steps in c; the sum of the inverse digammas rises in it, and its logarithm is
#' nearly straight
#' @noRd
saturated_concentrations <- function(y, total) {
  c <- log(total)
  for (iteration in seq_len(100L)) {
    alpha <- inverse_digamma(log(y) + c)
    sum <- rowSums(alpha)
    step <- (log(total) - log(sum)) * sum / rowSums(1 / trigamma(alpha))
    c <- c + pmin(pmax(step, -2), 2)
    if (all(abs(step) < 1e-10, na.rm = TRUE)) break
  }
  alpha * total / rowSums(alpha)
}

#' Minka's start, then Newton steps
#' @noRd
inverse_digamma <- function(value) {
  x <- ifelse(value >= -2.22, exp(value) + 0.5, -1 / (value - digamma(1)))
  for (iteration in seq_len(6L)) x <- x - (digamma(x) - value) / trigamma(x)
  x
}
