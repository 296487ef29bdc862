# The model matrix that a problem's storages and terms stand for, evaluated in plain R:
# a column is a product of numbers and of table entries; an index storage is rows of
# its contrast matrix times z. For predictor k of K.
program_matrix <- function(problem, k = 1L) {
  x <- matrix(0, problem$rows, length(problem$names),
              dimnames = list(NULL, problem$names))
  for (term in problem$terms) {
    columns <- storage_matrix(problem$storages[[term$storage]], problem)
    position <- matrix(term$position, ncol(columns))
    for (a in which(term$loading[k, ] != 0)) {
      x[, position[, a]] <- x[, position[, a]] + term$loading[k, a] * columns
    }
  }
  x
}

storage_matrix <- function(storage, problem) {
  if (storage$kind == "dense") {
    columns <- vapply(storage$columns, column_values, numeric(problem$rows), problem)
    return(matrix(columns, problem$rows))
  }
  table <- storage$contrast
  if (is.null(table)) table <- outer(storage$map, seq_len(max(storage$map)), `==`) + 0
  stopifnot(nrow(table) == storage$levels)
  z <- if (is.null(storage$z)) 1 else column_values(storage$z[[1L]], problem)
  table[as.integer(problem$columns[[storage$codes]]), , drop = FALSE] * z
}

column_values <- function(column, problem) {
  value <- rep(1, problem$rows)
  for (i in seq_along(column$vars)) {
    operand <- problem$columns[[column$vars[i]]]
    table <- column$tables[[i]]
    factor <- if (is.null(table)) as.double(operand) else table[as.integer(operand)]
    value <- value * factor
  }
  value
}

# Frame and problem of a formula, gaussian unless another family is given
frame_of <- function(formula, data = NULL, family = "gaussian", ...) {
  build_frame(parse_formula(formula), data, as_gamut_family(family), ...)
}

problem_of <- function(formula, data, family = "gaussian", ...) {
  build_problem(frame_of(formula, data, family, ...), as_gamut_family(family))
}

# One variable of each kind a formula can meet
mixed_data <- function(n = 200L) {
  set.seed(20240501)
  pick <- function(levels) sample(rep_len(levels, n))
  d <- data.frame(
    y = rnorm(n), x = rnorm(n), z = runif(n, 1, 2), i = pick(1:5), w = runif(n),
    f = factor(pick(letters[1:3])), g = factor(pick(LETTERS[1:4])),
    o = factor(pick(c("lo", "mid", "hi")), levels = c("lo", "mid", "hi"), ordered = TRUE),
    text = pick(c("u", "v", "w")), logical = pick(c(TRUE, FALSE)),
    big = factor(pick(1:40)), date = as.Date("2020-01-01") + seq_len(n)
  )
  d$m <- matrix(rnorm(2 * n), n)
  d$`a b` <- rnorm(n)
  d$`f g` <- factor(pick(c("p", "q")))
  d$sum <- stats::`contrasts<-`(d$f, value = stats::contr.sum(3))
  d$helmert <- stats::`contrasts<-`(d$g, value = "contr.helmert")
  d$one <- stats::`contrasts<-`(d$g, 1, c(-1, 1, 1, -1))
  d
}
