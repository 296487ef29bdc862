# What package emmeans needs: the data, and the linear predictor over a grid.

#' Estimated marginal means with the emmeans package
#'
#' Methods for [emmeans::recover_data()] and [emmeans::emm_basis()], so that `emmeans()`,
#' `emtrends()` and `contrast()` work on a fit.
#'
#' @param object A fit.
#' @param trms,xlev,grid What emmeans passes on: terms, levels and the reference grid.
#' @param predictor Which linear predictor, by parameter, category or number; the first
#'   by default: `emmeans(fit, "x", predictor = "phi")`.
#' @param data Data to use in place of the fit's own.
#' @param ... Further arguments of emmeans; `vcov.` for another covariance.
#'
#' @details
#' Estimates are of one linear predictor; `type = "response"` turns them back by its
#' link. Degrees of freedom are those of `summary()`: infinite when the dispersion is
#' known, else the residual ones; in a linear mixed model Satterthwaite's of each
#' combination, where [summary()][summary.gamut] has them by default.
#' @return As emmeans asks for.
#' @examples
#' if (requireNamespace("emmeans", quietly = TRUE)) {
#'   fit <- gamut(count ~ spray, family = poisson(), data = InsectSprays)
#'   emmeans::emmeans(fit, "spray", type = "response")
#' }
#' @name emmeans-methods
#' @exportS3Method emmeans::recover_data
recover_data.gamut <- function(object, # nolint: object_name_linter.
                               data = NULL, predictor = NULL, ...) {
  # a string tells emmeans what is wrong
  if (is.null(data) && !has_data(object)) {
    return("The fit was made with keep_data = FALSE: give its data as `data`")
  }
  if (length(object$smooths)) return(recover_smooth_data(object, data, ...))
  terms <- stats::delete.response(terms.gamut(object, predictor))
  frame <- if (is.null(data)) model.frame.gamut(object)
  emmeans::recover_data(object$call, terms, object$na.action, frame = frame,
                        data = data, ...)
}

#' @rdname emmeans-methods
#' @exportS3Method emmeans::emm_basis
emm_basis.gamut <- function(object, trms, xlev, grid, # nolint: object_name_linter.
                            predictor = NULL, ...) {
  k <- pick_predictor(object, predictor)
  if (length(object$smooths)) return(smooth_emm_basis(object, grid, k))
  place <- object$predictors[[k]]
  beta <- object$coefficients[place$position]
  covariance <- emmeans::.my.vcov(object, ...)
  estimated <- names(beta)[!is.na(beta)]
  covariance <- covariance[estimated, estimated, drop = FALSE]
  list(
    X = model.matrix.gamut(object, grid, predictor = k), bhat = unname(beta),
    nbasis = unestimable_basis(object, k), V = unname(covariance),
    dffun = function(k, dfargs) dfargs$df(k), dfargs = list(df = reference_df(object)),
    misc = emmeans::.std.link.labels(
      list(family = object$family$family, link = place$link$name), list()
    )
  )
}

#' Degrees of freedom of a combination k of coefficients, as a function
#'
#' Satterthwaite's where they come cheap. emmeans takes the environment of its `dffun`
#' away, so the function is an argument of that.
#' @noRd
reference_df <- function(object) {
  if (is.null(chosen_ddf(object, NULL))) return(function(k) test_df(object))
  state <- small_sample_state(object, "satterthwaite")
  estimated <- !is.na(object$coefficients)
  function(k) {
    # where some are aliased emmeans gives the estimated ones alone
    if (length(k) == length(estimated)) k <- k[estimated]
    l <- matrix(k, 1L) %*% state$basis
    if (any(l != 0)) satterthwaite_df(state, l) else NA_real_
  }
}

#' Basis of the combinations of coefficients that cannot be estimated
#' @noRd
unestimable_basis <- function(object, k) {
  aliased <- is.na(object$coefficients[object$predictors[[k]]$position])
  # what estimability::all.estble is
  if (!any(aliased)) return(matrix(NA))
  basis <- matrix(0, length(aliased), sum(aliased))
  basis[!aliased, ] <- -t(alias.gamut(object, predictor = k)$Complete)
  basis[cbind(which(aliased), seq_len(sum(aliased)))] <- 1
  qr.Q(qr(basis))
}

#' The variables of parametric terms and smooths; smooths apart count as 0, as random
#' effects do
#' @noRd
recover_smooth_data <- function(object, data, ...) {
  inputs <- unique(unlist(lapply(without_apart(object$frame)$predictors, function(p) {
    c(p$term_inputs, unlist(lapply(p$smooths, `[[`, "term_inputs")))
  })))
  known <- object$frame$variables
  frame <- if (is.null(data) && all(inputs %in% names(known))) {
    as.data.frame(known[inputs])
  }
  terms <- stats::terms(stats::reformulate(inputs))
  emmeans::recover_data(object$call, terms, object$na.action, frame = frame, data = data,
                        ...)
}

#' @noRd
smooth_emm_basis <- function(object, grid, k) {
  frame <- build_newframe(without_apart(object$frame), grid, offset = FALSE,
                          random = FALSE)
  beta <- unname(all_coefficients(object))
  beta[is.na(beta)] <- 0
  list(
    X = joint_matrix(object, k, frame), bhat = beta, nbasis = matrix(NA_real_),
    V = unname(smooth_covariance(object)), dffun = function(k, dfargs) dfargs$df,
    dfargs = list(df = test_df(object)),
    misc = emmeans::.std.link.labels(
      list(family = object$family$family, link = object$predictors[[k]]$link$name), list()
    )
  )
}
