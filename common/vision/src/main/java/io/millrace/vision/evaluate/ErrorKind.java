package io.millrace.vision.evaluate;

/** Kinds of errors, see {@link ErrorAnalysis}. */
enum ErrorKind {
  CLASSIFICATION,
  LOCALISATION,
  BOTH,
  DUPLICATE,
  BACKGROUND,
  MISSED
}
