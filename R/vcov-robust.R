# Sandwich covariances: the bread is the inverse information, the meat a sum over rows or
# clusters of what their scores are.

#' Robust covariances
#'
#' With `type = "HC0"` to `"HC3"`, or with `cluster`, [vcov()][vcov.gamut] gives a
#' covariance that does not trust the variance of the family (HC) or the independence of
#' rows (clusters), as those of package sandwich. `summary()` and `confint()` take it by
#' their argument `vcov`.
#'
#' @details
#' Let \eqn{A_i} (K rows, one for each linear predictor) map the coefficients to the
#' predictors of row \eqn{i}, \eqn{s_i} and \eqn{W_i} be its score and information,
#' \eqn{V} the inverse of \eqn{\sum_i A_i'W_iA_i}{sum A_i' W_i A_i}, and
#' \eqn{\Sigma_i = A_iVA_i'}{S_i = A_i V A_i'}. The covariance is
#' \deqn{V \left(\sum_i A_i' u_i u_i' A_i\right) V}{V (sum A_i' u_i u_i' A_i) V}
#'
#' * `"HC0"`: \eqn{u_i = s_i} (White 1980).
#' * `"HC1"`: HC0 times \eqn{n/(n-p)}, \eqn{p} the number of estimated coefficients.
#' * `"HC2"`: \eqn{u_i = (I - W_i\Sigma_i)^{-1/2}s_i}{u_i = (I - W_i S_i)^(-1/2) s_i},
#'   unbiased where the model is true in a linear model.
#' * `"HC3"`: \eqn{u_i = (I - W_i\Sigma_i)^{-1}s_i}{u_i = (I - W_i S_i)^(-1) s_i}, the
#'   jackknife by one Newton step (MacKinnon and White 1985).
#'
#' With one predictor \eqn{W_i\Sigma_i}{W_i S_i} is the leverage \eqn{h_i}, and these are
#' the numbers of [sandwich::vcovHC()] on a `glm` fit. The dispersion cancels. Rows of
#' weight 0 are no rows: \eqn{n} does not count them.
#'
#' **Clusters.** The sums of the scores of each cluster, \eqn{\sum_{i\in g}A_i'u_i}{sum of
#' A_i' u_i}, take the place of those of rows, and the covariance is multiplied by
#' \eqn{G/(G-1)} for \eqn{G} clusters, with `"HC1"` further by \eqn{(n-1)/(n-p)}. With
#' `"HC2"` and `"HC3"`, the information and the covariance are those of the whole
#' cluster's predictors, \eqn{u_g = (I - W_g\Sigma_g)^{-1/2}s_g}{u_g = (I - W_g
#' S_g)^(-1/2) s_g} or its inverse (Bell and McCaffrey 2002), without the factor. These
#' are the numbers of [sandwich::vcovCL()], but for one case: clustered HC2 and HC3 with
#' working weights that differ within clusters, where sandwich up to 3.0 has the factors
#' of \eqn{W_g\Sigma_g}{W_g S_g} the other way round; for a weighted gaussian model those
#' here are exactly the jackknife that leaves out clusters.
#'
#' Several variables in `cluster`, as in `~ firm + year`, are several ways of clustering:
#' the covariances of all their intersections are added and subtracted in turn (Cameron,
#' Gelbach and Miller 2011). For clusters that are combinations of two variables write
#' `~ interaction(firm, year)`. A variable nested in another, such as schools in
#' districts, needs the outer one alone. With several ways a variance may come out
#' negative, which is a warning.
#'
#' **Which rows.** Variables of `cluster` are looked up in the model, then in `data`,
#' and without `data` where the fit found its own data: as these may have changed since,
#' the response must still be the same there. A vector has a value for each row of the
#' fit, or for each row of the data as they were. Missing values are an error.
#'
#' **Cost.** The meat is summed from the columns as they are stored: a factor with
#' thousands of levels costs sums over its codes, and products of p x p matrices.
#' Clustered
#' HC2 and HC3 do form the model matrix and decompose a matrix for each cluster.
#'
#' A row (or cluster) of leverage 1 determines a coefficient alone. Its residual is 0
#' and says nothing of the variance: HC2 and HC3 leave it out, with a warning of class
#' `gamut_warning_leverage`.
#'
#' @section Errors:
#' Cluster variables that cannot be found, have missing values or do not match the rows
#' of the fit are errors of class `gamut_error_cluster`; a fit without its data one of
#' class `gamut_error_data`, unless `data` is given.
#' @references
#' White, H. (1980) A heteroskedasticity-consistent covariance matrix estimator and a
#' direct test for heteroskedasticity. *Econometrica* 48, 817-838.
#' \doi{10.2307/1912934}
#'
#' MacKinnon, J. G. and White, H. (1985) Some heteroskedasticity-consistent covariance
#' matrix estimators with improved finite sample properties. *Journal of Econometrics*
#' 29, 305-325. \doi{10.1016/0304-4076(85)90158-7}
#'
#' Bell, R. M. and McCaffrey, D. F. (2002) Bias reduction in standard errors for linear
#' regression with multi-stage samples. *Survey Methodology* 28, 169-181.
#'
#' Cameron, A. C., Gelbach, J. B. and Miller, D. L. (2011) Robust inference with multiway
#' clustering. *Journal of Business & Economic Statistics* 29, 238-249.
#' \doi{10.1198/jbes.2010.07136}
#' @examples
#' fit <- gamut(count ~ spray, family = poisson(), data = InsectSprays)
#' sqrt(diag(vcov(fit, type = "HC3")))
#' summary(fit, vcov = "HC3")
#'
#' fit <- gamut(weight ~ Time * Diet, data = ChickWeight)
#' summary(fit, vcov = list(type = "HC1", cluster = ~ Chick))
#' confint(fit, "Time", vcov = list(cluster = ~ Chick))
#' @name vcov-robust
#' @seealso [vcov.gamut()]
NULL

