package io.millrace.benchmarks.represent;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Documents to learn from and to be judged on.
 *
 * @param classes names in the order of their index
 * @param unlabelled what encoders learn from without labels
 * @param training what probes learn from with labels
 * @param test what is judged
 */
record LabelledSet(List<String> classes, Documents unlabelled, Documents training, Documents test) {

  /** Encoders and probes learn from the same. */
  LabelledSet(List<String> classes, Documents training, Documents test) {
    this(classes, training, training, test);
  }

  /**
   * Documents whose labels a probe gets: a share of each class, at least two.
   *
   * @param share of 1
   */
  List<Integer> labelled(double share, long seed) {
    Random random = new Random(seed);
    return IntStream.range(0, classes.size())
        .boxed()
        .flatMap(label -> {
          List<Integer> own =
              new ArrayList<>(
                  IntStream.range(0, training.size())
                      .filter(document -> training.label(document) == label)
                      .boxed()
                      .toList());
          Collections.shuffle(own, random);
          int wanted = Math.min(own.size(), Math.max(2, (int) Math.round(share * own.size())));
          return own.subList(0, wanted).stream();
        })
        .toList();
  }
}
