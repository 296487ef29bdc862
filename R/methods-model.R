# What a fit was made of: formulas, terms, frames, matrices, weights, counts.

#' Formula, terms and family of a fit
#'
#' @param x,object A fit.
#' @param predictor Which linear predictor, by parameter (`"phi"`), by category, or by
#'   number; the first by default.
#' @param fixed.only Leave out the random effects?
#' @param ... Not used.
#'
#' @details
#' `formula()` is as written, with `.` spelt out as `glm()` does, so that all parts of
#' `y ~ x | z` are in it. Of a list of formulas it is the first one unless `predictor`
#' says otherwise, and
#' `lapply(names(fit$predictors), function(k) formula(fit, k))` gives all. `terms()` is
#' the parametric part, without offsets; it has the `predvars` that make `poly()`,
#' `ns()` and `scale()` predict safely. The categories of a categorical response share
#' one formula and one terms object.
#'
#' @return `formula()`: a formula. `terms()`: a terms object. `labels()`: the names of
#'   the terms that have a coefficient. `family()`: the family of the fit, of class
#'   `c("gamut_family", "family")`. An unknown `predictor` is an error of class
#'   `gamut_error_argument`.
#' @examples
#' fit <- gamut(dist ~ ., data = cars)
#' formula(fit)
#' attr(terms(fit), "term.labels")
#' family(fit)
#' @name formula.gamut
#' @export
formula.gamut <- function(x, predictor = NULL, fixed.only = FALSE, ...) {
  found <- written_formula(x, predictor)
  if (check_flag(fixed.only, "fixed.only")) without_bars(found) else found
}

#' @noRd
written_formula <- function(x, predictor) {
  place <- x$predictors[[pick_predictor(x, predictor)]]
  written <- as_formulas(own_formula(x), x$spec$env)
  first <- formula_at(x, place, written)
  parts <- Filter(function(p) !is.null(p$place), x$spec$predictors)
  if (!is.null(predictor) || !".2" %in% names(written)) return(first)
  at <- vapply(x$predictors, `[[`, 0L, "frame_predictor")
  others <- match(match(names(parts), names(x$frame$predictors)), at)
  join_parts(c(list(first), lapply(x$predictors[others], formula_at, x = x)))
}

#' The formula as it was given
#'
#' stats::step() writes the terms over that of the object, and there are no bars in them.
#' @noRd
own_formula <- function(x) {
  if (is_mixed(x) && inherits(x$formula, "terms")) x$spec$formula else x$formula
}

#' A formula without its bars; parts after `|` keep theirs out too
#' @noRd
without_bars <- function(formula) {
  env <- environment(formula)
  parts <- lapply(split_parts(formula), function(part) {
    split <- split_terms(part[[length(part)]], env)
    bars <- vapply(split$specials, inherits, NA, "gamut_random_spec")
    calls <- c(list(split$parametric)[!is.null(split$parametric)],
               unique(lapply(split$specials[!bars], `[[`, "call")))
    rhs <- if (length(calls)) fold_sum(lapply(calls, function(e) {
      list(sign = 1L, expr = e)
    })) else 1
    new_formula(if (length(part) == 3L) part[[2L]], rhs, env)
  })
  if (length(parts) == 1L) parts[[1L]] else join_parts(parts)
}

#' The formula of one linear predictor
#'
#' The first as `x$formula` has it, over which stats::step() writes the terms; the
#' others from the spec, where all spellings are one.
#' @noRd
formula_at <- function(x, place, written = list()) {
  parameter <- names(x$frame$predictors)[place$frame_predictor]
  found <- if (place$frame_predictor == 1L) written$main
           else as_formulas(x$spec$formula, x$spec$env)[[parameter]]
  if (is.null(found)) found <- new_formula(as.name(parameter), 1, x$spec$env)
  if ("." %in% all.names(found[[length(found)]])) spell_dot(found, place$terms) else found
}

#' The formula with the columns that `.` stands for, special terms as they were
#' @noRd
spell_dot <- function(formula, terms) {
  env <- environment(formula)
  rhs <- stats::formula(terms)
  specials <- split_terms(formula[[length(formula)]], env)$specials
  calls <- unique(lapply(specials, `[[`, "call"))
  pieces <- lapply(c(rhs[[length(rhs)]], calls), function(e) list(sign = 1L, expr = e))
  new_formula(formula[[2L]], fold_sum(pieces), env)
}

