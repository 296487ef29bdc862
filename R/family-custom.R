# Families that users write: a log-density in R, a link for each parameter, and what
# else they care to give. The engine differences the density in the predictors
# (inst/include/gamut/family/numerical_family.hpp); starting values are in
# family-custom-start.R.

#' A family of your own
#'
#' Any distribution whose log-density you can write as an R function: one number a row,
#' one or several parameters, each with a linear predictor. Derivatives are taken
#' numerically, and all methods work that the given functions allow.
#'
#' @param name Name of the family, one string.
#' @param density Function of `(y, <parameters by name>, log)`, vectorised: it is called
#'   with `log = TRUE` and vectors of one length, and returns the log-density of each row.
#'   Values out of the parameter space should give `NaN` or `-Inf`.
#' @param links Named list or character vector: for each parameter its link, a name or a
#'   link object (see [gamut_link()]). The first parameter has the main predictor.
#' @param score Function of `(y, <parameters>)` that returns a named list of the
#'   derivatives of the log-density in each parameter. It makes fits faster and more
#'   exact, and is checked against the density.
#' @param cdf Function of `(y, <parameters>)`: \eqn{P(Y \le y)}. With arguments
#'   `lower.tail` and `log.p`, as the functions of stats have them, digits far out are
#'   kept. Needed for quantile residuals, and for simulation unless `random` is given.
#' @param quantile Function of `(p, <parameters>)`. By default `cdf` is inverted.
#' @param random Function of `(n, <parameters>)` that draws n numbers. By default the
#'   quantiles of uniform numbers.
#' @param mean,variance Functions of `(<parameters>)`. The mean is the first parameter
#'   unless given; without a variance there are no Pearson residuals.
#' @param start Function of `y` that returns a named list with a value (or one a row) for
#'   each parameter to start from. By default the best constants are searched for.
#' @param discrete Are responses whole numbers?
#' @param support Ends of the support, or a function of `y` that says of each value
#'   whether it may occur.
#' @param domain Named list of the ranges of the parameters, where they are not those of
#'   the links: positive for `"log"`, from 0 to 1 for `"logit"`, and so on.
#'
#' @details
#' **Numerical derivatives.** The engine differences the log-density in the linear
#' predictors, with steps that fit each of them, and extrapolates. Relative to the size of
#' the log-density of a row, scores are right to about 1e-11 and weights to about 1e-8, so
#' that coefficients agree with those of exact derivatives to far less than a standard
#' error. For this the density must be smooth in its parameters and exact to rounding:
#' tables, splines of low order, or integrals to 6 digits will not do.
#'
#' **Speed.** For K predictors the density is evaluated at 5, 17 or 37 points (K = 1, 2,
#' 3) for each row and iteration, on one thread. With `score` it is 1, and the score at 5,
#' 9 or 13.
#'
#' **Weights** are factors of the log-likelihood. **Dispersion** is fixed at 1: a scale is
#' a parameter. **Standard errors** come from observed information. **Deviance** residuals
#' compare with the best first parameter at the others as they are.
#'
#' @return A family object of class `c("gamut_family", "family")`. A method that needs a
#'   function that was not given stops with an error of class `gamut_error_density` that
#'   names it. Functions that fail, or return what they should not, give one of class
#'   `gamut_error_custom`.
#' @examples
#' # Poisson once more: the same fit as family = poisson()
#' mine <- custom_family("my Poisson",
#'   density = function(y, mu, log) dpois(y, mu, log),
#'   links = c(mu = "log"),
#'   cdf = function(y, mu, lower.tail, log.p) ppois(y, mu, lower.tail, log.p),
#'   variance = function(mu) mu, discrete = TRUE, support = c(0, Inf)
#' )
#' fit <- gamut(count ~ spray, family = mine, data = InsectSprays)
#' peer <- gamut(count ~ spray, family = poisson(), data = InsectSprays)
#' all.equal(coef(fit), coef(peer), tolerance = 1e-7)
#'
#' # Gumbel, for largest values: location and scale, each with a predictor
#' gumbel <- custom_family("Gumbel",
#'   density = function(y, location, scale, log) {
#'     z <- (y - location) / scale
#'     -z - exp(-z) - log(scale)
#'   },
#'   links = list(location = "identity", scale = "log"),
#'   cdf = function(y, location, scale) exp(-exp(-(y - location) / scale)),
#'   mean = function(location, scale) location - digamma(1) * scale,
#'   variance = function(location, scale) (pi * scale)^2 / 6
#' )
#' set.seed(1)
#' d <- data.frame(x = runif(100))
#' d$y <- 1 + 2 * d$x - exp(-1 + d$x) * log(-log(runif(100)))
#' fit <- gamut(list(y ~ x, scale ~ x), family = gumbel, data = d)
#' fit
#' head(residuals(fit, "quantile"))
#' @family families
#' @export
custom_family <- function(name, density, links, score = NULL, cdf = NULL,
                          quantile = NULL, random = NULL, mean = NULL, variance = NULL,
                          start = NULL, discrete = FALSE, support = c(-Inf, Inf),
                          domain = NULL) {
  call <- sys.call()
  check_custom_name(name)
  links <- custom_links(links, name, call)
  given <- list(density = density, score = score, cdf = cdf, quantile = quantile,
                random = random, mean = mean, variance = variance, start = start)
  check_custom_functions(given, names(links), name, call)
  given <- Filter(Negate(is.null), given)
  check_custom_rest(discrete, support, name, call)
  build_custom_family(name, links, given, isTRUE(discrete), support,
                      custom_domain(links, domain, name, call))
}

