# The categorical family: one predictor for each category but the reference.

#' The categorical family
#'
#' Multinomial logistic regression: a response with unordered categories, or counts of
#' them. Every category but the reference has a linear predictor.
#'
#' @param reference The reference category: a level, as text, or its number. The first
#'   level by default.
#' @param link `"logit"`, the only one.
#'
#' @details
#' With categories \eqn{1, \ldots, c} and reference \eqn{r},
#' \deqn{P(y = k) = \pi_k = \frac{e^{\eta_k}}{\sum_j e^{\eta_j}}, \quad \eta_r = 0}{
#'   P(y = k) = pi_k = exp(eta_k) / sum_j exp(eta_j), eta_r = 0}
#' and for a row of counts \eqn{n_1, \ldots, n_c} the multinomial density
#' \eqn{N! \prod_k \pi_k^{n_k}/n_k!}{N! prod_k pi_k^(n_k) / n_k!}.
#'
#' * **Parameters**: the categories other than the reference, in the order of the levels;
#'   coefficients are named `B:x`. They are logarithms of ratios of odds against the
#'   reference. The fitted probabilities do not depend on the reference.
#' * **Response**: a factor, text or logical, or a matrix with a column of counts per
#'   category. Categories that do not occur are dropped with a warning.
#' * **Weights** are factors of the log-likelihood.
#' * **Dispersion** is fixed at 1.
#' * **Standard errors** come from observed information, which here is the expected one.
#' * **Starting values**: probabilities near the observed proportions of the row.
#'
#' For [family_density()] and its companions `par` is a matrix of probabilities with a
#' column per category (or a vector: one row), a value of the response is the number of
#' its category (1, 2, ...), and the distribution function is that of these numbers.
#'
#' @return A family object of class `c("gamut_family", "family")`. Its scalar fields
#'   `linkfun`, `linkinv`, `variance` are those of one category against the reference.
#' @references Agresti, A. (2013) *Categorical Data Analysis*, 3rd edition, chapter 8.
#'   Wiley.
#' @examples
#' categorical(reference = "none")
#' p <- c(low = 0.2, mid = 0.5, high = 0.3)
#' family_density(categorical(), 1:3, p)
#' family_cdf("categorical", 2, p)
#' @family families
#' @export
categorical <- function(reference = NULL, link = "logit") {
  if (!identical(link, "logit")) {
    abort_gamut("The categorical family has the \"logit\" link only.",
      class = "link", call = sys.call()
    )
  }
  check_reference(reference, sys.call())
  link <- resolve_link(link)
  base <- plain_family("categorical", link,
    variance = function(mu) mu * (1 - mu),
    validmu = function(mu) all(is.finite(mu)) && all(mu >= 0 & mu <= 1)
  )
  new_gamut_family(
    base, "categorical",
    distribution = list(
      density = categorical_density, cdf = categorical_cdf,
      quantile = categorical_quantile, random = categorical_random,
      mean = as_probabilities, var = categorical_variance,
      loglik = categorical_loglik, unit_deviance = categorical_deviance
    ),
    response = read_categories, links = list(mu = link),
    has_deviance = FALSE, domain = list(prob = c(0, 1)), discrete = TRUE,
    extra = list(
      outcome = "category", reference = reference, etas = etas_but_reference,
      inverse = categorical_inverse, against = reference_level,
      numbers = function(family, y) reference_code(family, family$levels) - 1
    )
  )
}

#' @noRd
check_reference <- function(reference, call = NULL, name = "reference") {
  one <- (is.character(reference) || is.numeric(reference)) &&
    length(reference) == 1L && !is.na(reference)
  if (!is.null(reference) && !one) {
    abort_gamut("`", name, "` must be one level, as text, or its number.",
      class = "family", call = call
    )
  }
}

#' 1-based code of the reference category
#' @noRd
reference_code <- function(family, levels, call = NULL) {
  reference <- family$reference
  if (is.null(reference)) {
    return(1L)
  }
  code <- if (is.character(reference)) match(reference, levels) else as.integer(reference)
  if (is.na(code) || code < 1L || code > length(levels)) {
    abort_gamut(
      "`", if (is_composition(family)) "base" else "reference", " = ",
      deparse(reference), "` is not a ", outcome_column(family), " of the response, ",
      "which has ", enumerate(levels), ".",
      class = "family", call = call
    )
  }
  code
}

#' @noRd
reference_level <- function(family) {
  family$levels[reference_code(family, family$levels)]
}