#' Number of a linear predictor, given by name or number
#' @noRd
pick_predictor <- function(object, predictor) {
  if (is.null(predictor)) return(1L)
  known <- names(object$predictors)
  if (length(predictor) == 1L) {
    if (is.character(predictor)) chosen <- match(predictor, known)
    else chosen <- match(predictor, seq_along(known))
    # all predictors that a parameter is spread over share what its formula says
    if (is.na(chosen)) {
      parameter <- vapply(object$predictors, `[[`, "", "parameter")
      chosen <- match(predictor, parameter)
    }
    if (!is.na(chosen)) return(chosen)
  }
  abort_argument("predictor", paste0("one of ", enumerate(dQuote(known, FALSE)),
                                     ", or its number"), predictor)
}

#' @rdname formula.gamut
#' @export
terms.gamut <- function(x, predictor = NULL, ...) {
  x$predictors[[pick_predictor(x, predictor)]]$terms
}

#' @rdname formula.gamut
#' @export
labels.gamut <- function(object, predictor = NULL, ...) {
  place <- object$predictors[[pick_predictor(object, predictor)]]
  estimated <- !is.na(object$coefficients[place$position])
  # of an intercept (assign 0) there is no label
  attr(place$terms, "term.labels")[unique(place$assign[estimated])]
}

#' @rdname formula.gamut
#' @importFrom stats family
#' @export
family.gamut <- function(object, ...) {
  object$family
}

#' Model frame and model matrix of a fit
#'
#' The fit itself never makes them; they are made when asked for.
#'
#' @param formula,object A fit.
#' @param data For `model.frame()`: the data the fit was made from, needed when it was
#'   made with `keep_data = FALSE`. For `model.matrix()`: new data.
#' @param predictor Which linear predictor, by parameter, category or number; the first
#'   by default.
#' @param ... Not used.
#'
#' @return `model.frame()`: a data frame with the response first, then the variables of
#'   all predictors and those of random effects (grouping factors as factors),
#'   `(weights)` and `(offset)` (the sum of all offsets of the main
#'   predictor), those of rows in use; with the attributes `terms` (of the main
#'   predictor) and `na.action`. `model.matrix()`: a matrix with the attributes `assign`
#'   and `contrasts`, equal to the one `glm()` has; its columns are named as the
#'   coefficients are, without the prefix of the parameter. Rows of `data` with missing
#'   values are left out.
#' @examples
#' fit <- gamut(count ~ spray, family = poisson(), data = InsectSprays)
#' head(model.frame(fit))
#' head(model.matrix(fit))
#' model.matrix(fit, data.frame(spray = c("A", "F")))
#' @name model.frame.gamut
#' @export
model.frame.gamut <- function(formula, data = NULL, ...) {
  frame <- frame_with_data(formula, data, "model.frame()")
  result <- model_frame_of(frame)
  for (predictor in frame$predictors[-1L]) {
    absent <- setdiff(predictor$keys, names(result))
    result[absent] <- frame$variables[absent]
    own <- paste0("(", predictor$name, " offset)")
    result[[own]] <- frame$offsets[[predictor$name]]
  }
  add_groupings(result, frame)
}

#' What stands in the bars: variables left of them, and grouping factors as factors
#' @noRd
add_groupings <- function(result, frame) {
  keys <- unlist(lapply(frame$predictors, random_keys))
  absent <- setdiff(keys, names(result))
  result[absent] <- frame$variables[absent]
  for (key in names(frame$groups)) {
    group <- frame$groups[[key]]
    codes <- frame$group_codes[[key]]
    for (j in seq_along(group$factors)) {
      own <- names(group$factors)[j]
      if (own %in% names(result)) next
      code <- if (is.null(group$cells)) codes else group$cells[codes, j]
      levels <- group$parts[[j]]
      result[[own]] <- structure(as.integer(code), levels = levels, class = "factor")
    }
  }
  result
}

