# Local regression by itself: the arguments of stats::loess(), read and settled, and the
# fit of one surface or several.

#' Local regression (LOESS)
#'
#' Fits a surface by polynomials of low degree in the neighbourhood of each place. The
#' arguments are those of [stats::loess()] with the same meaning, defaults and numbers;
#' what goes beyond is below.
#'
#' @param formula `y ~ x` or `y ~ x + z`: the variables right of the tilde are the
#'   predictors, however they are joined, so that `x * z` is the same surface. Numbers,
#'   numeric matrices, logicals and factors will do. An `offset()` is added to the linear
#'   predictor.
#' @param data,subset Data frame, and which of its rows.
#' @param weights Prior weights, precisions of the rows; of a family with a likelihood as
#'   in [gamut()]. Rows of weight 0 count in neighbourhoods, but have no influence.
#' @param na.action What to do with rows that have missing values.
#' @param model Keep the model frame in the fit, as `$model`?
#' @param span Share of the rows in a neighbourhood; above 1 the radius grows by the root
#'   of `span`, for any number of predictors, as in stats. `"aicc"` and `"gcv"` choose it,
#'   see Span.
#' @param enp.target Approximate number of equivalent parameters to aim for, in place of
#'   `span`.
#' @param degree Degree of the local polynomials: 0, 1 or 2.
#' @param parametric Predictors, by name, number or logical, that do not count in
#'   distances, so that the fit is a global polynomial in them given the others.
#' @param drop.square Predictors whose squares are left out of local quadratics.
#' @param normalize Divide predictors by their standard deviation without the extreme
#'   tenths, when there are several?
#' @param family `"gaussian"` for least squares, `"symmetric"` for a fit that outliers
#'   hardly move; or any family of one linear predictor, such as `poisson()`, see
#'   [families] and Local likelihood.
#' @param method `"loess"`, or `"model.frame"` for the model frame alone.
#' @param control See [loess_control()]; or its arguments as `...`.
#' @param ... Arguments of [loess_control()].
#'
#' @section The fit:
#' Around a place, the nearest `span * n` rows have the tricube weights \eqn{(1 -
#' (d/h)^3)^3}{(1 - (d/h)^3)^3} of their distance \eqn{d}, with \eqn{h} that of the
#' farthest. With \eqn{L} the matrix that takes the responses to the fitted values,
#' `trace.hat` is its trace, `one.delta` and `two.delta` are the traces of
#' \eqn{(I-L)(I-L)'} and its square, `s` is the root of the weighted residual sum of
#' squares over `one.delta`, and `one.delta^2 / two.delta` the degrees of freedom of
#' intervals. Those numbers are of the first, linear pass of a fit by `"symmetric"`, whose
#' `s` is from pseudovalues.
#'
#' @section Factors:
#' In each combination of levels there is a surface of its own, over the nearest `span` of
#' its own rows; traces and deltas add up, and `s` is common. A factor that is in
#' `parametric` enters the local polynomials as indicators of its levels.
#'
#' @section Span:
#' With residual sum of squares \eqn{R} and trace \eqn{t}, `"aicc"` is the least of
#' \eqn{\log(R/n) + 1 + 2(t+1)/(n-t-2)}{log(R/n) + 1 + 2(t + 1)/(n - t - 2)} (Hurvich,
#' Simonoff and Tsai 1998) and `"gcv"` that of \eqn{nR/(n-t)^2}{n R / (n - t)^2}; of a
#' likelihood with deviance \eqn{D} and known dispersion \eqn{D + 2t + 2t(t+1)/(n-t-1)}{D
#' + 2 t + 2 t (t + 1) / (n - t - 1)} and \eqn{nD/(n-t)^2}{n D / (n - t)^2}. Spans from
#' the least possible (of many rows, from about 0.01) up to 2 are tried, then those around
#' the best. What was tried is in `fit$span_search`.
#'
#' @section Local likelihood:
#' Around a place the coefficients maximise the likelihood of the rows, each to the power
#' of its tricube weight. Traces and standard errors are those of the operator that
#' smooths the working response with the working weights of the fit; a dispersion is
#' estimated by Pearson's statistic over `one.delta`.
#'
#' @section Where it differs from stats:
#' More than four predictors will do (an interpolated surface needs \eqn{2^d} vertices
#' a box, so with more than eight it is direct). A span whose neighbourhoods hold fewer
#' rows than the polynomial has coefficients is an error. All places where a neighbourhood
#' has no width, no weight, or not enough different values are in one warning, and in
#' `fit$troubles`. Rows of weight 0 count as without variance in standard errors, where
#' stats has 0/0; the median absolute residual of robust passes is over all rows, as
#' there. With `statistics = "none"` numbers that were not computed are `NA`.
#'
#' @return A list of class `c("gamut_loess", "gamut")`, with the names of class `"loess"`
#'   where the meaning is the same: `n`, `fitted`, `residuals`, `enp`, `s`, `one.delta`,
#'   `two.delta`, `trace.hat`, `divisor`, `robust`, `pars`, `call`, `terms`, `xnames`,
#'   `x`, `y`, `weights`, `na.action`. Further `family`, `control`, `columns` (which
#'   predictor is what), `leverage` (the diagonal of the operator), `deviance`,
#'   `dispersion`, `linear.predictors`, `span_search`, `troubles` (a data frame of places,
#'   or `NULL`), and `pieces`: for each combination of levels, of which there is one
#'   without factors, `label`, `rows`, `range` of the predictors and `surface`, the boxes,
#'   vertices, values and slopes there. There are no pointers in it.
#' @section Errors:
#' `gamut_error_argument`, `gamut_error_data` (predictors that are constant or not
#' finite), `gamut_error_weights`, `gamut_error_response`, `gamut_error_unsupported_term`
#' for terms that belong into another fitting function. Warnings:
#' `gamut_warning_loess_neighbourhood`, and `gamut_warning_loess_limited` where the tree
#' of boxes was cut short.
#' @seealso [predict()][predict.gamut_loess], [local_fits()], [plot()][plot.gamut_loess],
#'   [anova()][anova.gamut_loess], [summary()][summary.gamut_loess].
#' @references
#' Cleveland, W. S. and Devlin, S. J. (1988) Locally weighted regression. *Journal of the
#' American Statistical Association* 83, 596-610. \doi{10.1080/01621459.1988.10478639}
#'
#' Cleveland, W. S. and Grosse, E. (1991) Computational methods for local regression.
#' *Statistics and Computing* 1, 47-62. \doi{10.1007/BF01890836}
#'
#' Hurvich, C. M., Simonoff, J. S. and Tsai, C.-L. (1998) Smoothing parameter selection in
#' nonparametric regression using an improved Akaike information criterion. *Journal of
#' the Royal Statistical Society B* 60, 271-293. \doi{10.1111/1467-9868.00125}
#'
#' Tibshirani, R. and Hastie, T. (1987) Local likelihood estimation. *Journal of the
#' American Statistical Association* 82, 559-567. \doi{10.1080/01621459.1987.10478466}
#' @examples
#' fit <- fit_loess(dist ~ speed, cars)
#' summary(fit)
#' predict(fit, data.frame(speed = c(5, 10, 21)), interval = "confidence")
#' plot(fit, at = 15)
#'
#' # the span that AICc chooses, outliers that hardly count
#' fit_loess(dist ~ speed, cars, span = "aicc", family = "symmetric")
#'
#' # a surface for each level
#' fit_loess(mpg ~ wt + factor(am), mtcars, span = 1, degree = 1)
#'
#' # counts: local likelihood
#' d <- data.frame(year = 1860:1959, count = as.vector(discoveries))
#' fit <- fit_loess(count ~ year, d, family = poisson(), span = "aicc")
#' predict(fit, data.frame(year = 1900), type = "response", interval = "confidence")
#' @export
fit_loess <- function(formula, data, weights, subset,
                      na.action = getOption("na.action"), # nolint: object_name.
                      model = FALSE, span = 0.75, enp.target, # nolint: object_name.
                      degree = 2L,
                      parametric = FALSE, drop.square = FALSE, # nolint: object_name.
                      normalize = TRUE, family = "gaussian",
                      method = c("loess", "model.frame"), control = loess_control(...),
                      ...) {
  if (!missing(control)) check_no_dots(..., what = "fit_loess() with `control`")
  method <- check_choice(method, "method", c("loess", "model.frame"))
  given <- loess_family(family)
  spec <- parse_loess_formula(formula, parent.frame())
  frame <- build_frame(
    spec, if (missing(data)) NULL else data, given$family,
    weights = if (!missing(weights)) substitute(weights),
    subset = if (!missing(subset)) substitute(subset), na_action = na.action
  )
  if (method == "model.frame") return(model_frame_of(frame))
  setup <- loess_setup(frame, given, as_loess_control(control), degree, parametric,
                       drop.square, check_flag(normalize, "normalize"))
  setup <- set_span(setup, span, if (!missing(enp.target)) enp.target, !missing(span))
  object <- new_gamut_loess(setup, fit_pieces(setup), match.call(), spec)
  if (check_flag(model, "model")) object$model <- model_frame_of(frame)
  warn_troubles(object)
  object
}

