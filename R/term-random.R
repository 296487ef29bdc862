# Random effects as terms of the engine: for each grouping factor one code a row, the
# columns z that vary over its levels, the loading that says which linear predictors they
# enter, and the covariance of the effects of one level. Z itself is never formed.

#' The random terms of a problem
#'
#' Terms of one grouping factor in one predictor are one term of the engine, whose
#' covariance is block-diagonal ("sum"). On their own stay: terms with an id, which enter
#' several predictors; terms that enter several linear predictors of one parameter, whose
#' order of effects (columns fastest, then predictors) would interleave the blocks; and
#' those of a known matrix, which has the levels correlated.
#'
#' @param pieces Storages and terms of the fixed effects.
#' @param fixed Number of fixed coefficients.
#' @return list: `storages`, `terms`, `coefficients` (fixed and random), and `random`, one
#'   entry for each term of the engine, in the order of the formula: `group` (its label),
#'   `key` (its name in `frame$groups`), `levels`, `effects` (names of the effects of one
#'   level), `predictor` (linear predictors that it enters), `parts` (the terms as
#'   written: `label`, `structure`, `columns`, and for each column the label of its term
#'   left of the bar, `terms`), `first` (its coefficients begin after so
#'   many others; those of one level are neighbours), `term` (its number among the
#'   terms), and `covariance` (kind, size, numbers, parts).
#' @noRd
random_pieces <- function(frame, layout, family, registry, pieces, fixed) {
  programs <- list()
  for (p in seq_along(frame$predictors)) {
    loading <- random_loading(p, layout, family)
    if (!ncol(loading)) next
    mine <- lapply(frame$predictors[[p]]$random, random_program, frame = frame,
                   registry = registry, loading = loading)
    check_repeated(mine, names(frame$predictors)[p])
    programs <- c(programs, mine)
  }
  storages <- pieces$storages
  terms <- pieces$terms
  random <- list()
  first <- fixed
  for (block in split_blocks(programs)) {
    made <- random_block(block, frame, layout, registry, first)
    id <- match_storage(made$storage, storages)
    storages[[id]] <- made$storage
    terms <- c(terms, list(c(list(storage = id), made$term)))
    random <- c(random, list(c(made$entry, list(term = length(terms)))))
    first <- first + length(made$term$position)
  }
  list(storages = storages, terms = terms, random = random,
       coefficients = as.integer(first))
}

#' Which linear predictors a random effect of the frame's predictor `p` enters
#'
#' All that the predictor's formula describes: one of a plain parameter, each category of
#' a categorical response with a coefficient of its own, and all thresholds of an ordered
#' one with the same coefficient, whatever `parallel` says of fixed effects.
#' @noRd
random_loading <- function(p, layout, family) {
  etas <- which(vapply(layout, `[[`, 0L, "predictor") == p)
  loading <- diag(length(layout))[, etas, drop = FALSE]
  if (!length(etas) || !is_threshold(layout[[etas[1L]]], family)) return(loading)
  matrix(-rowSums(loading))
}

#' Columns and names of one random term
#' @noRd
random_program <- function(random, frame, registry, loading) {
  operands <- if (is.null(random$places)) term_operands(random, frame)
              else list(list(place_operand(random$places)))
  labels <- attr(random$terms, "term.labels")
  columns <- names <- list()
  terms <- character()
  for (t in seq_along(operands)) {
    own <- operands[[t]]
    if (!length(own)) next
    grid <- column_grid(lengths(lapply(own, `[[`, "names")))
    names <- c(names, crossed_names(own, grid))
    terms <- c(terms, rep(labels[t], length(grid[[1L]])))
    columns <- c(columns, dense_columns(own, grid, registry))
  }
  if (random$intercept && is.null(random$places)) {
    names <- c("(Intercept)", names)
    terms <- c("(Intercept)", terms)
    columns <- c(list(list(vars = integer(), tables = list())), columns)
  }
  list(random = random, names = as.character(unlist(names)), columns = columns,
       terms = terms, loading = loading)
}

