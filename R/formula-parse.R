# The first layer: a formula, or a list of formulas, is read once, here, into a spec
# that all later layers consume. Nothing is evaluated and no data are seen.

#' Read a model formula
#'
#' Reads the whole grammar of [gamut()] into a description of the model, without
#' evaluating anything and without looking at data. [gamut()] calls it first; it is
#' exported for those who want to see how a formula is read.
#'
#' @section Parametric terms:
#' Everything that [stats::model.matrix()] knows: variables, functions of variables
#' such as `poly(x, 2)`, `splines::ns(x, 4)` or `I(x^2)`, the operators `+ - * : ^ /
#' %in%`, `0 +` and `- 1`, `.`, and `offset()`. They are left as written, so that their
#' order, labels and columns are those of [stats::glm()].
#'
#' @section Smooth terms:
#' `s()`, `te()`, `ti()` and `t2()` with the arguments of package mgcv, and
#' `lo(x, z, span = , degree = )` for LOESS. Covariates are unnamed, all other
#' arguments are named in full, but for the degrees of freedom of `s(x, 4)`, as in package
#' gam: the same as `s(x, df = 4)` and `gam::s(x, 4)`, whose label is `s(x,4)`.
#' `mgcv::s()`, `gam::lo()` and `gamut::s()` mean the same as the plain names, `gam::s(x)`
#' is `s(x, 4)`; functions of other packages are ordinary functions.
#'
#' @section Random effects:
#' `(x | g)` has a full covariance matrix over the effects, `(x || g)` a diagonal one
#' (for factors too: no correlation between levels). Other structures are written
#' around the bar: `us(x | g)`, `diag()`, `cs()`, `ar1()`, `exp()`, `mat()`, `toep()`,
#' and `known(1 | g, K = A)`. Without a bar as first argument these are ordinary
#' functions, as in `exp(x)`. The right side is read by the algebra of formulas:
#' `(1 | a/b)` is `(1 | a) + (1 | a:b)`, `(1 | a + b)` is `(1 | a) + (1 | b)`, `(1 | a *
#' b)` is both and their interaction. `(1 | p | g)` gives the term the name `p`; terms
#' of one name and grouping are correlated across predictors, and must have the same
#' effects left of the bar.
#'
#' A grouping factor is a factor, text, a logical or whole numbers; unused levels do not
#' count. Terms of one grouping factor are uncorrelated, and no effect may be written
#' twice: `(1 | g) + (0 + x | g)`, not `(1 | g) + (x | g)`.
#'
#' `ar1()` and `toep()` take one factor without an intercept whose levels are times, as
#' in `ar1(0 + week | g)`. Levels that are numbers are times on that scale, and times
#' between them without data count in the distances; other levels are one step apart in
#' their order. `exp()` and `mat()` (Matern's of smoothness 3/2) take
#' either a factor whose levels are positions, `"3.5"` or `"(1,2)"`, as in
#' `exp(0 + pos | g)`, or numeric coordinates, as in `exp(x + y | g)`, where an intercept
#' has no meaning. Distances are Euclidean; with all data in one field `g` may have a
#' single level. `known()` takes one effect;
#' `K` has the levels of `g` as its row names, or as many rows, in their order.
#'
#' @section Several predictors:
#' `list(y ~ x, phi ~ z)`: the first formula holds the response; the left sides of the
#' others name a parameter of the family. `list(y ~ x, phi = ~ z)` is the same.
#'
#' `y ~ x | z`, and `y ~ x | z | w`: bars at the top of the right side of the first
#' formula part it into predictors of several parameters, in the order that the family
#' gives them; by default that of its parameters. The names are the family's affair, so
#' that here the parts are number 2 and 3 only. Each part takes all that a formula
#' takes. A random effect keeps its parentheses, `(1 | g)`. In a list the further
#' formulas must name parameters that no part describes.
#'
#' All spellings, and the arguments of [gamut()] that do the same:
#' \tabular{ll}{
#' `list(y ~ x, phi ~ z)` \tab the parameter by its name \cr
#' `list(y ~ x, phi = ~ z)` \tab the same \cr
#' `y ~ x | z` \tab the same where the part after the bar means `phi`, as in betareg \cr
#' `y ~ x, dispformula = ~ z` \tab the same where `phi` is the dispersion, as in
#'   glmmTMB \cr
#' `y ~ x, ziformula = ~ z` \tab `list(y ~ x, zi ~ z)`, as in glmmTMB
#' }
#'
#' A `.` stands, in any of the predictors, for the columns of the data without the
#' response and without what another predictor names: in `y ~ . | z` it leaves out `z`.
#'
#' @section Twice and away:
#' A term written twice counts once. Two versions of a term that differ in their
#' arguments, as in `s(x, k = 5) + s(x, k = 9)`, are an error. `- s(x)` takes away the
#' term of that label, whatever its other arguments, and is an error when there is
#' none; offsets and bars are taken away likewise.
#'
#' @section Errors:
#' Whatever cannot be read raises a condition of class `gamut_error_formula`, which
#' names the term and says what to write. Smooths, bars and offsets are summands;
#' inside `*`, `:`, `^`, `/`, `%in%` or a function they are an error. `I(a | b)` is a
#' value like any other.
#'
#' @param formula A formula, or a list of formulas with the main one first.
#' @param env Environment for a formula that comes as an unevaluated call; the
#'   environment of the caller by default. Formulas have their own.
#' @param one_sided Accept a main formula without a response.
#' @return An object of class `gamut_spec`, a list of
#' \describe{
#'   \item{`response`}{the left side, an expression, or `NULL`.}
#'   \item{`predictors`}{a named list, the first named `main`, parts after a bar named
#'     `.2`, `.3`, .... Each has `name` (of the
#'     parameter; `NA` for the main one until the family names it), `main`,
#'     `parametric` (a one-sided formula in the environment of the original),
#'     `place` (of a part after a bar: 2, 3, ...; its `name` is `NA` too),
#'     `intercept`, `dot` (does a `.` stand in `parametric`), and the lists `offsets`
#'     (expressions), `smooths`, `loess` and `random`, all named by the labels of the
#'     terms.}
#'   \item{`env`}{the environment of the main formula.}
#'   \item{`formula`}{what was given.}
#' }
#' @examples
#' parse_formula(count ~ treatment + s(age, k = 8) + (1 + age | clinic))
#'
#' spec <- parse_formula(list(yield ~ batch + offset(log(area)), phi ~ temp))
#' spec$predictors$phi$parametric
#'
#' # the precision in betareg's spelling; which parameter it is, the family says
#' parse_formula(yield ~ batch | temp)
#'
#' # What cannot be meant is an error that says what to write instead.
#' try(parse_formula(y ~ x * (1 | g)))
#' @export
parse_formula <- function(formula, env = NULL, one_sided = FALSE) {
  if (is.null(env)) env <- parent.frame()
  formulas <- as_formulas(formula, env)
  main <- formulas[[1L]]
  check_response(main, one_sided)
  predictors <- lapply(names(formulas), function(name) {
    parse_predictor(formulas[[name]], name)
  })
  names(predictors) <- names(formulas)
  given <- if (inherits(formula, "formula") || is.call(formula)) NULL else names(formula)
  if (!is.null(given) && nzchar(given[[1L]])) predictors$main$name <- given[[1L]]
  structure(
    list(response = if (length(main) == 3L) main[[2L]], predictors = predictors,
         env = environment(main), formula = formula),
    class = "gamut_spec"
  )
}