#' A linear predictor for each level but the reference
#' @noRd
etas_but_reference <- function(family, levels) {
  others <- levels[-reference_code(family, levels)]
  list(label = others, parameter = rep("mu", length(others)))
}

#' Softmax with the reference category's predictor at 0
#' @noRd
categorical_inverse <- function(eta, family) {
  list(prob = softmax(eta, family$levels, reference_code(family, family$levels)))
}

#' @noRd
softmax <- function(eta, levels, reference) {
  full <- matrix(0, nrow(eta), length(levels), dimnames = list(NULL, levels))
  full[, -reference] <- eta
  full <- exp(full - apply(full, 1L, max))
  full / rowSums(full)
}

#' Probabilities as a matrix, from a matrix, a vector (one row) or a list with either
#' @noRd
as_probabilities <- function(par) {
  if (is.list(par)) {
    par <- par[[1L]]
  }
  if (is.matrix(par)) par else matrix(par, 1L, dimnames = list(NULL, names(par)))
}

#' @noRd
probability_rows <- function(par, n) {
  prob <- as_probabilities(par)
  if (nrow(prob) == n) prob else prob[rep_len(seq_len(nrow(prob)), n), , drop = FALSE]
}

#' @noRd
categorical_density <- function(y, par, weights = NULL, dispersion = 1, log = TRUE) {
  prob <- probability_rows(par, NROW(y))
  value <- if (is.matrix(y)) multinomial_log_density(y, prob) else log(picked(prob, y))
  if (log) value else exp(value)
}

#' @noRd
multinomial_log_density <- function(y, prob) {
  parts <- y * log(prob)
  parts[y == 0] <- 0
  lfactorial(rowSums(y)) + rowSums(parts - lfactorial(y))
}

#' The probability of each row's own category; 0 for what is no category
#' @noRd
picked <- function(prob, y) {
  y <- category_codes(y)
  known <- y %in% seq_len(ncol(prob))
  value <- numeric(length(y))
  value[known] <- prob[cbind(which(known), y[known])]
  value
}

#' @noRd
category_codes <- function(y) {
  if (is.matrix(y)) {
    abort_gamut(
      "Distribution functions of the categorical family are those of one category per ",
      "row, not of rows of counts.",
      class = "density"
    )
  }
  if (is.factor(y)) as.integer(y) else y
}

#' Cumulated probabilities, by columns
#' @noRd
cumulated <- function(prob) {
  for (k in seq_len(ncol(prob))[-1L]) {
    prob[, k] <- prob[, k] + prob[, k - 1L]
  }
  prob[, ncol(prob)] <- 1
  prob
}

#' @noRd
categorical_cdf <- function(y, par, weights = NULL, dispersion = 1, left = FALSE,
                            lower = TRUE, log = FALSE) {
  codes <- last_count(category_codes(y), left)
  # a zero column in front, so that code 0 and all below have probability 0
  steps <- cbind(0, cumulated(probability_rows(par, length(codes))))
  at <- pmin(pmax(codes, 0), ncol(steps) - 1) + 1
  value <- steps[cbind(seq_along(codes), at)]
  value <- if (lower) value else 1 - value
  if (log) log(value) else value
}

#' @noRd
categorical_quantile <- function(p, par, weights = NULL, dispersion = 1) {
  steps <- cumulated(probability_rows(par, length(p)))
  # rounding of the sums must not push a quantile of cdf(k) on to k + 1
  1 + as.double(rowSums(p > steps[, -ncol(steps), drop = FALSE] + 1e-14))
}

#' @noRd
categorical_random <- function(n, par, weights = NULL, dispersion = 1) {
  categorical_quantile(stats::runif(n), list(probability_rows(par, n)))
}

#' @noRd
categorical_variance <- function(par, weights = NULL, dispersion = 1) {
  prob <- as_probabilities(par)
  prob * (1 - prob)
}

#' @noRd
categorical_loglik <- function(y, par, weights = NULL, dispersion = NULL, trials = NULL) {
  value <- categorical_density(y, par)
  if (is.null(weights)) sum(value) else sum((weights * value)[weights > 0])
}

#' Twice the log-likelihood lost against the observed proportions of the row
#' @noRd
categorical_deviance <- function(y, par, weights = NULL) {
  prob <- probability_rows(par, NROW(y))
  value <- if (is.matrix(y)) {
    parts <- y * log(y / (rowSums(y) * prob))
    parts[y == 0] <- 0
    2 * rowSums(parts)
  } else {
    -2 * log(picked(prob, y))
  }
  if (is.null(weights)) value else weights * value
}
