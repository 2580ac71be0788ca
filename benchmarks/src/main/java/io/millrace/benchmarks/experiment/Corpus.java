package io.millrace.benchmarks.experiment;

import io.millrace.language.train.PackedBatch;
import java.util.List;
import java.util.Random;

/** A text in two parts, to train on and to validate with. */
interface Corpus {

  /** Number of different tokens. */
  int vocabulary();

  /** About {@code rows} times {@code block} targets from random places of the training part. */
  PackedBatch sample(Random random, int rows, int block);

  /** The validation part in rows of {@code block} targets, each target once. */
  List<PackedBatch> validationBatches(int block);
}