#' One right-hand side to a `gamut_predictor`
#' @noRd
parse_predictor <- function(formula, name) {
  env <- environment(formula)
  parts <- split_terms(formula[[length(formula)]], env)
  parametric <- new_formula(NULL, if (is.null(parts$parametric)) 1 else parts$parametric,
                            env)
  terms <- formula_terms(parametric, expr_text(parametric))
  specials <- unique_terms(parts$specials)
  names(specials) <- vapply(specials, `[[`, "", "label")
  of_class <- function(class) specials[vapply(specials, inherits, NA, class)]
  place <- part_place(name)
  predictor <- structure(
    list(
      name = if (name == "main" || !is.null(place)) NA_character_ else name,
      main = name == "main",
      parametric = parametric,
      intercept = attr(terms, "intercept") == 1L,
      offsets = lapply(of_class("gamut_offset_spec"), `[[`, "expr"),
      smooths = of_class("gamut_smooth_spec"),
      loess = of_class("gamut_loess_spec"),
      random = of_class("gamut_random_spec"),
      dot = has_dot_variable(terms)
    ),
    class = "gamut_predictor"
  )
  predictor$place <- place
  predictor
}

#' stats::terms() without data, its complaints as ours
#' @noRd
formula_terms <- function(formula, text) {
  tryCatch(
    stats::terms(formula, allowDotAsName = TRUE),
    error = function(e) {
      abort_formula("`", text, "` cannot be read as a formula: ", conditionMessage(e),
                    ".", term = text)
    }
  )
}

