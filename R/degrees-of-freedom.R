# Degrees of freedom of tests of the fixed effects of a linear mixed model, by
# Satterthwaite's method and by Kenward and Roger's, from products of the size of the
# random effects at most.

#' Degrees of freedom for the fixed effects of a linear mixed model
#'
#' @param object A linear mixed model: a gaussian fit with random effects and identity
#'   link.
#' @param L Contrasts of the coefficients, a matrix with a column for each of them (or a
#'   vector, for one contrast); all rows are tested together. By default each coefficient
#'   is tested on its own.
#' @param type `"satterthwaite"` or `"kenward-roger"`.
#'
#' @details
#' With \eqn{V} the marginal covariance of the response, its parameters \eqn{\psi} the
#' variances and covariances, \eqn{\Phi = (X'V^{-1}X)^{-1}} the covariance of the
#' estimates, \eqn{A} the covariance of \eqn{\hat\psi} and \eqn{g} the gradient of
#' \eqn{l'\Phi l} in \eqn{\psi}, **Satterthwaite's** degrees of freedom of a contrast
#' \eqn{l} are
#' \deqn{\nu = 2 (l'\Phi l)^2 / g'Ag.}{nu = 2 (l'Phi l)^2 / g'Ag.}
#' \eqn{A} is twice the inverse of the exact Hessian of the criterion of the fit (ML or
#' REML). Several contrasts are parted into independent ones, whose degrees of freedom
#' are combined as Fai and Cornelius do. **Kenward and Roger's** take
#' \eqn{A} from the expected information of REML, correct \eqn{\Phi} for the bias of
#' small samples, and scale the F statistic. A fit by ML is refitted by REML for them,
#' with a message of class `gamut_message_refit`, and all that is told then is of that
#' fit, estimates included.
#'
#' Both use exact derivatives, of \eqn{\Phi} and of the criterion, and no matrix of the
#' size of the data. Variances estimated as 0 are taken as known to be 0; where an
#' unstructured covariance is estimated to be singular, so are, by Satterthwaite's method,
#' the entries of its Cholesky factor that are 0, and \eqn{\psi} are the others. With
#' random effects of one factor the cost is linear in its levels; else a matrix of the
#' size of all random effects is needed, of which there may be at most 3000.
#'
#' @return A data frame with a row for each test: `estimate` and `se` (of a single
#'   contrast), `num_df`, `den_df`, `statistic` (F) and `p_value`.
#' @section Errors:
#' `gamut_error_unsupported` for a model that is not linear, whose tests are
#' asymptotic, `gamut_error_size` where there are too many random effects.
#' @references Satterthwaite, F. E. (1946) An approximate distribution of estimates of
#'   variance components. *Biometrics Bulletin* 2, 110-114. \doi{10.2307/3002019}
#'
#'   Fai, A. H.-T. and Cornelius, P. L. (1996) Approximate F-tests of multiple degree of
#'   freedom hypotheses in generalized least squares analyses of unbalanced split-plot
#'   experiments. *Journal of Statistical Computation and Simulation* 54, 363-378.
#'
#'   Kenward, M. G. and Roger, J. H. (1997) Small sample inference for fixed effects from
#'   restricted maximum likelihood. *Biometrics* 53, 983-997. \doi{10.2307/2533558}
#' @examples
#' fit <- gamut(distance ~ age * Sex + (age | Subject), data = nlme::Orthodont)
#' degrees_of_freedom(fit)
#' degrees_of_freedom(fit, type = "kenward-roger")
#' # age and its interaction together
#' degrees_of_freedom(fit, L = rbind(c(0, 1, 0, 0), c(0, 0, 0, 1)))
#' @export
degrees_of_freedom <- function(object, L = NULL, # nolint: object_name_linter.
                               type = c("satterthwaite", "kenward-roger")) {
  type <- check_choice(type, "type", c("satterthwaite", "kenward-roger"))
  state <- small_sample_state(object, type)
  estimated <- !is.na(state$object$coefficients)
  if (is.null(L)) return(single_tests(state, type, estimated))
  contrasts <- check_contrast_rows(L, state$object)
  as.data.frame(contrast_test(state, type, contrasts[, estimated, drop = FALSE]))
}