#' The fit's frame; made anew from `data` when it was not kept
#' @noRd
frame_with_data <- function(object, data, what) {
  if (is.null(data)) {
    require_data(object, what)
    return(object$frame)
  }
  call <- object$call
  action <- class(object$na.action)
  build_frame(object$spec, data, object$family, weights = call$weights,
              subset = call$subset, offset = call$offset,
              na_action = if (length(action)) action else getOption("na.action"),
              contrasts = eval(call$contrasts, object$spec$env))
}

#' @rdname model.frame.gamut
#' @export
model.matrix.gamut <- function(object, data = NULL, predictor = NULL, ...) {
  place <- object$predictors[[pick_predictor(object, predictor)]]
  frame <- object$frame
  # new data need not have the variables of other predictors
  frame$predictors <- frame$predictors[place$frame_predictor]
  place$frame_predictor <- 1L
  if (is.null(data)) require_data(object, "model.matrix()")
  else frame <- build_newframe(frame, data, offset = FALSE, random = FALSE)
  predictor_matrix(place, frame)
}

#' Weights, counts and names of a fit
#'
#' @param object A fit.
#' @param type `"prior"`: the weights as the likelihood has them, numbers of trials
#'   included; `"working"`: those of the scoring step, expected information per row.
#' @param full Also rows of weight zero, and aliased coefficients?
#' @param ... Not used.
#'
#' @return
#' * `weights()`: a named vector with a value for each row (for `na.exclude` also the
#'   rows left out, `NA`). Working weights of \eqn{K > 1} predictors are a matrix with
#'   the K(K+1)/2 entries of the lower triangle of each row's weight matrix.
#' * `nobs()`: the number of rows with positive weight.
#' * `df.residual()`: that number less the number of estimated coefficients; with random
#'   effects less that of all parameters, those of covariances included.
#' * `deviance()`: the deviance; with random effects -2 marginal log-likelihood; for
#'   families that have none, such as [Beta()],
#'   -2 log-likelihood (for counts of categories less its constants).
#' * `sigma()`: the square root of the dispersion, 1 where it is fixed; for gaussian
#'   models the residual standard deviation. So it is with random effects, where the
#'   dispersion is a parameter; 1 where the family has a formula for it.
#' * `case.names()` and `variable.names()`: names of rows and of coefficients.
#' @examples
#' fit <- gamut(cbind(ncases, ncontrols) ~ agegp, family = binomial(), data = esoph)
#' head(weights(fit))
#' head(weights(fit, "working"))
#' nobs(fit)
#' df.residual(fit)
#' @name weights.gamut
#' @importFrom stats weights
#' @export
weights.gamut <- function(object, type = c("prior", "working"), ...) {
  type <- check_choice(type, "type", c("prior", "working"))
  require_data(object, "weights()")
  if (type == "prior") return(per_row(object, prior_weights(object)))
  working <- fit_rows(object, working_information(object$family))$weight
  if (length(object$predictors) == 1L) return(per_row(object, as.vector(working)))
  colnames(working) <- packed_names(names(object$predictors))
  per_row(object, working)
}

#' Names of the entries of a lower triangle, column after column
#' @noRd
packed_names <- function(names) {
  pairs <- outer(names, names, paste, sep = ":")
  pairs[lower.tri(pairs, diag = TRUE)]
}

#' Values per row with the names of the rows, padded as `na.exclude` wants
#' @noRd
per_row <- function(object, values) {
  names <- frame_row_names(object$frame)
  if (is.matrix(values)) rownames(values) <- names else names(values) <- names
  stats::naresid(object$na.action, values)
}

#' @rdname weights.gamut
#' @importFrom stats nobs
#' @export
nobs.gamut <- function(object, ...) {
  as.integer(object$nobs)
}

#' @rdname weights.gamut
#' @export
df.residual.gamut <- function(object, ...) {
  if (has_surfaces(object)) return(object$nobs - conditional_edf(object))
  if (is_mixed(object)) return(object$nobs - parameter_count(object))
  object$df.residual
}

#' @rdname weights.gamut
#' @export
deviance.gamut <- function(object, ...) {
  if (length(object$random)) return(object$criterion$minus2loglik)
  if (length(object$smooths)) return(smooth_deviance(object))
  object$deviance
}