#' @noRd
has_dot_variable <- function(terms) {
  variables <- as.list(attr(terms, "variables"))[-1L]
  any(vapply(variables, identical, NA, quote(.)))
}

#' A formula from its sides
#' @noRd
new_formula <- function(lhs, rhs, env) {
  sides <- if (is.null(lhs)) call("~", rhs) else call("~", lhs, rhs)
  structure(sides, class = "formula", .Environment = env)
}

#' What the user gave as a list of plain formulas, named by parameter
#' @return The first is named `main`, its parts after a bar `.2`, `.3`, ...
#' @noRd
as_formulas <- function(formula, env) {
  several <- is.list(formula) && !is.object(formula)
  if (several && length(formula) == 0L) {
    abort_formula("`formula` is an empty list; it needs a formula such as y ~ x.")
  }
  given <- if (several) formula else list(formula)
  formulas <- lapply(seq_along(given), function(i) {
    plain_formula(given[[i]], i, several, env)
  })
  labels <- names(given)
  if (is.null(labels)) labels <- rep("", length(given))
  parameters <- vapply(seq_along(given)[-1L], function(i) {
    parameter_name(formulas[[i]], labels[[i]], i)
  }, "")
  check_parameters(c(labels[[1L]], parameters))
  parts <- split_parts(formulas[[1L]])
  stats::setNames(c(parts, formulas[-1L]), c("main", part_names(parts), parameters))
}

#' A formula stripped of what terms() or another package put on it
#' @noRd
plain_formula <- function(formula, i, several, env) {
  if (inherits(formula, "formula")) {
    if (!is.null(environment(formula))) env <- environment(formula)
  } else if (!is_operation(formula, "~", 1:2)) {
    abort_formula(
      if (several) paste0("Element ", i, " of `formula`") else "`formula`",
      " must be a formula such as y ~ x, not ", describe_class(formula), ".",
      if (is.character(formula)) " Turn text into a formula by as.formula().",
      if (!several) " Several predictors are a list: list(y ~ x, phi ~ z)."
    )
  }
  new_formula(if (length(formula) == 3L) formula[[2L]], formula[[length(formula)]], env)
}

#' @noRd
describe_class <- function(x) {
  if (is.null(x)) "NULL" else paste0("an object of class \"", class(x)[[1L]], "\"")
}

#' The parameter that formula `i` of a list describes: its left side or its name
#' @noRd
parameter_name <- function(formula, label, i) {
  written <- if (length(formula) == 3L) formula[[2L]]
  if (is.null(written) && label == "") {
    abort_formula(
      "Formula ", i, " of the list, ", expr_text(formula), ", has no left side. It must ",
      "name a parameter of the family: phi ~ x."
    )
  }
  if (!is.null(written) && !is.name(written)) {
    abort_formula(
      "Formula ", i, " of the list has `", expr_text(written), "` as its left side, ",
      "which must be the plain name of a parameter of the family: phi ~ x. Its link ",
      "is set in the family.", term = expr_text(written)
    )
  }
  if (!is.null(written) && !label %in% c("", as.character(written))) {
    abort_formula("Formula ", i, " of the list has two names, `", label, "` and `",
                  as.character(written), "`; give one.")
  }
  if (label == "") as.character(written) else label
}

#' @noRd
check_parameters <- function(parameters) {
  twice <- parameters[duplicated(parameters)]
  if (length(twice)) {
    abort_formula("The parameter `", twice[[1L]], "` has two formulas; join them into ",
                  "one.", term = twice[[1L]])
  }
  reserved <- grep("^(main|[.][0-9]*)$", parameters, value = TRUE)
  if (length(reserved)) {
    abort_formula("`", reserved[[1L]], "` cannot name a parameter; the first formula of ",
                  "the list is the main one.", term = reserved[[1L]])
  }
}

#' @noRd
check_response <- function(formula, one_sided) {
  response <- if (length(formula) == 3L) formula[[2L]]
  if (is.null(response) && !one_sided) {
    abort_formula("The formula ", expr_text(formula), " has no response: write it on ",
                  "the left, as in y ~ x.")
  }
  if ("." %in% all.names(response)) {
    abort_formula("`.` stands in the response of ", expr_text(formula), ". Name the ",
                  "response; `.` has a meaning on the left in update() alone.")
  }
}
