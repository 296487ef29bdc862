# Shares of the variance: R squared and intraclass correlations.

#' Explained variance and intraclass correlation of mixed models
#'
#' @param fit A fit with random effects.
#'
#' @details
#' The variance of the response on the scale of the linear predictor is taken apart into
#' * \eqn{\sigma^2_f}{sigma_f^2}, the variance of the fixed part
#'   \eqn{x_i'\beta}{x_i' beta} over the rows, offsets left out;
#' * \eqn{\sigma^2_a}{sigma_a^2}, the mean variance of the random part over the rows,
#'   \eqn{\frac1n\sum_i z_i'\Sigma z_i}{mean of z_i' Sigma z_i}, which holds for random
#'   slopes as well (Johnson 2014);
#' * \eqn{\sigma^2_e}{sigma_e^2}, that of the distribution (Nakagawa, Johnson and
#'   Schielzeth 2017): the residual variance of a gaussian model with identity link;
#'   for a binomial response \eqn{\pi^2/3}{pi^2 / 3} with the logit link, 1 with probit,
#'   \eqn{\pi^2/6}{pi^2 / 6} with cloglog; for Poisson with log link
#'   \eqn{\log(1 + 1/\lambda)}{log(1 + 1 / lambda)}, the variance of a lognormal of the
#'   same mean and variance, and with square root link 1/4. The mean
#'   \eqn{\lambda}{lambda} is the marginal one,
#'   \eqn{\exp(x_i'\beta + z_i'\Sigma z_i/2)}{exp(x_i' beta + z_i' Sigma z_i / 2)} with
#'   the offset, averaged over the rows; the authors take it from a model without
#'   covariates, where the two are the same.
#'
#' A grouping factor with a level for each row stands for overdispersion, unless the
#' response is gaussian, and its variance belongs to \eqn{\sigma^2_e}{sigma_e^2}.
#'
#' Then \deqn{R^2_m = \frac{\sigma^2_f}{\sigma^2_f + \sigma^2_a + \sigma^2_e},\qquad
#' R^2_c = \frac{\sigma^2_f + \sigma^2_a}{\sigma^2_f + \sigma^2_a + \sigma^2_e}.}{
#' R2_m = sigma_f^2 / (sigma_f^2 + sigma_a^2 + sigma_e^2),
#' R2_c = (sigma_f^2 + sigma_a^2) / (sigma_f^2 + sigma_a^2 + sigma_e^2).}
#' Other families and links have no agreed variance on this scale: the results are then
#' `NA`, with a warning of class `gamut_warning_variance`.
#'
#' @return
#' `r_squared()`: `c(marginal = , conditional = )`.
#'
#' `icc()`: a data frame with a row for each grouping factor and one for all of them: its
#' `variance`; its share `icc` in \eqn{\sigma^2_a + \sigma^2_e}{sigma_a^2 + sigma_e^2},
#' the variance that fixed effects leave (the adjusted intraclass correlation); and its
#' share `conditional` in the whole variance.
#' @references
#' Johnson, P. C. D. (2014) Extension of Nakagawa & Schielzeth's R2 GLMM to random slopes
#' models. *Methods in Ecology and Evolution* 5, 944-946. \doi{10.1111/2041-210X.12225}
#'
#' Nakagawa, S. and Schielzeth, H. (2013) A general and simple method for obtaining R2
#' from generalized linear mixed-effects models. *Methods in Ecology and Evolution* 4,
#' 133-142.
#' \doi{10.1111/j.2041-210x.2012.00261.x}
#'
#' Nakagawa, S., Johnson, P. C. D. and Schielzeth, H. (2017) The coefficient of
#' determination R2 and intra-class correlation coefficient from generalized linear
#' mixed-effects models revisited and expanded. *Journal of the Royal Society Interface*
#' 14, 20170213. \doi{10.1098/rsif.2017.0213}
#' @examples
#' fit <- gamut(distance ~ age + Sex + (age | Subject), data = nlme::Orthodont)
#' r_squared(fit)
#' icc(fit)
#' @export
r_squared <- function(fit) {
  parts <- variance_parts(fit, "r_squared()")
  random <- sum(parts$random)
  total <- parts$fixed + random + parts$residual
  c(marginal = parts$fixed / total, conditional = (parts$fixed + random) / total)
}

#' @rdname r_squared
#' @export
icc <- function(fit) {
  parts <- variance_parts(fit, "icc()")
  variance <- c(parts$random, "(all)" = sum(parts$random))
  left <- sum(parts$random) + parts$residual
  data.frame(group = names(variance), variance = variance, icc = variance / left,
             conditional = variance / (left + parts$fixed), row.names = NULL)
}

#' Variances of the fixed part, of each grouping factor, and of the distribution
#' @noRd
variance_parts <- function(fit, what) {
  check_fit(fit, what)
  require_mixed(fit, what)
  require_data(fit, what)
  problem <- fit_problem(fit)
  kept <- rep_len(prior_weights(fit) > 0, problem$rows)
  main <- vapply(fit$random, source_predictor, 0, object = fit) == 1
  rows <- lapply(fit$random[main], row_variances, fit = fit, problem = problem)
  groups <- vapply(fit$random[main], `[[`, "", "group")
  sizes <- vapply(fit$random[main], function(entry) length(entry$levels), 0L)
  each <- vapply(rows, function(v) mean(v[kept]), 0)
  single <- sizes == fit$nobs & !is_profiled(fit$family)
  fixed <- estimated_coefficients(fit)
  # smooths are part of what is fixed
  fixed[-seq_len(count_without_random(fit))] <- 0
  eta <- engine_linear_predictor(problem, fixed, fit$control$threads)[, 1L]
  offset <- problem$offsets[[1L]] %||% 0
  marginal <- exp(eta + Reduce(`+`, rows, numeric(problem$rows)) / 2)
  random <- tapply(each[!single], factor(groups[!single], unique(groups[!single])), sum)
  list(fixed = stats::var((eta - offset)[kept]),
       random = c(stats::setNames(as.vector(random), names(random))),
       residual = distribution_variance(fit, mean(marginal[kept]), what) +
         sum(each[single]))
}

#' z_i' Sigma z_i of one term in the first linear predictor
#' @noRd
row_variances <- function(entry, fit, problem) {
  term <- problem$terms[[entry$term]]
  storage <- problem$storages[[term$storage]]
  z <- effect_columns(problem, storage)
  first <- which(term$loading[1L, ] != 0)
  at <- (first[1L] - 1L) * ncol(z) + seq_len(ncol(z))
  variance <- rowSums((z %*% entry$covariance[at, at, drop = FALSE]) * z)
  if (is.null(storage$contrast)) return(variance)
  codes <- as.integer(problem$columns[[storage$codes]])
  variance * rowSums(storage$contrast^2)[codes]
}

#' @noRd
distribution_variance <- function(fit, mean, what) {
  family <- fit$family
  link <- family$links[[1L]]$name
  kind <- paste(family$id, link)
  switch(kind,
    "gaussian identity" = if (is_profiled(family)) return(fit$dispersion),
    "binomial logit" = return(pi^2 / 3),
    "binomial probit" = return(1),
    "binomial cloglog" = return(pi^2 / 6),
    "poisson log" = return(log1p(1 / mean)),
    "poisson sqrt" = return(0.25)
  )
  warn_gamut(what, " is NA: the ", family$family, " family with ", link, " link has no ",
             "agreed variance on the scale of the linear predictor.", class = "variance")
  NA_real_
}