#' @rdname weights.gamut
#' @importFrom stats sigma
#' @export
sigma.gamut <- function(object, ...) {
  if (is_mixed(object) && !is.null(object$family$precision)) return(mixed_sigma(object))
  sqrt(object$dispersion)
}

#' The root of a dispersion that became a parameter, and so has a constant predictor
#' @noRd
mixed_sigma <- function(object) {
  parameter <- names(object$family$precision)
  place <- object$predictors[[match(parameter, names(object$predictors))]]
  value <- place$link$linkinv(object$coefficients[[place$position]])
  # the exponent of weights says whether it is a variance or its root
  if (object$family$precision == -1) sqrt(value) else value
}

#' @rdname weights.gamut
#' @importFrom stats case.names
#' @export
case.names.gamut <- function(object, full = FALSE, ...) {
  weights <- weights.gamut(object)
  if (full) names(weights) else names(weights)[is.na(weights) | weights != 0]
}

#' @rdname weights.gamut
#' @importFrom stats variable.names
#' @export
variable.names.gamut <- function(object, full = FALSE, ...) {
  names(coef.gamut(object, complete = full))
}

#' Aliased coefficients, and coefficients in full
#'
#' @param object A fit.
#' @param predictor Which linear predictor, by parameter, category or number; the first
#'   by default.
#' @param use.na Give `NA` for aliased coefficients, instead of taking them as 0?
#' @param ... Not used.
#'
#' @details
#' `alias()` tells of which columns an aliased column of the model matrix is a
#' combination, and with which factors. `dummy.coef()` gives the contribution of every
#' level of every factor, whatever its contrasts.
#' @return `alias()`: a list of class `"listof"`, as for `lm()`: `Model`, and `Complete`,
#'   a matrix with a row for each aliased and a column for each estimated coefficient,
#'   or nothing when there is no aliasing. `dummy.coef()`: a list with a vector for each
#'   term, of class `"dummy_coef"`.
#' @examples
#' cars$twice <- 2 * cars$speed
#' alias(gamut(dist ~ speed + twice, data = cars))
#' dummy.coef(gamut(count ~ spray, family = poisson(), data = InsectSprays))
#' @name alias.gamut
#' @importFrom stats alias
#' @export
alias.gamut <- function(object, predictor = NULL, ...) {
  k <- pick_predictor(object, predictor)
  aliased <- is.na(object$coefficients[object$predictors[[k]]$position])
  model <- formula.gamut(object, predictor)
  attributes(model) <- NULL
  if (!any(aliased)) return(structure(list(Model = model), class = "listof"))
  x <- model.matrix.gamut(object, predictor = k)
  x <- x[prior_weights(object) > 0, , drop = FALSE]
  complete <- t(qr.coef(qr(x[, !aliased, drop = FALSE]), x[, aliased, drop = FALSE]))
  # what is left of a zero by rounding, as alias() of lm has it
  complete[abs(complete) < 1e-6] <- 0
  structure(list(Model = model, Complete = complete), class = "listof")
}

#' @rdname alias.gamut
#' @importFrom stats dummy.coef
#' @export
dummy.coef.gamut <- function(object, use.na = FALSE, # nolint: object_name_linter.
                             predictor = NULL, ...) {
  require_data(object, "dummy.coef()")
  place <- object$predictors[[pick_predictor(object, predictor)]]
  coefficients <- stats::setNames(object$coefficients[place$position], place$names)
  # the method for lm works from terms, levels, contrasts and coefficients alone
  stand_in <- structure(
    list(terms = place$terms, xlevels = place$xlevels, contrasts = place$contrasts,
         coefficients = coefficients, model = model.frame.gamut(object)),
    class = "lm"
  )
  if (attr(place$terms, "response") == 0L) {
    stand_in$terms <- two_sided_terms(place$terms, object$terms)
  }
  stats::dummy.coef(stand_in, use.na = use.na)
}

#' One-sided terms with the response of the main predictor
#' @noRd
two_sided_terms <- function(terms, main) {
  formula <- stats::formula(terms)
  stats::terms(new_formula(stats::formula(main)[[2L]], formula[[2L]],
                           environment(formula)))
}
