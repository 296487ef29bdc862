# Narrower doors to the same engine, each for its own kinds of terms; see `door_kinds`.

#' @rdname gamut
#' @export
fit_glm <- function(formula, data = NULL, family = stats::gaussian(), weights, offset,
                    subset, na.action = getOption("na.action"), contrasts = NULL,
                    start = NULL, control = gamut_control(), bias_reduction = FALSE,
                    ..., dispformula = NULL, ziformula = NULL) {
  check_no_dots(..., what = "fit_glm()")
  fit_model(
    formula, data, family, method = "ML", nagq = 1,
    weights = if (!missing(weights)) substitute(weights),
    offset = if (!missing(offset)) substitute(offset),
    subset = if (!missing(subset)) substitute(subset),
    na_action = na.action, contrasts = contrasts, start = start, fit = TRUE,
    unused = list(), bias_reduction = bias_reduction, control = control,
    call = match.call(), door = "fit_glm", env = parent.frame(),
    dispformula = dispformula, ziformula = ziformula
  )
}

#' @rdname gamut
#' @export
fit_gam <- function(formula, data = NULL, family = stats::gaussian(), method = "REML",
                    weights, offset, subset, na.action = getOption("na.action"),
                    contrasts = NULL, knots = NULL, select = FALSE, robust = FALSE,
                    start = NULL, fit = TRUE, control = gamut_control(), ...,
                    dispformula = NULL, ziformula = NULL) {
  check_no_dots(..., what = "fit_gam()")
  fit_model(
    formula, data, family, method = method, nagq = 1,
    weights = if (!missing(weights)) substitute(weights),
    offset = if (!missing(offset)) substitute(offset),
    subset = if (!missing(subset)) substitute(subset),
    na_action = na.action, contrasts = contrasts, start = start, fit = fit,
    unused = list(), knots = knots, select = select, robust = robust,
    bias_reduction = FALSE,
    control = control, call = match.call(), door = "fit_gam", env = parent.frame(),
    dispformula = dispformula, ziformula = ziformula
  )
}

#' @rdname gamut
#' @export
fit_glmm <- function(formula, data = NULL, family = stats::gaussian(), method = NULL,
                     nagq = 1, weights, offset, subset,
                     na.action = getOption("na.action"), contrasts = NULL, start = NULL,
                     prior = NULL, fit = TRUE, control = gamut_control(),
                     bias_reduction = FALSE, ..., dispformula = NULL,
                     ziformula = NULL) {
  check_no_dots(..., what = "fit_glmm()")
  fit_model(
    formula, data, family, method = method, nagq = nagq,
    weights = if (!missing(weights)) substitute(weights),
    offset = if (!missing(offset)) substitute(offset),
    subset = if (!missing(subset)) substitute(subset),
    na_action = na.action, contrasts = contrasts, start = start, fit = fit,
    unused = list(prior = prior), bias_reduction = bias_reduction, control = control,
    call = match.call(), door = "fit_glmm", env = parent.frame(),
    dispformula = dispformula, ziformula = ziformula
  )
}