#' A formula of one predictor, of plain variables
#' @noRd
parse_loess_formula <- function(formula, env) {
  spec <- parse_formula(formula, env)
  check_door(spec, "fit_loess")
  if (length(spec$predictors) > 1L) {
    abort_gamut("fit_loess() fits one linear predictor; of several see gamut().",
                class = "formula")
  }
  spec
}

#' What `family` asks for
#' @return list: `family`, `robust`, `likelihood`, `label`.
#' @noRd
loess_family <- function(family) {
  own <- c("gaussian", "symmetric")
  if (identical(family, own)) family <- own[1L]
  if (is.character(family) && length(family) == 1L) {
    chosen <- own[pmatch(family, own)]
    if (!is.na(chosen)) {
      return(list(family = as_gamut_family("gaussian"), robust = chosen == "symmetric",
                  likelihood = FALSE, label = chosen))
    }
  }
  family <- as_gamut_family(family)
  require_one_predictor(family)
  list(family = family, robust = FALSE, likelihood = !is_profiled(family),
       label = family$family)
}

#' @noRd
require_one_predictor <- function(family) {
  one <- length(family$parameters) == 1L && is.null(family$etas) &&
    identical(family$outcome, "number")
  if (one) return(invisible())
  abort_gamut("the ", family$family, " family has more than one linear predictor, and ",
              "local likelihood is for families of one. See fit_gam() for smooths of ",
              "every parameter.", class = "family")
}

