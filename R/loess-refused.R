# Methods of the class "gamut" that a local regression cannot have. Each says what to use
# in its place, where otherwise the method of other fits would stumble.

#' @noRd
refuse_loess <- function(what, instead) {
  abort_gamut("a local regression has no ", what, ": ", instead, ".",
              class = "unsupported_method", data = list(method = what))
}

#' @noRd
look_local <- "local_fits() has the coefficients at given places"

#' @noRd
use_predict <- paste("predict() gives the surface with standard errors, intervals and",
                     "bands")

#' @noRd
use_anova <- "compare fits by anova(), AIC(), or the AICc and GCV of summary()"

#' Functions of fits that have coefficients, which a local regression has not
#' @noRd
refuse_local <- function(fit, what) {
  if (!inherits(fit, "gamut_loess")) return(invisible())
  abort_gamut(what, " is for fits with coefficients, and a local regression has none: ",
              "see summary(), plot() and local_fits().", class = "unsupported_method",
              data = list(method = what))
}

#' @export
coef.gamut_loess <- function(object, ...) refuse_loess("coefficients", look_local)

#' @export
vcov.gamut_loess <- function(object, ...) {
  refuse_loess("coefficients with a covariance", use_predict)
}

#' @export
confint.gamut_loess <- function(object, ...) {
  refuse_loess("coefficients with intervals", use_predict)
}

#' @export
profile.gamut_loess <- function(fitted, ...) {
  refuse_loess("likelihood to profile", use_predict)
}

#' @export
model.matrix.gamut_loess <- function(object, ...) {
  refuse_loess("model matrix", "`x` of the fit has the predictors, and model.frame()")
}

#' @export
alias.gamut_loess <- function(object, ...) {
  refuse_loess("aliased coefficients", look_local)
}

#' @export
add1.gamut_loess <- function(object, ...) refuse_loess("terms to add", use_anova)

#' @export
drop1.gamut_loess <- function(object, ...) refuse_loess("terms to drop", use_anova)

#' @export
extractAIC.gamut_loess <- function(fit, ...) refuse_loess("terms to choose", use_anova)

#' @export
dummy.coef.gamut_loess <- function(object, ...) refuse_loess("coefficients", look_local)

#' @export
influence.gamut_loess <- function(model, ...) {
  refuse_loess("coefficients to influence", "hatvalues() has the leverages")
}

#' @export
cooks.distance.gamut_loess <- function(model, ...) {
  refuse_loess("coefficients to influence", "hatvalues() has the leverages")
}

#' @export
dfbeta.gamut_loess <- function(model, ...) {
  refuse_loess("coefficients to influence", "hatvalues() has the leverages")
}

#' @export
dfbetas.gamut_loess <- function(model, ...) dfbeta.gamut_loess(model)

#' @export
rstandard.gamut_loess <- function(model, ...) {
  refuse_loess("standardised residuals", "residuals() and sigma() have what there is")
}

#' @export
rstudent.gamut_loess <- function(model, ...) rstandard.gamut_loess(model)

#' @export
ranef.gamut_loess <- function(object, ...) {
  refuse_loess("random effects", "gamut() with lo() and bars fits both")
}

#' @export
fixef.gamut_loess <- function(object, ...) refuse_loess("coefficients", look_local)

#' @export
VarCorr.gamut_loess <- function(x, ...) ranef.gamut_loess(x) # nolint: object_name_linter.

#' @export
ngrps.gamut_loess <- function(object, ...) { # nolint: object_name_linter.
  ranef.gamut_loess(object)
}

#' @export
refit.gamut_loess <- function(object, ...) {
  refuse_loess("refit() to a new response", "update() fits again with new data")
}

#' @exportS3Method sandwich::bread
bread.gamut_loess <- function(x, ...) { # nolint: object_name_linter.
  refuse_loess("coefficients with a covariance", use_predict)
}

#' @exportS3Method sandwich::estfun
estfun.gamut_loess <- function(x, ...) bread.gamut_loess(x) # nolint: object_name_linter.

#' @exportS3Method lmtest::coeftest
coeftest.gamut_loess <- function(x, ...) { # nolint: object_name_linter.
  refuse_loess("coefficients to test", use_anova)
}

#' @exportS3Method lmtest::coefci
coefci.gamut_loess <- function(x, ...) bread.gamut_loess(x) # nolint: object_name_linter.

#' @exportS3Method emmeans::recover_data
recover_data.gamut_loess <- function(object, ...) { # nolint: object_name_linter.
  # a string tells emmeans what is wrong
  "a local regression has no coefficients: predict() gives means at places of your choice"
}

#' @exportS3Method emmeans::emm_basis
emm_basis.gamut_loess <- function(object, ...) { # nolint: object_name_linter.
  refuse_loess("coefficients with a covariance", use_predict)
}