#' @noRd
build_custom_family <- function(name, links, given, discrete, support, domain) {
  user <- Map(user_function, given, names(given), name)
  ends <- if (is.function(support)) c(if (discrete) 0 else -Inf, Inf) else support
  pieces <- custom_pieces(user, name, discrete, names(formals(given$cdf)))
  family <- density_family(
    name, "custom", links, domain,
    density = pieces$density, cdf = pieces$cdf, mean = pieces$mean, var = pieces$var,
    response = custom_response(support, discrete), quantile = pieces$quantile,
    random = pieces$random, discrete = discrete, support = ends, has_expected = FALSE,
    has_cdf = !is.null(user$cdf),
    extra = list(
      mean_is_main = is.null(user$mean), numbers = custom_numbers,
      functions = custom_engine_functions,
      mean_range = if (is.null(user$mean)) domain[[1L]] else c(-Inf, Inf),
      lacks = setdiff(c("cdf", "quantile", "random", "variance"), names(user))
    )
  )
  family$user <- user
  family
}

#' @noRd
custom_error <- function(name, ..., call = NULL, class = "custom", data = list()) {
  abort_gamut("Custom family \"", name, "\": ", ..., class = class, call = call,
              data = data)
}

#' @noRd
check_custom_name <- function(name) {
  if (is.character(name) && length(name) == 1L && !is.na(name) && nzchar(name)) {
    return(invisible())
  }
  abort_argument("name", "one string", name)
}

#' @noRd
custom_links <- function(links, name, call) {
  reserved <- intersect(names(links), c("y", "p", "n", "log", "lower.tail", "log.p"))
  if (!has_link_names(links) || length(reserved)) {
    custom_error(
      name, "`links` must be a named list with one link for each parameter, such as ",
      "list(mu = \"identity\", sigma = \"log\")",
      if (length(reserved)) paste0("; `", reserved[1L], "` cannot be a parameter's name"),
      ".", call = call
    )
  }
  lapply(as.list(links), resolve_link, call = call)
}

#' Is this a list, or a vector of names, with one link for each of differently named
#' parameters? A single link object is a list too.
#' @noRd
has_link_names <- function(links) {
  known <- names(links)
  kind <- (is.list(links) || is.character(links)) && !inherits(links, "link-glm")
  kind && length(known) > 0L && all(nzchar(known)) && !anyDuplicated(known) &&
    all(make.names(known) == known)
}

#' Which arguments the functions must have
#' @noRd
check_custom_functions <- function(given, parameters, name, call) {
  for (part in names(given)) {
    f <- given[[part]]
    if (is.null(f) && part != "density") next
    if (!is.function(f)) {
      custom_error(name, "`", part, "` must be a function, not ", describe_object(f), ".",
                   call = call)
    }
    wanted <- c(if (part != "start") parameters, if (part == "density") "log")
    arguments <- names(formals(args(f)))
    lacking <- if ("..." %in% arguments) NULL else setdiff(wanted, arguments)
    if (length(lacking)) {
      custom_error(name, "`", part, "` has no argument ",
                   paste0("`", lacking, "`", collapse = ", "), ". Parameters are given ",
                   "by name, as in `links`.", call = call)
    }
  }
}

#' @noRd
check_custom_rest <- function(discrete, support, name, call) {
  if (!isTRUE(discrete) && !isFALSE(discrete)) {
    abort_argument("discrete", "TRUE or FALSE", discrete)
  }
  fine <- is.function(support) || is.numeric(support) && length(support) == 2L &&
    !anyNA(support) && support[1L] < support[2L]
  if (!fine) {
    custom_error(name, "`support` must be the lower and the upper end, such as ",
                 "c(0, Inf), or a function of `y`.", call = call)
  }
}

#' @noRd
custom_domain <- function(links, domain, name, call) {
  found <- lapply(links, function(link) {
    switch(link$name, log = , sqrt = , "1/mu^2" = c(0, Inf), logit = , probit = ,
           cauchit = , cloglog = , loglog = c(0, 1), c(-Inf, Inf))
  })
  fine <- is.null(domain) || is.list(domain) && all(names(domain) %in% names(links)) &&
    all(vapply(domain, function(d) is.numeric(d) && length(d) == 2L, NA))
  if (!fine) {
    custom_error(name, "`domain` must be a named list with a lower and an upper end for ",
                 "parameters, such as list(nu = c(2, Inf)).", call = call)
  }
  found[names(domain)] <- domain
  found
}

#' A user's function, called with a list of arguments
#'
#' Errors in it name the family and the function. Warnings of NaN are what densities of
#' stats give out of the parameter space, where steps may lead; they are not passed on.
#' @noRd
user_function <- function(f, part, name) {
  force(f)
  force(part)
  force(name)
  function(arguments) {
    tryCatch(
      withCallingHandlers(
        do.call(f, arguments, quote = TRUE),
        warning = function(w) {
          if (grepl("NaN", conditionMessage(w))) invokeRestart("muffleWarning")
        }
      ),
      error = function(e) {
        custom_error(name, "`", part, "` failed: ", conditionMessage(e))
      }
    )
  }
}

#' One number for each row, or the family and the function are named
#' @noRd
custom_values <- function(value, n, part, name) {
  if (is.numeric(value) && is.null(dim(value)) && length(value) == n) {
    return(as.double(value))
  }
  custom_error(name, "`", part, "` must return ", n, " number", if (n != 1L) "s",
               ", one for each row it is given, not ", describe_object(value), ".")
}