#' All that is settled before the span: predictors, response, how to fit
#' @noRd
loess_setup <- function(frame, given, control, degree, parametric, drop_square,
                        normalize) {
  if (!is_one_number(degree) || !degree %in% 0:2) {
    abort_argument("degree", "0, 1 or 2", degree)
  }
  columns <- loess_columns(frame, parametric, drop_square)
  check_squares(columns, degree)
  x <- loess_matrix(columns, frame)
  groups <- loess_groups(columns, frame)
  check_loess_matrix(x, columns, groups, frame)
  if (ncol(x) > 8L) control$surface <- "direct"
  pars <- list(
    span = NA_real_, degree = as.integer(degree), normalize = normalize,
    parametric = columns$names[columns$parametric],
    drop.square = columns$names[columns$drop_square & !columns$indicators],
    surface = control$surface, cell = control$cell, family = given$label,
    trace.hat = control$trace.hat, statistics = control$statistics,
    iterations = if (given$robust) control$iterations else 1L
  )
  setup <- list(
    frame = frame, family = given$family, columns = columns, x = x, groups = groups,
    divisor = loess_divisor(x, columns, normalize), pars = pars, control = control,
    y = frame$y$y, weights = frame$y$weights %||% rep(1, frame$rows),
    offset = frame$offsets[[1L]] %||% numeric(frame$rows),
    description = if (given$likelihood) loess_description(given$family, frame)
  )
  check_loess_weights(setup)
  setup
}