#' @noRd
vcov_types <- c("model", "HC0", "HC1", "HC2", "HC3", "kenward-roger")

#' The type asked for: with clusters HC0 unless said otherwise, as vcovCL() for `glm`
#' @noRd
vcov_type <- function(type, cluster) {
  if (identical(type, vcov_types)) return(if (is.null(cluster)) "model" else "HC0")
  type <- check_choice(type, "type", vcov_types)
  if (type %in% c("model", "kenward-roger") && !is.null(cluster)) {
    abort_gamut("`cluster` needs one of the types \"HC0\" to \"HC3\": the covariance of ",
                "the model takes rows as independent.", class = "argument",
                data = list(argument = "type"))
  }
  type
}

#' Sandwich covariance of all coefficients; rows of aliased ones are 0
#' @noRd
robust_vcov <- function(object, type, cluster = NULL, data = NULL) {
  refuse_mixed(object, paste0("vcov(type = \"", type, "\")"),
               paste("A random effect of each cluster models what clusters share;",
                     "vcov() has the covariance under the model."))
  if (!has_data(object) && !is.null(data)) {
    object$frame <- frame_with_data(object, data, "vcov()")
  }
  require_data(object, paste0("vcov(type = \"", type, "\")"))
  bread <- unscaled_vcov(object)
  if (anyNA(bread) || !length(bread)) return(bread)
  covariance <- if (is.null(cluster)) row_robust(object, type, bread)
                else cluster_robust(object, type, bread,
                                    cluster_codes(object, cluster, data))
  covariance <- (covariance + t(covariance)) / 2
  dimnames(covariance) <- dimnames(bread)
  covariance
}

#' @noRd
row_robust <- function(object, type, bread) {
  scores <- adjusted_scores(object, type)
  factor <- if (type == "HC1") object$nobs / (object$nobs - object$rank) else 1
  factor * bread %*% score_crossproduct(fit_problem(object), scores) %*% bread
}

#' (I - W_i S_i)^power s_i, n x K
#' @noRd
adjusted_scores <- function(object, type, rows = fit_rows(object)) {
  power <- leverage_power(type)
  if (power == 0) return(rows$score)
  size <- ncol(rows$score)
  covariance <- own_covariances(object)
  if (size == 1L) {
    left <- drop(1 - rows$weight * covariance)
    value <- rows$score * abs(left)^power
    alone <- left < leverage_limit
  } else {
    left <- remaining_blocks(rows$weight, covariance, size)
    value <- if (power == -1) solve_blocks(left, rows$score)
             else block_times(inverse_root_blocks(left), rows$score)
    alone <- !is.finite(rowSums(value)) |
      leverages(object, rows) > size - leverage_limit
  }
  value[alone, ] <- 0
  warn_leverage(frame_row_names(object$frame), alone, type, "row")
  value
}

#' 1 - h below this is 0 but for rounding
#' @noRd
leverage_limit <- 1e-10

#' @noRd
leverage_power <- function(type) switch(type, HC2 = -0.5, HC3 = -1, 0)

#' @noRd
warn_leverage <- function(names, alone, type, what) {
  if (!any(alone)) return(invisible())
  names <- names[alone]
  warn_gamut("the ", what, if (length(names) > 1L) "s", " ", enumerate(names),
             " determine", if (length(names) == 1L) "s",
             " a coefficient alone (leverage 1) and say", if (length(names) == 1L) "s",
             " nothing of its variance; ", type, " leaves ",
             if (length(names) == 1L) "it" else "them", " out.", class = "leverage",
             data = list(names = names))
}

#' I - W_i S_i
#' @noRd
remaining_blocks <- function(weight, covariance, size) {
  left <- -multiply_blocks(unpack_blocks(weight, size), unpack_blocks(covariance, size))
  for (k in seq_len(size)) left[, k, k] <- left[, k, k] + 1
  left
}