#' @noRd
single_tests <- function(state, type, estimated) {
  rows <- lapply(seq_along(estimated), function(j) {
    if (!estimated[j]) return(data.frame(estimate = NA_real_, se = NA, num_df = NA,
                                         den_df = NA, statistic = NA, p_value = NA))
    l <- matrix(as.double(which(estimated) == j), 1L)
    as.data.frame(contrast_test(state, type, l))
  })
  out <- do.call(rbind, rows)
  rownames(out) <- names(estimated)
  out
}

#' @noRd
check_contrast_rows <- function(L, object) { # nolint: object_name_linter.
  p <- length(object$coefficients)
  if (is.null(dim(L))) L <- matrix(L, 1L) # nolint: object_name_linter.
  if (!is.numeric(L) || ncol(L) != p || anyNA(L)) {
    abort_gamut("`L` must have a column for each of the ", p, " coefficients.",
                class = "argument", data = list(argument = "L"))
  }
  aliased <- is.na(object$coefficients)
  if (any(L[, aliased] != 0)) {
    abort_gamut("`L` has contrasts of coefficients that cannot be estimated: ",
                ticked(names(aliased)[aliased]), ".", class = "argument",
                data = list(argument = "L"))
  }
  L
}

#' Degrees of freedom that a method was asked for, or that come cheap
#'
#' @param ddf `NULL`: Satterthwaite's where it costs little, else none.
#' @return `"satterthwaite"`, `"kenward-roger"`, or `NULL` for asymptotic tests.
#' @noRd
chosen_ddf <- function(object, ddf) {
  if (is.null(ddf)) return(if (has_cheap_ddf(object)) "satterthwaite")
  ddf <- check_choice(ddf, "ddf", c("satterthwaite", "kenward-roger", "none"))
  if (ddf != "none") ddf
}

#' The fit whose estimates stand beside tests by `ddf`
#'
#' Errors and tests by Kenward and Roger's method are those of a fit by REML, and so must
#' the estimates be.
#' @noRd
fit_for_ddf <- function(object, ddf) {
  if (is.null(ddf) || !is_mixed(object) || !is_profiled(object$family)) return(object)
  if (identical(chosen_ddf(object, ddf), "kenward-roger")) as_reml(object) else object
}

#' Random effects of one factor, or few of several, and few coefficients
#' @noRd
has_cheap_ddf <- function(object) {
  effects <- sum(lengths(random_sizes(object)$rows))
  few <- length(object$random) == 1L || effects <= 500L
  all(is_mixed(object), !length(object$smooths), is_profiled(object$family),
      has_data(object),
      isTRUE(object$convergence$converged), object$rank %in% 1:50, few)
}

#' What all tests of a fit share
#' @noRd
small_sample_state <- function(object, type) {
  if (!is_mixed(object) || !is_profiled(object$family)) {
    abort_gamut("Degrees of freedom by ", type, " are for linear mixed models ",
                "(gaussian, identity link, random effects); the tests of this model are ",
                "asymptotic: z and chi-squared.", class = "unsupported")
  }
  if (length(object$smooths)) {
    abort_gamut("Degrees of freedom by ", type, " are for models without smooths; ",
                "summary() has tests with residual degrees of freedom.",
                class = "unsupported")
  }
  if (type == "kenward-roger") object <- as_reml(object)
  information <- marginal_information(object, roots = type == "satterthwaite")
  covariance <- if (type == "satterthwaite") {
    satterthwaite_covariance(information, object$method == "REML")
  } else {
    positive_inverse(information$expected / 2)
  }
  state <- c(list(object = object, psi = covariance), information)
  if (type == "kenward-roger") state$adjusted <- adjusted_covariance(state)
  state
}