#' Each effect of a grouping factor once
#'
#' Structures over places (ar1, exp, ...) may stand beside others on the same columns:
#' with them effects have parts that are correlated and parts that are not.
#' @noRd
check_repeated <- function(programs, predictor) {
  plain <- vapply(programs, function(p) !is_tied_structure(p$random$structure), NA)
  seen <- list()
  for (program in programs[plain]) {
    random <- program$random
    before <- Filter(function(s) {
      s$group == random$group && any(s$names %in% program$names)
    }, seen)
    if (length(before)) {
      abort_repeated(intersect(program$names, before[[1L]]$names), random,
                     before[[1L]]$random, predictor)
    }
    seen <- c(seen, list(list(group = random$group, names = program$names,
                              random = random)))
  }
}

#' @noRd
abort_repeated <- function(names, random, other, predictor) {
  slopes <- c(attr(random$terms, "term.labels"), attr(other$terms, "term.labels"))
  advice <- if (identical(names, "(Intercept)") && length(slopes)) {
    paste0("Write (0 + ", paste(slopes, collapse = " + "), " | ", random$group_label,
           ") for effects that are not correlated with the intercept, and one bar for ",
           "those that are.")
  } else {
    "Write each effect once; 0 + leaves out the intercept."
  }
  abort_gamut(
    "`", other$label, "` and `", random$label, "` both have the random effect ",
    ticked(names), " of `", random$group_label, "`, and the data cannot part their ",
    "variances. ", advice, class = "formula",
    data = list(terms = c(other$label, random$label), effects = names,
                predictor = predictor)
  )
}

#' Programs that make one term of the engine
#' @noRd
split_blocks <- function(programs) {
  keys <- vapply(seq_along(programs), function(i) {
    random <- programs[[i]]$random
    if (random$structure == "known") return(paste0("known\r", i))
    if (!is.null(random$id)) return(paste0("id\r", random$id, "\r", random$group))
    if (ncol(programs[[i]]$loading) > 1L) return(paste0("several\r", i))
    paste0("plain\r", random$name, "\r", random$group)
  }, "")
  unname(split(programs, factor(keys, unique(keys))))
}

#' Storage, term and description of one block
#' @noRd
random_block <- function(block, frame, layout, registry, first) {
  if (!is.null(block[[1L]]$random$id)) block <- link_predictors(block)
  random <- block[[1L]]$random
  group <- frame$groups[[random$group]]
  loading <- block[[1L]]$loading
  columns <- unlist(lapply(block, `[[`, "columns"), recursive = FALSE)
  names <- unlist(lapply(block, `[[`, "names"))
  covariance <- block_covariance(block)
  levels <- length(group$levels)
  list(
    storage = random_storage(columns, random, levels, frame, registry),
    term = list(loading = loading, covariance = covariance,
                position = block_position(levels, length(columns), ncol(loading), first)),
    entry = list(group = group$label, key = random$group, levels = group$levels,
                 effects = effect_names(names, loading, layout),
                 predictor = names(layout)[rowSums(loading != 0) > 0],
                 parts = block_parts(block), first = first, covariance = covariance)
  )
}

#' Terms of one id: the same effects in several predictors
#' @noRd
link_predictors <- function(block) {
  lead <- block[[1L]]
  owners <- vapply(block, function(b) b$random$name, "")
  labels <- vapply(block, function(b) b$random$label, "")
  same <- vapply(block, function(b) identical(b$columns, lead$columns), NA) &
    vapply(block, function(b) b$random$structure == lead$random$structure, NA)
  if (anyDuplicated(owners)) {
    abort_gamut(ticked(labels), ": terms of the name `", lead$random$id, "` are ",
                "correlated across predictors; within one write a single bar with all ",
                "effects.", class = "formula", data = list(terms = labels))
  }
  if (!all(same)) {
    abort_gamut(ticked(labels), ": terms of the name `", lead$random$id, "` are ",
                "correlated across predictors, and must have the same effects left of ",
                "the bar, in one structure.", class = "formula",
                data = list(terms = labels))
  }
  if (!lead$random$structure %in% c("us", "diag")) {
    abort_gamut("`", lead$random$label, "`: across predictors effects are correlated ",
                "freely: write (x | ", lead$random$id, " | g).", class = "formula",
                data = list(terms = labels))
  }
  lead$loading <- do.call(cbind, lapply(block, `[[`, "loading"))
  list(lead)
}

