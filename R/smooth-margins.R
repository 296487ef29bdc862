# The arguments of te(), ti() and t2() taken apart: a specification for each margin.

#' Specifications of the margins of a tensor product
#'
#' @param spec A specification of a tensor product: `bs`, `k`, `m`, `d` and `xt` with a
#'   value for each margin, or one for all.
#' @return A list of specifications, as smooth_basis() takes them.
#' @noRd
margin_specs <- function(spec) {
  d <- margin_dimensions(spec)
  bs <- margin_bases(spec, d)
  k <- margin_sizes(spec, d)
  m <- margin_orders(spec, d)
  xt <- margin_extras(spec, d)
  last <- cumsum(d)
  lapply(seq_along(d), function(j) {
    structure(
      list(bs = bs[[j]], term = spec$term[seq(last[[j]] - d[[j]] + 1L, last[[j]])],
           k = k[[j]], m = m[[j]], xt = xt[[j]], fixed = FALSE, label = spec$label),
      class = c(paste0(bs[[j]], "_smooth"), "gamut_basis_spec")
    )
  })
}

#' How many covariates each margin has
#' @noRd
margin_dimensions <- function(spec) {
  covariates <- length(spec$term)
  if (anyDuplicated(spec$term)) {
    abort_compound(spec$label, name_ticks(spec$term[anyDuplicated(spec$term)]),
                   " is a covariate of it twice; name each one once.")
  }
  if (is_default(spec$d)) return(rep(1L, covariates))
  fine <- are_whole(spec$d) && all(spec$d >= 1) && sum(spec$d) == covariates
  if (!fine) {
    abort_compound(spec$label, "`d` gives the number of covariates of each margin, ",
                   "whole numbers that sum to ", covariates, ", not ",
                   describe_values(spec$d), ".")
  }
  as.integer(spec$d)
}

#' Splines of one covariate give way to thin plates where a margin has several
#' @noRd
margin_bases <- function(spec, d) {
  bs <- if (is_default(spec$bs)) "cr" else spec$bs
  if (!is.character(bs) || anyNA(bs)) {
    abort_compound(spec$label, "`bs` must be names of bases, such as \"cr\", not ",
                   describe_values(bs), ".")
  }
  bs <- for_each_margin(bs, "bs", spec, d)
  unfit <- intersect(bs, joint_bases)
  if (length(unfit)) {
    abort_compound(spec$label, "the basis \"", unfit[[1L]], "\" cannot be a margin of ",
                   "a product.")
  }
  bs[d > 1L & bs %in% c("cr", "cs", "ps", "cp")] <- "tp"
  bs
}

#' @noRd
margin_sizes <- function(spec, d) {
  if (is_default(spec$k)) return(5^d)
  known <- spec$k[!is.na(spec$k)]
  if (!are_whole(known) || any(known < 3)) {
    abort_compound(spec$label, "`k` must be whole numbers of 3 or more, not ",
                   describe_values(spec$k), ".")
  }
  k <- for_each_margin(spec$k, "k", spec, d)
  ifelse(is.na(k), 5^d, k)
}

#' @noRd
margin_orders <- function(spec, d) {
  m <- if (is.null(spec$m)) NA else spec$m
  values <- unlist(m)
  if (!all(is.na(values)) && !is.numeric(values)) {
    abort_compound(spec$label, "`m` must be numbers, not ", describe_values(m), ".")
  }
  m <- for_each_margin(m, "m", spec, d)
  # a negative order asks for the default of the basis
  if (!is.list(m)) m[!is.na(m) & m < 0] <- 0
  as.list(m)
}

#' One object for all margins, or a list with one for each
#' @noRd
margin_extras <- function(spec, d) {
  xt <- spec$xt
  if (is.null(xt)) return(vector("list", length(d)))
  if (length(xt) == 1L) return(rep(list(xt), length(d)))
  if (!is.list(xt) || length(xt) != length(d)) abort_margins("xt", xt, spec, d)
  unname(xt)
}

#' @noRd
for_each_margin <- function(value, name, spec, d) {
  if (length(value) == 1L) value <- rep(value, length(d))
  if (length(value) != length(d)) abort_margins(name, value, spec, d)
  unname(value)
}

#' @noRd
abort_margins <- function(name, value, spec, d) {
  margins <- if (length(d) == 1L) "one margin" else paste(length(d), "margins")
  abort_compound(spec$label, "it has ", margins, ", but `", name, "` has ",
                 length(value), " values. Give one value for each margin, or one for ",
                 "all.")
}

#' The flags of a tensor product: `np`, and for each margin `mc` and `fixed`
#' @noRd
tensor_flags <- function(spec, margins, centred) {
  d <- rep(1L, margins)
  flag <- function(name, default) {
    value <- spec[[name]] %||% default
    if (!is.logical(value) || anyNA(value)) {
      abort_compound(spec$label, "`", name, "` must be TRUE or FALSE, not ",
                     describe_values(value), ".")
    }
    value
  }
  np <- flag("np", TRUE)
  if (length(np) != 1L) {
    abort_compound(spec$label, "`np` must be one of TRUE and FALSE, for all margins.")
  }
  list(np = np,
       mc = centred & for_each_margin(flag("mc", TRUE), "mc", spec, d),
       fixed = for_each_margin(flag("fixed", FALSE), "fx", spec, d))
}

#' Are the covariates there, and numbers where the basis of their margin needs them?
#' @noRd
check_margin_data <- function(specs, data, label) {
  for (spec in specs) {
    absent <- setdiff(spec$term, names(data))
    if (length(absent)) {
      abort_compound(label, "there is no covariate ", name_ticks(absent), " in the data.")
    }
    if (!spec$bs %in% numeric_bases) next
    wrong <- !vapply(data[spec$term], function(x) is.numeric(x) || is.logical(x), NA)
    if (any(wrong)) {
      abort_compound(
        label, name_ticks(spec$term[wrong][[1L]]), " is ",
        describe_object(data[spec$term][wrong][[1L]]), ", but the basis \"", spec$bs,
        "\" needs numbers. For a smooth for each level of a factor write s(x, f, bs = ",
        "\"fs\"), or give its margin bs = \"re\"."
      )
    }
  }
}

#' @noRd
is_default <- function(x) is.null(x) || (is.atomic(x) && all(is.na(x)))

#' @noRd
are_whole <- function(x) {
  is.numeric(x) && length(x) > 0L && all(is.finite(x)) && all(x == round(x))
}

#' @noRd
describe_values <- function(x) {
  if (is.atomic(x) && length(x) > 1L && length(x) <= 5L) {
    paste0("c(", paste(format(x, trim = TRUE), collapse = ", "), ")")
  } else {
    describe_value(x)
  }
}
