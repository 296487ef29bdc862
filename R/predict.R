# Predictions: what is asked for, for which rows, and the shape of the answer. Linear
# predictors and their variances come from the engine, row by row from the columns, so
# that no model matrix is made and a factor with thousands of levels costs no more
# than one with two.

#' Predictions
#'
#' Linear predictors, means, probabilities, classes, quantiles and intervals, for the
#' rows of the fit or for new ones. Arguments that [stats::predict.glm()] has mean the
#' same here and give the same numbers.
#'
#' @param object A fit of class `"gamut"`.
#' @param newdata Data frame or list with the variables of the model; the rows of the
#'   fit by default. Columns that the model does not use are ignored.
#' @param type What to predict (`"link"` unless a prediction interval is asked for, which
#'   is one of the response):
#'   * `"link"`: the linear predictor, offsets included;
#'   * `"response"`: the mean of the response; for a categorical response the
#'     probabilities, a matrix with a column per category, for a composition the means of
#'     its parts;
#'   * `"terms"`: a matrix with the contribution of each term to the linear predictor,
#'     centred at its mean over the rows of the fit when there is an intercept; the
#'     constant is in the attribute `"constant"`. Smooths, which are centred by their
#'     constraints, are as they are, with standard errors of their own;
#'   * `"lpmatrix"`: the model matrix, with columns of smooths, not of random effects,
#'     which times `coef()` (with smooths `coef(, "all")`) gives the link without offsets;
#'   * `"prob"`: probabilities of the categories, for categorical and binomial
#'     families;
#'   * `"class"`: the most probable category, a factor;
#'   * `"quantile"`: quantiles `probs` of the response at the estimated parameters, as
#'     if these were known (for bounds that count their uncertainty see `interval`).
#' @param se.fit Standard errors too? Those of responses and probabilities are by the
#'   delta method.
#' @param dispersion Dispersion for standard errors and intervals; that of the fit by
#'   default. A given one counts as known.
#' @param terms With `type = "terms"`: labels of the terms to return.
#' @param na.action What to do with rows of `newdata` that have missing values:
#'   [stats::na.pass()] predicts `NA` (also of terms without the missing variable),
#'   [stats::na.omit()] leaves them out, [stats::na.fail()] is an error. For the rows
#'   of the fit its own `na.action` decides: with [stats::na.exclude()] predictions are
#'   padded with `NA`.
#' @param interval `"confidence"` for the predicted quantity, `"prediction"` for a new
#'   response; see Intervals.
#' @param level Level of the interval.
#' @param predictor Which linear predictor: the name of a parameter of the family
#'   (`"phi"`) or, for a categorical response, a category (for [cumulative()] a
#'   threshold, for [dirichlet()] a part); `"all"` for a matrix with
#'   all. By default the first, and for a categorical response all; `"terms"` is always
#'   of one. With `type = "response"` the parameter itself (`phi`, the probability of
#'   the category) is predicted.
#' @param weights Prior weights of the new responses, for prediction intervals and
#'   quantiles: one number, one per row, or a one-sided formula evaluated in `newdata`.
#'   1 for new rows by default and the weights of the fit for its own rows. They matter
#'   where weights are precisions or numbers of trials.
#' @param probs Probabilities of the quantiles.
#' @param rankdeficient When coefficients are aliased (`NA`), a new row may need what
#'   the data could not tell. `"warnif"` warns and predicts as if aliased coefficients
#'   were 0, as `predict.lm()`; `"simple"` does so silently; `"non-estim"` adds the
#'   numbers of such rows as attribute `"non-estim"`; `"NA"` makes them `NA`, `"NAwarn"`
#'   with a warning.
#' @param exclude Labels of terms, smooths or others, that count as 0, as in `"s(x)"`, in
#'   standard errors and intervals too; `newdata` needs their variables all the same.
#'   Beside random effects standard errors are for excluded smooths only.
#' @param unconditional Of a fit with smooths: allow for the uncertainty of smoothing
#'   parameters in standard errors and intervals (Wood, Pya and Saefken 2016)? It needs
#'   the data of the fit.
#' @param flag Of a fit with smooths: with `TRUE` the result has the attribute
#'   `"support"`, a factor that says of each row whether the data support its smooths:
#'   `"inside"`, in a `"gap"` of more than a tenth of the range of a covariate, or
#'   `"extrapolated"`.
#' @param data The data of the fit, for `type = "terms"` and `rankdeficient` of a fit
#'   made with `keep_data = FALSE`.
#' @param re.form Random effects that count: `NULL` for all, `NA` or `~0` for none, or a
#'   formula of some, as `~ (1 | g)`; see Random effects.
#' @param allow_new_levels What to do with rows of `newdata` whose group the fit does not
#'   know: `FALSE` stops with their names; `"population"` or `TRUE` takes their random
#'   effects as 0 and counts the variance of a new group; `"missing"` predicts `NA`. The
#'   same of the factors of smooths `"re"` and `"fs"`; see Smooths.
#' @param ddf Quantiles of the intervals of a linear mixed model: `"satterthwaite"` for
#'   those of t with [degrees of freedom][degrees_of_freedom] for each row, `"none"` or
#'   `NULL` for normal ones.
#' @param ... Ignored, as other packages pass arguments for their own methods.
#'
#' @section Random effects:
#' Random effects count at their conditional modes, and standard errors are those of
#' fixed effects and modes together, which err jointly, at the estimated covariances.
#' Those that `re.form` leaves out are left out of standard errors and intervals too, as
#' in package lme4: with `re.form = NA` these are of the fixed effects alone, or what is
#' predicted is for a group like the average one. A bar of `re.form` may name some of
#' the effects that a bar of the model has; `newdata` need only have variables of bars
#' that count. For a group that the fit does not know, `allow_new_levels = "population"`
#' predicts the same mean as `re.form = NA`, and adds \eqn{z'\Sigma z}{z' Sigma z}, the
#' variance of the effects \eqn{\Sigma}{Sigma} at the row's \eqn{z}, so that its
#' intervals hold for a group drawn anew. A prediction interval has the noise of the
#' family besides. Types `"terms"` and `"lpmatrix"` are of
#' the fixed effects and smooths; with a link that is not linear, `"response"` is the mean
#' given the random effects that count, not an average over them.
#'
#' Quantiles are normal ones, so that with few groups intervals are too short. In a linear
#' mixed model `ddf = "satterthwaite"` takes those of t. Its degrees of freedom are of the
#' variance \eqn{v} of the error of each prediction, with all that the interval counts: of
#' the fixed effects, of conditional modes, of unknown levels and of the noise. With
#' \eqn{g} the exact gradient of \eqn{v} in the variances and covariances of the model and
#' \eqn{A} the covariance of their estimates, they are \eqn{2v^2/g'Ag}{2 v^2 / g'A g}.
#' Of a prediction of fixed effects (`re.form = NA`) these are those of
#' [degrees_of_freedom()]. Standard errors are the same with any `ddf`.
#'
#' @section Smooths:
#' Standard errors are Bayesian, from the joint covariance of the parametric coefficients
#' and those of smooths at the estimated smoothing parameters. Beyond the data splines go
#' on in straight lines, and `flag = TRUE` says where that is. With smooths `"fs"` or
#' `"re"` of more than 500 coefficients they need the data of the fit, as with random
#' effects; `type = "lpmatrix"` leaves such smooths out.
#'
#' A new level of the factor of `bs = "fs"` or `"re"` is a draw from a population, as in
#' random effects: its curve has the expectation 0, and with `allow_new_levels =
#' "population"` the variance that the penalty says, \eqn{x' (\sum_j \lambda_j S_j)^{-1} x
#' \phi}{phi x' (sum_j lambda_j S_j)^-1 x} with \eqn{S_j} the penalties of one level. New
#' levels of factors that are anything else, such as `by` variables, parametric terms or
#' those of `"sz"`, whose curves are deviations from a mean of the levels at hand, are
#' always an error, and [simulate()][simulate.gamut] does not draw new curves.
#'
#' @section Intervals:
#' Confidence limits are \eqn{\hat\eta \pm q\,\mathrm{se}(\hat\eta)}{eta +- q se(eta)}
#' mapped to the response by the link, with \eqn{q} a quantile of the normal
#' distribution where the dispersion is known and of \eqn{t} with `df.residual` degrees
#' of freedom where it is estimated. A limit that leaves the range of the link is the
#' end of the range of the parameter. For probabilities of a categorical response, and
#' means of parts, the limits are those of their logit, by the delta method.
#'
#' A prediction interval has the \eqn{(1 \mp \mathrm{level})/2}{(1 -+ level)/2} quantiles
#' of the distribution of a new response. For the gaussian family with identity link it
#' is the exact \eqn{t} interval of `predict.lm()`. Otherwise the mixture
#' \deqn{F^*(y) = \int\!\!\int F(y; g^{-1}(\eta), \phi)\,
#'   \mathrm{d}N(\eta; \hat\eta, \phi \hat V)\, \mathrm{d}P(\phi)}{
#'   F*(y) = int int F(y; g^-1(eta), phi) dN(eta; eta_hat, phi V) dP(phi)}
#' is summed by Gauss quadrature over nodes where the link is valid, and inverted. Where
#' the dispersion is estimated with \eqn{d} degrees of freedom, \eqn{P} is the
#' distribution of \eqn{\hat\phi\, d / \chi^2_d}{phi_hat d / chi-squared_d}, which in the
#' gaussian case makes the exact interval again; else \eqn{\phi} is known. So the
#' uncertainty of all estimates and the noise of the family are counted, without
#' simulation. Where the mean spans orders of magnitude, far outside of the data, there
#' are so many nodes that limits are right to a twentieth of the standard error of the
#' linear predictor.
#' Limits of discrete families are values the response can take, with at least the
#' nominal probability between them, ends included; for binomial families these are
#' proportions of `weights` trials.
#'
#' @return A vector, or a matrix where there are several columns (predictors, categories,
#'   terms, quantiles), named by rows. With an interval a matrix with columns `fit`,
#'   `lwr`, `upr`, or where the fit is a matrix already an array with these in the third
#'   dimension. With `se.fit = TRUE` a list of `fit`, `se.fit` and `residual.scale`, the
#'   root of the dispersion. `"class"` gives a factor. `"lpmatrix"` of several predictors
#'   has their matrices side by side, and columns of each in the attribute `"lpi"`.
#' @section Errors:
#' `gamut_error_newdata` for missing variables, new levels and changed types, with their
#' names and rows; `gamut_error_argument`; `gamut_error_data` where data are needed that
#' the fit does not have; `gamut_error_density` for prediction intervals and quantiles of
#' quasi families; `gamut_error_extrapolation`, with the rows, for prediction intervals so
#' far outside of the data that what the mean may be is not valid or overflows.
#' Warnings: `gamut_warning_rank_deficient`, see `rankdeficient`;
#' `gamut_warning_weights` when a weighted fit predicts intervals for new rows without
#' `weights`.
#' @seealso [fitted.gamut()], [simulate.gamut()].
#' @references
#' McCullagh, P. and Nelder, J. A. (1989) *Generalized Linear Models*, 2nd edition.
#' Chapman & Hall. \doi{10.1201/9780203753736}
#'
#' Wood, S. N., Pya, N. and Saefken, B. (2016) Smoothing parameter and model selection for
#' general smooth models. *Journal of the American Statistical Association* 111,
#' 1548-1563. \doi{10.1080/01621459.2016.1180986}
#'
#' Golub, G. H. and Welsch, J. H. (1969) Calculation of Gauss quadrature rules.
#' *Mathematics of Computation* 23, 221-230. \doi{10.2307/2004418}
#' @examples
#' fit <- gamut(dist ~ speed, data = cars)
#' new <- data.frame(speed = c(10, 15, 20))
#' predict(fit, new, interval = "prediction")
#'
#' fit <- gamut(count ~ spray, family = poisson(), data = InsectSprays)
#' new <- data.frame(spray = c("A", "C"))
#' predict(fit, new, type = "response", se.fit = TRUE)
#' predict(fit, new, type = "response", interval = "confidence")
#' predict(fit, new, type = "response", interval = "prediction")
#'
#' fit <- gamut(distance ~ age + (age | Subject), data = nlme::Orthodont)
#' new <- data.frame(age = 13, Subject = c("M01", "someone new"))
#' predict(fit, new, interval = "prediction", ddf = "satterthwaite",
#'         allow_new_levels = TRUE)
#'
#' d <- droplevels(subset(iris, Species != "setosa"))
#' fit <- gamut(Species ~ Petal.Length, family = categorical(), data = d)
#' predict(fit, d[c(1, 60), ], type = "response", interval = "confidence")
#'
#' # random effects: a child of the data, the average child, a new child
#' fit <- gamut(distance ~ age + (age | Subject), data = nlme::Orthodont)
#' new <- data.frame(age = 16, Subject = c("M10", "unknown"))
#' predict(fit, new[1, ], interval = "prediction")
#' predict(fit, new, re.form = NA, interval = "confidence")
#' predict(fit, new, allow_new_levels = "population", interval = "prediction")
#' @export
predict.gamut <- function(object, newdata = NULL,
                          type = c("link", "response", "terms", "lpmatrix", "prob",
                                   "class", "quantile"),
                          se.fit = FALSE, dispersion = NULL, terms = NULL,
                          na.action = stats::na.pass,
                          interval = c("none", "confidence", "prediction"), level = 0.95,
                          predictor = NULL, weights = NULL,
                          probs = c(0.05, 0.5, 0.95),
                          rankdeficient = c("warnif", "simple", "non-estim", "NA",
                                            "NAwarn"),
                          data = NULL, re.form = NULL,
                          allow_new_levels = FALSE, ddf = NULL, exclude = NULL,
                          unconditional = FALSE, flag = FALSE, ...) {
  check_random_request(object, !missing(re.form), !missing(allow_new_levels), ...)
  # a new response is only ever on the response scale
  if (missing(type) && identical(interval, "prediction")) type <- "response"
  type <- check_choice(type, "type", prediction_types)
  new_levels <- check_new_levels(allow_new_levels)
  choice <- prediction_choice(object, re.form, type)
  whole <- object
  if (has_no_effect(choice)) object <- population_part(object)
  if (!length(object$random)) choice <- NULL
  ask <- list(
    object = object, type = type,
    interval = check_choice(interval, "interval", c("none", "confidence", "prediction")),
    se = check_flag(se.fit, "se.fit"), level = check_level(level), terms = terms,
    predictor = predictor, which = chosen_predictors(object, predictor), data = data,
    rows = prediction_rows(object, newdata, na.action, choice, new_levels)
  )
  ask <- c(ask, scale_of_prediction(object, dispersion))
  ask <- without_terms(ask, exclude)
  if (check_flag(unconditional, "unconditional")) {
    object$joint <- unconditional_fit(whole)$joint
    ask$object <- object
  }
  if (length(object$smooths)) ask$object <- object <- at_dispersion(object, ask$given)
  check_request(ask)
  if (ask$type == "quantile") ask$probs <- check_probs(probs)
  if (ask$type == "quantile" || ask$interval == "prediction") {
    refuse_given_noise(ask)
    require_density(object$family)
    if (ask$type == "quantile") require_cdf(object$family)
    ask$weights <- prediction_weights(ask, weights)
  }
  ask$df <- prediction_df(ask, whole, ddf)
  mode <- check_choice(rankdeficient, "rankdeficient",
                       c("warnif", "simple", "non-estim", "NA", "NAwarn"))
  ask$blank <- mode %in% c("NA", "NAwarn")
  ask$hopeless <- non_estimable_rows(ask, mode)
  result <- switch(ask$type,
    link = predict_link(ask), response = predict_response(ask),
    terms = predict_terms(ask), lpmatrix = predict_lpmatrix(ask),
    prob = predict_probabilities(ask), class = predict_class(ask),
    quantile = predict_quantile(ask)
  )
  if (check_flag(flag, "flag")) result <- flag_rows(result, ask)
  if (mode == "non-estim") mark_rows(result, ask) else result
}