#' F test of the rows of `l`, a matrix over the estimated coefficients
#' @noRd
contrast_test <- function(state, type, l) {
  beta <- state$object$coefficients
  beta <- beta[!is.na(beta)]
  l <- full_rank_rows(l)
  centred <- l %*% state$basis
  if (!nrow(l)) {
    return(list(estimate = NA_real_, se = NA_real_, num_df = 0L, den_df = NA_real_,
                statistic = NA_real_, p_value = NA_real_))
  }
  value <- drop(l %*% beta)
  test <- if (type == "satterthwaite") satterthwaite_test(state, centred, value)
          else kenward_roger_test(state, centred, value)
  single <- nrow(l) == 1L
  phi <- if (type == "satterthwaite") state$phi else state$adjusted
  c(list(estimate = if (single) value else NA_real_,
         se = if (single) sqrt(drop(centred %*% phi %*% t(centred))) else NA_real_,
         num_df = nrow(l)), test,
    list(p_value = stats::pf(test$statistic, nrow(l), test$den_df, lower.tail = FALSE)))
}

#' Rows that are combinations of others test nothing more
#' @noRd
full_rank_rows <- function(l) {
  decomposed <- qr(t(l))
  l[decomposed$pivot[seq_len(decomposed$rank)], , drop = FALSE]
}

# --- Satterthwaite --------------------------------------------------------------------

#' Covariance of the variance parameters: twice the inverse Hessian of the criterion
#' @noRd
satterthwaite_covariance <- function(information, restricted) {
  second <- if (restricted) information$expected else information$expected_ml
  positive_inverse((2 * information$observed - second + information$bend) / 2)
}

#' The inverse of the positive part; directions without curvature are taken as known
#' @noRd
positive_inverse <- function(hessian) {
  scale <- sqrt(pmax(abs(diag(hessian)), 1e-300))
  eigen <- eigen(hessian / outer(scale, scale), symmetric = TRUE)
  kept <- eigen$values > 1e-8 * max(eigen$values)
  vectors <- eigen$vectors[, kept, drop = FALSE]
  vectors %*% (t(vectors) / eigen$values[kept]) / outer(scale, scale)
}

#' @noRd
satterthwaite_test <- function(state, l, value) {
  covariance <- l %*% state$phi %*% t(l)
  if (nrow(l) == 1L) {
    return(list(den_df = satterthwaite_df(state, l),
                statistic = value^2 / drop(covariance)))
  }
  eigen <- eigen(covariance, symmetric = TRUE)
  parts <- t(eigen$vectors) %*% l
  squares <- drop(t(eigen$vectors) %*% value)^2 / eigen$values
  df <- vapply(seq_len(nrow(parts)), function(m) {
    satterthwaite_df(state, parts[m, , drop = FALSE])
  }, 0)
  list(den_df = joint_df(df), statistic = mean(squares))
}

#' @noRd
satterthwaite_df <- function(state, l) {
  projected <- l %*% state$phi
  gradient <- vapply(state$slopes, function(s) sum((projected %*% s) * projected), 0)
  2 * sum(projected * l)^2 / drop(gradient %*% state$psi %*% gradient)
}

#' The df of the F with the mean of the sum of independent t squares
#' @noRd
joint_df <- function(df) {
  q <- length(df)
  if (max(df) - min(df) < 1e-8 * max(df)) return(mean(df))
  if (all(df <= 2)) return(2)
  mean_sum <- sum((df / (df - 2))[df > 2])
  if (mean_sum > q) 2 * mean_sum / (mean_sum - q) else 2
}

# --- Kenward and Roger ----------------------------------------------------------------

#' Phi_A = Phi + 2 Phi {sum W_ij (Q_ij - P_i Phi P_j - R_ij / 4)} Phi
#' @noRd
adjusted_covariance <- function(state) {
  phi <- state$phi
  sum <- matrix(0, nrow(phi), ncol(phi))
  for (i in seq_along(state$slopes)) {
    for (j in seq_along(state$slopes)) {
      sum <- sum + state$psi[i, j] *
        (state$middle(i, j) - state$slopes[[i]] %*% phi %*% state$slopes[[j]] -
           state$second(i, j) / 4)
    }
  }
  phi + 2 * phi %*% ((sum + t(sum)) / 2) %*% phi
}