#' @noRd
loess_description <- function(family, frame) {
  engine_family(resolve_family(family, frame$levels), frame$levels, frame$y$y)
}

#' @noRd
check_squares <- function(columns, degree) {
  dropped <- columns$drop_square & !columns$indicators
  if (!any(dropped)) return(invisible())
  if (degree < 2) {
    abort_gamut("`drop.square` leaves squares out of local quadratics, and `degree` is ",
                degree, ".", class = "argument", data = list(argument = "drop.square"))
  }
  if (length(dropped) == 1L) {
    abort_gamut("without the square of its only predictor a local quadratic is a line: ",
                "write `degree = 1`.", class = "argument",
                data = list(argument = "drop.square"))
  }
}

#' Every surface needs rows that count
#' @noRd
check_loess_weights <- function(setup) {
  for (g in groups_in_use(setup$groups)) {
    own <- if (length(setup$groups$labels) == 1L) TRUE else setup$groups$code == g
    if (any(setup$weights[own] > 0)) next
    label <- setup$groups$labels[g]
    abort_gamut("no row ", if (nzchar(label)) paste0("where ", label, " "),
                "has a positive weight.", class = "weights",
                data = list(argument = "weights"))
  }
}

#' Rows of each surface, by its number
#' @noRd
rows_by_group <- function(groups) {
  if (length(groups$labels) == 1L) return(list(`1` = seq_along(groups$code)))
  split(seq_along(groups$code), groups$code)
}

#' Numbers of the surfaces that have rows
#' @noRd
groups_in_use <- function(groups) {
  if (length(groups$labels) == 1L) 1L else unique(groups$code)
}

#' Fit all surfaces
#' @noRd
fit_pieces <- function(setup, statistics = statistics_code(setup$control)) {
  rows <- rows_by_group(setup$groups)
  pieces <- lapply(names(rows), function(g) {
    own <- rows[[g]]
    if (setup$control$iterTrace) trace_passes(setup, own)
    piece <- fit_surface(setup, own, statistics, setup$pars$iterations)
    piece$group <- as.integer(g)
    piece$label <- setup$groups$labels[piece$group]
    piece$range <- column_ranges(in_rows(setup$x, own))
    piece
  })
  pieces
}

#' @noRd
column_ranges <- function(x) {
  out <- vapply(seq_len(ncol(x)), function(j) range(x[, j]), numeric(2L))
  dimnames(out) <- list(NULL, colnames(x))
  out
}

#' Print what each pass of a robust fit changes
#'
#' The engine makes all passes in one go; here they are made again, one more each time.
#' @noRd
trace_passes <- function(setup, rows) {
  before <- NULL
  for (passes in seq_len(setup$pars$iterations)) {
    now <- fit_surface(setup, rows, 0L, passes)
    residuals <- setup$y[rows] - setup$offset[rows] - now$fitted
    line <- paste0("pass ", passes, ": weighted residual sum of squares ",
                   format(sum(setup$weights[rows] * now$robust * residuals^2)))
    if (!is.null(before)) {
      line <- paste0(line, ", fitted values moved by at most ",
                     format(max(abs(now$fitted - before)), digits = 3L), ", ",
                     sum(now$robust == 0), " rows of weight 0")
    }
    cat(line, "\n", sep = "")
    before <- now$fitted
  }
}