#' @noRd
prediction_types <- c("link", "response", "terms", "lpmatrix", "prob", "class",
                      "quantile")

#' @noRd
check_level <- function(level) {
  level <- check_number(level, "level", above = 0, to = 1)
  if (level == 1) abort_argument("level", "below 1", level)
  level
}

#' @noRd
check_probs <- function(probs) {
  fine <- is.numeric(probs) && length(probs) > 0L && !anyNA(probs) &&
    all(probs >= 0 & probs <= 1)
  if (!fine) abort_argument("probs", "numbers between 0 and 1", probs)
  probs
}

#' Dispersion, and degrees of freedom of its estimate: infinite when it is known, and
#' the one that is `given`
#' @noRd
scale_of_prediction <- function(object, dispersion) {
  if (is.null(dispersion) || identical(as.double(dispersion), 0)) {
    return(list(dispersion = object$dispersion, df = test_df(object)))
  }
  if (has_random(object$spec)) refuse_random_dispersion()
  dispersion <- check_number(dispersion, "dispersion", above = 0)
  list(dispersion = dispersion, df = Inf, given = dispersion)
}

#' Numbers of the linear predictors that are asked for
#' @noRd
chosen_predictors <- function(object, predictor) {
  known <- names(object$predictors)
  if (identical(predictor, "all")) return(seq_along(known))
  if (is.null(predictor)) {
    return(if (has_matrix_mean(object$family)) seq_along(known) else 1L)
  }
  at <- match(predictor, known)
  if (!is.character(predictor) || !length(at) || anyNA(at)) {
    abort_argument("predictor", paste("\"all\" or one of", quoted(known)), predictor)
  }
  at
}