#' @noRd
kenward_roger_test <- function(state, l, value) {
  moments <- kenward_roger_moments(state, l)
  f <- drop(value %*% solve(l %*% state$adjusted %*% t(l), value)) / nrow(l)
  list(den_df = moments$df, statistic = moments$scale * f)
}

#' Degrees of freedom and scale from the approximate moments of F
#'
#' Notation of Kenward and Roger (1997), section 3.
#' @noRd
kenward_roger_moments <- function(state, l) {
  phi <- state$phi
  q <- nrow(l)
  theta_phi <- t(l) %*% solve(l %*% phi %*% t(l), l) %*% phi
  products <- lapply(state$slopes, function(s) theta_phi %*% s %*% phi)
  traces <- vapply(products, function(m) sum(diag(m)), 0)
  pairs <- outer(seq_along(products), seq_along(products), Vectorize(function(i, j) {
    sum(products[[i]] * t(products[[j]]))
  }))
  a1 <- sum(state$psi * outer(traces, traces))
  a2 <- sum(state$psi * pairs)
  b <- (a1 + 6 * a2) / (2 * q)
  g <- ((q + 1) * a1 - (q + 4) * a2) / ((q + 2) * a2)
  d <- 3 * q + 2 * (1 - g)
  expected <- 1 / (1 - a2 / q)
  variance <- 2 / q * (1 + g / d * b) /
    ((1 - (q - g) / d * b)^2 * (1 - (q + 2 - g) / d * b))
  rho <- variance / (2 * expected^2)
  df <- 4 + (q + 2) / (q * rho - 1)
  list(df = df, scale = df / (expected * (df - 2)))
}

#' Phi_A of the caller's coefficients, 0 where aliased
#' @noRd
kenward_roger_vcov <- function(object) {
  state <- small_sample_state(object, "kenward-roger")
  estimated <- !is.na(state$object$coefficients)
  out <- matrix(0, length(estimated), length(estimated),
                dimnames = rep(list(names(estimated)), 2L))
  out[estimated, estimated] <- state$basis %*% state$adjusted %*% t(state$basis)
  out
}

#' Sequential F tests of the fixed effects
#'
#' Each term given those before it, as `wald_terms()`; its rows are those of the Cholesky
#' root of Phi^-1 in the order of the terms.
#' @noRd
f_terms <- function(object, ddf) {
  state <- small_sample_state(object, ddf)
  object <- state$object
  order <- sequential_order(object)
  p <- length(order$coefficients)
  phi <- state$basis %*% state$phi %*% t(state$basis)
  root <- chol(solve(phi[order$place, order$place, drop = FALSE]))
  # rows of variances that differ: equal ones would leave their parting to rounding
  root <- root / diag(root)
  tests <- lapply(levels(order$member), function(term) {
    mine <- order$member %in% term
    l <- matrix(0, sum(mine), p)
    l[, order$place] <- root[mine, , drop = FALSE]
    contrast_test(state, ddf, l)[c("num_df", "den_df", "statistic", "p_value")]
  })
  column <- function(name) vapply(tests, `[[`, 0, name)
  table <- data.frame(NumDF = column("num_df"), DenDF = column("den_df"),
                      `F value` = column("statistic"), `Pr(>F)` = column("p_value"),
                      row.names = order$labels, check.names = FALSE)
  method <- switch(ddf, satterthwaite = "Satterthwaite's", "Kenward and Roger's")
  heading <- sub(".*\n\nModel", paste0("Analysis of Fixed Effects, F tests by ", method,
                                       " method\n\nModel"), sequential_heading(object))
  structure(table, heading = heading, class = c("anova", "data.frame"))
}
