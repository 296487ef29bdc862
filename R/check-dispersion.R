# Checks of the variance and of zeros: does the response scatter as the family has it?

#' Pearson's statistic over its degrees of freedom
#' @noRd
examine_dispersion <- function(context) {
  fit <- context$fit
  family <- context$family
  if (!suits_pearson(fit, family)) return(NULL)
  test <- farrington_test(context)
  if (is.null(test)) {
    return(check_row("dispersion", "ok", paste("single 0/1 outcomes cannot show whether",
                                               "they scatter too much")))
  }
  dispersion_row(test, family)
}

#' Of random effects the statistic's degrees of freedom are not known
#' @noRd
suits_pearson <- function(fit, family) {
  known <- fit$dispersion_fixed && has_deviance(family) && is.function(family$variance)
  known && is_single(fit) && fit$df.residual > 0 && !is_mixed(fit)
}

#' @noRd
dispersion_row <- function(test, family) {
  over <- test$ratio > 1
  verdict <- verdict_of(test$p, test$ratio > 1.1)
  text <- paste0("Pearson's X2 over its degrees of freedom is ", short_number(test$ratio),
                 " (", p_text(test$p), ")")
  if (verdict != "ok") {
    text <- paste0(text, ": the response scatters ", if (over) "more" else "less",
                   " than the family has it")
  }
  advice <- if (over) {
    paste0("standard errors are too small by a factor of about ",
           short_number(sqrt(test$ratio)), ": look for missing variables and outliers ",
           "first, then use a ", quasi_name(family), " family, one with a dispersion, ",
           "or vcov(type = \"HC3\")")
  } else {
    paste0("standard errors are too large: are the rows independent of each other? ",
           if (family$id == "poisson") "Else use compois() or a quasipoisson family"
           else "Else use a quasi family")
  }
  check_row("dispersion", verdict, text, advice, value = test$ratio, p = test$p)
}

#' @noRd
quasi_name <- function(family) {
  switch(family$id, poisson = "quasipoisson or negative binomial",
         binomial = "quasibinomial or beta-binomial", "quasi")
}

#' Farrington's test of the dispersion, by a gamma distribution with its mean and variance
#'
#' With V the variance function, V' and V'' are taken as differences; V is at most cubic,
#' so that only rounding is lost.
#' @return list(ratio, p), or `NULL` where the response is binary.
#' @noRd
farrington_test <- function(context) {
  fit <- context$fit
  keep <- context$counted
  mu <- fitted_mean(fit, context$parameters)[keep]
  difference <- response_y(fit)[keep] - mu
  weight <- prior_weights(fit)[keep]
  variance <- context$family$variance
  v <- variance(mu)
  # at an end of the range there is no variance, nor a residual
  inside <- is.finite(v) & v > 0
  h <- 1e-3 * pmax(abs(mu), 1e-3)
  upper <- variance(mu + h)
  lower <- variance(mu - h)
  slope <- (upper - lower) / (2 * h)
  curvature <- (upper - 2 * v + lower) / h^2
  share <- fit$df.residual / fit$nobs
  spread <- sum((2 + curvature / weight)[inside]) * share
  df <- fit$df.residual
  if (spread < 0.05 * df) return(NULL)
  pearson <- weight * difference^2 / v
  statistic <- sum((pearson - slope * difference / v)[inside])
  tails <- stats::pgamma(max(statistic, 0), df^2 / spread, df / spread,
                         lower.tail = FALSE)
  list(ratio = sum(pearson[inside]) / df, p = min(1, 2 * min(tails, 1 - tails)))
}

#' Dean's score test of Poisson against the negative binomial
#' @noRd
examine_dean <- function(context) {
  fit <- context$fit
  suits <- context$family$id == "poisson" && context$family$has_density
  if (!suits || is_mixed(fit)) return(NULL)
  keep <- context$counted
  mu <- context$parameters$mu[keep]
  y <- response_y(fit)[keep]
  excess <- sum((y - mu)^2 - y + context$hat[keep] * mu)
  statistic <- excess / sqrt(2 * sum(mu^2))
  p <- stats::pnorm(statistic, lower.tail = FALSE)
  # variance mu + tau mu^2: its share at the mean count
  tau <- max(excess / sum(mu^2), 0)
  verdict <- verdict_of(p, tau * mean(mu) > 0.1)
  check_row("dispersion (NB)", verdict,
            paste0("Dean's score test against the negative binomial has z = ",
                   short_number(statistic), " (", p_text(p), ")",
                   if (verdict != "ok") {
                     paste0("; the variance is about mu + ", short_number(tau), " mu^2")
                   }),
            "the negative binomial family may describe these counts better",
            value = statistic, p = p)
}

#' Zeros observed and expected
#' @noRd
examine_zeros <- function(context) {
  if (!counts_zeros(context)) return(NULL)
  # the variance of the closed form takes the rows as independent
  test <- if (is_mixed(context$fit)) simulated_zero_test(context) else zero_test(context)
  if (is.null(test)) return(NULL)
  more <- test$observed > test$expected
  verdict <- verdict_of(test$p, more && test$observed > 1.1 * test$expected)
  text <- paste0(short_number(test$observed), " zeros where ",
                 short_number(test$expected), " are expected (standard error ",
                 short_number(test$se), ", ", p_text(test$p), ")")
  check_row("zeros", verdict, text,
            zeros_advice(context$family, more),
            value = test$observed / test$expected, p = test$p)
}