#' Is the answer a matrix even if it has but one column?
#' @noRd
wants_matrix <- function(ask) {
  if (is.null(ask$predictor)) has_matrix_mean(ask$object$family)
  else identical(ask$predictor, "all") || length(ask$predictor) > 1L
}

#' Combinations of type and interval that have no meaning
#' @noRd
check_request <- function(ask) {
  plain <- ask$type %in% c("lpmatrix", "class", "quantile")
  if (plain && (ask$se || ask$interval != "none")) {
    abort_request("type", "type = \"", ask$type, "\" has no standard errors and no ",
                  "intervals.")
  }
  if (ask$type == "terms" && ask$interval != "none") {
    abort_request("interval", "type = \"terms\" has standard errors but no intervals: ",
                  "use `se.fit = TRUE`.")
  }
  if (ask$interval == "prediction") check_prediction_interval(ask)
}

#' @noRd
check_prediction_interval <- function(ask) {
  if (is_gaussian_identity(ask$object)) return(invisible())
  if (ask$type != "response" || !is.null(ask$predictor)) {
    abort_request("interval", "a prediction interval is one for a new response: use it ",
                  "with type = \"response\" and without `predictor`.")
  }
  if (is_composition(ask$object$family)) {
    abort_request("interval", "a composition has no prediction interval, as it has no ",
                  "order: see simulate().")
  }
  if (is_category(ask$object$family)) {
    abort_request("interval", "a category has no prediction interval: type = \"prob\" ",
                  "gives the probabilities of all.")
  }
}

