package io.millrace.inference.classify;

import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.encoder.classify.Classifier;
import io.millrace.encoder.classify.Inputs;
import io.millrace.inference.InferenceMetric;
import io.millrace.inference.classify.ClassificationRuntime.Taken;
import io.millrace.inference.compute.ComputePool;
import io.millrace.inference.swap.Held;
import io.millrace.inference.swap.Models;
import io.millrace.platform.error.MillraceException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Classifies with whatever version of a classifier serves. */
@Component
public class Classifications {

  private static final int DEFAULT_TOP = 5;

  private final Models models;
  private final ComputePool pool;
  private final MeterRegistry meters;
  private final InputReader reader = new InputReader();

  Classifications(Models models, ComputePool pool, MeterRegistry meters) {
    this.models = models;
    this.pool = pool;
    this.meters = meters;
  }

  /**
   * The answers.
   *
   * @param answers in the order of the inputs: classes, the most likely first
   */
  public record Result(int modelVersion, List<List<Likely>> answers) {}

  /** A class and its probability. */
  public record Likely(String label, double probability) {}

  /**
   * Classifies inputs, some in each turn.
   *
   * @param top classes that are answered; null: up to {@value #DEFAULT_TOP}
   * @throws MillraceException INVALID_ARGUMENT, NOT_FOUND or OVERLOADED
   */
  public Result classify(String model, List<ClassifyInput> inputs, @Nullable Integer top) {
    if (top != null && top < 1) {
      throw MillraceException.invalid("top_k", "top_k must be at least 1, it is " + top);
    }
    if (inputs.isEmpty()) {
      throw MillraceException.invalid(
          InputReader.INPUTS, "inputs is missing: texts, rows or pictures, at least one");
    }
    try (Held<ClassificationRuntime> held = models.acquire(model, ClassificationRuntime.KIND)) {
      long begin = System.nanoTime();
      Classifier classifier = held.runtime().classifier();
      Taken takes = held.runtime().takes();
      InputReader.Limits limits = InputReader.limits(takes);
      if (inputs.size() > limits.most()) {
        throw MillraceException.invalid(
            InputReader.INPUTS,
            "a request to this model can have %d inputs, it has %d: send several requests"
                .formatted(limits.most(), inputs.size()));
      }
      int answered = top == null ? DEFAULT_TOP : top;
      List<Callable<List<List<Likely>>>> steps = new ArrayList<>();
      for (int first = 0; first < inputs.size(); first += limits.together()) {
        int from = first;
        List<ClassifyInput> some =
            inputs.subList(from, Math.min(from + limits.together(), inputs.size()));
        // Read in its turn too, so that no more pictures are in memory than are looked at.
        steps.add(() -> answers(classifier, reader.read(takes, some, from), answered));
      }
      Result result =
          new Result(
              held.version().version(),
              pool.callAll(steps).stream().flatMap(List::stream).toList());
      InferenceMetric.CLASSIFICATION
          .timer(meters, held.version().model())
          .record(System.nanoTime() - begin, TimeUnit.NANOSECONDS);
      return result;
    }
  }

  private static List<List<Likely>> answers(Classifier classifier, Inputs inputs, int top) {
    List<String> classes = classifier.config().classes();
    List<List<Likely>> answers = new ArrayList<>();
    for (double[] probabilities : classifier.classify(inputs)) {
      answers.add(
          IntStream.range(0, probabilities.length)
              .mapToObj(i -> new Likely(classes.get(i), probabilities[i]))
              .sorted(Comparator.comparingDouble(one -> -one.probability()))
              .limit(top)
              .toList());
    }
    return answers;
  }
}
