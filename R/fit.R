#' Fit a regression model
#'
#' One formula, any family: `gamut()` fits the model
#' \deqn{y_i \sim F(\theta_{i1}, \dots, \theta_{iK}), \qquad
#'   g_k(\theta_{ik}) = \eta_{ik} = o_{ik} + \sum_t A_{kt,i} c_t,}{
#'   y_i ~ F(theta_i1, ..., theta_iK), g_k(theta_ik) = eta_ik = o_ik + sum_t A_kt,i c_t,}
#' a response family \eqn{F} whose parameters have linear predictors that are sums of
#' terms. `fit_glm()` is the same engine through a narrower door: it accepts parametric
#' terms only.
#'
#' @section How it is fitted:
#' The coefficients maximise the log-likelihood (for quasi families the
#' quasi-likelihood) by Fisher and Newton steps with step halving on the deviance.
#' Every step is one pass over the rows: the model matrix is never formed, numeric
#' columns are read where they lie and factors stay codes. Steps are increments from
#' centred and scaled cross-products, with a QR decomposition where those lose digits.
#' A coefficient that its predecessors determine is `NA`, by the rule and at the place
#' of [stats::glm()].
#'
#' @section Dispersion and weights:
#' Where the family has a dispersion \eqn{\phi}, it is estimated by Pearson's statistic
#' over the residual degrees of freedom. `weights` are precisions for gaussian, Gamma,
#' inverse gaussian and quasi families, numbers of trials for proportions, and factors
#' of the log-likelihood for all others; see the page of each family.
#'
#' @param formula A formula, or a list of formulas for several parameters of the
#'   family, as in `list(y ~ x, phi ~ z)`; see [parse_formula()] for the grammar.
#' @param data A data frame, list or environment with the variables; those it does not
#'   have are looked up where the formula was written.
#' @param family A family object, a function that makes one, or its name: those of
#'   [stats::family()] and [bernoulli()], [exponential()], [Beta()], [categorical()].
#' @param method Estimation method. Models with parametric terms only are fitted by
#'   maximum likelihood, `"ML"`.
#' @param nagq Number of quadrature points for random effects; 1, their Laplace
#'   approximation, is the only value without any.
#' @param weights Prior weights, an expression in the columns of `data`.
#' @param offset Known part of the main predictor; offsets can also be written in the
#'   formula, and both are added.
#' @param subset Rows to use, an expression in the columns of `data`.
#' @param na.action What to do with missing values: [stats::na.omit()],
#'   [stats::na.exclude()] or [stats::na.fail()].
#' @param contrasts Named list of contrasts for factors, as in [stats::glm()].
#' @param knots,select,prior Used by smooth terms and by Bayesian methods.
#' @param start Coefficients to start from, in the order of `coef()`. Where they put
#'   the mean out of the family's range, the data's own start is used instead.
#' @param fit With `FALSE` the model is set up and returned without being fitted.
#' @param control A list made by [gamut_control()].
#' @param ... For the chosen method only; what nothing uses is an error.
#' @return An object of class `"gamut"`; see [gamut-object] for its fields and
#'   `methods(class = "gamut")` for what can be done with it. With `fit = FALSE` an
#'   object of class `"gamut_setup"`.
#' @section Errors:
#' Conditions of class `gamut_error` with a subclass for the cause: `formula`,
#' `data`, `response`, `weights`, `family`, `argument`, `start`, `unsupported_term`.
#' A fit that did not converge is returned with a warning of class
#' `gamut_warning_convergence` and says so when printed.
#' @references
#' McCullagh, P. and Nelder, J. A. (1989) *Generalized Linear Models*, 2nd edition.
#' Chapman & Hall. \doi{10.1201/9780203753736}
#' @seealso [gamut_control()], [predict.gamut()], [plot.gamut()], [summary.gamut()].
#' @examples
#' fit <- gamut(count ~ spray, family = poisson(), data = InsectSprays)
#' summary(fit)
#' anova(fit, test = "Chisq")
#'
#' # two parameters, two formulas
#' d <- data.frame(x = rep(1:20, 5))
#' set.seed(1)
#' d$y <- rbeta(100, 2 + d$x / 5, 3)
#' gamut(list(y ~ x, phi ~ x), family = Beta(), data = d)
#' @export
gamut <- function(formula, data = NULL, family = stats::gaussian(), method = "ML",
                  nagq = 1, weights, offset, subset,
                  na.action = getOption("na.action"), contrasts = NULL, knots = NULL,
                  select = FALSE, start = NULL, prior = NULL, fit = TRUE,
                  control = gamut_control(), ...) {
  check_no_dots(..., what = "gamut()")
  fit_model(
    formula, data, family, method = method, nagq = nagq,
    weights = if (!missing(weights)) substitute(weights),
    offset = if (!missing(offset)) substitute(offset),
    subset = if (!missing(subset)) substitute(subset),
    na_action = na.action, contrasts = contrasts, start = start, fit = fit,
    unused = list(knots = knots, select = if (!isFALSE(select)) select, prior = prior),
    control = control, call = match.call(), door = "gamut", env = parent.frame()
  )
}