#' The storage of a grouping: codes, and columns z unless they are one intercept
#'
#' Rows of new data may be of a level that the fit does not know: these get a level
#' behind the last, which no coefficient belongs to.
#' @noRd
random_storage <- function(columns, random, levels, frame, registry) {
  plain <- length(columns) == 1L && !length(columns[[1L]]$vars)
  unknown <- anyNA(frame$group_codes[[random$group]])
  codes <- column_id(registry, paste0(random$group, "\rgroup"), {
    codes <- frame$group_codes[[random$group]]
    if (unknown) codes[is.na(codes)] <- levels + 1L
    codes
  })
  size <- levels * length(columns)
  map <- contrast <- NULL
  if (!is.null(random$root)) {
    contrast <- if (unknown) rbind(random$root, 0) else random$root
  } else if (unknown) {
    map <- c(seq_len(size), integer(length(columns)))
  }
  list(kind = "index", codes = codes, levels = levels + unknown, map = map,
       contrast = contrast, z = if (!plain) columns)
}

#' Places of the coefficients: columns of all levels, for one loading after another; the
#' coefficients of one level are neighbours
#' @noRd
block_position <- function(levels, columns, loadings, first) {
  level <- rep((seq_len(levels) - 1L) * (columns * loadings), each = columns)
  own <- level + rep.int(seq_len(columns), levels)
  shift <- rep((seq_len(loadings) - 1L) * columns, each = length(own))
  as.integer(first + rep.int(own, loadings) + shift)
}

#' Names of the effects of one level, prefixed as those of fixed effects are
#' @noRd
effect_names <- function(names, loading, layout) {
  if (ncol(loading) == 1L) return(names)
  unlist(lapply(seq_len(ncol(loading)), function(a) {
    at <- which(loading[, a] != 0)[1L]
    prefixed <- layout[[at]]$spread || at > 1L
    paste0(if (prefixed) paste0(names(layout)[at], ":"), names)
  }))
}

#' The terms of a block as written, with the effects that are theirs
#' @noRd
block_parts <- function(block) {
  last <- 0L
  lapply(block, function(b) {
    columns <- last + seq_len(length(b$columns) * ncol(b$loading))
    last <<- columns[length(columns)]
    list(label = b$random$label, structure = b$random$structure, columns = columns,
         size = length(b$columns), parameters = covariance_size(part_covariance(b)),
         terms = rep(b$terms, ncol(b$loading)))
  })
}

#' Z of a random term as a plain matrix, columns in the order of its coefficients
#' @noRd
random_design <- function(problem, t, rows = seq_len(problem$rows)) {
  term <- problem$terms[[problem$random[[t]]$term]]
  storage <- problem$storages[[term$storage]]
  codes <- as.integer(problem$columns[[storage$codes]])[rows]
  columns <- effect_columns(problem, storage)[rows, , drop = FALSE]
  width <- ncol(columns)
  z <- matrix(0, length(rows), storage$levels * width)
  for (j in seq_len(width)) {
    at <- cbind(seq_along(codes), (codes - 1L) * width + j)
    z[at] <- columns[, j]
  }
  if (!is.null(storage$contrast)) return(z %*% storage$contrast)
  if (is.null(storage$map)) return(z)
  z[, match(seq_len(max(storage$map)), storage$map), drop = FALSE]
}

#' What the effects of a row's level are multiplied by: rows x effects of one loading
#' @noRd
effect_columns <- function(problem, storage) {
  columns <- storage$z %||% list(list(vars = integer(), tables = list()))
  z <- vapply(columns, function(column) {
    rep_len(column_product(column, problem), problem$rows)
  }, numeric(problem$rows))
  matrix(z, problem$rows)
}