#' @noRd
abort_request <- function(argument, ...) {
  abort_gamut(..., class = "argument", data = list(argument = argument))
}

#' Linear predictors, n x K
#' @noRd
row_predictors <- function(ask) {
  coefficients <- ask$coefficients %||% estimated_coefficients(ask$object)
  coefficients[ask$silent] <- 0
  eta <- engine_linear_predictor(ask$rows$problem, coefficients,
                                 ask$object$control$threads)
  colnames(eta) <- names(ask$object$predictors)
  eta
}

#' Their covariances, packed, with the dispersion
#' @noRd
row_covariances <- function(ask) {
  object <- ask$object
  if (is_mixed(object)) {
    known <- if (needs_factor(object)) random_row_covariances(ask)
             else joint_row_covariances(object, ask$rows$frame, ask$drop)
    return(add_new_levels(known, ask))
  }
  ask$dispersion * engine_variance(ask$rows$problem, ask$object$covariance,
                                   ask$object$control$threads)
}

#' Standard errors of the linear predictors, n x K
#' @noRd
row_errors <- function(ask, covariances = row_covariances(ask)) {
  size <- length(ask$object$predictors)
  at <- vapply(seq_len(size), function(k) packed_index(k, k, size), 0)
  errors <- sqrt(pmax(covariances[, at, drop = FALSE], 0))
  colnames(errors) <- names(ask$object$predictors)
  errors
}

#' Column of element (i, j), i >= j, of a symmetric matrix packed by columns
#' @noRd
packed_index <- function(i, j, size) {
  (j - 1) * size - (j - 1) * (j - 2) / 2 + i - j + 1
}

#' @noRd
needs_errors <- function(ask) {
  ask$se || ask$interval == "confidence" || ask$interval == "prediction"
}

#' The quantile that makes limits of standard errors
#' @noRd
limit_quantile <- function(ask) {
  stats::qt((1 + ask$level) / 2, ask$df)
}