#' @rdname gamut
#' @export
fit_glm <- function(formula, data = NULL, family = stats::gaussian(), weights, offset,
                    subset, na.action = getOption("na.action"), contrasts = NULL,
                    start = NULL, control = gamut_control(), ...) {
  check_no_dots(..., what = "fit_glm()")
  fit_model(
    formula, data, family, method = "ML", nagq = 1,
    weights = if (!missing(weights)) substitute(weights),
    offset = if (!missing(offset)) substitute(offset),
    subset = if (!missing(subset)) substitute(subset),
    na_action = na.action, contrasts = contrasts, start = start, fit = TRUE,
    unused = list(), control = control, call = match.call(), door = "fit_glm",
    env = parent.frame()
  )
}

#' From formula to fit object: formula, frame, problem, engine, object
#' @noRd
fit_model <- function(formula, data, family, method, nagq, weights, offset, subset,
                      na_action, contrasts, start, fit, unused, control, call, door,
                      env) {
  check_parametric_arguments(method, nagq, unused)
  if (!inherits(control, "gamut_control")) {
    abort_argument("control", "made by gamut_control()", control)
  }
  check_swapped(data, family)
  family <- as_gamut_family(family)
  spec <- parse_formula(formula, env = env)
  check_fitted_kinds(spec, door)
  frame <- build_frame(spec, data, family, weights = weights, subset = subset,
                       offset = offset, na_action = na_action, contrasts = contrasts)
  family <- resolve_family(family, frame$levels)
  problem <- build_problem(frame, family)
  setup <- list(call = call, formula = formula, spec = spec, family = family,
                method = method, control = control, frame = frame, problem = problem)
  if (!check_flag(fit, "fit")) return(structure(setup, class = "gamut_setup"))
  result <- engine_fit(problem, family, control, check_start(start, problem$names))
  object <- new_gamut(setup, result)
  report_fit(object, result)
  object
}

#' glm() takes (formula, family, data), and so do many fingers
#' @noRd
check_swapped <- function(data, family) {
  is_family <- inherits(data, "family") || is.function(data) || is.character(data)
  if (is_family && (is.list(family) || is.null(family))) {
    abort_gamut("`data` and `family` are swapped: the order here is (formula, data, ",
                "family). Name them to be safe: `data = `, `family = `.",
                class = "argument", data = list(argument = "family"))
  }
}

#' Arguments that only other kinds of terms use
#' @noRd
check_parametric_arguments <- function(method, nagq, unused) {
  if (identical(method, "laplace")) {
    abort_gamut(
      "method = \"laplace\" alone could mean two things: the Laplace approximation of ",
      "the likelihood, which is what \"ML\" and \"REML\" use, or of the posterior, ",
      "which is \"bayes-laplace\".",
      class = "argument", data = list(argument = "method")
    )
  }
  if (!identical(method, "ML")) {
    abort_argument("method", "\"ML\" for a model of parametric terms only", method)
  }
  if (!identical(as.double(nagq), 1)) {
    abort_argument("nagq", "1 for a model without random effects", nagq)
  }
  for (name in names(unused)) {
    if (is.null(unused[[name]])) next
    abort_gamut("`", name, "` is used by no term of this model: leave it out.",
                class = "argument", data = list(argument = name))
  }
}

#' @noRd
check_start <- function(start, names) {
  if (is.null(start)) return(NULL)
  if (!is.numeric(start) || length(start) != length(names)) {
    abort_gamut("`start` must have one value for each of the ", length(names),
                " coefficients: ", enumerate(names, 8L), ".", class = "start")
  }
  start[is.na(start)] <- 0
  if (any(!is.finite(start))) {
    abort_gamut("`start` must be finite.", class = "start")
  }
  as.double(start)
}

#' Say once what the user must know of a fit that is not as it should be
#' @noRd
report_fit <- function(object, result) {
  if (object$control$trace) print(result$trace)
  converged <- object$convergence$converged
  wanted <- wanted_information(object$family, object$control)
  if (converged && result$information != wanted) {
    warn_gamut("the observed information is not positive definite at the solution; ",
               "standard errors are from the expected information.",
               class = "information", call = object$call)
  }
  if (converged) return(invisible())
  warn_gamut("the fit did not converge: ", object$convergence$message, ". ",
             "Its estimates are not to be trusted.", class = "convergence",
             call = object$call)
}

#' Print a model that is set up but not fitted
#'
#' @param x What `gamut(..., fit = FALSE)` returns.
#' @param ... Not used.
#' @return `x`, invisibly.
#' @examples
#' gamut(dist ~ speed, data = cars, fit = FALSE)
#' @export
print.gamut_setup <- function(x, ...) {
  cat("A gamut model, set up but not fitted\n")
  cat("Formula:", paste(deparse(x$formula), collapse = "\n  "), "\n")
  cat("Family: ", x$family$family, ", ", x$frame$rows, " rows, ",
      length(x$problem$names), " coefficients\n", sep = "")
  invisible(x)
}