#' @noRd
zeros_advice <- function(family, more) {
  if (identical(family$form, "zero_inflated")) {
    return(paste("zeros depend on variables otherwise than the fit has it: give `zi` a",
                 "predictor, or other variables in it, or use a hurdle family, which",
                 "describes zeros apart from all else"))
  }
  if (more && family$id %in% c("poisson", "binomial")) {
    return(paste("see the dispersion first: what explains it often explains zeros too;",
                 "else use a zero-inflated or a hurdle family"))
  }
  # what scatters more has a parameter already
  if (more) return("use a zero-inflated or a hurdle family")
  "are zeros missing by design? Then use a truncated or a hurdle family"
}

#' Counts, whose zeros the fit does not reproduce by itself as it does those of 0/1 and
#' of a hurdle family, where they are a part of their own
#' @noRd
counts_zeros <- function(context) {
  family <- context$family
  fit <- context$fit
  if (!isTRUE(family$discrete) || !family$has_density || has_matrix_mean(family)) {
    return(FALSE)
  }
  if (identical(family$form, "hurdle")) return(FALSE)
  y <- response_y(fit)
  trials <- if (family$weights_are == "trials") drawn_weights(fit)
  binary <- all(y %in% 0:1) && (is.null(trials) || max(trials) <= 1)
  !is.matrix(y) && !binary
}

#' Number of zeros less its expectation, over its standard error
#'
#' @return list(observed, expected, se, p), or `NULL` where no zero is expected.
#' @noRd
zero_test <- function(context) {
  weight <- if (context$family$weights_are == "likelihood") prior_weights(context$fit)
            else as.double(context$counted)
  chance <- zero_probability(context, context$eta)
  expected <- sum(weight * chance)
  if (!is.finite(expected) || expected < 1e-8) return(NULL)
  zero <- response_y(context$fit) == 0
  observed <- sum(weight * zero)
  se <- sqrt(zero_variance(context, weight, zero, chance))
  list(observed = observed, expected = expected, se = se,
       p = zero_p_value(context$family, observed, expected, se))
}

#' The same from simulated responses with random effects drawn anew, where these make
#' zeros of one level dependent
#' @noRd
simulated_zero_test <- function(context) {
  fit <- context$fit
  # at most five million numbers
  size <- max(20L, min(200L, as.integer(5e6 / fit$n)))
  draws <- tryCatch(stats::simulate(fit, size, seed = 1L), gamut_error = function(e) NULL)
  if (is.null(draws)) return(NULL)
  # rows that na.exclude left out are NA
  count <- function(y) sum(context$counted & y[!is.na(y)] == 0)
  zeros <- vapply(draws, count, 0)
  observed <- count(response_y(fit))
  tail <- min(sum(zeros >= observed), sum(zeros <= observed))
  list(observed = observed, expected = mean(zeros), se = stats::sd(zeros),
       p = min(1, 2 * (1 + tail) / (size + 1)))
}

#' @noRd
zero_p_value <- function(family, observed, expected, se) {
  # rare zeros are Poisson, not normal
  if (expected < 5) return(rare_zeros(observed, expected))
  # a zero-inflated fit has nearly the zeros observed: half a zero is no difference
  slack <- if (identical(family$form, "zero_inflated")) 0.5 else 0
  difference <- max(abs(observed - expected) - slack, 0)
  if (difference == 0) 1 else 2 * stats::pnorm(-difference / se)
}

#' Variance of observed less expected zeros
#'
#' It is less what the estimation takes: with the gradient d of the expectation and the
#' covariance V of the coefficients, each row adds its own zero less its probability less
#' d'V s, s its score. The variance of that sum is sum p (1 - p) - d'Vd, by the expected
#' information. Where zeros are estimated too this is a small difference of large numbers,
#' which the observed information does not resolve, so that the sum of squares over rows
#' is taken where it is larger.
#' @noRd
zero_variance <- function(context, weight, zero, chance) {
  fit <- context$fit
  problem <- fit_problem(fit)
  gradient <- score_total(problem, zero_slopes(context, weight))
  covariance <- fit$dispersion * unscaled_vcov(fit)
  # parameters that ran off to the end of their range do not move
  covariance[is.na(covariance)] <- 0
  direction <- drop(covariance %*% gradient)
  by_model <- sum(weight * chance * (1 - chance)) - sum(gradient * direction)
  if (!identical(context$family$form, "zero_inflated")) return(max(by_model, 0))
  moved <- engine_linear_predictor(problem, direction) -
    engine_linear_predictor(problem, 0 * direction)
  score <- fit_rows(fit, eta = context$eta)$score
  own <- weight * (zero - chance) - rowSums(score * moved)
  max(by_model, sum((own^2 / weight)[context$counted]))
}

#' Derivatives of the expected zeros by the linear predictors of each row
#' @noRd
zero_slopes <- function(context, weight, h = 1e-4) {
  slope <- context$eta
  for (k in seq_len(ncol(slope))) {
    ends <- lapply(c(h, -h), function(by) {
      eta <- context$eta
      eta[, k] <- eta[, k] + by
      zero_probability(context, eta)
    })
    slope[, k] <- weight * (ends[[1L]] - ends[[2L]]) / (2 * h)
  }
  slope
}

#' @noRd
zero_probability <- function(context, eta) {
  fit <- context$fit
  drop(context$family$density(numeric(fit$n), fit_parameters(fit, eta),
                              drawn_weights(fit), fit$dispersion, log = FALSE))
}

#' @noRd
rare_zeros <- function(observed, expected) {
  tails <- c(stats::ppois(observed, expected),
             stats::ppois(observed - 1, expected, lower.tail = FALSE))
  min(1, 2 * min(tails))
}