#' Inverse square roots of blocks whose eigenvalues are positive
#'
#' The coupled Newton iteration of Denman and Beavers (1976): Y -> M^(1/2) and
#' Z -> M^(-1/2), quadratic from anywhere. An eigenvalue of `leverage_limit` takes
#' some twenty halvings until it converges.
#' @noRd
inverse_root_blocks <- function(blocks) {
  y <- blocks
  z <- blocks * 0
  for (k in seq_len(dim(z)[2L])) z[, k, k] <- 1
  for (step in seq_len(30L)) {
    next_y <- (y + invert_blocks(z)) / 2
    next_z <- (z + invert_blocks(y)) / 2
    moved <- max(abs(next_z - z) / (1 + abs(next_z)), 0, na.rm = TRUE)
    y <- next_y
    z <- next_z
    if (moved < 1e-14) break
  }
  z
}

#' @noRd
invert_blocks <- function(blocks) {
  size <- dim(blocks)[2L]
  out <- blocks
  for (k in seq_len(size)) {
    unit <- matrix(0, dim(blocks)[1L], size)
    unit[, k] <- 1
    out[, , k] <- solve_blocks(blocks, unit)
  }
  out
}

#' The covariance that a user asks for by `vcov = `, of all coefficients
#'
#' @param vcov A matrix, a function of the fit, a type, or arguments of `vcov()`.
#' @noRd
chosen_vcov <- function(object, vcov) {
  if (is.character(vcov)) vcov <- list(type = vcov)
  if (is.function(vcov)) vcov <- vcov(object)
  if (is.list(vcov)) vcov <- do.call(vcov.gamut, c(list(object), check_vcov_list(vcov)))
  check_vcov_matrix(vcov, object$coefficients)
  vcov
}

#' @noRd
check_vcov_matrix <- function(vcov, coefficients) {
  kept <- which(!is.na(coefficients))
  size <- NROW(vcov)
  square <- is.numeric(vcov) && is.matrix(vcov) && size == ncol(vcov)
  if (!square || !size %in% c(length(kept), length(coefficients))) {
    abort_argument("vcov", paste0(
      "a matrix with a row and a column for each of the ", length(coefficients),
      " coefficients (or of those that are not NA), a function that makes one, a type ",
      "such as \"HC3\", or a list of arguments of vcov()"
    ), vcov)
  }
  names <- rownames(vcov)
  wanted <- names(coefficients)[if (size == length(kept)) kept else TRUE]
  if (!is.null(names) && !identical(names, wanted)) {
    abort_gamut("`vcov` has rows for other coefficients than the fit, or in another ",
                "order: ", enumerate(names), ", not ", enumerate(wanted), ".",
                class = "argument", data = list(argument = "vcov"))
  }
}

#' @noRd
check_vcov_list <- function(arguments) {
  known <- c("type", "cluster", "data", "dispersion")
  given <- names(arguments) %||% ""
  strange <- setdiff(given, c(known, ""))
  if (!length(arguments) || !all(nzchar(given)) || length(strange)) {
    abort_gamut("`vcov` is a list of arguments of vcov(), which are ",
                ticked(known), if (length(strange)) paste0(", not ", ticked(strange)),
                ".", class = "argument", data = list(argument = "vcov"))
  }
  arguments
}

#' Standard errors of all coefficients by the covariance asked for, or the fit's own
#' @noRd
chosen_errors <- function(object, vcov, dispersion = object$dispersion) {
  if (is.null(vcov)) return(standard_errors(object, dispersion))
  covariance <- chosen_vcov(object, vcov)
  coefficients <- object$coefficients
  errors <- stats::setNames(rep(NA_real_, length(coefficients)), names(coefficients))
  whole <- nrow(covariance) == length(errors)
  estimated <- !is.na(coefficients)
  variance <- diag(covariance)
  # a negative one has been warned of
  if (whole) variance <- variance[estimated]
  errors[estimated] <- suppressWarnings(sqrt(variance))
  errors
}

#' "HC1, clustered by Chick"
#' @param expression What the user wrote.
#' @noRd
vcov_label <- function(vcov, expression) {
  if (is.null(vcov)) return(NULL)
  if (is.matrix(vcov) || is.function(vcov)) {
    text <- deparse(expression, 60L, nlines = 1L)
    return(if (is.matrix(vcov) && !is.name(expression)) "as given" else text)
  }
  if (is.character(vcov)) vcov <- list(type = vcov)
  cluster <- vcov$cluster
  type <- vcov_type(vcov$type %||% vcov_types, cluster)
  if (is.null(cluster)) return(type)
  by <- if (inherits(cluster, "formula")) {
    paste(vapply(as.list(attr(stats::terms(cluster), "variables"))[-1L], key_of, ""),
          collapse = " and ")
  } else {
    paste(names(cluster) %||% "a vector", collapse = " and ")
  }
  paste0(type, ", clustered by ", by)
}
